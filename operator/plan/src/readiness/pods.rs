//! Pods: as servers that must be ready, and as hooks that must end.

use jiff::{SignedDuration, Timestamp};

use super::Readiness;
use super::fields::Fields;

/// How long a pod may look for a node before it counts as failed.
const SCHEDULE_WINDOW: SignedDuration = SignedDuration::from_secs(15);

pub(super) fn running(fields: Fields<'_>, now: Timestamp) -> Readiness {
    match fields.text(&["status", "phase"]) {
        "Succeeded" => Readiness::current("Pod has completed successfully"),
        "Failed" => Readiness::current("Pod has completed, but not successfully"),
        "Running" => {
            if fields
                .conditions()
                .any(|condition| condition.kind == "Ready" && condition.status == "True")
            {
                return Readiness::current("Pod is Ready");
            }
            let crashing = crash_looping(fields);
            if crashing.is_empty() {
                Readiness::in_progress("Pod is running but is not Ready")
            } else {
                Readiness::failed(format!("Containers in CrashLoop state: {}", crashing.join(",")))
            }
        }
        "Pending" if unschedulable(fields) => {
            let failed_at = fields
                .text(&["metadata", "creationTimestamp"])
                .parse::<Timestamp>()
                .ok()
                .and_then(|created| created.checked_add(SCHEDULE_WINDOW).ok());
            match failed_at {
                Some(at) if now < at => Readiness {
                    recheck_at: Some(at),
                    ..Readiness::in_progress("Pod has not been scheduled")
                },
                Some(_) | None => Readiness::failed("Pod could not be scheduled"),
            }
        }
        "Pending" => Readiness::in_progress("Pod is in the Pending phase"),
        "" => Readiness::in_progress("Pod phase not available"),
        phase => Readiness::new(super::ReadyStatus::Unknown, format!("unknown phase {phase}")),
    }
}

/// As a hook.
pub(super) fn ended(fields: Fields<'_>) -> Readiness {
    let name = fields.text(&["metadata", "name"]);
    match fields.text(&["status", "phase"]) {
        "Succeeded" => Readiness::current(format!("pod {name} succeeded")),
        "Failed" => Readiness::failed(format!("pod {name} failed")),
        _ => Readiness::in_progress("Pod in progress"),
    }
}

/// Whether a pod waits for a node.
pub(super) fn unschedulable(fields: Fields<'_>) -> bool {
    fields.conditions().any(|condition| {
        condition.kind == "PodScheduled" && condition.status == "False" && condition.reason == "Unschedulable"
    })
}

/// Names of containers in a crash loop.
fn crash_looping(fields: Fields<'_>) -> Vec<&str> {
    fields
        .list(&["status", "containerStatuses"])
        .filter(|container| container.text(&["state", "waiting", "reason"]) == "CrashLoopBackOff")
        .map(|container| container.text(&["name"]))
        .collect()
}
