//! `status` of a HelmRelease: what is true now, as far as the operator has seen. Written by the
//! controller only; the API server fills `{observedGeneration: -1}` until then.
//!
//! Status is a view and a resume point, never the record: history lives in Helm's Secrets. Fields
//! that are empty are left out, lists have an upper bound ([`HelmReleaseStatus::bound`]), and no
//! field ever holds a secret value.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{condition::Condition, time::Time};

pub mod failure;
pub mod history;
pub mod operation;

use failure::Failure;
use history::{HelmStatus, HistoryEntry};
use operation::Operation;

/// Most entries of `history`. A table of more is read with `helm history`.
pub const HISTORY_MAX: usize = 16;
/// Most entries of `failure.objects`: the first ones tell the cause.
pub const FAILURE_OBJECTS_MAX: usize = 10;
/// Most entries of `history[].cause.objects`, of which there are many.
pub const CAUSE_OBJECTS_MAX: usize = 3;
/// Most entries of `held.incomplete`.
pub const INCOMPLETE_MAX: usize = 10;
/// Most entries of `operation.waitingFor`.
pub const WAITING_FOR_MAX: usize = 5;

/// What is true now, as far as the operator has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct HelmReleaseStatus {
    /// Generation of the spec that the conditions are about; -1 before the first.
    pub observed_generation: i64,
    /// Ready (always), Reconciling and Stalled (only while true), Resolved, Released, TestSuccess,
    /// Remediated, Drifted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// The revision that runs now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseInfo>,
    /// What the wanted chart version was resolved to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart: Option<ResolvedChart>,
    /// Revisions, newest first, at least back to the last good one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = HISTORY_MAX))]
    pub history: Vec<HistoryEntry>,
    /// The operation that runs; absent when none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// Why the release is not as wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Tries of the current inputs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<Attempts>,
    /// Inputs that were rolled back from and are not tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// Objects of the release, counted. Their list is in Helm's Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inventory: Option<Inventory>,
    /// Request annotations that were handled: name without `pilothouse.dev/`, and value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub handled_requests: BTreeMap<String, String>,
    /// When drift was last corrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift_corrected_at: Option<Time>,
}

impl Default for HelmReleaseStatus {
    fn default() -> Self {
        Self {
            observed_generation: -1,
            conditions: Vec::new(),
            release: None,
            chart: None,
            history: Vec::new(),
            operation: None,
            failure: None,
            attempts: None,
            held: None,
            inventory: None,
            handled_requests: BTreeMap::new(),
            drift_corrected_at: None,
        }
    }
}

impl HelmReleaseStatus {
    /// Cuts every list to what the schema accepts, so that a status is never refused for its size.
    ///
    /// # Guarantees
    /// - History keeps its newest entries; when none of these is proven, the newest proven one
    ///   takes the last place.
    /// - Other lists keep their first entries.
    pub fn bound(&mut self) {
        if self.history.len() > HISTORY_MAX {
            let mut rest = self.history.split_off(HISTORY_MAX);
            if !self.history.iter().any(|entry| entry.proven)
                && let Some(position) = rest.iter().position(|entry| entry.proven)
            {
                self.history.pop();
                self.history.push(rest.swap_remove(position));
            }
        }
        for cause in self.history.iter_mut().filter_map(|entry| entry.cause.as_mut()) {
            cause.objects.truncate(CAUSE_OBJECTS_MAX);
        }
        if let Some(operation) = &mut self.operation {
            operation.waiting_for.truncate(WAITING_FOR_MAX);
        }
        if let Some(failure) = &mut self.failure {
            failure.objects.truncate(FAILURE_OBJECTS_MAX);
        }
        if let Some(held) = &mut self.held {
            held.incomplete.truncate(INCOMPLETE_MAX);
        }
    }
}

/// A revision, as `helm list` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseInfo {
    /// Name of the Helm release.
    pub name: String,
    /// Namespace of the Helm release.
    pub namespace: String,
    /// Revision number.
    pub revision: i64,
    /// Name of the chart.
    pub chart: String,
    /// Version of the chart.
    pub version: String,
    /// Version of the application, as the chart tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// Status in Helm's words.
    pub status: HelmStatus,
    /// When the first revision was deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_deployed: Option<Time>,
    /// When this revision was deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_deployed: Option<Time>,
}

/// A chart version that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResolvedChart {
    /// Exact version.
    pub version: String,
    /// Digest of the archive (HTTP, ConfigMap) or of the manifest (OCI).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// When the source was last asked.
    pub resolved_at: Time,
}

/// Retry bookkeeping; starts anew when the inputs change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attempts {
    /// Digest of chart, values and spec that were tried.
    pub inputs_digest: String,
    /// Failures that count against the retries.
    pub failures: i64,
    /// Rollbacks and uninstalls away from these inputs that failed.
    #[serde(default)]
    pub retreats: i64,
    /// Whether the failed release was uninstalled, which ends the tries of these inputs.
    #[serde(default)]
    pub uninstalled: bool,
    /// When the next try is due; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_retry_at: Option<Time>,
}

/// Inputs that are not tried again until they change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// Digest of chart, values and spec that were rolled back from.
    pub inputs_digest: String,
    /// Revision that was rolled back to.
    pub revision: i64,
    /// Since when.
    pub since: Time,
    /// Who rolled back.
    pub by: HeldBy,
    /// Live objects that differed from the revision after the rollback.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = INCOMPLETE_MAX))]
    pub incomplete: Vec<String>,
}

/// Who rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HeldBy {
    /// The operator, after a failed upgrade.
    OnFailure,
    /// Somebody, by the annotation `pilothouse.dev/rollback`.
    Request,
}

/// Objects of the release, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Inventory {
    /// Objects in the manifest.
    pub count: i64,
    /// Those that are not ready.
    pub unready: i64,
}

#[cfg(test)]
mod tests;
