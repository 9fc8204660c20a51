//! The cause behind an object that is not ready: image, crash, memory, node, quota, job.
//!
//! Reads objects as the API server shows them. Looking them up is the caller's part; the interpretation is here, so
//! that it can be tested without a cluster. Never repeats environment or arguments of a container: they may hold
//! secrets.

use serde_json::Value;

use crate::{Category, Cause, ObjectRef};

/// How many causes are told; the pods of one template fail alike.
const MAX_CAUSES: usize = 5;

/// The causes behind `object`, from itself, its pods and the warnings about them, the most telling first.
pub fn diagnose(object: &Value, pods: &[Value], warnings: &[Value]) -> Vec<Cause> {
    let mut causes: Vec<Cause> = Vec::new();
    let mut add = |cause: Cause| {
        let known = |other: &Cause| {
            other.category == cause.category && other.reason == cause.reason && other.message == cause.message
        };
        if causes.len() < MAX_CAUSES && !causes.iter().any(known) {
            causes.push(cause);
        }
    };
    pods.iter().filter_map(of_pod).for_each(&mut add);
    of_conditions(object).into_iter().for_each(&mut add);
    let seen = causes.len();
    // Warnings say the same in other words; they count where nothing else does.
    if seen == 0 {
        for cause in warnings.iter().filter_map(of_warning) {
            if causes.len() < MAX_CAUSES && !causes.contains(&cause) {
                causes.push(cause);
            }
        }
    }
    causes
}

/// The cause that a pod shows, if any.
fn of_pod(pod: &Value) -> Option<Cause> {
    let statuses = ["/status/initContainerStatuses", "/status/containerStatuses"];
    let containers = statuses.iter().filter_map(|path| pod.pointer(path)?.as_array()).flatten();
    if let Some((category, reason, message)) = containers.filter_map(of_container).min_by_key(|(category, ..)| *category) {
        return Some(Cause { object: reference(pod), category, reason, message });
    }
    if let Some(condition) = condition(pod, "PodScheduled")
        && text(condition, "/status") == "False"
        && text(condition, "/reason") == "Unschedulable"
    {
        return Some(Cause {
            object: reference(pod),
            category: Category::Unschedulable,
            reason: "Unschedulable".to_owned(),
            message: text(condition, "/message").to_owned(),
        });
    }
    let failed = text(pod, "/status/phase") == "Failed" && !text(pod, "/status/reason").is_empty();
    failed.then(|| Cause {
        object: reference(pod),
        category: Category::ObjectFailed,
        reason: text(pod, "/status/reason").to_owned(),
        message: text(pod, "/status/message").to_owned(),
    })
}

/// What is wrong with a container.
fn of_container(status: &Value) -> Option<(Category, String, String)> {
    let (name, image) = (text(status, "/name"), text(status, "/image"));
    let waiting = text(status, "/state/waiting/reason");
    let said = text(status, "/state/waiting/message");
    match waiting {
        "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" | "RegistryUnavailable"
        | "ImageInspectError" => {
            let message = match said {
                "" => format!("container {name}: image {image} cannot be pulled"),
                said if said.contains(image) => format!("container {name}: {said}"),
                said => format!("container {name}: image {image}: {said}"),
            };
            return Some((Category::ImagePullFailed, waiting.to_owned(), message));
        }
        "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
            return Some((Category::ContainerConfigError, waiting.to_owned(), format!("container {name}: {said}")));
        }
        _ => {}
    }
    let ended = ["/state/terminated", "/lastState/terminated"]
        .iter()
        .filter_map(|path| status.pointer(path))
        .find(|ended| ended["exitCode"].as_i64().unwrap_or_default() != 0 || ended["reason"] == "OOMKilled");
    let restarts = status["restartCount"].as_i64().unwrap_or_default();
    let ready = status["ready"].as_bool().unwrap_or_default();
    let ended = ended.filter(|_| !ready)?;
    let code = ended["exitCode"].as_i64().unwrap_or_default();
    let last = match text(ended, "/message").trim() {
        "" => String::new(),
        words => format!(": {}", words.lines().next_back().unwrap_or_default()),
    };
    if ended["reason"] == "OOMKilled" {
        let message = format!("container {name} used more memory than its limit and was killed (restarts: {restarts}){last}");
        return Some((Category::OutOfMemory, "OOMKilled".to_owned(), message));
    }
    let reason = if waiting.is_empty() { text(ended, "/reason") } else { waiting };
    let message = format!("container {name} ended with exit code {code} (restarts: {restarts}){last}");
    Some((Category::CrashLoop, if reason.is_empty() { "Error" } else { reason }.to_owned(), message))
}

/// What the conditions of a workload say.
fn of_conditions(object: &Value) -> Option<Cause> {
    let kind = text(object, "/kind");
    let told = |condition: &Value, category| Cause {
        object: reference(object),
        category,
        reason: text(condition, "/reason").to_owned(),
        message: text(condition, "/message").to_owned(),
    };
    if let Some(failed) = condition(object, "ReplicaFailure").filter(|found| text(found, "/status") == "True") {
        return Some(told(failed, refusal(text(failed, "/message"))));
    }
    if kind == "Job"
        && let Some(failed) = condition(object, "Failed").filter(|found| text(found, "/status") == "True")
    {
        return Some(told(failed, Category::JobFailed));
    }
    let stalled = condition(object, "Stalled").filter(|found| text(found, "/status") == "True")?;
    Some(told(stalled, Category::ObjectFailed))
}

