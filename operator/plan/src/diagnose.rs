//! Why an object is not ready: the pods behind it, the warnings about it, and what they mean.
//!
//! kstatus says *that* a deployment is not ready; the reason is two objects further down. This module reads what the
//! caller found there, names the object nearest to the cause and gives it a stable reason. The only free text it
//! repeats is what Kubernetes wrote into status and events; it never repeats environment or arguments of a container,
//! which may hold secrets.

mod events;
mod pods;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::readiness::fields::Fields;
use crate::{Category, Cause, ObjectRef};

/// How many causes are told for one object; the first ones tell the story.
const MAX_CAUSES: usize = 5;

/// The longest message of a cause, in characters. Schedulers and image pullers can be long-winded.
const MAX_MESSAGE: usize = 600;

/// The causes behind a live object, the most telling first; none when nothing explains it.
///
/// `pods` are those it owns (itself, if it is a pod), `events` the warnings about it, about what it owns and about
/// its pods. Pods that fail alike are told once.
pub fn diagnose(object: &Value, pods: &[Value], events: &[Value]) -> Vec<Cause> {
    let mut groups: BTreeMap<(Category, String, String), (Cause, usize)> = BTreeMap::new();
    let found = pods.iter().flat_map(|pod| pods::causes(Fields(pod), events));
    for pods::PodCause { cause, container } in found {
        let key = (cause.category, cause.reason.clone(), container);
        groups
            .entry(key)
            .and_modify(|(_, others)| *others += 1)
            .or_insert((cause, 0));
    }
    let alike = |(mut cause, others): (Cause, usize)| {
        if others > 0 {
            let pods = if others == 1 { "pod" } else { "pods" };
            cause.message = format!("{} ({others} more {pods} alike)", cause.message);
        }
        cause
    };
    let mut causes: Vec<Cause> = groups.into_values().map(alike).collect();
    causes.extend(own(Fields(object)));
    causes.extend(events::causes(Fields(object), events));
    causes.sort_by_key(|cause| (rank(cause.category), cause.object.clone(), cause.reason.clone()));
    causes.dedup();
    causes.truncate(MAX_CAUSES);
    for cause in &mut causes {
        cause.message = shortened(&cause.message);
    }
    causes
}

/// What an object says of itself beyond kstatus.
fn own(fields: Fields<'_>) -> Option<Cause> {
    let told = |category, condition: crate::readiness::fields::Condition<'_>| Cause {
        object: reference(fields),
        category,
        reason: condition.reason.to_owned(),
        message: condition.message.to_owned(),
        restarts: 0,
    };
    fields
        .conditions()
        .find_map(|condition| match (condition.kind, condition.status) {
            ("Failed", "True") if fields.group_kind() == ("batch", "Job") => {
                Some(told(Category::JobFailed, condition))
            }
            ("ReplicaFailure", "True") => Some(told(refusal(condition.message), condition)),
            ("Progressing", "False") if condition.reason == "ProgressDeadlineExceeded" => {
                Some(told(Category::Timeout, condition))
            }
            ("Stalled", "True") => Some(told(Category::ObjectFailed, condition)),
            _ => None,
        })
}

/// The reason behind a refusal to create a pod.
fn refusal(message: &str) -> Category {
    if message.contains("exceeded quota") {
        Category::QuotaExceeded
    } else if message.contains("failed calling webhook") {
        Category::WebhookUnavailable
    } else if message.contains("is forbidden") {
        Category::Forbidden
    } else {
        Category::ObjectFailed
    }
}

/// How close to the root a category is; lower comes first.
const fn rank(category: Category) -> u8 {
    match category {
        Category::QuotaExceeded | Category::Forbidden | Category::WebhookUnavailable => 0,
        Category::ImagePullFailed | Category::ContainerConfigError => 1,
        Category::OutOfMemory => 2,
        Category::CrashLoop => 3,
        Category::Unschedulable | Category::VolumeNotBound => 4,
        Category::ProbeFailed => 5,
        Category::JobFailed => 6,
        _ => 7,
    }
}

/// The reference of a live object.
fn reference(fields: Fields<'_>) -> ObjectRef {
    ObjectRef {
        api_version: fields.text(&["apiVersion"]).to_owned(),
        kind: fields.text(&["kind"]).to_owned(),
        namespace: fields.text(&["metadata", "namespace"]).to_owned(),
        name: fields.text(&["metadata", "name"]).to_owned(),
    }
}

/// A message on one line and not longer than anybody reads.
fn shortened(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests;
