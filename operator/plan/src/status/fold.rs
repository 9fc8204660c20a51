//! From one snapshot to the next.

use helm::record::{Revision, Status};

use super::{HistoryEntry, Snapshot};
use crate::policy::{Policy, TestWhen};
use crate::requests::RequestKind;
use crate::{
    Action, Attempts, Category, Digest, ErrorClass, Failure, Held, MadeBy, Observed, Operation, Report,
    ReportResult, RevisionFacts, RollbackBy, UninstallWhy, backoff,
};

/// How many revisions history shows, the last good one aside. Status is read by every list of the objects, so it is
/// kept short whatever Helm's storage keeps.
const MAX_HISTORY: usize = 10;

/// Facts were observed: entries follow storage, and revisions of others appear.
pub fn synced(snapshot: Snapshot, observed: &Observed) -> Snapshot {
    let find = |revision: Revision| snapshot.history.iter().find(|entry| entry.revision == revision);
    let entry = |facts: &RevisionFacts| {
        let known = find(facts.revision)
            .filter(|entry| {
                facts
                    .record
                    .as_ref()
                    .is_none_or(|record| record.manifest == entry.manifest)
            })
            .cloned();
        let mut entry = known.or_else(|| discovered(observed, facts))?;
        entry.status = facts.status;
        if let Some(mark) = &facts.mark {
            entry.tests = mark.tests;
            entry.proven = mark.proven;
        }
        Some(entry)
    };
    let history = observed.revisions.iter().rev().filter_map(entry).collect();
    capped(Snapshot { history, ..snapshot })
}

/// An operation starts, or moved to its next step. `handled` are the requests that the decision to start it took
/// care of; empty when it only moved.
pub fn started(snapshot: Snapshot, operation: &Operation, handled: &[(RequestKind, String)]) -> Snapshot {
    let next = Snapshot {
        operation: Some(operation.clone()),
        ..snapshot
    };
    if handled.iter().any(|(kind, _)| *kind == RequestKind::Retry) {
        let attempts = Attempts {
            inputs: operation.inputs.clone(),
            failures: 0,
            retreats: 0,
            next_retry_at: None,
        };
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
        (Action::Uninstall { why }, None) => uninstalled(next, *why, policy),
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

fn uninstalled(next: Snapshot, why: UninstallWhy, policy: &Policy) -> Snapshot {
    let history = if policy.uninstall.keep_history {
        next.history
    } else {
        Vec::new()
    };
    match why {
        // What was fled from stays known, or it would be installed again.
        UninstallWhy::Failed => Snapshot {
            history,
            held: None,
            ..next
        },
        UninstallWhy::Deleted | UninstallWhy::Unfinished | UninstallWhy::Moved => Snapshot {
            history,
            ..Snapshot::default()
        },
    }
}

/// The bookkeeping after a failed attempt.
fn counted(before: Option<&Attempts>, inputs: &Digest, failure: &Failure) -> Attempts {
    let before = before.filter(|attempts| attempts.inputs == *inputs);
    let failures = before.map_or(0, |attempts| attempts.failures);
    let retreats = before.map_or(0, |attempts| attempts.retreats);
    match failure.class {
        ErrorClass::Unhealthy => {
            let failures = failures.saturating_add(1);
            let next_retry_at = Some(backoff::retry_at(failure.at, failures));
            Attempts {
                inputs: inputs.clone(),
                failures,
                retreats,
                next_retry_at,
            }
        }
        ErrorClass::Transient => {
            let next_retry_at = Some(backoff::retry_at(failure.at, 1));
            Attempts {
                inputs: inputs.clone(),
                failures,
                retreats,
                next_retry_at,
            }
        }
        ErrorClass::Permanent => Attempts {
            inputs: inputs.clone(),
            failures,
            retreats,
            next_retry_at: None,
        },
    }
}

/// The bookkeeping after a rollback or uninstall that failed itself.
fn retreated(before: Option<&Attempts>, report: &Report) -> Attempts {
    let before = before.filter(|attempts| attempts.inputs == report.inputs);
    let retreats = before.map_or(0, |attempts| attempts.retreats).saturating_add(1);
    Attempts {
        inputs: report.inputs.clone(),
        failures: before.map_or(0, |attempts| attempts.failures),
        retreats,
        next_retry_at: Some(backoff::retry_at(report.finished_at, retreats)),
    }
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
