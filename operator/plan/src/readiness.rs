//! How ready an object is, by the rules of kstatus.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The words of kstatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ReadyStatus {
    /// As its specification says.
    Current,
    /// On its way.
    InProgress,
    /// It will not get there by itself.
    Failed,
    /// Being deleted.
    Terminating,
    /// Not there.
    NotFound,
    /// Not known.
    Unknown,
}

impl fmt::Display for ReadyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
