//! One table of objects and what kstatus says of them. The facts are those of its own tests
//! (`pkg/kstatus/status/status_compute_test.go`); the objects are ours.

use serde_json::{Value, json};

use super::*;

fn now() -> Timestamp {
    "2026-01-01T00:01:00Z".parse().unwrap()
}

/// `kind` is `group/Kind`; `body` carries spec, status and further metadata.
fn object(api_version: &str, kind: &str, body: Value) -> Value {
    let mut object = body;
    object["apiVersion"] = api_version.into();
    object["kind"] = kind.into();
    object["metadata"]["name"] = "x".into();
    object["metadata"]["generation"] = 1.into();
    object
}

#[track_caller]
fn check(object: &Value, purpose: Purpose, status: ReadyStatus, message: &str) {
    let answer = readiness(object, purpose, now());
    assert_eq!((answer.status, answer.message.as_str()), (status, message));
}

fn condition(kind: &str, status: &str, reason: &str, message: &str) -> Value {
    json!({"type": kind, "status": status, "reason": reason, "message": message})
}

use Purpose::{Hook, Object, ObjectAndJobs};
use ReadyStatus::{Current, Failed, InProgress, Terminating};

#[test]
fn an_object_being_deleted_is_terminating() {
    let cm = object(
        "v1",
        "ConfigMap",
        json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}),
    );
    check(&cm, Object, Terminating, "Resource scheduled for deletion");
}

#[test]
fn an_unobserved_generation_is_in_progress() {
    let deployment = object(
        "apps/v1",
        "Deployment",
        json!({"status": {"observedGeneration": 0}}),
    );
    check(
        &deployment,
        Object,
        InProgress,
        "Deployment generation is 1, but latest observed generation is 0",
    );
}

#[test]
fn custom_resources_are_judged_by_conditions() {
    let with = |conditions: Value| {
        object(
            "example.com/v1",
            "Thing",
            json!({"status": {"conditions": conditions}}),
        )
    };
    check(
        &object("example.com/v1", "Thing", json!({})),
        Object,
        Current,
        "Resource is current",
    );
    check(
        &with(json!([condition("Ready", "True", "R", "m")])),
        Object,
        Current,
        "Resource is Ready",
    );
    check(
        &with(json!([condition("Ready", "False", "R", "not yet")])),
        Object,
        InProgress,
        "not yet",
    );
    check(
        &with(json!([condition("Ready", "Unknown", "R", "who knows")])),
        Object,
        InProgress,
        "who knows",
    );
    check(
        &with(json!([condition("Stalled", "True", "R", "broken")])),
        Object,
        Failed,
        "broken",
    );
    check(
        &with(json!([condition("Reconciling", "True", "R", "busy")])),
        Object,
        InProgress,
        "busy",
    );
}

#[test]
fn a_deployment_is_ready_when_its_new_replicas_are() {
    let ready = json!([
        condition("Progressing", "True", "NewReplicaSetAvailable", ""),
        condition("Available", "True", "", ""),
    ]);
    let with = |spec: Value, counts: [i64; 4], conditions: &Value| {
        let [replicas, updated, ready, available] = counts;
        object(
            "apps/v1",
            "Deployment",
            json!({"spec": spec, "status": {
                "observedGeneration": 1, "replicas": replicas, "updatedReplicas": updated,
                "readyReplicas": ready, "availableReplicas": available, "conditions": conditions,
            }}),
        )
    };
    let two = json!({"replicas": 2, "progressDeadlineSeconds": 600});
    check(
        &with(two.clone(), [2, 2, 2, 2], &ready),
        Object,
        Current,
        "Deployment is available. Replicas: 2",
    );
    check(
        &with(two.clone(), [1, 1, 1, 1], &ready),
        Object,
        InProgress,
        "Replicas: 1/2",
    );
    check(
        &with(two.clone(), [2, 1, 2, 2], &ready),
        Object,
        InProgress,
        "Updated: 1/2",
    );
    check(
        &with(two.clone(), [3, 2, 2, 2], &ready),
        Object,
        InProgress,
        "Pending termination: 1",
    );
    check(
        &with(two.clone(), [2, 2, 2, 1], &ready),
        Object,
        InProgress,
        "Available: 1/2",
    );
    check(
        &with(two.clone(), [2, 2, 1, 2], &ready),
        Object,
        InProgress,
        "Ready: 1/2",
    );
    check(
        &with(two.clone(), [2, 2, 2, 2], &json!([])),
        Object,
        InProgress,
        "ReplicaSet not Available",
    );
    let no_deadline = json!({"replicas": 2});
    check(
        &with(no_deadline, [2, 2, 2, 2], &json!([])),
        Object,
        InProgress,
        "Deployment not Available",
    );
    let exceeded = json!([condition(
        "Progressing",
        "False",
        "ProgressDeadlineExceeded",
        "too late"
    )]);
    check(
        &with(two, [2, 2, 1, 1], &exceeded),
        Object,
        Failed,
        "Progress deadline exceeded",
    );
    let paused = json!({"replicas": 2, "paused": true});
    check(
        &with(paused, [0, 0, 0, 0], &json!([])),
        Object,
        Current,
        "Deployment is paused",
    );
}

