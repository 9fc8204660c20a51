//! Upgrade: the next revision (`pkg/action/upgrade.go`).

use helm::hooks::HookEvent;
use helm::record::{ApplyMethod, Info, Release, Revision, Status, merge_user_labels};
use jiff::Timestamp;

use super::Phase;
use crate::policy::MethodPolicy;
use crate::{Desired, Payload};

pub(crate) const TRAIL: &[Phase] = &[
    Phase::Crds,
    Phase::Preflight,
    Phase::Prune,
    Phase::Store,
    Phase::Hooks(HookEvent::PreUpgrade),
    Phase::Apply,
    Phase::Remove,
    Phase::Wait,
    Phase::Hooks(HookEvent::PostUpgrade),
    Phase::Supersede,
    Phase::Conclude,
    Phase::Finish,
];

pub(crate) const FAILURE_TRAIL: &[Phase] = &[Phase::RecordFailure, Phase::Cleanup, Phase::Finish];

/// How an upgrade writes objects: as the last revision did, unless told otherwise.
pub(crate) fn method(policy: MethodPolicy, last: &Release) -> ApplyMethod {
    match policy {
        MethodPolicy::Auto => last.method(),
        MethodPolicy::ServerSide => ApplyMethod::ServerSide,
        MethodPolicy::ClientSide => ApplyMethod::ClientSide,
    }
}

/// The record of an upgrade over `base`, the revision that runs, and `last`, the newest one.
pub(crate) fn record(
    desired: &Desired,
    payload: Payload,
    base: &Release,
    last: &Release,
    revision: Revision,
    now: Timestamp,
) -> Release {
    let Payload {
        chart,
        config,
        manifest,
        hooks,
        notes,
        crds: _,
    } = payload;
    Release {
        name: desired.target.name.to_string(),
        info: Info {
            first_deployed: base.info.first_deployed,
            last_deployed: Some(now.into()),
            status: Status::PendingUpgrade,
            description: "Preparing upgrade".to_owned(),
            notes,
            ..Info::default()
        },
        chart: Some(chart),
        config,
        manifest,
        hooks: hooks.into_iter().map(Into::into).collect(),
        version: revision,
        namespace: base.namespace.clone(),
        labels: merge_user_labels(&last.labels, &desired.policy.labels),
        apply_method: Some(method(desired.policy.apply.method, last)),
        ..Release::default()
    }
}
