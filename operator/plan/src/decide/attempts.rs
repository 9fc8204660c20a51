//! The newest revision failed: try again, go back, or give up.

use helm::record::{Revision, Status};

use super::{Action, Decision, Fresh, RollbackBy, UninstallWhy, stall, wait};
use crate::policy::{InstallFailure, UpgradeFailure};
use crate::{
    Attempts, Category, Desired, ErrorClass, MadeBy, Observed, ReleaseState, RevisionFacts, Stage, history,
};

/// How often a failed rollback is tried again. More would only add revisions: the target does not change.
const ROLLBACK_RETRIES: u32 = 2;

/// Decides about [`ReleaseState::Failed`].
pub(super) fn failed(desired: &Desired, observed: &Observed, state: &ReleaseState, fresh: Fresh) -> Decision {
    let ReleaseState::Failed {
        revision,
        wanted,
        made_by,
        healed,
        failed,
    } = state
    else {
        return Decision::Run(Action::Upgrade);
    };
    let revision = *revision;
    if fresh == Fresh::Yes {
        return Decision::Run(Action::Upgrade);
    }
    let closed_for_others = *failed == Some((Stage::Closed, ErrorClass::Unhealthy));
    if !wanted && !closed_for_others {
        return Decision::Run(Action::Upgrade);
    }
    if *healed {
        return Decision::Run(Action::Heal { revision });
    }
    if *made_by == MadeBy::Rollback && *wanted {
        return rollback_failed(desired, observed, revision);
    }
    let (_, class) = failed.unwrap_or((Stage::Apply, ErrorClass::Unhealthy));
    let first = is_first(observed, revision);
    let policy = &desired.policy;
    let retries = if first {
        policy.install.retries
    } else {
        policy.upgrade.retries
    };
    match class {
        ErrorClass::Transient => return Decision::Run(Action::Upgrade),
        ErrorClass::Permanent => {}
        ErrorClass::Unhealthy if closed_for_others && !wanted => {}
        ErrorClass::Unhealthy => {
            let count = count(desired, observed);
            if count <= retries {
                return again(observed, count, retries);
            }
        }
    }
    if first {
        // An abandoned first install of somebody else is not a failed attempt of these inputs.
        if closed_for_others && !wanted {
            return Decision::Run(Action::Upgrade);
        }
        return match policy.install.on_failure {
            InstallFailure::Uninstall => Decision::Run(Action::Uninstall {
                why: UninstallWhy::Failed,
            }),
            InstallFailure::Retain => give_up(observed),
        };
    }
    match policy.upgrade.on_failure {
        UpgradeFailure::Rollback => go_back(desired, observed, revision, *wanted),
        UpgradeFailure::Uninstall if *wanted => Decision::Run(Action::Uninstall {
            why: UninstallWhy::Failed,
        }),
        UpgradeFailure::Retain if *wanted => give_up(observed),
        UpgradeFailure::Uninstall | UpgradeFailure::Retain => Decision::Run(Action::Upgrade),
    }
}

fn go_back(desired: &Desired, observed: &Observed, from: Revision, wanted: bool) -> Decision {
    let Some(target) = history::good_before(observed, from) else {
        let story = story(observed);
        return stall(
            Category::NothingToRollBackTo,
            format!("no good revision to roll back to: {story}"),
        );
    };
    Decision::Run(Action::Rollback {
        to: target.revision,
        by: RollbackBy::Policy,
        held: wanted.then(|| desired.inputs.digest()),
    })
}

fn rollback_failed(desired: &Desired, observed: &Observed, revision: Revision) -> Decision {
    let failures = attempts(desired, observed).map_or(1, |attempts| attempts.retreats.max(1));
    if failures > ROLLBACK_RETRIES {
        return stall(
            Category::RollbackFailed,
            format!("the rollback failed: {}", story(observed)),
        );
    }
    let next = attempts(desired, observed).and_then(|attempts| attempts.next_retry_at);
    match next.filter(|next| observed.now < *next) {
        Some(next) => wait(
            next,
            Category::Retrying,
            format!("the rollback is tried again: {}", story(observed)),
        ),
        None => go_back(desired, observed, revision, true),
    }
}

/// A counted failure with retries left.
fn again(observed: &Observed, count: u32, retries: u32) -> Decision {
    let next = observed
        .attempts
        .as_ref()
        .and_then(|attempts| attempts.next_retry_at);
    match next.filter(|next| observed.now < *next) {
        Some(next) => {
            let message = format!(
                "attempt {count} of {} failed and is tried again: {}",
                retries + 1,
                story(observed)
            );
            wait(next, Category::Retrying, message)
        }
        None => Decision::Run(Action::Upgrade),
    }
}

fn give_up(observed: &Observed) -> Decision {
    let category = observed
        .failure
        .as_ref()
        .map_or(Category::ObjectFailed, |failure| failure.category);
    stall(category, story(observed))
}

/// How many attempts of the wanted inputs failed, from status, or from storage when status was lost.
fn count(desired: &Desired, observed: &Observed) -> u32 {
    attempts(desired, observed).map_or_else(
        || history::failures(&observed.revisions, &desired.inputs.digest()).max(1),
        |attempts| attempts.failures,
    )
}

fn attempts<'a>(desired: &Desired, observed: &'a Observed) -> Option<&'a Attempts> {
    let wanted = desired.inputs.digest();
    observed
        .attempts
        .as_ref()
        .filter(|attempts| attempts.inputs == wanted)
}

/// Whether the release is still being installed: nothing of its present life was ever deployed. A history whose
/// beginning is gone tells of no install.
fn is_first(observed: &Observed, failed: Revision) -> bool {
    let settled = |status| matches!(status, Status::Deployed | Status::Superseded);
    let failed_mark = |facts: &RevisionFacts| facts.mark.as_ref().is_some_and(|mark| mark.failed.is_some());
    let life = history::life(&observed.revisions);
    let installed = |facts: &RevisionFacts| {
        facts
            .mark
            .as_ref()
            .is_some_and(|mark| mark.made_by == MadeBy::Install)
    };
    life.first().is_none_or(installed)
        && !life
            .iter()
            .any(|facts| facts.revision < failed && settled(facts.status) && !failed_mark(facts))
}

fn story(observed: &Observed) -> String {
    let stored = || {
        let newest = history::newest(&observed.revisions)?;
        newest.record.as_ref().map(|record| record.description.clone())
    };
    observed
        .failure
        .as_ref()
        .map(|failure| failure.story().into_owned())
        .or_else(stored)
        .unwrap_or_else(|| "the newest revision failed".to_owned())
}
