//! From one snapshot to the next.

use helm::record::{Revision, Status};

use super::{HistoryEntry, Snapshot};
use crate::classify::is_resumable;
use crate::policy::{Policy, TestWhen};
use crate::requests::RequestKind;
use crate::{
    Action, Attempts, Category, Desired, Digest, ErrorClass, Failure, Held, MadeBy, Observed, Operation,
    Report, ReportResult, RevisionFacts, RollbackBy, UninstallWhy, backoff,
};

/// How many revisions history shows, the last good one aside. Status is read by every list of the objects, so it is
/// kept short whatever Helm's storage keeps.
const MAX_HISTORY: usize = 10;

/// Facts were observed: what status remembers joins them, and status follows them. Entries follow storage, revisions
/// of others appear, and an operation that cannot be resumed is forgotten. An uninstall with nothing left to purge has
/// ended, although nobody wrote it down.
///
/// # Guarantees
/// Afterwards everything in `observed` that comes from status is what the returned snapshot says.
pub fn synced(snapshot: Snapshot, desired: &Desired, observed: &mut Observed) -> Snapshot {
    recall(observed, &snapshot);
    let snapshot = capped(followed(without_void(snapshot, desired, observed), observed));
    recall(observed, &snapshot);
    snapshot
}

/// Puts what status says among the facts.
fn recall(observed: &mut Observed, snapshot: &Snapshot) {
    let Snapshot {
        history: _,
        operation,
        failure,
        attempts,
        held,
        corrected_at,
    } = snapshot.clone();
    observed.remembered = snapshot.remembered();
    observed.operation = operation;
    observed.failure = failure;
    observed.attempts = attempts;
    observed.held = held;
    observed.corrected_at = corrected_at;
}

/// Forgets an operation that storage knows nothing of.
fn without_void(snapshot: Snapshot, desired: &Desired, observed: &Observed) -> Snapshot {
    match &snapshot.operation {
        Some(operation) if !is_resumable(operation, observed) => match operation.action {
            Action::Uninstall { why } if observed.revisions.is_empty() => {
                let inputs = operation.inputs.clone();
                uninstalled(snapshot, why, &inputs, &desired.policy)
            }
            _ => Snapshot {
                operation: None,
                ..snapshot
            },
        },
        Some(_) | None => snapshot,
    }
}

/// The history as storage has it.
fn followed(snapshot: Snapshot, observed: &Observed) -> Snapshot {
    let entry = |facts: &RevisionFacts| {
        let same = |entry: &&HistoryEntry| {
            let manifest = facts.record.as_ref().map(|record| &record.manifest);
            entry.revision == facts.revision && manifest.is_none_or(|manifest| *manifest == entry.manifest)
        };
        let known = snapshot.history.iter().find(same).cloned();
        let mut entry = known.or_else(|| discovered(observed, facts))?;
        entry.status = facts.status;
        if let Some(mark) = &facts.mark {
            entry.tests = mark.tests;
            entry.proven = mark.proven;
        }
        Some(entry)
    };
    let history = observed.revisions.iter().rev().filter_map(entry).collect();
    Snapshot { history, ..snapshot }
}

/// An operation starts, or moved to its next step. `handled` are the requests that the decision to start it took
/// care of; empty when it only moved.
pub fn started(snapshot: Snapshot, operation: &Operation, handled: &[(RequestKind, String)]) -> Snapshot {
    let next = Snapshot {
        operation: Some(operation.clone()),
        ..snapshot
    };
    if handled.iter().any(|(kind, _)| *kind == RequestKind::Retry) {
        let attempts = Attempts::none(operation.inputs.clone());
        return Snapshot {
            attempts: Some(attempts),
            held: None,
            failure: None,
            ..next
        };
    }
    next
}

