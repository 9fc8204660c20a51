//! From facts to the name of the state they are in.

use helm::record::{Revision, Status};
use jiff::Timestamp;

use crate::policy::{DriftPolicy, TestFailure, TestWhen};
use crate::{
    Action, Desired, Difference, ErrorClass, Holder, MadeBy, Observed, Operation, PreviousTarget,
    RecordFacts, ReleaseState, RevisionFacts, Stage, TestResult, history,
};

/// Names the state of a release.
///
/// Storage is asked first; status only adds what storage cannot tell: an operation under way, and revisions whose
/// mark somebody's helm wiped off.
pub fn classify(desired: &Desired, observed: &Observed) -> ReleaseState {
    if let Some(from) = moved(desired, observed) {
        return ReleaseState::Moved { from };
    }
    if let Some(operation) = observed
        .operation
        .as_ref()
        .filter(|operation| is_resumable(operation, observed))
    {
        let holder = Holder::Ours(Box::new(operation.clone()));
        return ReleaseState::Pending {
            revision: operation.revision,
            holder,
        };
    }
    let Some(newest) = history::newest(&observed.revisions) else {
        return ReleaseState::Absent {
            last: None,
            foreign: false,
        };
    };
    if let Some(revision) = left_pending(desired, observed) {
        return ReleaseState::Pending {
            revision,
            holder: Holder::Lost,
        };
    }
    let ours = observed.is_ours(newest, &desired.owner);
    let revision = newest.revision;
    match newest.status {
        Status::Uninstalled => ReleaseState::Absent {
            last: Some(revision),
            foreign: newest.mark.is_none() && ours_before(desired, observed),
        },
        Status::Uninstalling => ReleaseState::Uninstalling {
            revision,
            since: last_sign(newest),
            ours,
        },
        Status::PendingInstall | Status::PendingUpgrade | Status::PendingRollback => ReleaseState::Pending {
            revision,
            holder: Holder::Others {
                since: last_sign(newest),
            },
        },
        Status::Failed | Status::Deployed if !ours => foreign(desired, observed, newest),
        Status::Failed => failed(desired, observed, newest),
        Status::Deployed => deployed(desired, observed, newest),
        Status::Superseded | Status::Unknown => ReleaseState::OutOfSync {
            revision,
            why: vec![Difference::Record],
            held: is_held(desired, observed, newest),
        },
    }
}

/// Whether the wanted release is another one than the one that exists.
fn moved(desired: &Desired, observed: &Observed) -> Option<PreviousTarget> {
    if let Some(previous) = &observed.previous {
        return Some(previous.clone());
    }
    let newest = history::newest(&observed.revisions)?;
    let gone = matches!(newest.status, Status::Uninstalled);
    let chart = &newest.record.as_ref()?.chart;
    let other = !chart.is_empty() && *chart != desired.inputs.chart;
    (other && !gone && observed.is_ours(newest, &desired.owner)).then(|| PreviousTarget {
        target: desired.target.clone(),
        chart: chart.clone(),
        newest: newest.revision,
    })
}

/// Whether an operation of status still has its revision in storage. One that has stored nothing yet has nothing to
/// resume: what it did so far is done again by a new one.
pub(crate) fn is_resumable(operation: &Operation, observed: &Observed) -> bool {
    let is_newest =
        || history::newest(&observed.revisions).is_some_and(|facts| facts.revision == operation.revision);
    match operation.action {
        Action::Install { .. } | Action::Upgrade | Action::Rollback { .. } => {
            let of_it = |facts: &RevisionFacts| {
                facts
                    .mark
                    .as_ref()
                    .is_some_and(|mark| mark.operation == operation.id)
            };
            history::newest(&observed.revisions).is_some_and(of_it) && is_newest()
        }
        Action::Heal { .. }
        | Action::Uninstall { .. }
        | Action::Unlock { .. }
        | Action::Adopt { .. }
        | Action::Test { .. }
        | Action::CorrectDrift { .. } => is_newest(),
    }
}

/// A pending revision of ours that no operation stands for: the newest, or one that somebody overtook.
fn left_pending(desired: &Desired, observed: &Observed) -> Option<Revision> {
    let mine = |facts: &&RevisionFacts| {
        facts.status.is_pending()
            && facts
                .mark
                .as_ref()
                .is_some_and(|mark| mark.owner == desired.owner)
    };
    observed
        .revisions
        .iter()
        .rev()
        .find(mine)
        .map(|facts| facts.revision)
}

/// When somebody last worked on a revision. The time labels alone do not tell: Helm copies stale ones.
fn last_sign(facts: &RevisionFacts) -> Timestamp {
    let made = facts.record.as_ref().and_then(|record| record.last_deployed);
    [Some(facts.created_at), Some(facts.updated_at), made]
        .into_iter()
        .flatten()
        .max()
        .unwrap_or(facts.created_at)
}

fn ours_before(desired: &Desired, observed: &Observed) -> bool {
    !observed.remembered.is_empty()
        || observed
            .revisions
            .iter()
            .any(|facts| observed.is_ours(facts, &desired.owner))
}

