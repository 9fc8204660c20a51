//! The actions: for each, the order of its phases and the words it uses.
//!
//! The orders are Helm's (`pkg/action/*.go` of 4.2.4); where ours differs, the action says why. How a phase is
//! performed is the same for all actions and lives in [`crate::operation`].

pub(crate) mod adopt;
pub(crate) mod correct;
pub(crate) mod heal;
pub(crate) mod install;
pub(crate) mod rollback;
pub(crate) mod test;
pub(crate) mod uninstall;
pub(crate) mod unlock;
pub(crate) mod upgrade;

use helm::hooks::HookEvent;

use crate::{Action, MadeBy, Materials, Operation, Stage, Step};

/// A part of an operation. Phases have an order; the steps inside them do not vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Crds,
    Preflight,
    Namespace,
    Replace,
    Prune,
    Store,
    Hooks(HookEvent),
    Apply,
    Remove,
    Probe,
    Wait,
    Supersede,
    Conclude,
    Compare,
    RecordFailure,
    Cleanup,
    MarkUninstalling,
    Delete,
    WaitGone,
    MarkUninstalled,
    Purge,
    Mark,
    Finish,
}

/// The phases of an operation, in order.
pub(crate) fn trail(ctx: &Materials, operation: &Operation) -> &'static [Phase] {
    match &operation.action {
        Action::Install { .. } => install::TRAIL,
        Action::Upgrade => upgrade::TRAIL,
        Action::Heal { .. } => heal::trail(ctx.mark.made_by),
        Action::Rollback { .. } => rollback::TRAIL,
        Action::Uninstall { .. } => uninstall::trail(ctx),
        Action::Unlock { why, .. } => unlock::trail(*why),
        Action::Adopt { .. } => adopt::TRAIL,
        Action::Test { .. } => test::TRAIL,
        Action::CorrectDrift { .. } => correct::TRAIL,
    }
}

/// What is left to do once an operation failed, in order. Nothing is left before the revision is stored.
pub(crate) fn failure_trail(ctx: &Materials, operation: &Operation, stage: Stage) -> &'static [Phase] {
    const NOTHING: &[Phase] = &[Phase::Finish];
    if stage == Stage::Prepare {
        return NOTHING;
    }
    match &operation.action {
        Action::Install { .. } => install::FAILURE_TRAIL,
        Action::Upgrade => upgrade::FAILURE_TRAIL,
        Action::Heal { .. } => heal::FAILURE_TRAIL,
        Action::Rollback { .. } => rollback::FAILURE_TRAIL,
        Action::Uninstall { .. } => uninstall::failure_trail(ctx, stage),
        Action::Test { .. } => test::FAILURE_TRAIL,
        Action::Unlock { .. } | Action::Adopt { .. } | Action::CorrectDrift { .. } => NOTHING,
    }
}

/// The words before an error of a phase, Helm's.
pub(crate) fn error_prefix(action: &Action, phase: Phase) -> &'static str {
    match (action, phase) {
        (Action::Install { .. }, Phase::Hooks(HookEvent::PreInstall)) => "failed pre-install: ",
        (Action::Install { .. }, Phase::Hooks(HookEvent::PostInstall)) => "failed post-install: ",
        (Action::Install { .. }, Phase::Preflight) => "unable to continue with install: ",
        (Action::Upgrade, Phase::Hooks(HookEvent::PreUpgrade)) => "pre-upgrade hooks failed: ",
        (Action::Upgrade, Phase::Hooks(HookEvent::PostUpgrade)) => "post-upgrade hooks failed: ",
        (Action::Upgrade, Phase::Preflight) => "unable to continue with update: ",
        _ => "",
    }
}

/// The description of a revision that failed, Helm's.
pub(crate) fn failure_description(ctx: &Materials, stage: Stage, error: &str) -> String {
    let name = &ctx.record.name;
    match (ctx.mark.made_by, stage) {
        (MadeBy::Upgrade, _) => format!("Upgrade {name:?} failed: {error}"),
        (MadeBy::Rollback, Stage::Wait) | (MadeBy::Install | MadeBy::External, _) => {
            format!("Release {name:?} failed: {error}")
        }
        (MadeBy::Rollback, _) => format!("Rollback {name:?} failed: {error}"),
    }
}

