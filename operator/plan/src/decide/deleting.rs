//! The resource is being deleted.

use super::{Action, Decision, Rest, UninstallWhy, UnlockWhy, foreign, wait};
use crate::policy::OnDelete;
use crate::{Category, Desired, Holder, Observed, ReleaseState};

/// Decides what is left to do before the resource may go.
pub(super) fn decide(desired: &Desired, observed: &Observed, state: &ReleaseState) -> Decision {
    let gone = Decision::Done(Rest::Released);
    if desired.policy.uninstall.on_delete == OnDelete::Orphan {
        return orphan(state);
    }
    let uninstall = |why| retry_later(observed).unwrap_or(Decision::Run(Action::Uninstall { why }));
    match state {
        ReleaseState::Absent { last: None, .. }
        | ReleaseState::Foreign {
            ours_before: false, ..
        } => gone,
        // What is left of an uninstalled release is its history.
        ReleaseState::Absent {
            last: Some(_),
            foreign,
        } => {
            if desired.policy.uninstall.keep_history || *foreign {
                gone
            } else {
                uninstall(UninstallWhy::Deleted)
            }
        }
        ReleaseState::Pending { revision, holder } => match holder {
            Holder::Ours(operation) => match operation.action {
                Action::Uninstall { .. } => Decision::Resume(operation.clone()),
                Action::Install { .. }
                | Action::Upgrade
                | Action::Heal { .. }
                | Action::Rollback { .. }
                | Action::Unlock { .. }
                | Action::Adopt { .. }
                | Action::Test { .. }
                | Action::CorrectDrift { .. } => uninstall(UninstallWhy::Deleted),
            },
            Holder::Lost => uninstall(UninstallWhy::Deleted),
            Holder::Others { since } => match foreign::pending(desired, observed, *revision, *since) {
                Decision::Run(_) => uninstall(UninstallWhy::Deleted),
                other => other,
            },
        },
        ReleaseState::Uninstalling { since, ours, .. } => {
            match foreign::unfinished_uninstall(desired, observed, *since, *ours) {
                Decision::Run(_) => uninstall(UninstallWhy::Unfinished),
                other => other,
            }
        }
        ReleaseState::Moved { .. } => uninstall(UninstallWhy::Moved),
        ReleaseState::Foreign {
            ours_before: true, ..
        }
        | ReleaseState::Failed { .. }
        | ReleaseState::OutOfSync { .. }
        | ReleaseState::Untested { .. }
        | ReleaseState::Drifted { .. }
        | ReleaseState::InSync { .. } => uninstall(UninstallWhy::Deleted),
    }
}

/// The release is left to whoever has helm, but not in the middle of an operation of ours.
fn orphan(state: &ReleaseState) -> Decision {
    match state {
        ReleaseState::Pending {
            revision,
            holder: Holder::Ours(operation),
        } => match operation.action {
            Action::Uninstall { .. } => Decision::Resume(operation.clone()),
            Action::Install { .. } | Action::Upgrade | Action::Rollback { .. } => {
                Decision::Run(Action::Unlock {
                    revision: *revision,
                    why: UnlockWhy::Superseded,
                })
            }
            Action::Heal { .. }
            | Action::Unlock { .. }
            | Action::Adopt { .. }
            | Action::Test { .. }
            | Action::CorrectDrift { .. } => Decision::Done(Rest::Released),
        },
        ReleaseState::Pending {
            revision,
            holder: Holder::Lost,
        } => Decision::Run(Action::Unlock {
            revision: *revision,
            why: UnlockWhy::Lost,
        }),
        ReleaseState::Pending {
            holder: Holder::Others { .. },
            ..
        }
        | ReleaseState::Absent { .. }
        | ReleaseState::Foreign { .. }
        | ReleaseState::Failed { .. }
        | ReleaseState::OutOfSync { .. }
        | ReleaseState::Untested { .. }
        | ReleaseState::Drifted { .. }
        | ReleaseState::InSync { .. }
        | ReleaseState::Uninstalling { .. }
        | ReleaseState::Moved { .. } => Decision::Done(Rest::Released),
    }
}

/// An uninstall that failed is tried again, for ever, with growing pauses.
pub(super) fn retry_later(observed: &Observed) -> Option<Decision> {
    let failure = observed
        .failure
        .as_ref()
        .filter(|failure| failure.category == Category::UninstallFailed)?;
    let next = observed.attempts.as_ref()?.next_retry_at?;
    (observed.now < next).then(|| wait(next, Category::UninstallFailed, failure.message.clone()))
}
