//! Heal: a revision that did not become ready in time became ready after all. What its operation would have done
//! after the wait is done now; nothing is applied and no revision is made.

use helm::hooks::HookEvent;

use super::Phase;
use crate::MadeBy;

pub(crate) const FAILURE_TRAIL: &[Phase] = &[Phase::RecordFailure, Phase::Finish];

/// The rest of the order of what made the revision.
pub(crate) fn trail(made_by: MadeBy) -> &'static [Phase] {
    match made_by {
        MadeBy::Install => &[
            Phase::Hooks(HookEvent::PostInstall),
            Phase::Conclude,
            Phase::Finish,
        ],
        MadeBy::Upgrade | MadeBy::External => &[
            Phase::Hooks(HookEvent::PostUpgrade),
            Phase::Supersede,
            Phase::Conclude,
            Phase::Finish,
        ],
        MadeBy::Rollback => &[
            Phase::Hooks(HookEvent::PostRollback),
            Phase::Supersede,
            Phase::Conclude,
            Phase::Compare,
            Phase::Finish,
        ],
    }
}
