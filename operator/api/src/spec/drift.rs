//! `spec.drift` and `spec.foreignChanges`: what is done about changes by others.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reference::ObjectSelector;
use crate::schema::JSON_POINTER;

/// What is done when live objects differ from the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct DriftSpec {
    /// What is done about a difference.
    pub mode: DriftMode,
    /// Differences that are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub ignore: Vec<DriftIgnore>,
}

/// What is done about drift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DriftMode {
    /// Live objects are not compared.
    Ignore,
    /// Drift is reported in the condition Drifted and in an event.
    #[default]
    Warn,
    /// Drift is reported and the manifest is applied again.
    Correct,
}

/// Fields whose drift does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DriftIgnore {
    /// JSON pointers (RFC 6901), such as `/spec/replicas`; all below is ignored too.
    #[schemars(length(min = 1, max = 64), inner(regex(pattern = JSON_POINTER), length(max = 1024)))]
    pub paths: Vec<String>,
    /// Objects that it is about. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<ObjectSelector>,
}

/// What is done when somebody changes this release with `helm`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ForeignChanges {
    /// The foreign revision stays and is reported; nothing is done until this object changes.
    #[default]
    Hold,
    /// The wanted state is released again over it.
    Revert,
    /// The foreign revision is taken as this release's own; this object is applied at its next change.
    Adopt,
}

/// What is done when `releaseName`, `targetNamespace` or the name of the chart changes after the
/// first release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TargetChangePolicy {
    /// The change is refused and reported; the running release stays.
    #[default]
    Refuse,
    /// The old release is uninstalled, then the new one is installed.
    Replace,
}
