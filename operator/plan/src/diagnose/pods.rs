//! What a pod says about its containers.

use serde_json::Value;

use super::{events, reference};
use crate::readiness::fields::Fields;
use crate::{Category, Cause, ObjectRef};

/// A cause with the container it is about, empty for the pod itself.
pub(super) struct PodCause {
    pub(super) cause: Cause,
    pub(super) container: String,
}

/// The causes in one pod: its containers, else its scheduling, else the warnings about it.
pub(super) fn causes(pod: Fields<'_>, warnings: &[Value]) -> Vec<PodCause> {
    let leaving = !pod.text(&["metadata", "deletionTimestamp"]).is_empty();
    let ready = pod
        .conditions()
        .any(|condition| condition.kind == "Ready" && condition.status == "True");
    if leaving || ready || pod.text(&["status", "phase"]) == "Succeeded" {
        return Vec::new();
    }
    let init = pod.list(&["status", "initContainerStatuses"]);
    let main = pod.list(&["status", "containerStatuses"]);
    let found: Vec<PodCause> = init
        .chain(main)
        .filter_map(|container| of_container(pod, container))
        .collect();
    if !found.is_empty() {
        return found;
    }
    let whole = |cause| {
        vec![PodCause {
            cause,
            container: String::new(),
        }]
    };
    if let Some(cause) = unscheduled(pod) {
        return whole(cause);
    }
    if let Some(cause) = evicted(pod) {
        return whole(cause);
    }
    events::newest(pod, warnings).map(whole).unwrap_or_default()
}

fn of_container(pod: Fields<'_>, status: Fields<'_>) -> Option<PodCause> {
    let container = status.text(&["name"]);
    let restarts = status.number_or(&["restartCount"], 0);
    let told = |category, reason: &str, message: String| PodCause {
        cause: Cause {
            object: ObjectRef {
                api_version: "v1".to_owned(),
                kind: "Pod".to_owned(),
                ..reference(pod)
            },
            category,
            reason: reason.to_owned(),
            message: format!("container {container:?} {message}"),
            restarts: u32::try_from(restarts).unwrap_or_default(),
        },
        container: container.to_owned(),
    };
    let waiting = status.text(&["state", "waiting", "reason"]);
    let words = status.text(&["state", "waiting", "message"]);
    let last = [["state", "terminated"], ["lastState", "terminated"]]
        .into_iter()
        .find_map(|path| {
            status
                .at(&path)
                .map(Fields)
                .filter(|end| end.number_or(&["exitCode"], 0) != 0)
        });
    match waiting {
        "ImagePullBackOff"
        | "ErrImagePull"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "RegistryUnavailable"
        | "ImageInspectError"
        | "SignatureValidationFailed" => {
            let image = status.text(&["image"]);
            let words = if words.is_empty() {
                "no details given"
            } else {
                words
            };
            return Some(told(
                Category::ImagePullFailed,
                waiting,
                format!("cannot pull image {image:?}: {words}"),
            ));
        }
        "CreateContainerConfigError"
        | "CreateContainerError"
        | "RunContainerError"
        | "PreCreateHookError"
        | "PreStartHookError"
        | "PostStartHookError" => {
            return Some(told(
                Category::ContainerConfigError,
                waiting,
                format!("cannot start: {words}"),
            ));
        }
        _ => {}
    }
    let end = last?;
    let code = end.number_or(&["exitCode"], 0);
    let reason = end.text(&["reason"]);
    let output = output(end.text(&["message"]));
    if reason == "OOMKilled" {
        let limit = limit(pod, container);
        let message = format!("was killed for using too much memory{limit}, {restarts} restarts{output}");
        return Some(told(Category::OutOfMemory, reason, message));
    }
    let exited = match end.number(&["signal"]) {
        Some(signal) if signal > 0 => format!("was ended by signal {signal}"),
        Some(_) | None => format!("exited with code {code}"),
    };
    let restarts_always = !matches!(pod.text(&["spec", "restartPolicy"]), "Never");
    if waiting == "CrashLoopBackOff" || restarts > 0 || restarts_always {
        let word = if waiting.is_empty() { reason } else { waiting };
        return Some(told(
            Category::CrashLoop,
            word,
            format!("{exited}, {restarts} restarts{output}"),
        ));
    }
    let owners = pod.list(&["metadata", "ownerReferences"]);
    let of_job = owners
        .map(|owner| owner.text(&["kind"]))
        .any(|kind| kind == "Job");
    let category = if of_job {
        Category::JobFailed
    } else {
        Category::ObjectFailed
    };
    Some(told(category, reason, format!("{exited}{output}")))
}

/// What a container said last, which Kubernetes keeps when `terminationMessagePolicy` asks for it.
fn output(message: &str) -> String {
    match message.lines().map(str::trim).rfind(|line| !line.is_empty()) {
        Some(line) => format!(", last output: {line}"),
        None => String::new(),
    }
}

fn limit(pod: Fields<'_>, container: &str) -> String {
    let mut containers = pod
        .list(&["spec", "containers"])
        .chain(pod.list(&["spec", "initContainers"]));
    let spec = containers.find(|spec| spec.text(&["name"]) == container);
    match spec.map(|spec| spec.text(&["resources", "limits", "memory"])) {
        Some("") | None => String::new(),
        Some(limit) => format!(" (limit {limit})"),
    }
}

fn unscheduled(pod: Fields<'_>) -> Option<Cause> {
    let condition = pod.conditions().find(|condition| {
        condition.kind == "PodScheduled" && condition.status == "False" && condition.reason == "Unschedulable"
    })?;
    Some(Cause {
        object: reference(pod),
        category: Category::Unschedulable,
        reason: condition.reason.to_owned(),
        message: condition.message.to_owned(),
        restarts: 0,
    })
}

fn evicted(pod: Fields<'_>) -> Option<Cause> {
    let reason = pod.text(&["status", "reason"]);
    let failed = pod.text(&["status", "phase"]) == "Failed" && !reason.is_empty();
    failed.then(|| Cause {
        object: reference(pod),
        category: Category::ObjectFailed,
        reason: reason.to_owned(),
        message: pod.text(&["status", "message"]).to_owned(),
        restarts: 0,
    })
}
