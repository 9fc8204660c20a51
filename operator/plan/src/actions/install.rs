//! Install: the first revision of a release (`pkg/action/install.go`).
//!
//! A failed install is not tried again as an install: the next attempt upgrades in place, as
//! `helm upgrade --install` does. Where an install takes the place of an uninstalled release, the old revision is
//! superseded after the new one is stored and not before, so that no crash leaves a history without a newest revision
//! that means something.

use std::collections::BTreeMap;

use helm::hooks::HookEvent;
use helm::record::{ApplyMethod, Info, Release, Revision, Status};
use jiff::Timestamp;

use super::Phase;
use crate::policy::MethodPolicy;
use crate::{Desired, Payload};

pub(crate) const TRAIL: &[Phase] = &[
    Phase::Crds,
    Phase::Preflight,
    Phase::Namespace,
    Phase::Prune,
    Phase::Store,
    Phase::Replace,
    Phase::Hooks(HookEvent::PreInstall),
    Phase::Apply,
    Phase::Wait,
    Phase::Hooks(HookEvent::PostInstall),
    Phase::Conclude,
    Phase::Finish,
];

pub(crate) const FAILURE_TRAIL: &[Phase] = &[Phase::RecordFailure, Phase::Finish];

/// How an install writes objects: server-side unless told otherwise.
pub(crate) fn method(policy: MethodPolicy) -> ApplyMethod {
    match policy {
        MethodPolicy::Auto | MethodPolicy::ServerSide => ApplyMethod::ServerSide,
        MethodPolicy::ClientSide => ApplyMethod::ClientSide,
    }
}

/// The record of an install.
pub(crate) fn record(desired: &Desired, payload: Payload, revision: Revision, now: Timestamp) -> Release {
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
            first_deployed: Some(now.into()),
            last_deployed: Some(now.into()),
            status: Status::PendingInstall,
            description: "Initial install underway".to_owned(),
            notes,
            ..Info::default()
        },
        chart: Some(chart),
        config,
        manifest,
        hooks: hooks.into_iter().map(Into::into).collect(),
        version: revision,
        namespace: desired.target.namespace.to_string(),
        labels: labels(&desired.policy.labels),
        apply_method: Some(method(desired.policy.apply.method)),
        ..Release::default()
    }
}

/// There is nothing that `null` could remove.
fn labels(given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    helm::record::merge_user_labels(&BTreeMap::new(), given)
}
