//! The bridge out: the only writer of status, finalizer and events of the custom resource.
//!
//! A status is written only when it differs from the stored one, as a merge patch of the difference, so that an idle
//! release costs no write. The newest object is remembered, because the watch may show an older one for a moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use api::condition::{ConditionStatus, ConditionType, find_condition, remove_condition, set_condition};
use api::{Condition, FINALIZER, HelmRelease, HelmReleaseStatus};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::api::{Patch, PatchParams};
use kube::runtime::events::{Event, EventType, Recorder, Reporter as EventSource};
use kube::{Api, Client, Resource, ResourceExt};
use plan::Category;
use plan::status::{ConditionKind, Truth};
use serde_json::{Map, Value, json};

use crate::metrics::Metrics;

/// The field manager of writes to the custom resource.
const FIELD_MANAGER: &str = "pilothouse";

/// The longest note of an event, in bytes; the API allows 1024.
const NOTE_MAX: usize = 1000;

/// Writes what people read.
pub(crate) struct Reporter {
    client: Client,
    recorder: Recorder,
    metrics: Metrics,
    /// The newest version of each object that we wrote, by UID.
    written: Mutex<HashMap<String, Arc<HelmRelease>>>,
}

impl Reporter {
    /// A reporter that has written nothing yet.
    pub(crate) fn new(client: Client, metrics: Metrics) -> Self {
        let source = EventSource {
            controller: "pilothouse".to_owned(),
            instance: std::env::var("HOSTNAME").ok(),
        };
        Self {
            recorder: Recorder::new(client.clone(), source),
            client,
            metrics,
            written: Mutex::default(),
        }
    }

    /// The newest form of an object: ours, when the watch has not shown our last write yet.
    pub(crate) fn newest(&self, seen: Arc<HelmRelease>) -> Arc<HelmRelease> {
        let uid = seen.uid().unwrap_or_default();
        let mut written = self.lock();
        match written.get(&uid) {
            Some(ours) if version(ours) > version(&seen) => Arc::clone(ours),
            Some(_) => {
                written.remove(&uid);
                seen
            }
            None => seen,
        }
    }

    /// Forgets an object that is gone.
    pub(crate) fn forget(&self, release: &HelmRelease) {
        self.lock().remove(&release.uid().unwrap_or_default());
        self.metrics
            .forget(&release.namespace().unwrap_or_default(), &release.name_any());
    }

    /// Puts our finalizer on an object, or takes it off.
    ///
    /// # Errors
    /// The API server refused the write, for example because the object changed in between.
    pub(crate) async fn finalizer(
        &self,
        release: &HelmRelease,
        wanted: Finalizer,
    ) -> Result<Arc<HelmRelease>, kube::Error> {
        let mut finalizers = release.finalizers().to_vec();
        finalizers.retain(|finalizer| finalizer != FINALIZER);
        if wanted == Finalizer::Present {
            finalizers.push(FINALIZER.to_owned());
        }
        let patch = json!({"metadata": {
            "finalizers": finalizers,
            "resourceVersion": release.metadata.resource_version,
        }});
        let params = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let written = self
            .api(release)
            .patch(&release.name_any(), &params, &Patch::Merge(&patch))
            .await?;
        Ok(self.remember(written))
    }

    /// Writes a status if it differs from the stored one, with an event when the story changed.
    ///
    /// # Errors
    /// The API server refused the write. A release that is gone meanwhile is not an error.
    pub(crate) async fn status(
        &self,
        release: &Arc<HelmRelease>,
        status: &HelmReleaseStatus,
    ) -> Result<Arc<HelmRelease>, kube::Error> {
        let old = release.status.clone().unwrap_or_default();
        if old == *status {
            return Ok(Arc::clone(release));
        }
        let difference = merge_patch(
            &serde_json::to_value(&old).unwrap_or_default(),
            &serde_json::to_value(status).unwrap_or_default(),
        );
        let patch = json!({"status": difference});
        let params = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let written = match self
            .api(release)
            .patch_status(&release.name_any(), &params, &Patch::Merge(&patch))
            .await
        {
            Ok(written) => written,
            Err(error) if cluster::error::is_not_found(&error) => return Ok(Arc::clone(release)),
            Err(error) => return Err(error),
        };
        self.metrics.status_writes.inc();
        self.tell(release, &old, status).await;
        Ok(self.remember(written))
    }

    /// An event of its own, for what no condition shows.
    pub(crate) async fn event(&self, release: &HelmRelease, reason: Category, note: &str) {
        self.publish(release, EventType::Warning, reason.as_str(), note)
            .await;
    }

    async fn tell(&self, release: &HelmRelease, old: &HelmReleaseStatus, new: &HelmReleaseStatus) {
        let Some(ready) = find_condition(&new.conditions, ConditionType::Ready) else {
            return;
        };
        let (namespace, name) = (release.namespace().unwrap_or_default(), release.name_any());
        let gauge = match ready.status {
            ConditionStatus::True => 1,
            ConditionStatus::False => 0,
            ConditionStatus::Unknown => -1,
        };
        self.metrics
            .ready
            .with_label_values(&[&namespace, &name])
            .set(gauge);
        let before = find_condition(&old.conditions, ConditionType::Ready);
        let same = |before: &Condition| {
            (before.status, &before.reason, &before.message) == (ready.status, &ready.reason, &ready.message)
        };
        if before.is_some_and(same) {
            return;
        }
        let kind = match ready.status {
            ConditionStatus::True => EventType::Normal,
            ConditionStatus::False => {
                self.metrics
                    .failures
                    .with_label_values(&[ready.reason.as_ref()])
                    .inc();
                EventType::Warning
            }
            // What is under way shows in the condition; an event for every step would bury the story.
            ConditionStatus::Unknown => return,
        };
        tracing::info!(%namespace, %name, reason = %ready.reason, message = %ready.message, "{:?}", ready.status);
        self.publish(release, kind, &ready.reason, &ready.message).await;
    }

