//! Somebody else's helm was here, or is.

use std::time::Duration;

use helm::record::{Revision, Status};
use jiff::Timestamp;

use super::{Action, Decision, Fresh, UninstallWhy, UnlockWhy, deleting, settled, stall, wait};
use crate::policy::ForeignPolicy;
use crate::{Category, Desired, Difference, Observed, backoff};

/// The newest revision was made by somebody else.
pub(super) fn decide(
    desired: &Desired,
    observed: &Observed,
    revision: Revision,
    differs: &[Difference],
    ours_before: bool,
    failed: bool,
    fresh: Fresh,
) -> Decision {
    let policy = &desired.policy;
    if differs.is_empty() && !failed {
        return settled::paused(desired, observed, Fresh::No)
            .unwrap_or(Decision::Run(Action::Adopt { revision }));
    }
    let other_chart = differs.contains(&Difference::Chart);
    let deployed = observed
        .revisions
        .iter()
        .any(|facts| facts.status == Status::Deployed);
    match policy.foreign {
        _ if failed && !ours_before && !deployed && policy.install.replace => {
            Decision::Run(Action::Install { replace: true })
        }
        ForeignPolicy::Revert if other_chart => {
            let message = format!(
                "release {} is of another chart than {}",
                desired.target, desired.inputs.chart
            );
            stall(Category::TargetChanged, message)
        }
        ForeignPolicy::Revert => Decision::Run(Action::Upgrade),
        ForeignPolicy::Hold if !other_chart && (fresh == Fresh::Yes || asked_since(desired, observed)) => {
            Decision::Run(Action::Upgrade)
        }
        ForeignPolicy::Adopt if !failed && !other_chart => Decision::Run(Action::Adopt { revision }),
        ForeignPolicy::Adopt | ForeignPolicy::Hold => {
            let fared = if failed { ", which failed," } else { "" };
            let what = if differs.is_empty() {
                String::new()
            } else {
                format!(" and differs in {}", words(differs))
            };
            stall(
                Category::ForeignRelease,
                format!(
                    "revision {revision} of {}{fared} was made by somebody else{what}",
                    desired.target
                ),
            )
        }
    }
}

/// Whether something else is wanted than our newest revision was made from, or rolled back from: whoever wrote that came
/// after the foreign revision, or knew nothing of it, and the custom resource says what is wanted.
fn asked_since(desired: &Desired, observed: &Observed) -> bool {
    let wanted = desired.inputs.digest();
    let ours = observed
        .revisions
        .iter()
        .rev()
        .find(|facts| observed.is_ours(facts, &desired.owner));
    let Some(made_from) = ours.and_then(|facts| observed.inputs_of(facts)) else {
        return false;
    };
    let marked = ours
        .and_then(|facts| facts.mark.as_ref())
        .and_then(|mark| mark.held.as_ref());
    let held = observed.held.as_ref().map(|held| &held.inputs);
    *made_from != wanted && marked != Some(&wanted) && held != Some(&wanted)
}

/// Somebody else's operation is pending: it is left alone until it is older than it may be.
pub(super) fn pending(
    desired: &Desired,
    observed: &Observed,
    revision: Revision,
    since: Timestamp,
) -> Decision {
    let status = observed
        .revisions
        .iter()
        .find(|facts| facts.revision == revision)
        .map(|facts| facts.status);
    let policy = &desired.policy;
    let timeout = match status {
        Some(Status::PendingInstall) => policy.install.timeout,
        Some(Status::PendingRollback) => policy.rollback.timeout,
        Some(_) | None => policy.upgrade.timeout,
    };
    until_older(observed, since, timeout, desired).unwrap_or(Decision::Run(Action::Unlock {
        revision,
        why: UnlockWhy::Abandoned,
    }))
}

/// An uninstall began and did not end. Somebody else's is left alone as long as it may take.
pub(super) fn unfinished_uninstall(
    desired: &Desired,
    observed: &Observed,
    since: Timestamp,
    ours: bool,
) -> Decision {
    let run = Decision::Run(Action::Uninstall {
        why: UninstallWhy::Unfinished,
    });
    if ours {
        return deleting::retry_later(observed).unwrap_or(run);
    }
    until_older(observed, since, desired.policy.uninstall.timeout, desired).unwrap_or(run)
}

fn until_older(
    observed: &Observed,
    since: Timestamp,
    timeout: Duration,
    desired: &Desired,
) -> Option<Decision> {
    let until = backoff::later(since, timeout);
    (observed.now < until).then(|| {
        let message = format!("somebody else is at work on {} since {since}", desired.target);
        wait(until, Category::PendingElsewhere, message)
    })
}

fn words(differs: &[Difference]) -> String {
    let word = |difference: &Difference| match difference {
        Difference::Chart => "chart",
        Difference::Version => "version",
        Difference::Values => "values",
        Difference::Shape => "rules of writing",
        Difference::Record => "record",
    };
    differs.iter().map(word).collect::<Vec<_>>().join(", ")
}
