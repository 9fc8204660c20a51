//! `status.failure`: why a release is not as wanted, down to the pod-level cause.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FAILURE_OBJECTS_MAX;
use crate::time::Time;

/// Why the release is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Category of the cause; the reason of the conditions, one word for programs. The list is on the
    /// reference page.
    pub category: String,
    /// What it calls for.
    pub class: FailureClass,
    /// Where in the operation it happened.
    pub stage: FailureStage,
    /// The cause, for people. Never a secret value.
    pub message: String,
    /// Objects that are the cause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = FAILURE_OBJECTS_MAX))]
    pub objects: Vec<ObjectReport>,
    /// Revision that failed; absent when none was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// When.
    pub at: Time,
}

/// What a failure calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum FailureClass {
    /// Nothing is tried again before something changes.
    Permanent,
    /// The cluster or the network is not itself: tried again with growing pauses, not counted.
    Transient,
    /// The release did not become healthy: counted against the retries.
    Unhealthy,
}

/// Where in an operation something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum FailureStage {
    /// Before anything was stored: chart, values, rendering, checks.
    Prepare,
    /// While release Secrets were written.
    Storage,
    /// While hooks ran before the objects were written.
    PreHooks,
    /// While objects were written or removed.
    Apply,
    /// While waiting for objects to become ready.
    Wait,
    /// While hooks ran after the objects were ready.
    PostHooks,
    /// While tests ran.
    Tests,
    /// While objects were deleted.
    Delete,
    /// Closed by the operator although nobody saw it fail.
    Closed,
}

/// What is wrong with, or waited for from, one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectReport {
    /// The object.
    #[serde(rename = "ref")]
    pub object: ObjectRef,
    /// Category of the cause; absent for objects that are only waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The word of Kubernetes, such as `ImagePullBackOff`, `CrashLoopBackOff`, `Unschedulable` or `InProgress`.
    pub reason: String,
    /// The cause, for people: image, exit code, last log line, quota.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Names one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// API version with group, such as `apps/v1`.
    pub api_version: String,
    /// Kind, such as `Deployment`.
    pub kind: String,
    /// Namespace; absent for objects of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl fmt::Display for ObjectRef {
    /// `Kind/namespace/name`, or `Kind/name` for objects of the cluster, as Helm names objects.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}