    async fn publish(&self, release: &HelmRelease, kind: EventType, reason: &str, note: &str) {
        let event = Event {
            type_: kind,
            reason: reason.to_owned(),
            note: Some(note[..note.floor_char_boundary(NOTE_MAX)].to_owned()),
            action: "Reconcile".to_owned(),
            secondary: None,
        };
        let about: ObjectReference = release.object_ref(&());
        if let Err(error) = self.recorder.publish(&event, &about).await {
            // The condition tells the same; an operator without the right to write events still works.
            tracing::debug!(%error, "publish an event");
        }
    }

    fn api(&self, release: &HelmRelease) -> Api<HelmRelease> {
        Api::namespaced(self.client.clone(), &release.namespace().unwrap_or_default())
    }

    fn remember(&self, written: HelmRelease) -> Arc<HelmRelease> {
        let written = Arc::new(written);
        self.lock()
            .insert(written.uid().unwrap_or_default(), Arc::clone(&written));
        written
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<HelmRelease>>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether our finalizer is to be on an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finalizer {
    /// It is.
    Present,
    /// It is not.
    Absent,
}

fn version(release: &HelmRelease) -> u64 {
    release
        .resource_version()
        .and_then(|version| version.parse().ok())
        .unwrap_or_default()
}

/// Puts the conditions of `plan` into a status, for a generation. `Resolved` is left alone: it is about the chart and
/// set by [`resolved`].
pub(crate) fn set_conditions(
    status: &mut HelmReleaseStatus,
    conditions: &[plan::status::Condition],
    generation: i64,
) {
    let now = Timestamp::now().into();
    for kind in KINDS {
        match conditions
            .iter()
            .find(|condition| kind_out(condition.kind) == kind)
        {
            Some(condition) => set_condition(
                &mut status.conditions,
                kind,
                match condition.status {
                    Truth::True => ConditionStatus::True,
                    Truth::False => ConditionStatus::False,
                    Truth::Unknown => ConditionStatus::Unknown,
                },
                condition.reason.as_str(),
                &condition.message,
                generation,
                now,
            ),
            None => remove_condition(&mut status.conditions, kind),
        }
    }
    status.observed_generation = generation;
}

/// Sets `Resolved`.
pub(crate) fn resolved(
    status: &mut HelmReleaseStatus,
    holds: ConditionStatus,
    reason: Category,
    message: &str,
    generation: i64,
) {
    let now = Timestamp::now().into();
    set_condition(
        &mut status.conditions,
        ConditionType::Resolved,
        holds,
        reason.as_str(),
        message,
        generation,
        now,
    );
}

const KINDS: [ConditionType; 7] = [
    ConditionType::Ready,
    ConditionType::Reconciling,
    ConditionType::Stalled,
    ConditionType::Released,
    ConditionType::TestSuccess,
    ConditionType::Remediated,
    ConditionType::Drifted,
];

const fn kind_out(kind: ConditionKind) -> ConditionType {
    match kind {
        ConditionKind::Ready => ConditionType::Ready,
        ConditionKind::Reconciling => ConditionType::Reconciling,
        ConditionKind::Stalled => ConditionType::Stalled,
        ConditionKind::Released => ConditionType::Released,
        ConditionKind::TestSuccess => ConditionType::TestSuccess,
        ConditionKind::Remediated => ConditionType::Remediated,
        ConditionKind::Drifted => ConditionType::Drifted,
    }
}

/// The JSON merge patch (RFC 7386) that turns one document into another.
fn merge_patch(from: &Value, to: &Value) -> Value {
    let (Value::Object(from), Value::Object(to)) = (from, to) else {
        return to.clone();
    };
    let mut patch = Map::new();
    for (key, new) in to {
        match from.get(key) {
            Some(old) if old == new => {}
            Some(old) => {
                patch.insert(key.clone(), merge_patch(old, new));
            }
            None => {
                patch.insert(key.clone(), new.clone());
            }
        }
    }
    for key in from.keys().filter(|key| !to.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    Value::Object(patch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_holds_the_difference_and_removes_what_is_gone() {
        let from = json!({"a": 1, "b": {"c": 1, "d": 2}, "e": [1], "same": {"x": 1}});
        let to = json!({"a": 2, "b": {"c": 1}, "e": [2], "same": {"x": 1}, "new": {"y": null}});
        assert_eq!(
            merge_patch(&from, &to),
            json!({"a": 2, "b": {"d": null}, "e": [2], "new": {"y": null}})
        );
    }

    #[test]
    fn conditions_that_do_not_hold_any_more_go_and_resolved_stays() {
        let mut status = HelmReleaseStatus::default();
        resolved(&mut status, ConditionStatus::True, Category::InSync, "found", 1);
        let condition = |kind, reason| plan::status::Condition {
            kind,
            status: Truth::True,
            reason,
            message: String::new(),
        };
        set_conditions(
            &mut status,
            &[condition(ConditionKind::Stalled, Category::TemplateError)],
            1,
        );
        set_conditions(
            &mut status,
            &[condition(ConditionKind::Ready, Category::InSync)],
            2,
        );
        let kinds: Vec<_> = status.conditions.iter().map(|condition| condition.kind).collect();
        assert_eq!(kinds, [ConditionType::Ready, ConditionType::Resolved]);
        assert_eq!(status.observed_generation, 2);
    }
}