/// An attempt failed before an operation could start: the chart could not be had, or not be rendered.
pub fn refused(snapshot: Snapshot, inputs: &Digest, failure: Failure) -> Snapshot {
    let attempts = counted(snapshot.attempts.as_ref(), inputs, &failure);
    Snapshot {
        operation: None,
        attempts: Some(attempts),
        failure: Some(failure),
        ..snapshot
    }
}

/// An operation ended.
pub fn finished(snapshot: Snapshot, report: &Report, policy: &Policy) -> Snapshot {
    let next = Snapshot {
        operation: None,
        ..snapshot
    };
    let failure = match &report.result {
        ReportResult::Void(_) => return next,
        ReportResult::Succeeded => None,
        ReportResult::Failed(failure) => Some(failure.clone()),
    };
    let next = capped(told(next, report));
    match (&report.action, failure) {
        (Action::Install { .. } | Action::Upgrade | Action::Heal { .. } | Action::Adopt { .. }, None) => {
            Snapshot {
                attempts: None,
                held: None,
                failure: None,
                ..superseded(next, report.revision)
            }
        }
        (
            Action::Install { .. } | Action::Upgrade | Action::Heal { .. } | Action::Adopt { .. },
            Some(failure),
        ) => {
            let attempts = counted(next.attempts.as_ref(), &report.inputs, &failure);
            Snapshot {
                attempts: Some(attempts),
                failure: Some(failure),
                ..next
            }
        }
        (Action::Rollback { to: _, by, held }, None) => {
            rolled_back(superseded(next, report.revision), report, *by, held.clone())
        }
        (Action::Rollback { .. } | Action::Uninstall { .. }, Some(failure)) => {
            let attempts = retreated(next.attempts.as_ref(), report);
            Snapshot {
                attempts: Some(attempts),
                failure: Some(failure),
                ..next
            }
        }
        (Action::Uninstall { why }, None) => uninstalled(next, *why, &report.inputs, policy),
        // Closing a revision of ours is part of going on; closing somebody else's is a story.
        (Action::Unlock { .. }, Some(failure)) if failure.class == ErrorClass::Unhealthy => Snapshot {
            failure: Some(failure),
            ..next
        },
        (Action::Unlock { .. }, _) => next,
        (Action::Test { .. }, None) => Snapshot {
            attempts: None,
            failure: None,
            ..next
        },
        (Action::Test { .. }, Some(failure)) => {
            if policy.test.when == TestWhen::Never {
                // Nobody asked for a gate: the result is in the entry.
                return next;
            }
            let attempts = counted(next.attempts.as_ref(), &report.inputs, &failure);
            Snapshot {
                attempts: Some(attempts),
                failure: Some(failure),
                ..next
            }
        }
        (Action::CorrectDrift { .. }, failure) => Snapshot {
            corrected_at: Some(report.finished_at),
            failure: failure.or(next.failure),
            ..next
        },
    }
}

fn rolled_back(next: Snapshot, report: &Report, by: RollbackBy, held: Option<Digest>) -> Snapshot {
    let incomplete = report
        .incomplete
        .iter()
        .map(|drift| drift.object.to_string())
        .collect();
    let held = held.map(|inputs| Held {
        inputs,
        revision: report.revision,
        since: report.finished_at,
        requested: by == RollbackBy::Request,
        incomplete,
    });
    // The failure that was fled from stays the story of the hold.
    let failure = next
        .failure
        .filter(|_| held.is_some() && by == RollbackBy::Policy);
    Snapshot {
        attempts: None,
        failure,
        held,
        ..next
    }
}

/// A release was uninstalled for inputs and a reason.
fn uninstalled(next: Snapshot, why: UninstallWhy, inputs: &Digest, policy: &Policy) -> Snapshot {
    let history = if policy.uninstall.keep_history {
        next.history
    } else {
        Vec::new()
    };
    match why {
        // What was fled from stays known, or it would be installed again.
        UninstallWhy::Failed => {
            let attempts = of_inputs(next.attempts.as_ref(), inputs);
            let attempts = Attempts {
                uninstalled: true,
                next_retry_at: None,
                ..attempts
            };
            Snapshot {
                history,
                attempts: Some(attempts),
                held: None,
                operation: None,
                ..next
            }
        }
        UninstallWhy::Deleted | UninstallWhy::Unfinished | UninstallWhy::Moved => Snapshot {
            history,
            ..Snapshot::default()
        },
    }
}

