//! Hooks: manifests that run at certain moments of a release instead of belonging to it.
//!
//! Plain data with Helm's JSON names (`pkg/release/v1/hook.go`). Finding hooks among rendered documents is
//! [`crate::manifest`]'s work, running them is the state machine's.

use serde::{Deserialize, Serialize};

/// The annotation that makes a document a hook; its value lists the events.
pub const HOOK_ANNOTATION: &str = "helm.sh/hook";
/// The annotation with the weight; hooks of one event run in ascending weight.
pub const HOOK_WEIGHT_ANNOTATION: &str = "helm.sh/hook-weight";
/// The annotation that says when a hook object is deleted.
pub const HOOK_DELETE_ANNOTATION: &str = "helm.sh/hook-delete-policy";
/// The annotation that says when a hook's log is shown.
pub const HOOK_OUTPUT_LOG_ANNOTATION: &str = "helm.sh/hook-output-log-policy";

/// When a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookEvent {
    /// Before the objects of a new release are created.
    PreInstall,
    /// After the objects of a new release are there.
    PostInstall,
    /// Before the objects of a release are deleted.
    PreDelete,
    /// After the objects of a release are deleted.
    PostDelete,
    /// Before the objects of a release are changed.
    PreUpgrade,
    /// After the objects of a release are changed.
    PostUpgrade,
    /// Before a release goes back to an older revision.
    PreRollback,
    /// After a release went back to an older revision.
    PostRollback,
    /// On `helm test`.
    Test,
}

impl HookEvent {
    /// Reads one event of the annotation, already trimmed and lower case. `None`: not an event Helm knows.
    /// `test-success` is Helm 2's name of `test` (`pkg/release/v1/util/manifest_sorter.go`).
    pub fn from_annotation(text: &str) -> Option<Self> {
        Some(match text {
            "pre-install" => Self::PreInstall,
            "post-install" => Self::PostInstall,
            "pre-delete" => Self::PreDelete,
            "post-delete" => Self::PostDelete,
            "pre-upgrade" => Self::PreUpgrade,
            "post-upgrade" => Self::PostUpgrade,
            "pre-rollback" => Self::PreRollback,
            "post-rollback" => Self::PostRollback,
            "test" | "test-success" => Self::Test,
            _ => return None,
        })
    }

    /// The text that Helm writes for this event.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreInstall => "pre-install",
            Self::PostInstall => "post-install",
            Self::PreDelete => "pre-delete",
            Self::PostDelete => "post-delete",
            Self::PreUpgrade => "pre-upgrade",
            Self::PostUpgrade => "post-upgrade",
            Self::PreRollback => "pre-rollback",
            Self::PostRollback => "post-rollback",
            Self::Test => "test",
        }
    }
}

/// When the object of a hook is deleted. Helm keeps whatever the annotation says, so unknown texts are kept too:
/// they are stored, and mean nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum HookDeletePolicy {
    /// `hook-succeeded`: after it succeeded.
    Succeeded,
    /// `hook-failed`: after it failed.
    Failed,
    /// `before-hook-creation`: the previous object, before a new one is created. Helm's default when none is given.
    BeforeHookCreation,
    /// Anything else, lower case as Helm stores it.
    Unknown(String),
}

impl From<String> for HookDeletePolicy {
    fn from(text: String) -> Self {
        match text.as_str() {
            "hook-succeeded" => Self::Succeeded,
            "hook-failed" => Self::Failed,
            "before-hook-creation" => Self::BeforeHookCreation,
            _ => Self::Unknown(text),
        }
    }
}

impl From<HookDeletePolicy> for String {
    fn from(policy: HookDeletePolicy) -> Self {
        match policy {
            HookDeletePolicy::Succeeded => "hook-succeeded".to_owned(),
            HookDeletePolicy::Failed => "hook-failed".to_owned(),
            HookDeletePolicy::BeforeHookCreation => "before-hook-creation".to_owned(),
            HookDeletePolicy::Unknown(text) => text,
        }
    }
}

/// When the log of a hook's pod is shown. Unknown texts are kept, as for [`HookDeletePolicy`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum HookOutputLogPolicy {
    /// `hook-succeeded`: when it succeeded.
    Succeeded,
    /// `hook-failed`: when it failed.
    Failed,
    /// Anything else, lower case as Helm stores it.
    Unknown(String),
}

impl From<String> for HookOutputLogPolicy {
    fn from(text: String) -> Self {
        match text.as_str() {
            "hook-succeeded" => Self::Succeeded,
            "hook-failed" => Self::Failed,
            _ => Self::Unknown(text),
        }
    }
}

impl From<HookOutputLogPolicy> for String {
    fn from(policy: HookOutputLogPolicy) -> Self {
        match policy {
            HookOutputLogPolicy::Succeeded => "hook-succeeded".to_owned(),
            HookOutputLogPolicy::Failed => "hook-failed".to_owned(),
            HookOutputLogPolicy::Unknown(text) => text,
        }
    }
}

/// A hook as rendered: what to create, when, in which order. The record of its last run belongs to the release
/// record, not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// `metadata.name` of the document; may be empty.
    pub name: String,
    /// `kind` of the document; may be empty.
    pub kind: String,
    /// The file it came from: `chart/templates/job.yaml`.
    pub path: String,
    /// The document's text.
    pub manifest: String,
    /// The moments it runs at, in the order of the annotation, duplicates kept.
    pub events: Vec<HookEvent>,
    /// Lower runs first; 0 when the annotation is absent or not a decimal number.
    pub weight: i64,
    /// When its object goes.
    pub delete_policies: Vec<HookDeletePolicy>,
    /// When its log is shown.
    pub output_log_policies: Vec<HookOutputLogPolicy>,
}