/// The description of a revision that succeeded, Helm's unless the owner gave words.
pub(crate) fn success_description(ctx: &Materials) -> String {
    let given = ctx
        .desired
        .policy
        .description
        .clone()
        .filter(|words| !words.is_empty());
    match ctx.mark.made_by {
        MadeBy::Install => given.unwrap_or_else(|| "Install complete".to_owned()),
        MadeBy::Upgrade => given.unwrap_or_else(|| "Upgrade complete".to_owned()),
        MadeBy::Rollback | MadeBy::External => ctx.record.info.description.clone(),
    }
}

impl Phase {
    /// Where an operation is that is in this phase.
    pub(crate) const fn stage(self) -> Stage {
        match self {
            Self::Crds | Self::Preflight | Self::Namespace | Self::Prune | Self::Store => Stage::Prepare,
            Self::Hooks(event) => match event {
                HookEvent::PreInstall
                | HookEvent::PreUpgrade
                | HookEvent::PreRollback
                | HookEvent::PreDelete => Stage::PreHooks,
                HookEvent::PostInstall
                | HookEvent::PostUpgrade
                | HookEvent::PostRollback
                | HookEvent::PostDelete => Stage::PostHooks,
                HookEvent::Test => Stage::Tests,
            },
            Self::Apply | Self::Remove => Stage::Apply,
            Self::Probe | Self::Wait => Stage::Wait,
            Self::Delete | Self::WaitGone => Stage::Delete,
            Self::Supersede
            | Self::Conclude
            | Self::Compare
            | Self::RecordFailure
            | Self::Cleanup
            | Self::MarkUninstalling
            | Self::MarkUninstalled
            | Self::Purge
            | Self::Mark
            | Self::Replace
            | Self::Finish => Stage::Storage,
        }
    }

    /// The first step of the phase.
    pub(crate) const fn first_step(self) -> Step {
        match self {
            Self::Crds => Step::Crds,
            Self::Preflight => Step::Preflight,
            Self::Namespace => Step::Namespace,
            Self::Replace => Step::Replace,
            Self::Prune => Step::Prune,
            Self::Store => Step::Store,
            Self::Hooks(event) => Step::Hooks {
                event,
                index: 0,
                hook: crate::HookStep::Clear,
            },
            Self::Apply => Step::Apply,
            Self::Remove => Step::Remove,
            Self::Probe => Step::Probe,
            Self::Wait => Step::Wait,
            Self::Supersede => Step::Supersede,
            Self::Conclude => Step::Conclude,
            Self::Compare => Step::Compare,
            Self::RecordFailure => Step::RecordFailure,
            Self::Cleanup => Step::Cleanup,
            Self::MarkUninstalling => Step::MarkUninstalling,
            Self::Delete => Step::Delete,
            Self::WaitGone => Step::WaitGone,
            Self::MarkUninstalled => Step::MarkUninstalled,
            Self::Purge => Step::Purge,
            Self::Mark => Step::Mark,
            Self::Finish => Step::Finish,
        }
    }
}

impl Step {
    /// The phase a step belongs to.
    pub(crate) const fn phase(self) -> Phase {
        match self {
            Self::Crds | Self::CrdsReady => Phase::Crds,
            Self::Preflight => Phase::Preflight,
            Self::Namespace => Phase::Namespace,
            Self::Replace => Phase::Replace,
            Self::Prune => Phase::Prune,
            Self::Store => Phase::Store,
            Self::Hooks { event, .. } | Self::SweepHooks { event, .. } => Phase::Hooks(event),
            Self::Apply => Phase::Apply,
            Self::Remove => Phase::Remove,
            Self::Probe => Phase::Probe,
            Self::Wait => Phase::Wait,
            Self::Supersede => Phase::Supersede,
            Self::Conclude => Phase::Conclude,
            Self::Compare => Phase::Compare,
            Self::RecordFailure => Phase::RecordFailure,
            Self::Cleanup => Phase::Cleanup,
            Self::MarkUninstalling => Phase::MarkUninstalling,
            Self::Delete => Phase::Delete,
            Self::WaitGone => Phase::WaitGone,
            Self::MarkUninstalled => Phase::MarkUninstalled,
            Self::Purge => Phase::Purge,
            Self::Mark => Phase::Mark,
            Self::Finish => Phase::Finish,
        }
    }
}
