//! What pods do, although no container runs: told by the name of the image.
//!
//! KWOK plays the kubelet by *stages*: a selector, a delay, and a template for the next status.
//! This module writes the stages of pods; those of nodes are KWOK's own. The behaviour of a
//! container is the beginning of the last part of its image, so `registry.test/crash-3:1.0` crashes
//! with exit code 3. The label [`LABEL`] on a pod says the same for all its containers but the init
//! containers.
//!
//! | image | what happens |
//! |---|---|
//! | `*/fail-pull*` | `ImagePullBackOff`, the pod stays `Pending` |
//! | `*/crash*`, `*/crash-<code>*` | `CrashLoopBackOff` with exit code 1 or `<code>`, restarts grow |
//! | `*/crash-later*` | ready, then (5 s, or [`AFTER`]) as `*/crash*` |
//! | `*/oom*` | as `*/crash*`, but `OOMKilled` with exit code 137 |
//! | `*/slow-ready*` | running, ready after 3 s or [`AFTER`] |
//! | `*/never-ready*` | running, never ready |
//! | `*/fail-job*` | as `*/crash*`; says what it is for |
//! | `*/slow-job*` | finishes after 5 s or [`AFTER`] |
//! | `*/hang*` | never finishes |
//! | `*/slow-stop*` | goes away 5 s or [`AFTER`] after its deletion |
//! | any other | running and ready at once |
//!
//! **What ends by itself**: pods of a Job and pods with the annotation `helm.sh/hook` finish, unless
//! their restart policy is `Always`. With restart policy `Never` a failing container makes the pod
//! `Failed`; with any other it restarts for ever. Init containers finish at once, or fail as told
//! by their image.
//!
//! A Service of type `LoadBalancer` gets an address at once, unless its label [`LABEL`] says
//! `no-address`. Claims of the default storage class are bound at once.
//!
//! Logs are the same two lines for every container; the last is [`LAST_LOG_LINE`].

use serde_json::{Value, json};

/// Label of a pod that says what its containers do, as the image name would.
pub const LABEL: &str = "pilothouse.dev/simulate";
/// Annotation of a pod: a duration (`8s`) in place of the default one of a `slow-*` or `*-later` behaviour.
pub const AFTER: &str = "pilothouse.dev/simulate-after";
/// The last line of every container's log.
pub const LAST_LOG_LINE: &str = "fatal: simulated failure";

/// The default storage class, whose volumes are made here.
pub const STORAGE_CLASS: &str = "simulated";

const STATUS: &str = include_str!("simulation/status.tpl");
const VOLUME: &str = include_str!("simulation/volume.tpl");

/// What every selector may use: the behaviour of each container that is not an init container.
const BEHAVIOURS: &str = r#"(.metadata.labels["pilothouse.dev/simulate"] as $label | [.spec.containers[] | $label // (.image | split("/") | last)])"#;
/// As [`BEHAVIOURS`], for init containers.
const INIT_BEHAVIOURS: &str = r#"[(.spec.initContainers // [])[] | .image | split("/") | last]"#;
const ALIVE: &str = ".metadata.deletionTimestamp == null";
const UNTOUCHED: &str = r#".status.phase == "Pending" and ((.status.containerStatuses // []) | length) == 0"#;
const RUNNING: &str = r#".status.phase == "Running""#;
const UNREADY: &str =
    r#"([(.status.conditions // [])[] | select(.type == "Ready" and .status == "True")] | length) == 0"#;
const MAY_END: &str = r#".spec.restartPolicy != "Always" and (((.metadata.ownerReferences // []) | any(.kind == "Job")) or ((.metadata.annotations // {}) | has("helm.sh/hook")))"#;
const NEVER_RESTARTS: &str = r#".spec.restartPolicy == "Never""#;
/// A container that waits to be started again, init containers included.
const BACKING_OFF: &str = r#"(((.status.containerStatuses // []) + (.status.initContainerStatuses // [])) | any(.state.waiting.reason == "CrashLoopBackOff"))"#;

