//! `status.history`: the newest revisions, as people look for them after an incident.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{failure::Failure, operation::OperationAction};
use crate::time::Time;

/// One revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Revision number.
    pub revision: i64,
    /// Status in Helm's words.
    pub status: HelmStatus,
    /// What made it; absent when somebody's helm did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<OperationAction>,
    /// Name of the chart.
    pub chart: String,
    /// Version of the chart.
    pub version: String,
    /// Version of the application, as the chart tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// Digest of chart, values and spec that it was made from; absent when somebody's helm made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs_digest: Option<String>,
    /// Digest of the values that the user gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values_digest: Option<String>,
    /// Digest of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_digest: Option<String>,
    /// When the action began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Time>,
    /// When the action ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Time>,
    /// Description in Helm's record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Failure>,
    /// How its tests went; absent when they did not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestResult>,
    /// Whether it was deployed and healthy once, so that a rollback may go to it.
    #[serde(default)]
    pub proven: bool,
}

/// Status of a revision, in the words of `helm history`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HelmStatus {
    /// It runs.
    Deployed,
    /// It ran, and a newer one took its place.
    Superseded,
    /// Its action failed.
    Failed,
    /// It was removed, its record kept.
    Uninstalled,
    /// It is being removed.
    Uninstalling,
    /// Its install runs.
    PendingInstall,
    /// Its upgrade runs.
    PendingUpgrade,
    /// Its rollback runs.
    PendingRollback,
    /// Helm does not know.
    Unknown,
}

impl HelmStatus {
    /// The word on the wire, which is Helm's.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
            Self::Uninstalled => "uninstalled",
            Self::Uninstalling => "uninstalling",
            Self::PendingInstall => "pending-install",
            Self::PendingUpgrade => "pending-upgrade",
            Self::PendingRollback => "pending-rollback",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for HelmStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the tests of a revision went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum TestResult {
    /// All of them passed.
    Passed,
    /// At least one failed.
    Failed,
}
