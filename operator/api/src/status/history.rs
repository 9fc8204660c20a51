//! `status.history`: the newest revisions, as people look for them after an incident.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{TESTS_MAX, operation::OperationAction};
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
    /// Why it was made: which change or which failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Tests that ran on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = TESTS_MAX))]
    pub tests: Vec<TestResult>,
}

impl HistoryEntry {
    /// Whether this revision was deployed once, so that going back to it makes sense.
    pub const fn is_good(&self) -> bool {
        match self.status {
            HelmStatus::Deployed | HelmStatus::Superseded => true,
            HelmStatus::Unknown
            | HelmStatus::Failed
            | HelmStatus::Uninstalled
            | HelmStatus::Uninstalling
            | HelmStatus::PendingInstall
            | HelmStatus::PendingUpgrade
            | HelmStatus::PendingRollback => false,
        }
    }
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

/// One test of a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// Name of the test hook.
    pub name: String,
    /// How it ended.
    pub phase: TestPhase,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Time>,
}

/// How a test ended, in Helm's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TestPhase {
    /// Nobody knows.
    Unknown,
    /// It runs.
    Running,
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
}
