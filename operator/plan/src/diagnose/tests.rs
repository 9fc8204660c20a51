//! One look, one list of causes.

use serde_json::{Value, json};

use super::*;

/// `Kind/name category reason: message`, one line a cause.
#[track_caller]
fn check(object: &Value, pods: &[Value], events: &[Value], expected: &[&str]) {
    let line = |cause: &Cause| {
        let Cause {
            object,
            category,
            reason,
            message,
            restarts: _,
        } = cause;
        format!("{}/{} {category} {reason}: {message}", object.kind, object.name)
    };
    let lines: Vec<String> = diagnose(object, pods, events).iter().map(line).collect();
    assert_eq!(lines, expected);
}

fn deployment() -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "apps"}})
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "every caller makes it for this call"
)]
fn pod(name: &str, status: Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "apps"},
        "spec": {"containers": [{"name": "main", "resources": {"limits": {"memory": "64Mi"}}}]},
        "status": status,
    })
}

fn container(state: Value) -> Value {
    let mut container = state;
    container["name"] = "main".into();
    container["image"] = "example/web:9".into();
    json!({"phase": "Pending", "containerStatuses": [container]})
}

fn event(kind: &str, name: &str, reason: &str, message: &str, time: &str) -> Value {
    json!({
        "type": "Warning", "reason": reason, "message": message, "lastTimestamp": time,
        "involvedObject": {"apiVersion": "v1", "kind": kind, "namespace": "apps", "name": name},
    })
}

#[test]
fn an_image_that_cannot_be_pulled() {
    let status = container(json!({"state": {"waiting": {
        "reason": "ImagePullBackOff", "message": "Back-off pulling image \"example/web:9\"",
    }}}));
    check(
        &deployment(),
        &[pod("web-a", status.clone()), pod("web-b", status)],
        &[],
        &[
            "Pod/web-a ImagePullFailed ImagePullBackOff: container \"main\" cannot pull image \"example/web:9\": \
           Back-off pulling image \"example/web:9\" (1 more pod alike)",
        ],
    );
}

#[test]
fn a_crash_loop_with_exit_code_and_last_output() {
    let status = container(json!({
        "restartCount": 4,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
        "lastState": {"terminated": {"exitCode": 3, "reason": "Error", "message": "starting\npanic: no database\n"}},
    }));
    check(
        &deployment(),
        &[pod("web-a", status)],
        &[],
        &[
            "Pod/web-a CrashLoop CrashLoopBackOff: container \"main\" exited with code 3, 4 restarts, \
           last output: panic: no database",
        ],
    );
}

#[test]
fn a_container_that_runs_again_after_a_crash_is_still_crashing() {
    let status = container(json!({
        "restartCount": 1,
        "state": {"running": {}},
        "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
    }));
    check(
        &deployment(),
        &[pod("web-a", status)],
        &[],
        &["Pod/web-a CrashLoop Error: container \"main\" exited with code 1, 1 restarts"],
    );
}

#[test]
fn a_container_that_used_too_much_memory() {
    let status = container(json!({
        "restartCount": 2,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
    }));
    check(
        &deployment(),
        &[pod("web-a", status)],
        &[],
        &[
            "Pod/web-a OutOfMemory OOMKilled: container \"main\" was killed for using too much memory (limit 64Mi), \
           2 restarts",
        ],
    );
}

#[test]
fn a_missing_secret() {
    let status = container(json!({"state": {"waiting": {
        "reason": "CreateContainerConfigError", "message": "secret \"db\" not found",
    }}}));
    check(
        &deployment(),
        &[pod("web-a", status)],
        &[],
        &[
            "Pod/web-a ContainerConfigError CreateContainerConfigError: container \"main\" cannot start: \
           secret \"db\" not found",
        ],
    );
    let creating = container(json!({"state": {"waiting": {"reason": "ContainerCreating"}}}));
    let mount = "MountVolume.SetUp failed for volume \"tls\" : secret \"tls\" not found";
    check(
        &deployment(),
        &[pod("web-a", creating)],
        &[
            event("Pod", "web-a", "FailedMount", "older", "2026-01-01T00:00:00Z"),
            event("Pod", "web-a", "FailedMount", mount, "2026-01-01T00:00:09Z"),
        ],
        &[
            "Pod/web-a ContainerConfigError FailedMount: MountVolume.SetUp failed for volume \"tls\" : \
           secret \"tls\" not found",
        ],
    );
}

