//! `status.operation`: the running operation, with all it takes to go on after a crash.
//!
//! Written before the first effect of the operation and removed with its end. `step` and `data`
//! belong to the state machine; here they are opaque.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{WAITING_FOR_MAX, failure::ObjectReport};
use crate::time::Time;

/// The running operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// Identity of this run; the pending revision and the objects of its hooks carry it too.
    pub id: String,
    /// What is done.
    pub action: OperationAction,
    /// Revision that is made or worked on; absent until it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// Where in the action it is.
    pub step: String,
    /// When it began.
    pub started_at: Time,
    /// When the current wait, hook or the whole operation runs out of time, whichever is first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Time>,
    /// The first objects that are waited for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = WAITING_FOR_MAX))]
    pub waiting_for: Vec<ObjectReport>,
    /// What the operator needs to go on after a restart, such as when hooks began and ended.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum OperationAction {
    /// Makes the first revision.
    Install,
    /// Makes a later revision.
    Upgrade,
    /// Finishes a failed revision whose objects became healthy after all.
    Heal,
    /// Restores an older revision.
    Rollback,
    /// Removes the release.
    Uninstall,
    /// Runs the tests of a revision.
    Test,
    /// Closes a revision that was left pending.
    Unlock,
    /// Takes over a release that was not made here.
    Adopt,
    /// Applies the manifest of the current revision again.
    CorrectDrift,
}

impl OperationAction {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Install => "Install",
            Self::Upgrade => "Upgrade",
            Self::Heal => "Heal",
            Self::Rollback => "Rollback",
            Self::Uninstall => "Uninstall",
            Self::Test => "Test",
            Self::Unlock => "Unlock",
            Self::Adopt => "Adopt",
            Self::CorrectDrift => "CorrectDrift",
        }
    }
}

impl fmt::Display for OperationAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
