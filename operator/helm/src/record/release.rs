//! A release record as Helm keeps it in memory (`pkg/release/v1/release.go`, `info.go`).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ChartRecord, GoTime, HookRecord, Revision};

/// One revision of a release: chart, values, rendered objects and what became of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Release {
    /// The name of the release.
    pub name: String,
    /// Times, status and words.
    pub info: Info,
    /// The chart as loaded and processed; subcharts are not stored.
    pub chart: Option<ChartRecord>,
    /// The values the user gave, not the coalesced ones.
    pub config: Map<String, Value>,
    /// The rendered objects without hooks, each with its `# Source:` line.
    pub manifest: String,
    /// The hooks, kind-sorted, each with its own manifest and last run.
    pub hooks: Vec<HookRecord>,
    /// The number of the revision.
    pub version: Revision,
    /// The namespace of the release.
    pub namespace: String,
    /// User labels. They live on the Secret, never in the JSON.
    pub labels: BTreeMap<String, String>,
    /// How the objects were written; `None` is what Helm 3 leaves, and means client-side.
    pub apply_method: Option<ApplyMethod>,
    /// Fields of the stored JSON that this version does not know.
    pub extra: Map<String, Value>,
}

/// When, what and why of a revision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Info {
    /// When the release was first installed; carried from revision to revision.
    pub first_deployed: Option<GoTime>,
    /// When this revision was made.
    pub last_deployed: Option<GoTime>,
    /// When the uninstall began.
    pub deleted: Option<GoTime>,
    /// The log entry people see in `helm history`.
    pub description: String,
    /// The state of the revision.
    pub status: Status,
    /// The rendered `NOTES.txt`.
    pub notes: String,
    /// Fields of the stored JSON that this version does not know.
    pub extra: Map<String, Value>,
}

/// The state of a revision. The words are Helm's and are also the value of the `status` label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Uncertain, or a word that Helm 4.2.4 does not know.
    #[default]
    Unknown,
    /// Pushed to Kubernetes with success.
    Deployed,
    /// Removed from Kubernetes, kept as history.
    Uninstalled,
    /// A newer revision took its place.
    Superseded,
    /// Not deployed with success.
    Failed,
    /// An uninstall is under way, or died.
    Uninstalling,
    /// An install is under way, or died.
    PendingInstall,
    /// An upgrade is under way, or died.
    PendingUpgrade,
    /// A rollback is under way, or died.
    PendingRollback,
}

/// How the objects of a revision were written to the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ApplyMethod {
    /// `csa`: three-way merge patches computed by the client.
    #[serde(rename = "csa")]
    ClientSide,
    /// `ssa`: server-side apply.
    #[serde(rename = "ssa")]
    ServerSide,
}

impl Release {
    /// Sets the state and its words together, as Helm's `SetStatus`.
    pub fn set_status(&mut self, status: Status, description: impl Into<String>) {
        self.info.status = status;
        self.info.description = description.into();
    }

    /// How the objects were written: absent means client-side.
    pub fn method(&self) -> ApplyMethod {
        self.apply_method.unwrap_or(ApplyMethod::ClientSide)
    }
}

impl Status {
    /// Every status, in the order of Helm's source.
    pub const ALL: [Self; 9] = [
        Self::Unknown,
        Self::Deployed,
        Self::Uninstalled,
        Self::Superseded,
        Self::Failed,
        Self::Uninstalling,
        Self::PendingInstall,
        Self::PendingUpgrade,
        Self::PendingRollback,
    ];

    /// Helm's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Deployed => "deployed",
            Self::Uninstalled => "uninstalled",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
            Self::Uninstalling => "uninstalling",
            Self::PendingInstall => "pending-install",
            Self::PendingUpgrade => "pending-upgrade",
            Self::PendingRollback => "pending-rollback",
        }
    }

    /// Reads Helm's word; any other word is [`Status::Unknown`].
    pub fn parse(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == word)
            .unwrap_or_default()
    }

    /// Whether an install, upgrade or rollback is under way. Uninstalling is not pending.
    pub const fn is_pending(self) -> bool {
        matches!(
            self,
            Self::PendingInstall | Self::PendingUpgrade | Self::PendingRollback
        )
    }
}

impl ApplyMethod {
    /// Helm's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSide => "csa",
            Self::ServerSide => "ssa",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
