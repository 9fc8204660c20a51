//! `spec.wait`: what must be true of the objects before a revision counts as deployed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reference::ObjectSelector;
use crate::duration::Duration;

/// What is waited for after applying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "self.__for__ == 'Ready' || !(has(self.stableFor) || has(self.noProgress) || has(self.checks) || has(self.optional))",
        "message": "stableFor, noProgress, checks and optional need for: Ready",
    },
]))]
pub struct WaitSpec {
    /// Which objects are waited for. (`--wait`)
    #[serde(rename = "for")]
    pub wait_for: WaitFor,
    /// Whether Jobs of the release must complete; else they need only have started. Without
    /// meaning unless `for` is `Ready`. (`--wait-for-jobs`)
    pub jobs: bool,
    /// How long all objects must stay ready before the wait is over. Default: not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stable_for: Option<Duration>,
    /// Fail when no object came nearer to ready for this long, without using up the timeout.
    /// Default: only the timeout counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_progress: Option<Duration>,
    /// Readiness of kinds that the built-in rules (kstatus) judge wrongly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub checks: Vec<ReadinessCheck>,
    /// Objects that may stay unready.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub optional: Vec<ObjectSelector>,
}

impl Default for WaitSpec {
    fn default() -> Self {
        Self {
            wait_for: WaitFor::Ready,
            jobs: true,
            stable_for: None,
            no_progress: None,
            checks: Vec::new(),
            optional: Vec::new(),
        }
    }
}

/// Which objects are waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum WaitFor {
    /// Every object is ready by kstatus. (`--wait=watcher`)
    #[default]
    Ready,
    /// Only hooks. (`--wait=hookOnly`, what `helm` does when not told)
    HooksOnly,
    /// Neither objects nor hooks: a hook counts as done once it is created.
    Nothing,
}

/// How the readiness of one kind is judged. Each expression is CEL over the live object, called
/// `object`, and gives a boolean; the first of `failed`, `inProgress`, `current` that is true
/// decides, and none means in progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadinessCheck {
    /// API group of the kind. An empty string is the core group.
    #[serde(default)]
    #[schemars(length(max = 253))]
    pub group: String,
    /// The kind, such as `Certificate`.
    #[schemars(length(min = 1, max = 63))]
    pub kind: String,
    /// True when the object is ready.
    #[schemars(length(min = 1, max = 2048))]
    pub current: String,
    /// True while the object is on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2048))]
    pub in_progress: Option<String>,
    /// True when waiting longer is useless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2048))]
    pub failed: Option<String>,
}
