//! States in which nothing is under way and nothing stored has failed.

use std::time::Duration;

use helm::record::Revision;

use super::{Action, Decision, Fresh, stall, wait};
use crate::policy::ForeignPolicy;
use crate::{Category, Desired, ErrorClass, Failure, Observed, Stage, backoff};

/// After what time a refusal from before anything was stored is tested again: rights, quotas and kinds change without
/// telling us, and trying costs nothing.
const RECHECK: Duration = Duration::from_mins(10);

/// The shortest time between two corrections: whoever changed the objects may do it again at once.
const CORRECTION_PAUSE: Duration = Duration::from_mins(1);

/// Nothing is deployed.
pub(super) fn absent(
    desired: &Desired,
    observed: &Observed,
    last: Option<Revision>,
    foreign: bool,
    fresh: Fresh,
) -> Decision {
    if foreign && desired.policy.foreign != ForeignPolicy::Revert && fresh == Fresh::No {
        let message = format!("release {} was uninstalled by somebody else", desired.target);
        return stall(Category::ForeignRelease, message);
    }
    let run = Decision::Run(Action::Install {
        replace: last.is_some(),
    });
    spent(desired, observed, fresh)
        .or_else(|| refused(desired, observed, fresh))
        .unwrap_or(run)
}

/// The newest revision runs, but something else is wanted.
pub(super) fn out_of_sync(
    desired: &Desired,
    observed: &Observed,
    revision: Revision,
    held: bool,
    fresh: Fresh,
) -> Decision {
    if held && fresh == Fresh::No {
        return rolled_back(observed, revision);
    }
    refused(desired, observed, fresh)
        .or_else(|| paused(desired, observed, fresh))
        .unwrap_or(Decision::Run(Action::Upgrade))
}

/// Live objects differ and are to be corrected.
pub(super) fn drifted(observed: &Observed, revision: Revision) -> Decision {
    let again = observed
        .corrected_at
        .map(|at| backoff::later(at, CORRECTION_PAUSE));
    match again.filter(|again| observed.now < *again) {
        Some(again) => wait(
            again,
            Category::Drifted,
            "corrected a moment ago, and changed again since",
        ),
        None => Decision::Run(Action::CorrectDrift { revision }),
    }
}

/// The wanted inputs were rolled back from.
fn rolled_back(observed: &Observed, revision: Revision) -> Decision {
    let held = observed.held.as_ref().filter(|held| held.revision == revision);
    let story = observed.failure.as_ref().map(Failure::story);
    let because = match (held.is_some_and(|held| held.requested), story) {
        (true, _) => "as requested; waiting for new inputs".to_owned(),
        (false, Some(story)) => story.into_owned(),
        (false, None) => "waiting for new inputs".to_owned(),
    };
    match held.map(|held| held.incomplete.as_slice()) {
        Some(objects @ [_, ..]) => stall(
            Category::RollbackIncomplete,
            format!(
                "rolled back to revision {revision}, but these objects differ: {}: {because}",
                objects.join(", ")
            ),
        ),
        Some([]) | None => stall(
            Category::RolledBack,
            format!("rolled back as revision {revision}: {because}"),
        ),
    }
}

/// The attempts were used up and the release was uninstalled.
fn spent(desired: &Desired, observed: &Observed, fresh: Fresh) -> Option<Decision> {
    let wanted = desired.inputs.digest();
    let attempts = observed
        .attempts
        .as_ref()
        .filter(|attempts| attempts.inputs == wanted)?;
    let failure = observed.failure.as_ref()?;
    let spent = attempts.uninstalled && fresh == Fresh::No;
    spent.then(|| {
        let message = format!("the failed release was uninstalled: {}", failure.story());
        stall(Category::UninstalledAfterFailure, message)
    })
}

/// The last attempt with these inputs was refused before anything was stored.
fn refused(desired: &Desired, observed: &Observed, fresh: Fresh) -> Option<Decision> {
    let wanted = desired.inputs.digest();
    let same_inputs = observed
        .attempts
        .as_ref()
        .is_some_and(|attempts| attempts.inputs == wanted);
    let failure = observed.failure.as_ref()?;
    let asked = fresh == Fresh::Yes || observed.requests.reconcile.is_some() || desired.new_generation;
    let refused = failure.stage == Stage::Prepare && failure.class == ErrorClass::Permanent;
    let recent = observed.now < backoff::later(failure.at, RECHECK);
    (same_inputs && refused && recent && !asked).then(|| stall(failure.category, failure.story()))
}

/// The last attempt with these inputs failed, and it is too early for the next.
pub(super) fn paused(desired: &Desired, observed: &Observed, fresh: Fresh) -> Option<Decision> {
    let wanted = desired.inputs.digest();
    let attempts = observed
        .attempts
        .as_ref()
        .filter(|attempts| attempts.inputs == wanted)?;
    let next = attempts
        .next_retry_at
        .filter(|next| observed.now < *next && fresh == Fresh::No)?;
    let story = observed
        .failure
        .as_ref()
        .map_or_else(String::new, |failure| failure.story().into_owned());
    Some(wait(next, Category::Retrying, format!("tried again: {story}")))
}