/// Restarts are much faster than a kubelet's, so that a Job reaches its back-off limit within a test.
const RESTART: Delay = Delay {
    milliseconds: 3_000,
    adjustable: false,
};
const SLOW_READY: Delay = Delay {
    milliseconds: 3_000,
    adjustable: true,
};
const SLOW: Delay = Delay {
    milliseconds: 5_000,
    adjustable: true,
};
const AT_ONCE: Delay = Delay {
    milliseconds: 0,
    adjustable: false,
};

#[derive(Clone, Copy)]
struct Delay {
    milliseconds: u64,
    /// Whether [`AFTER`] replaces it.
    adjustable: bool,
}

/// A warning event: reason and message.
type Warning = (&'static str, &'static str);

/// All stages of this module, for `kwok --config`.
pub fn stages() -> Vec<Value> {
    let mut stages = pod_stages();
    stages.extend(volume_stages());
    stages.push(load_balancer_stage());
    stages
}

/// Their selectors exclude each other: where two match, KWOK throws dice.
fn pod_stages() -> Vec<Value> {
    let is = |pattern: &str| format!(r#"({BEHAVIOURS} | any(test("^({pattern})")))"#);
    let init_is = |pattern: &str| format!(r#"({INIT_BEHAVIOURS} | any(test("^({pattern})")))"#);
    let not = |condition: &str| format!("(({condition}) | not)");
    let all = |conditions: &[&str]| {
        conditions
            .iter()
            .map(|condition| format!("({condition})"))
            .collect::<Vec<_>>()
            .join(" and ")
    };
    let either = |one: &str, other: &str| format!("(({one}) or ({other}))");

    // A crash that comes later is none at the start. (The expressions know no negative lookahead.)
    let crashes_now =
        format!(r#"({BEHAVIOURS} | any(test("^(crash|oom|fail-job)") and (test("^crash-later") | not)))"#);
    let crashes = is("crash|oom|fail-job");
    let pull_fails = either(&is("fail-pull"), &init_is("fail-pull"));
    let restarts_at_start = either(
        &all(&[&crashes_now, &not(NEVER_RESTARTS)]),
        &init_is("crash|oom|fail-job"),
    );
    let never_ready = is("never-ready");
    let fails = all(&[&crashes, NEVER_RESTARTS]);
    let ends = either(&fails, &all(&[MAY_END, &not(&crashes)]));

    let status = |step: &str| json!({"statusTemplate": format!("{{{{- $step := {step:?} -}}}}\n{STATUS}")});
    let start = |conditions: &[&str]| all(&[&[ALIVE, UNTOUCHED], conditions].concat());
    vec![
        pod_stage(
            "pod-start",
            &start(&[&not(&pull_fails), &not(&restarts_at_start), &not(&never_ready)]),
            AT_ONCE,
            status("start"),
            None,
        ),
        pod_stage(
            "pod-start-fail-pull",
            &start(&[&pull_fails]),
            AT_ONCE,
            status("start"),
            Some(("Failed", "Failed to pull image: not found")),
        ),
        pod_stage(
            "pod-start-crash",
            &start(&[&not(&pull_fails), &restarts_at_start]),
            AT_ONCE,
            status("start"),
            Some(("BackOff", "Back-off restarting failed container")),
        ),
        pod_stage(
            "pod-start-never-ready",
            &start(&[&not(&pull_fails), &not(&restarts_at_start), &never_ready]),
            AT_ONCE,
            status("start"),
            Some((
                "Unhealthy",
                "Readiness probe failed: HTTP probe failed with statuscode: 503",
            )),
        ),
        pod_stage(
            "pod-ready",
            &all(&[
                ALIVE,
                RUNNING,
                UNREADY,
                &is("slow-ready"),
                &not(BACKING_OFF),
                &not(&never_ready),
            ]),
            SLOW_READY,
            status("ready"),
            None,
        ),
        pod_stage(
            "pod-crash-later",
            &all(&[
                ALIVE,
                RUNNING,
                &is("crash-later"),
                &not(BACKING_OFF),
                &not(NEVER_RESTARTS),
            ]),
            SLOW,
            status("crash"),
            Some(("BackOff", "Back-off restarting failed container")),
        ),
        pod_stage(
            "pod-restart",
            &all(&[ALIVE, BACKING_OFF]),
            RESTART,
            status("restart"),
            None,
        ),
        pod_stage(
            "pod-finish",
            &all(&[
                ALIVE,
                RUNNING,
                &ends,
                &not(&is("hang|slow-job|crash-later")),
                &not(BACKING_OFF),
            ]),
            AT_ONCE,
            status("finish"),
            None,
        ),
        pod_stage(
            "pod-finish-slow",
            &all(&[
                ALIVE,
                RUNNING,
                &ends,
                &is("slow-job|crash-later"),
                &not(&is("hang")),
                &not(BACKING_OFF),
            ]),
            SLOW,
            status("finish"),
            None,
        ),
        pod_stage(
            "pod-delete",
            &all(&[&not(ALIVE), &not(&is("slow-stop"))]),
            AT_ONCE,
            json!({"delete": true}),
            None,
        ),
        pod_stage(
            "pod-delete-slow",
            &all(&[&not(ALIVE), &is("slow-stop")]),
            SLOW,
            json!({"delete": true}),
            None,
        ),
    ]
}

/// An external provisioner: it makes a volume for each claim and deletes what nobody claims any
/// more. Binding the two is left to the real controller.
fn volume_stages() -> [Value; 2] {
    let unbound =
        format!("{ALIVE} and .spec.storageClassName == {STORAGE_CLASS:?} and .spec.volumeName == null");
    let released = format!(
        r#"{ALIVE} and .spec.storageClassName == {STORAGE_CLASS:?} and .status.phase == "Released" and .spec.persistentVolumeReclaimPolicy == "Delete""#
    );
    let make = json!([{"apply": {"template": VOLUME}}]);
    let delete = json!([{"delete": true}]);
    [
        steps("PersistentVolumeClaim", "volume-provision", &unbound, &make),
        steps("PersistentVolume", "volume-delete", &released, &delete),
    ]
}

/// Nobody hands out addresses of load balancers here, and `helm --wait` waits for one.
fn load_balancer_stage() -> Value {
    let selector = format!(
        r#".spec.type == "LoadBalancer" and ((.status.loadBalancer.ingress // []) | length) == 0 and (.metadata.labels[{LABEL:?}] // "") != "no-address""#
    );
    let next = json!({"statusTemplate": r#"{"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}"#});
    stage("Service", "service-load-balancer", &selector, AT_ONCE, &next)
}

/// What makes `kubectl logs` answer, for `kwok --config`.
pub fn cluster_logs(log_file: &str) -> Value {
    json!({
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "ClusterLogs",
        "metadata": {"name": "every-container"},
        "spec": {"logs": [{"logsFile": log_file, "previousLogsFile": log_file, "follow": false}]},
    })
}

/// The content of the file that [`cluster_logs`] names, in the format of a container runtime.
pub fn log_lines() -> String {
    format!(
        "2020-01-01T00:00:00.000000000Z stdout F starting\n2020-01-01T00:00:01.000000000Z stderr F {LAST_LOG_LINE}\n"
    )
}

fn pod_stage(name: &str, selector: &str, delay: Delay, mut next: Value, warning: Option<Warning>) -> Value {
    if let Some((reason, message)) = warning {
        next["event"] = json!({"type": "Warning", "reason": reason, "message": message});
    }
    stage("Pod", name, selector, delay, &next)
}

fn stage(kind: &str, name: &str, selector: &str, delay: Delay, next: &Value) -> Value {
    let mut spec = spec(kind, selector);
    spec["next"] = next.clone();
    if delay.milliseconds > 0 {
        spec["delay"] = json!({"durationMilliseconds": delay.milliseconds});
        if delay.adjustable {
            spec["delay"]["durationFrom"] =
                json!({"expressionFrom": format!(".metadata.annotations[{AFTER:?}]")});
        }
    }
    document(name, &spec)
}

fn steps(kind: &str, name: &str, selector: &str, steps: &Value) -> Value {
    let mut spec = spec(kind, selector);
    spec["steps"] = steps.clone();
    document(name, &spec)
}

fn spec(kind: &str, selector: &str) -> Value {
    json!({
        "resourceRef": {"apiGroup": "v1", "kind": kind},
        "selector": {"matchExpressions": [{"key": selector, "operator": "In", "values": ["true"]}]},
    })
}

fn document(name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Stage", "metadata": {"name": name}, "spec": spec})
}
