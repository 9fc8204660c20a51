//! Rollback: the next revision is a copy of an older one (`pkg/action/rollback.go`).
//!
//! Two things differ from Helm. A failed hook does not leave the revision pending, because nothing may stay pending.
//! And a failed write does not call the revision before it superseded: it says what it was. Afterwards live objects
//! are compared with the target, because "rolled back" is a claim about the cluster, not about the record.

use helm::hooks::HookEvent;
use helm::record::{ApplyMethod, Info, Release, Revision, Status};
use jiff::Timestamp;

use super::Phase;
use crate::policy::MethodPolicy;

pub(crate) const TRAIL: &[Phase] = &[
    Phase::Preflight,
    Phase::Prune,
    Phase::Store,
    Phase::Hooks(HookEvent::PreRollback),
    Phase::Apply,
    Phase::Remove,
    Phase::Wait,
    Phase::Hooks(HookEvent::PostRollback),
    Phase::Supersede,
    Phase::Conclude,
    Phase::Compare,
    Phase::Finish,
];

pub(crate) const FAILURE_TRAIL: &[Phase] = &[Phase::RecordFailure, Phase::Cleanup, Phase::Finish];

/// How a rollback writes objects: as its target did, unless told otherwise.
pub(crate) fn method(policy: MethodPolicy, target: &Release) -> ApplyMethod {
    match policy {
        MethodPolicy::Auto => target.method(),
        MethodPolicy::ServerSide => ApplyMethod::ServerSide,
        MethodPolicy::ClientSide => ApplyMethod::ClientSide,
    }
}

/// The record of a rollback from `last`, the newest revision, to `target`.
pub(crate) fn record(
    policy: MethodPolicy,
    last: &Release,
    target: &Release,
    revision: Revision,
    now: Timestamp,
) -> Release {
    Release {
        name: last.name.clone(),
        info: Info {
            first_deployed: last.info.first_deployed,
            last_deployed: Some(now.into()),
            status: Status::PendingRollback,
            description: format!("Rollback to {}", target.version),
            notes: target.info.notes.clone(),
            ..Info::default()
        },
        chart: target.chart.clone(),
        config: target.config.clone(),
        manifest: target.manifest.clone(),
        hooks: target.hooks.clone(),
        version: revision,
        namespace: last.namespace.clone(),
        labels: target.labels.clone(),
        apply_method: Some(method(policy, target)),
        ..Release::default()
    }
}
