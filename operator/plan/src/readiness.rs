//! How ready an object is, by the rules of kstatus, with its messages.
//!
//! Mirrors `fluxcd/cli-utils` 1.2.1 (`pkg/kstatus/status`, `pkg/kstatus/polling/statusreaders`) and the readers that
//! Helm 4 puts in front of it for jobs and hooks (`internal/statusreaders`), because "ready" must mean to us what it
//! means to `helm --wait`. Judges one object (and, for those that own pods, its pods) as JSON; looking them up and
//! noticing that one is missing is the caller's part.

pub(crate) mod fields;
mod jobs;
mod others;
mod pods;
mod workloads;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use fields::Fields;

/// The words of kstatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ReadyStatus {
    /// As its specification says.
    Current,
    /// On its way.
    InProgress,
    /// It will not get there by itself.
    Failed,
    /// Being deleted.
    Terminating,
    /// Not there.
    NotFound,
    /// Not known.
    Unknown,
}

/// The readiness of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The word.
    pub status: ReadyStatus,
    /// What kstatus says about it.
    pub message: String,
    /// When the answer changes although the object does not.
    pub recheck_at: Option<Timestamp>,
}

/// What an object is looked at for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// As an object of a manifest; a job is ready once it has started.
    Object,
    /// As an object of a manifest; a job is ready once it is complete.
    ObjectAndJobs,
    /// As a hook: jobs and pods must end, everything else is ready when it exists.
    Hook,
}

impl Readiness {
    /// What to say of an object that is not there.
    pub fn not_found() -> Self {
        Self::new(ReadyStatus::NotFound, "Resource not found")
    }

    fn new(status: ReadyStatus, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            recheck_at: None,
        }
    }

    fn current(message: impl Into<String>) -> Self {
        Self::new(ReadyStatus::Current, message)
    }

    fn in_progress(message: impl Into<String>) -> Self {
        Self::new(ReadyStatus::InProgress, message)
    }

    fn failed(message: impl Into<String>) -> Self {
        Self::new(ReadyStatus::Failed, message)
    }
}

/// The readiness of a live object. Only the age of an unscheduled pod depends on `now`.
pub fn readiness(object: &Value, purpose: Purpose, now: Timestamp) -> Readiness {
    let fields = Fields(object);
    let kind = fields.group_kind();
    match (purpose, kind) {
        (Purpose::Hook | Purpose::ObjectAndJobs, ("batch", "Job")) => return jobs::completed(fields),
        (Purpose::Hook, ("", "Pod")) => return pods::ended(fields),
        (Purpose::Hook, _) => return Readiness::current("Resource is current"),
        (Purpose::Object | Purpose::ObjectAndJobs, _) => {}
    }
    if let Some(answer) = generic(fields) {
        return answer;
    }
    match kind {
        ("", "Service") => others::service(fields),
        ("", "Pod") => pods::running(fields, now),
        ("", "Secret" | "ConfigMap") | ("batch", "CronJob") => Readiness::current("Resource is always ready"),
        ("", "PersistentVolumeClaim") => others::volume_claim(fields),
        ("apps", "StatefulSet") => workloads::stateful_set(fields),
        ("apps" | "extensions", "DaemonSet") => workloads::daemon_set(fields),
        ("apps" | "extensions", "Deployment") => workloads::deployment(fields),
        ("apps" | "extensions", "ReplicaSet") => workloads::replica_set(fields),
        ("policy", "PodDisruptionBudget") => Readiness::current("AllowedDisruptions has been computed."),
        ("batch", "Job") => jobs::started(fields),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => others::definition(fields),
        _ => custom(fields),
    }
}

/// A stateful set or replica set that is on its way has failed when a pod of it has: crash loops do not end by
/// waiting. Pods being deleted and pods that wait for a node do not count.
pub fn with_pods<'a>(own: Readiness, pods: impl IntoIterator<Item = &'a Value>, now: Timestamp) -> Readiness {
    if own.status != ReadyStatus::InProgress {
        return own;
    }
    let failed = pods
        .into_iter()
        .filter(|pod| {
            let fields = Fields(pod);
            readiness(pod, Purpose::Object, now).status == ReadyStatus::Failed && !pods::unschedulable(fields)
        })
        .count();
    if failed > 0 {
        Readiness::failed(format!("{failed} pods have failed"))
    } else {
        own
    }
}

/// The rules that hold for every kind.
fn generic(fields: Fields<'_>) -> Option<Readiness> {
    if !fields.text(&["metadata", "deletionTimestamp"]).is_empty() {
        return Some(Readiness::new(
            ReadyStatus::Terminating,
            "Resource scheduled for deletion",
        ));
    }
    let generation = fields.number(&["metadata", "generation"]);
    let observed = fields.number(&["status", "observedGeneration"]);
    if let (Some(generation), Some(observed)) = (generation, observed)
        && generation != observed
    {
        let (_, kind) = fields.group_kind();
        return Some(Readiness::in_progress(format!(
            "{kind} generation is {generation}, but latest observed generation is {observed}"
        )));
    }
    fields
        .conditions()
        .find_map(|condition| match (condition.kind, condition.status) {
            ("Reconciling", "True") => Some(Readiness::in_progress(condition.message)),
            ("Stalled", "True") => Some(Readiness::failed(condition.message)),
            _ => None,
        })
}

/// Kinds without a rule of their own: the condition `Ready`, if they have it.
fn custom(fields: Fields<'_>) -> Readiness {
    let ready = fields
        .conditions()
        .find_map(|condition| match (condition.kind, condition.status) {
            ("Ready", "True") => Some(Readiness::current("Resource is Ready")),
            ("Ready", "False" | "Unknown") => Some(Readiness::in_progress(condition.message)),
            _ => None,
        });
    ready.unwrap_or_else(|| Readiness::current("Resource is current"))
}

impl fmt::Display for ReadyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
