//! What people get to read: history, conditions, and the bookkeeping that the next decision reads back.
//!
//! Every function takes a [`Snapshot`] and gives the next one; the caller writes it. It is written at four moments:
//! when facts were observed ([`synced`]), when an operation starts or moves ([`started`]), when it ended
//! ([`finished`]), and when it was refused before it could start ([`refused`]).

mod conditions;
mod fold;

use helm::record::{Revision, Status};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Attempts, Digest, Failure, Held, MadeBy, Operation, Remembered, TestResult};

pub use conditions::{Condition, ConditionKind, Truth, conditions};
pub use fold::{finished, refused, started, synced};

/// What status holds of a release.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Revisions, newest first; at least back to the last good one.
    pub history: Vec<HistoryEntry>,
    /// The operation under way.
    pub operation: Option<Operation>,
    /// Why the last attempt failed.
    pub failure: Option<Failure>,
    /// Retry bookkeeping.
    pub attempts: Option<Attempts>,
    /// What is held after a rollback.
    pub held: Option<Held>,
    /// When drift was last corrected.
    pub corrected_at: Option<Timestamp>,
}

/// A revision as history shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Its number.
    pub revision: Revision,
    /// Its state.
    pub status: Status,
    /// What made it.
    pub made_by: MadeBy,
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

impl Snapshot {
    /// What the next look at storage needs to recognise revisions whose mark was wiped off.
    pub fn remembered(&self) -> Vec<Remembered> {
        let ours = self.history.iter().filter(|entry| entry.inputs.is_some());
        ours.map(|entry| Remembered {
            revision: entry.revision,
            manifest: entry.manifest.clone(),
            inputs: entry.inputs.clone(),
            proven: entry.proven,
        })
        .collect()
    }
}
