//! Uninstall: delete the objects, then the history (`pkg/action/uninstall.go`).
//!
//! Two things differ from Helm. As long as objects are still there the history stays and the release is
//! `uninstalling`, instead of being forgotten while its objects hang. And objects that only a failed revision had go
//! too: after a rollback that did not come to its end the newest manifest does not name them.

use helm::hooks::HookEvent;
use helm::record::Status;

use super::Phase;
use crate::{Materials, Stage};

const KEEP_HISTORY: &[Phase] = &[
    Phase::Hooks(HookEvent::PreDelete),
    Phase::MarkUninstalling,
    Phase::Remove,
    Phase::Delete,
    Phase::WaitGone,
    Phase::Hooks(HookEvent::PostDelete),
    Phase::MarkUninstalled,
    Phase::Supersede,
    Phase::Finish,
];

const PURGE_HISTORY: &[Phase] = &[
    Phase::Hooks(HookEvent::PreDelete),
    Phase::MarkUninstalling,
    Phase::Remove,
    Phase::Delete,
    Phase::WaitGone,
    Phase::Hooks(HookEvent::PostDelete),
    Phase::Purge,
    Phase::Finish,
];

const ONLY_PURGE: &[Phase] = &[Phase::Purge, Phase::Finish];

/// The order depends on what is left: an uninstalled release has only its history.
pub(crate) fn trail(ctx: &Materials) -> &'static [Phase] {
    if ctx.record.info.status == Status::Uninstalled {
        ONLY_PURGE
    } else if ctx.desired.policy.uninstall.keep_history {
        KEEP_HISTORY
    } else {
        PURGE_HISTORY
    }
}

/// A failed hook after deletion is told, but the history still goes: there is nothing left that it describes.
pub(crate) fn failure_trail(ctx: &Materials, stage: Stage) -> &'static [Phase] {
    match stage {
        Stage::PostHooks if ctx.desired.policy.uninstall.keep_history => {
            &[Phase::MarkUninstalled, Phase::Supersede, Phase::Finish]
        }
        Stage::PostHooks => ONLY_PURGE,
        Stage::Prepare
        | Stage::Storage
        | Stage::PreHooks
        | Stage::Apply
        | Stage::Wait
        | Stage::Tests
        | Stage::Delete
        | Stage::Closed => &[Phase::Finish],
    }
}