#[test]
fn a_pod_without_a_node() {
    let status = json!({"phase": "Pending", "conditions": [{
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": "0/3 nodes are available: 3 Insufficient cpu.",
    }]});
    check(
        &deployment(),
        &[pod("web-a", status)],
        &[],
        &["Pod/web-a Unschedulable Unschedulable: 0/3 nodes are available: 3 Insufficient cpu."],
    );
}

#[test]
fn a_probe_that_fails() {
    let status = container(json!({"state": {"running": {}}, "ready": false}));
    check(
        &deployment(),
        &[pod("web-a", status)],
        &[event(
            "Pod",
            "web-a",
            "Unhealthy",
            "Readiness probe failed: HTTP 500",
            "2026-01-01T00:00:00Z",
        )],
        &["Pod/web-a ProbeFailed Unhealthy: Readiness probe failed: HTTP 500"],
    );
}

#[test]
fn a_quota_that_leaves_no_room() {
    let refused = "Error creating: pods \"web-1-x\" is forbidden: exceeded quota: small";
    check(
        &deployment(),
        &[],
        &[
            event(
                "ReplicaSet",
                "web-1",
                "FailedCreate",
                refused,
                "2026-01-01T00:00:00Z",
            ),
            event(
                "ReplicaSet",
                "website-1",
                "FailedCreate",
                refused,
                "2026-01-01T00:00:00Z",
            ),
        ],
        &[
            "ReplicaSet/web-1 QuotaExceeded FailedCreate: Error creating: pods \"web-1-x\" is forbidden: \
           exceeded quota: small",
        ],
    );
}

#[test]
fn a_failed_job_and_its_pod() {
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate", "namespace": "apps"},
        "status": {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded",
            "message": "Job has reached the specified backoff limit"}]},
    });
    let mut pod = pod(
        "migrate-x",
        json!({"phase": "Failed", "containerStatuses": [{
            "name": "main", "restartCount": 0,
            "state": {"terminated": {"exitCode": 2, "reason": "Error", "message": "no such table"}},
        }]}),
    );
    pod["spec"]["restartPolicy"] = "Never".into();
    pod["metadata"]["ownerReferences"] = json!([{"kind": "Job", "name": "migrate"}]);
    check(
        &job,
        &[pod],
        &[],
        &[
            "Job/migrate JobFailed BackoffLimitExceeded: Job has reached the specified backoff limit",
            "Pod/migrate-x JobFailed Error: container \"main\" exited with code 2, last output: no such table",
        ],
    );
}

#[test]
fn pods_that_are_ready_or_leaving_explain_nothing() {
    let crashed = json!({"terminated": {"exitCode": 1, "reason": "Error"}});
    let mut leaving = pod("web-a", container(json!({"state": crashed})));
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
    let mut ready = pod(
        "web-b",
        container(json!({"state": {"running": {}}, "lastState": crashed, "restartCount": 9})),
    );
    ready["status"]["conditions"] = json!([{"type": "Ready", "status": "True"}]);
    check(&deployment(), &[leaving, ready], &[], &[]);
}

#[test]
fn the_root_comes_before_what_follows_from_it() {
    let mut object = deployment();
    object["status"] = json!({"conditions": [{"type": "Progressing", "status": "False",
        "reason": "ProgressDeadlineExceeded", "message": "has timed out progressing"}]});
    let status = container(json!({"state": {"waiting": {"reason": "ErrImagePull", "message": "not found"}}}));
    check(
        &object,
        &[pod("web-a", status)],
        &[],
        &[
            "Pod/web-a ImagePullFailed ErrImagePull: container \"main\" cannot pull image \"example/web:9\": not found",
            "Deployment/web Timeout ProgressDeadlineExceeded: has timed out progressing",
        ],
    );
}

#[test]
fn long_messages_are_cut() {
    let long = "x".repeat(MAX_MESSAGE + 1);
    let warning = event(
        "ReplicaSet",
        "web-1",
        "FailedCreate",
        &long,
        "2026-01-01T00:00:00Z",
    );
    let causes = diagnose(&deployment(), &[], &[warning]);
    assert_eq!(causes[0].message.chars().count(), MAX_MESSAGE + 1);
    assert!(causes[0].message.ends_with('…'));
}
