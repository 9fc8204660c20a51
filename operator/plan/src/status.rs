//! What people get to read: history, conditions and the bookkeeping that the next decision reads back.

use helm::record::{Revision, Status};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Digest, Failure, TestResult};

/// A revision as history shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Its number.
    pub revision: Revision,
    /// Its state.
    pub status: Status,
    /// What made it: `Install`, `Upgrade`, `Rollback`, or `External` for somebody else's helm.
    pub action: String,
    /// Name of the chart.
    pub chart: String,
    /// Version of the chart.
    pub version: String,
    /// Version of the application.
    pub app_version: String,
    /// The inputs it was made from.
    pub inputs: Option<Digest>,
    /// Digest of the user's values.
    pub values: Digest,
    /// Digest of the manifest.
    pub manifest: Digest,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Helm's words.
    pub description: String,
    /// Why it failed.
    pub cause: Option<Failure>,
    /// How its tests went.
    pub tests: Option<TestResult>,
    /// Whether it was proven good.
    pub proven: bool,
}