fn foreign(desired: &Desired, observed: &Observed, newest: &RevisionFacts) -> ReleaseState {
    ReleaseState::Foreign {
        revision: newest.revision,
        differs: newest
            .record
            .as_ref()
            .map_or_else(|| vec![Difference::Record], |record| differences(desired, record)),
        ours_before: ours_before(desired, observed),
        failed: newest.status == Status::Failed,
    }
}

fn failed(desired: &Desired, observed: &Observed, newest: &RevisionFacts) -> ReleaseState {
    let mark = newest.mark.as_ref();
    let made_by = mark.map_or(MadeBy::External, |mark| mark.made_by);
    let wanted_digest = desired.inputs.digest();
    let made_from = match made_by {
        // A rollback belongs to the inputs it fled from.
        MadeBy::Rollback => mark.and_then(|mark| mark.held.as_ref().or(mark.inputs.as_ref())),
        MadeBy::Install | MadeBy::Upgrade | MadeBy::External => observed.inputs_of(newest),
    };
    ReleaseState::Failed {
        revision: newest.revision,
        wanted: made_from == Some(&wanted_digest),
        made_by,
        healed: is_healed(observed, newest),
        failed: mark.and_then(|mark| mark.failed),
    }
}

/// Whether a revision that did not become ready in time is what its manifest says and healthy now.
fn is_healed(observed: &Observed, newest: &RevisionFacts) -> bool {
    let waited =
        newest.mark.as_ref().and_then(|mark| mark.failed) == Some((Stage::Wait, ErrorClass::Unhealthy));
    let healthy = observed.live.as_ref().is_some_and(|live| {
        live.revision == newest.revision
            && live.unready.is_empty()
            && live.drift.as_ref().is_some_and(Vec::is_empty)
    });
    waited && healthy
}

fn deployed(desired: &Desired, observed: &Observed, newest: &RevisionFacts) -> ReleaseState {
    let revision = newest.revision;
    let mark = newest.mark.as_ref();
    let tests = &desired.policy.test;
    let differs = deployed_differences(desired, observed, newest);
    if !differs.is_empty() {
        return ReleaseState::OutOfSync {
            revision,
            why: differs,
            held: is_held(desired, observed, newest),
        };
    }
    let gate =
        tests.when == TestWhen::AfterRelease && mark.is_none_or(|mark| mark.made_by != MadeBy::Rollback);
    match mark.and_then(|mark| mark.tests) {
        Some(TestResult::Failed) if gate && tests.on_failure == TestFailure::Fail => {
            return ReleaseState::Failed {
                revision,
                wanted: true,
                made_by: mark.map_or(MadeBy::External, |mark| mark.made_by),
                healed: false,
                failed: Some((Stage::Tests, ErrorClass::Unhealthy)),
            };
        }
        None if gate && newest.record.as_ref().is_some_and(|record| record.has_tests) => {
            return ReleaseState::Untested { revision };
        }
        Some(TestResult::Failed | TestResult::Passed) | None => {}
    }
    let live = observed.live.as_ref().filter(|live| live.revision == revision);
    let drift = live.and_then(|live| live.drift.clone()).unwrap_or_default();
    if drift.is_empty() || desired.policy.drift == DriftPolicy::Ignore {
        ReleaseState::InSync { revision }
    } else {
        ReleaseState::Drifted {
            revision,
            objects: drift,
        }
    }
}

/// What differs between a deployed revision of ours and what is wanted. Its digest decides; the record explains, and
/// decides where no digest was kept.
fn deployed_differences(desired: &Desired, observed: &Observed, newest: &RevisionFacts) -> Vec<Difference> {
    let explained = || {
        newest
            .record
            .as_ref()
            .map(|record| differences(desired, record))
            .unwrap_or_default()
    };
    match observed.inputs_of(newest) {
        Some(digest) if *digest == desired.inputs.digest() => Vec::new(),
        Some(_) => {
            let why = explained();
            if why.is_empty() {
                vec![Difference::Shape]
            } else {
                why
            }
        }
        None => explained(),
    }
}

/// What differs as far as a record of any origin can tell.
fn differences(desired: &Desired, record: &RecordFacts) -> Vec<Difference> {
    let inputs = &desired.inputs;
    [
        (record.chart != inputs.chart, Difference::Chart),
        (record.version != inputs.version, Difference::Version),
        (record.values != inputs.values, Difference::Values),
    ]
    .into_iter()
    .filter_map(|(differs, what)| differs.then_some(what))
    .collect()
}

/// Whether the wanted inputs were rolled back from.
fn is_held(desired: &Desired, observed: &Observed, newest: &RevisionFacts) -> bool {
    let wanted = desired.inputs.digest();
    let by_mark = newest.mark.as_ref().and_then(|mark| mark.held.as_ref()) == Some(&wanted);
    by_mark
        || observed
            .held
            .as_ref()
            .is_some_and(|held| held.inputs == wanted && held.revision == newest.revision)
}