/// The bookkeeping after a failed attempt.
fn counted(before: Option<&Attempts>, inputs: &Digest, failure: &Failure) -> Attempts {
    let before = of_inputs(before, inputs);
    match failure.class {
        ErrorClass::Unhealthy => {
            let failures = before.failures.saturating_add(1);
            Attempts {
                failures,
                next_retry_at: Some(backoff::retry_at(failure.at, failures)),
                ..before
            }
        }
        ErrorClass::Transient => Attempts {
            next_retry_at: Some(backoff::retry_at(failure.at, 1)),
            ..before
        },
        ErrorClass::Permanent => Attempts {
            next_retry_at: None,
            ..before
        },
    }
}

/// The bookkeeping after a rollback or uninstall that failed itself.
fn retreated(before: Option<&Attempts>, report: &Report) -> Attempts {
    let before = of_inputs(before, &report.inputs);
    let retreats = before.retreats.saturating_add(1);
    Attempts {
        retreats,
        next_retry_at: Some(backoff::retry_at(report.finished_at, retreats)),
        ..before
    }
}

/// What is known of attempts with these inputs.
fn of_inputs(before: Option<&Attempts>, inputs: &Digest) -> Attempts {
    let same = before.filter(|attempts| attempts.inputs == *inputs);
    same.cloned().unwrap_or_else(|| Attempts::none(inputs.clone()))
}

/// The revision of a report joins the history.
fn told(mut next: Snapshot, report: &Report) -> Snapshot {
    let Some(entry) = &report.entry else {
        return next;
    };
    next.history.retain(|other| other.revision != entry.revision);
    let place = next
        .history
        .partition_point(|other| other.revision > entry.revision);
    next.history.insert(place, entry.clone());
    next
}

/// Nothing but `revision` is deployed.
fn superseded(mut next: Snapshot, revision: Revision) -> Snapshot {
    let others = next.history.iter_mut().filter(|entry| entry.revision != revision);
    for entry in others.filter(|entry| entry.status == Status::Deployed) {
        entry.status = Status::Superseded;
    }
    next
}

/// The newest entries, and the last good one however old it is.
fn capped(mut next: Snapshot) -> Snapshot {
    let good = next.history.iter().position(|entry| entry.proven);
    let mut place = 0;
    next.history.retain(|_| {
        let keep = place < MAX_HISTORY || Some(place) == good;
        place += 1;
        keep
    });
    next
}

/// The entry of a revision that status did not know.
fn discovered(observed: &Observed, facts: &RevisionFacts) -> Option<HistoryEntry> {
    let record = facts.record.as_ref()?;
    let mark = facts.mark.as_ref();
    let failed = mark.and_then(|mark| mark.failed);
    Some(HistoryEntry {
        revision: facts.revision,
        status: facts.status,
        made_by: mark.map_or(MadeBy::External, |mark| mark.made_by),
        chart: record.chart.clone(),
        version: record.version.clone(),
        app_version: record.app_version.clone(),
        inputs: observed.inputs_of(facts).cloned(),
        values: record.values.clone(),
        manifest: record.manifest.clone(),
        started_at: record.last_deployed.unwrap_or(facts.created_at),
        finished_at: (!facts.status.is_pending()).then_some(facts.updated_at),
        description: record.description.clone(),
        cause: failed.map(|(stage, class)| Failure {
            category: Category::ObjectFailed,
            class,
            stage,
            message: record.description.clone(),
            objects: Vec::new(),
            revision: Some(facts.revision),
            at: facts.updated_at,
        }),
        tests: mark.and_then(|mark| mark.tests),
        proven: observed.is_proven(facts),
    })
}