/// What a warning says, for the reasons that name a cause.
fn of_warning(event: &Value) -> Option<Cause> {
    let (reason, message) = (text(event, "/reason"), text(event, "/message"));
    let category = match reason {
        "FailedCreate" => refusal(message),
        "FailedScheduling" => Category::Unschedulable,
        "FailedMount" | "FailedAttachVolume" => Category::ContainerConfigError,
        "ProvisioningFailed" | "FailedBinding" => Category::ObjectFailed,
        _ => return None,
    };
    let about = |field: &str| text(event, &format!("/involvedObject/{field}")).to_owned();
    Some(Cause {
        object: ObjectRef {
            api_version: about("apiVersion"),
            kind: about("kind"),
            namespace: about("namespace"),
            name: about("name"),
        },
        category,
        reason: reason.to_owned(),
        message: message.to_owned(),
    })
}

/// Why pods could not be created.
fn refusal(message: &str) -> Category {
    if message.contains("exceeded quota") { Category::QuotaExceeded } else { Category::ObjectFailed }
}

fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object.pointer("/status/conditions")?.as_array()?.iter().find(|condition| text(condition, "/type") == kind)
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn reference(object: &Value) -> ObjectRef {
    let or = |found: &str, default: &str| if found.is_empty() { default.to_owned() } else { found.to_owned() };
    ObjectRef {
        // Items of a list come without their kind; pods are the only ones looked at so.
        api_version: or(text(object, "/apiVersion"), "v1"),
        kind: or(text(object, "/kind"), "Pod"),
        namespace: text(object, "/metadata/namespace").to_owned(),
        name: text(object, "/metadata/name").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(status: &Value) -> Value {
        json!({"metadata": {"name": "web-1", "namespace": "apps"}, "status": status})
    }

    fn check(pod: &Value, category: Category, reason: &str, words: &[&str]) {
        let causes = diagnose(&json!({"kind": "Deployment"}), std::slice::from_ref(pod), &[]);
        assert_eq!(causes.len(), 1, "{causes:?}");
        assert_eq!((causes[0].category, causes[0].reason.as_str()), (category, reason));
        assert_eq!(causes[0].object.to_string(), "Pod/apps/web-1");
        for word in words {
            assert!(causes[0].message.contains(word), "{}", causes[0].message);
        }
    }

    #[test]
    fn an_image_that_cannot_be_pulled_is_named() {
        let waiting = json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}});
        let pod = pod(&json!({"containerStatuses": [{"name": "web", "image": "r/x:1", "state": waiting}]}));
        check(&pod, Category::ImagePullFailed, "ImagePullBackOff", &["web", "r/x:1"]);
    }

    #[test]
    fn a_crash_loop_has_its_exit_code_and_last_words() {
        let pod = pod(&json!({"containerStatuses": [{
            "name": "web", "image": "r/x:1", "restartCount": 4,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 3, "reason": "Error", "message": "one\nno database\n"}},
        }]}));
        check(&pod, Category::CrashLoop, "CrashLoopBackOff", &["exit code 3", "restarts: 4", "no database"]);
    }

    #[test]
    fn memory_and_nodes_are_told_apart_from_crashes() {
        let killed = pod(&json!({"containerStatuses": [{
            "name": "web", "restartCount": 1, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
        }]}));
        check(&killed, Category::OutOfMemory, "OOMKilled", &["memory"]);
        let homeless = pod(&json!({"phase": "Pending", "conditions": [{
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available",
        }]}));
        check(&homeless, Category::Unschedulable, "Unschedulable", &["0/3 nodes"]);
    }

    #[test]
    fn a_container_that_recovered_is_no_cause() {
        let pod = pod(&json!({"containerStatuses": [{
            "name": "web", "ready": true, "state": {"running": {}},
            "lastState": {"terminated": {"exitCode": 1}},
        }]}));
        assert_eq!(diagnose(&json!({"kind": "Deployment"}), &[pod], &[]), []);
    }

    #[test]
    fn a_quota_is_found_in_the_conditions_and_else_in_the_warnings() {
        let message = "pods \"web\" is forbidden: exceeded quota: small";
        let object = json!({"kind": "ReplicaSet", "apiVersion": "apps/v1", "metadata": {"name": "web"}, "status": {
            "conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}]}});
        assert_eq!(diagnose(&object, &[], &[])[0].category, Category::QuotaExceeded);
        let event = json!({"reason": "FailedCreate", "message": message,
            "involvedObject": {"apiVersion": "apps/v1", "kind": "ReplicaSet", "namespace": "apps", "name": "web-7"}});
        let causes = diagnose(&json!({"kind": "Deployment"}), &[], &[event.clone(), event]);
        assert_eq!(causes.len(), 1);
        assert_eq!(causes[0].object.to_string(), "ReplicaSet/apps/web-7");
    }
}