#[test]
fn a_stateful_set_is_ready_when_its_revision_is_current() {
    let with = |spec: Value, status: Value| {
        object("apps/v1", "StatefulSet", json!({"spec": spec, "status": status}))
    };
    let two = || json!({"replicas": 2});
    let ok = json!({"replicas": 2, "readyReplicas": 2, "currentReplicas": 2, "currentRevision": "a", "updateRevision": "a"});
    check(
        &with(two(), ok.clone()),
        Object,
        Current,
        "All replicas scheduled as expected. Replicas: 2",
    );
    let mut changed = ok.clone();
    changed["updateRevision"] = "b".into();
    check(
        &with(two(), changed),
        Object,
        InProgress,
        "Waiting for updated revision to match current",
    );
    let mut less = ok.clone();
    less["currentReplicas"] = 1.into();
    check(&with(two(), less), Object, InProgress, "current: 1/2");
    check(
        &with(two(), json!({"replicas": 2, "readyReplicas": 1})),
        Object,
        InProgress,
        "Ready: 1/2",
    );
    check(
        &with(two(), json!({"replicas": 3, "readyReplicas": 2})),
        Object,
        InProgress,
        "Pending termination: 1",
    );
    check(&with(json!({}), json!({})), Object, InProgress, "Replicas: 0/1");
    let on_delete = json!({"updateStrategy": {"type": "OnDelete"}});
    check(
        &with(on_delete, json!({})),
        Object,
        Current,
        "StatefulSet is using the ondelete update strategy",
    );
    let partition = json!({"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 1}}});
    let all = |updated: i64| json!({"replicas": 3, "readyReplicas": 3, "updatedReplicas": updated});
    check(
        &with(partition.clone(), all(1)),
        Object,
        InProgress,
        "updated: 1/2",
    );
    check(
        &with(partition, all(2)),
        Object,
        Current,
        "Partition rollout complete. updated: 2",
    );
}

#[test]
fn a_daemon_set_is_ready_on_every_node() {
    let with = |status: Value| object("apps/v1", "DaemonSet", json!({"status": status}));
    let counts = |current: i64, updated: i64, available: i64, ready: i64| {
        json!({
            "observedGeneration": 1, "desiredNumberScheduled": 2, "currentNumberScheduled": current,
            "updatedNumberScheduled": updated, "numberAvailable": available, "numberReady": ready,
        })
    };
    check(
        &with(json!({})),
        Object,
        InProgress,
        "DaemonSet status.observedGeneration not found",
    );
    check(
        &with(json!({"observedGeneration": 1})),
        Object,
        InProgress,
        "Missing .status.desiredNumberScheduled",
    );
    check(&with(counts(1, 2, 2, 2)), Object, InProgress, "Current: 1/2");
    check(&with(counts(2, 1, 2, 2)), Object, InProgress, "Updated: 1/2");
    check(&with(counts(2, 2, 1, 2)), Object, InProgress, "Available: 1/2");
    check(&with(counts(2, 2, 2, 1)), Object, InProgress, "Ready: 1/2");
    check(
        &with(counts(2, 2, 2, 2)),
        Object,
        Current,
        "All replicas scheduled as expected. Replicas: 2",
    );
}

#[test]
fn a_replica_set_is_ready_when_its_pods_are() {
    let with = |status: Value| {
        object(
            "apps/v1",
            "ReplicaSet",
            json!({"spec": {"replicas": 2}, "status": status}),
        )
    };
    let counts = |labeled: i64, available: i64, ready: i64, total: i64| json!({"fullyLabeledReplicas": labeled, "availableReplicas": available, "readyReplicas": ready, "replicas": total});
    check(&with(counts(1, 2, 2, 2)), Object, InProgress, "Labelled: 1/2");
    check(&with(counts(2, 1, 2, 2)), Object, InProgress, "Available: 1/2");
    check(&with(counts(2, 2, 1, 2)), Object, InProgress, "Ready: 1/2");
    check(
        &with(counts(2, 2, 2, 3)),
        Object,
        InProgress,
        "Pending termination: 1",
    );
    check(
        &with(counts(2, 2, 2, 2)),
        Object,
        Current,
        "ReplicaSet is available. Replicas: 2",
    );
    let failure = json!({"conditions": [condition("ReplicaFailure", "True", "", "")]});
    check(
        &with(failure),
        Object,
        InProgress,
        "Replica Failure condition. Check Pods",
    );
}

fn pod(status: &Value, created: &str) -> Value {
    object(
        "v1",
        "Pod",
        json!({"metadata": {"creationTimestamp": created}, "status": status}),
    )
}

const OLD: &str = "2026-01-01T00:00:00Z";
const YOUNG: &str = "2026-01-01T00:00:50Z";

fn unscheduled() -> Value {
    json!({"phase": "Pending", "conditions": [condition("PodScheduled", "False", "Unschedulable", "0/1 nodes")]})
}

fn crashing() -> Value {
    json!({"phase": "Running", "containerStatuses": [
        {"name": "web", "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
        {"name": "side", "state": {"running": {}}},
    ]})
}

#[test]
fn a_pod_is_ready_when_it_says_so_or_has_ended() {
    let phase = |phase: &str| pod(&json!({"phase": phase}), OLD);
    check(
        &phase("Succeeded"),
        Object,
        Current,
        "Pod has completed successfully",
    );
    check(
        &phase("Failed"),
        Object,
        Current,
        "Pod has completed, but not successfully",
    );
    check(
        &phase("Running"),
        Object,
        InProgress,
        "Pod is running but is not Ready",
    );
    check(
        &phase("Pending"),
        Object,
        InProgress,
        "Pod is in the Pending phase",
    );
    check(
        &pod(&json!({}), OLD),
        Object,
        InProgress,
        "Pod phase not available",
    );
    check(&phase("Odd"), Object, ReadyStatus::Unknown, "unknown phase Odd");
    let ready = json!({"phase": "Running", "conditions": [condition("Ready", "True", "", "")]});
    check(&pod(&ready, OLD), Object, Current, "Pod is Ready");
    check(
        &pod(&crashing(), OLD),
        Object,
        Failed,
        "Containers in CrashLoop state: web",
    );
}

#[test]
fn a_pod_may_look_for_a_node_for_fifteen_seconds() {
    check(
        &pod(&unscheduled(), OLD),
        Object,
        Failed,
        "Pod could not be scheduled",
    );
    let answer = readiness(&pod(&unscheduled(), YOUNG), Object, now());
    assert_eq!(
        (answer.status, answer.message.as_str()),
        (InProgress, "Pod has not been scheduled")
    );
    assert_eq!(answer.recheck_at, Some("2026-01-01T00:01:05Z".parse().unwrap()));
}

#[test]
fn a_job_is_ready_once_started_or_once_complete_as_asked() {
    let with = |status: Value| {
        object(
            "batch/v1",
            "Job",
            json!({"spec": {"completions": 2}, "status": status}),
        )
    };
    let complete = with(json!({"succeeded": 2, "conditions": [condition("Complete", "True", "", "")]}));
    let failed =
        with(json!({"failed": 1, "conditions": [condition("Failed", "True", "BackoffLimitExceeded", "")]}));
    let active = with(json!({"startTime": OLD, "active": 1}));
    for purpose in [Object, ObjectAndJobs, Hook] {
        check(&complete, purpose, Current, "Job Completed. succeeded: 2/2");
        check(&failed, purpose, Failed, "Job Failed. failed: 1/2");
    }
    check(
        &active,
        Object,
        Current,
        "Job in progress. success:0, active: 1, failed: 0",
    );
    check(&active, ObjectAndJobs, InProgress, "Job in progress");
    check(&active, Hook, InProgress, "Job in progress");
    check(&with(json!({})), Object, InProgress, "Job not started");
}

#[test]
fn a_hook_must_end_or_merely_exist() {
    check(
        &pod(&json!({"phase": "Succeeded"}), OLD),
        Hook,
        Current,
        "pod x succeeded",
    );
    check(
        &pod(&json!({"phase": "Failed"}), OLD),
        Hook,
        Failed,
        "pod x failed",
    );
    check(&pod(&crashing(), OLD), Hook, InProgress, "Pod in progress");
    check(
        &object("apps/v1", "Deployment", json!({})),
        Hook,
        Current,
        "Resource is current",
    );
}

#[test]
fn the_remaining_kinds_have_short_rules() {
    check(
        &object("v1", "Secret", json!({})),
        Object,
        Current,
        "Resource is always ready",
    );
    check(
        &object("batch/v1", "CronJob", json!({})),
        Object,
        Current,
        "Resource is always ready",
    );
    check(
        &object("policy/v1", "PodDisruptionBudget", json!({})),
        Object,
        Current,
        "AllowedDisruptions has been computed.",
    );
    check(
        &object("v1", "Service", json!({})),
        Object,
        Current,
        "Service is ready",
    );
    let balanced = |ip: &str| {
        object(
            "v1",
            "Service",
            json!({"spec": {"type": "LoadBalancer", "clusterIP": ip}}),
        )
    };
    check(
        &balanced(""),
        Object,
        InProgress,
        "ClusterIP not set. Service type: LoadBalancer",
    );
    check(&balanced("10.0.0.1"), Object, Current, "Service is ready");
    let claim = |status: Value| object("v1", "PersistentVolumeClaim", json!({"status": status}));
    check(
        &claim(json!({})),
        Object,
        InProgress,
        "PVC is not Bound. phase: unknown",
    );
    check(&claim(json!({"phase": "Bound"})), Object, Current, "PVC is Bound");
}

#[test]
fn a_definition_is_ready_when_it_is_established() {
    let with = |conditions: Value| {
        object(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            json!({"status": {"conditions": conditions}}),
        )
    };
    check(&with(json!([])), Object, InProgress, "Install in progress");
    check(
        &with(json!([condition("Established", "False", "Installing", "soon")])),
        Object,
        InProgress,
        "Install in progress",
    );
    check(
        &with(json!([condition("Established", "False", "Broken", "no")])),
        Object,
        Failed,
        "no",
    );
    check(
        &with(json!([condition("NamesAccepted", "False", "Conflict", "taken")])),
        Object,
        Failed,
        "taken",
    );
    check(
        &with(json!([condition("Established", "True", "", "")])),
        Object,
        Current,
        "CRD is established",
    );
}

#[test]
fn a_crash_loop_fails_the_set_that_owns_the_pod() {
    let own = || Readiness::in_progress("Ready: 0/1");
    let crashing = pod(&crashing(), OLD);
    assert_eq!(
        with_pods(own(), [&crashing], now()),
        Readiness::failed("1 pods have failed")
    );
    assert_eq!(with_pods(own(), [&pod(&unscheduled(), OLD)], now()), own());
    let mut leaving = crashing.clone();
    leaving["metadata"]["deletionTimestamp"] = OLD.into();
    assert_eq!(with_pods(own(), [&leaving], now()), own());
    assert_eq!(
        with_pods(Readiness::current("ok"), [&crashing], now()),
        Readiness::current("ok")
    );
}
