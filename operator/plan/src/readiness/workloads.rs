//! Deployments, stateful sets, daemon sets and replica sets.

use super::Readiness;
use super::fields::Fields;

/// What the deployment controller takes for "no deadline".
const NO_PROGRESS_DEADLINE: i64 = i32::MAX as i64;

pub(super) fn deployment(fields: Fields<'_>) -> Readiness {
    // Helm does not wait for a paused deployment: its controller would never get there.
    if fields
        .at(&["spec", "paused"])
        .is_some_and(|paused| paused == true)
    {
        return Readiness::current("Deployment is paused");
    }
    let deadline = fields.number_or(&["spec", "progressDeadlineSeconds"], NO_PROGRESS_DEADLINE);
    let mut progressing = deadline == NO_PROGRESS_DEADLINE;
    let mut available = false;
    for condition in fields.conditions() {
        match (condition.kind, condition.status, condition.reason) {
            ("Progressing", _, "ProgressDeadlineExceeded") => {
                return Readiness::failed("Progress deadline exceeded");
            }
            ("Progressing", "True", "NewReplicaSetAvailable") => progressing = true,
            ("Available", "True", _) => available = true,
            _ => {}
        }
    }

    let wanted = fields.number_or(&["spec", "replicas"], 1);
    let total = status(fields, "replicas");
    let updated = status(fields, "updatedReplicas");
    let ready = status(fields, "readyReplicas");
    let reachable = status(fields, "availableReplicas");
    if wanted > total {
        Readiness::in_progress(format!("Replicas: {total}/{wanted}"))
    } else if wanted > updated {
        Readiness::in_progress(format!("Updated: {updated}/{wanted}"))
    } else if total > wanted {
        Readiness::in_progress(format!("Pending termination: {}", total - wanted))
    } else if updated > reachable {
        Readiness::in_progress(format!("Available: {reachable}/{updated}"))
    } else if wanted > ready {
        Readiness::in_progress(format!("Ready: {ready}/{wanted}"))
    } else if !progressing {
        Readiness::in_progress("ReplicaSet not Available")
    } else if !available {
        Readiness::in_progress("Deployment not Available")
    } else {
        Readiness::current(format!("Deployment is available. Replicas: {total}"))
    }
}

pub(super) fn stateful_set(fields: Fields<'_>) -> Readiness {
    if fields.text(&["spec", "updateStrategy", "type"]) == "OnDelete" {
        return Readiness::current("StatefulSet is using the ondelete update strategy");
    }
    let wanted = fields.number_or(&["spec", "replicas"], 1);
    let total = status(fields, "replicas");
    let ready = status(fields, "readyReplicas");
    let current = status(fields, "currentReplicas");
    let updated = status(fields, "updatedReplicas");
    let partition = fields.number_or(&["spec", "updateStrategy", "rollingUpdate", "partition"], -1);
    if wanted > total {
        return Readiness::in_progress(format!("Replicas: {total}/{wanted}"));
    }
    if wanted > ready {
        return Readiness::in_progress(format!("Ready: {ready}/{wanted}"));
    }
    if total > wanted {
        return Readiness::in_progress(format!("Pending termination: {}", total - wanted));
    }
    if partition != -1 {
        return if updated < wanted - partition {
            Readiness::in_progress(format!("updated: {updated}/{}", wanted - partition))
        } else {
            Readiness::current(format!("Partition rollout complete. updated: {updated}"))
        };
    }
    if wanted > current {
        return Readiness::in_progress(format!("current: {current}/{wanted}"));
    }
    if fields.text(&["status", "currentRevision"]) != fields.text(&["status", "updateRevision"]) {
        return Readiness::in_progress("Waiting for updated revision to match current");
    }
    Readiness::current(format!("All replicas scheduled as expected. Replicas: {total}"))
}

pub(super) fn daemon_set(fields: Fields<'_>) -> Readiness {
    let (_, kind) = fields.group_kind();
    for path in [["metadata", "generation"], ["status", "observedGeneration"]] {
        if fields.number(&path).is_none() {
            return Readiness::in_progress(format!("{kind} {} not found", path.join(".")));
        }
    }
    let Some(wanted) = fields.number(&["status", "desiredNumberScheduled"]) else {
        return Readiness::in_progress("Missing .status.desiredNumberScheduled");
    };
    let counts = [
        ("Current", "currentNumberScheduled"),
        ("Updated", "updatedNumberScheduled"),
        ("Available", "numberAvailable"),
        ("Ready", "numberReady"),
    ];
    for (word, field) in counts {
        let count = status(fields, field);
        if wanted > count {
            return Readiness::in_progress(format!("{word}: {count}/{wanted}"));
        }
    }
    Readiness::current(format!("All replicas scheduled as expected. Replicas: {wanted}"))
}

pub(super) fn replica_set(fields: Fields<'_>) -> Readiness {
    let mut conditions = fields.conditions();
    if conditions.any(|condition| condition.kind == "ReplicaFailure" && condition.status == "True") {
        return Readiness::in_progress("Replica Failure condition. Check Pods");
    }
    let wanted = fields.number_or(&["spec", "replicas"], 1);
    let counts = [
        ("Labelled", "fullyLabeledReplicas"),
        ("Available", "availableReplicas"),
        ("Ready", "readyReplicas"),
    ];
    for (word, field) in counts {
        let count = status(fields, field);
        if wanted > count {
            return Readiness::in_progress(format!("{word}: {count}/{wanted}"));
        }
    }
    let total = status(fields, "replicas");
    if total > wanted {
        return Readiness::in_progress(format!("Pending termination: {}", total - wanted));
    }
    Readiness::current(format!("ReplicaSet is available. Replicas: {total}"))
}

/// A count in the status, 0 when absent.
fn status(fields: Fields<'_>, field: &str) -> i64 {
    fields.number_or(&["status", field], 0)
}
