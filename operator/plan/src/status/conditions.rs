//! The conditions that belong to a decision. The caller adds generation and transition times.

use helm::record::Status;

use super::{HistoryEntry, Snapshot};
use crate::drift::ObjectDrift;
use crate::{
    Action, Category, Decision, Failure, MadeBy, Plan, ReleaseState, Rest, RollbackBy, TestResult,
    UninstallWhy, Why,
};

/// The type of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConditionKind {
    /// The summary, always there.
    Ready,
    /// Something is under way or will be tried again; there only when true.
    Reconciling,
    /// Nothing more is tried until somebody changes something; there only when true.
    Stalled,
    /// The newest revision is deployed.
    Released,
    /// The tests of the newest revision passed; there once they ran.
    TestSuccess,
    /// The release was rolled back or uninstalled after a failure; there once it was.
    Remediated,
    /// Live objects differ from the manifest; there only when true.
    Drifted,
}

/// The status of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It is being found out.
    Unknown,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Its type.
    pub kind: ConditionKind,
    /// Its status.
    pub status: Truth,
    /// Its reason.
    pub reason: Category,
    /// Its message.
    pub message: String,
}

/// The conditions of a release, in the order of [`ConditionKind`]. Types that are not in the list are to be removed,
/// other people's and `Resolved` excepted. `None`: suspended, all keep their last value.
///
/// `parked` is what the operation under way waits for, when it does.
pub fn conditions(plan: &Plan, snapshot: &Snapshot, parked: Option<&Why>) -> Option<Vec<Condition>> {
    if let Decision::Wait {
        why: Why {
            category: Category::Suspended,
            ..
        },
        ..
    } = plan.decision
    {
        return None;
    }
    let newest = snapshot.history.first();
    let mut list = summary(plan, snapshot, parked);
    list.extend(released(newest));
    list.extend(tested(newest));
    list.extend(remediated(plan, snapshot));
    if let ReleaseState::Drifted { objects, .. } = &plan.state {
        list.push(condition(
            ConditionKind::Drifted,
            Truth::True,
            Category::Drifted,
            drift_words(objects),
        ));
    }
    Some(list)
}

/// `Ready`, `Reconciling` and `Stalled`.
fn summary(plan: &Plan, snapshot: &Snapshot, parked: Option<&Why>) -> Vec<Condition> {
    use ConditionKind::{Ready, Reconciling, Stalled};
    let running = |action: &Action| {
        let Why { category, message } = parked.cloned().unwrap_or_else(|| under_way(action));
        let leaving = matches!(
            action,
            Action::Uninstall {
                why: UninstallWhy::Deleted | UninstallWhy::Unfinished
            }
        );
        let ready = if leaving { Truth::False } else { Truth::Unknown };
        vec![
            condition(Ready, ready, category, message.clone()),
            condition(Reconciling, Truth::True, category, message),
        ]
    };
    match &plan.decision {
        Decision::Done(Rest::Released) => {
            vec![condition(
                Ready,
                Truth::False,
                Category::Uninstalled,
                "the release is gone".to_owned(),
            )]
        }
        // Drift is corrected, and corrected again; the release runs meanwhile.
        Decision::Done(Rest::InSync {
            revision: _,
            drifted: _,
        })
        | Decision::Run(Action::CorrectDrift { .. })
        | Decision::Wait {
            why: Why {
                category: Category::Drifted,
                ..
            },
            ..
        } => {
            let (reason, message) = in_sync(snapshot.history.first());
            vec![condition(Ready, Truth::True, reason, message)]
        }
        Decision::Run(action) => running(action),
        Decision::Resume(operation) => running(&operation.action),
        Decision::Wait { until: _, why } => {
            let Why { category, message } = told(why, snapshot.failure.as_ref());
            vec![
                condition(Ready, Truth::False, category, message.clone()),
                condition(Reconciling, Truth::True, why.category, message),
            ]
        }
        Decision::Stall {
            why: Why { category, message },
        } => vec![
            condition(Ready, Truth::False, *category, message.clone()),
            condition(Stalled, Truth::True, *category, message.clone()),
        ],
    }
}

/// While a failed attempt waits for its next try, the reason of `Ready` is the failure itself.
fn told(why: &Why, failure: Option<&Failure>) -> Why {
    let category = match (why.category, failure) {
        (Category::Retrying, Some(failure)) => failure.category,
        (category, _) => category,
    };
    Why {
        category,
        message: why.message.clone(),
    }
}

fn under_way(action: &Action) -> Why {
    let message = match action {
        Action::Install { .. } => "install is under way".to_owned(),
        Action::Upgrade => "upgrade is under way".to_owned(),
        Action::Heal { revision } => format!("revision {revision} became healthy and is being finished"),
        Action::Rollback {
            to,
            by: RollbackBy::Policy,
            ..
        } => {
            format!("the upgrade failed; rollback to revision {to} is under way")
        }
        Action::Rollback {
            to,
            by: RollbackBy::Request,
            ..
        } => {
            format!("requested rollback to revision {to} is under way")
        }
        Action::Uninstall { .. } => "uninstall is under way".to_owned(),
        Action::Unlock { revision, .. } => format!("pending revision {revision} is being closed"),
        Action::Adopt { revision } => format!("revision {revision} is being adopted"),
        Action::Test { revision } => format!("tests of revision {revision} are under way"),
        Action::CorrectDrift { revision } => format!("objects of revision {revision} are being corrected"),
    };
    Why {
        category: Category::Progressing,
        message,
    }
}

fn in_sync(newest: Option<&HistoryEntry>) -> (Category, String) {
    let Some(HistoryEntry {
        revision,
        made_by,
        chart,
        version,
        ..
    }) = newest
    else {
        return (Category::InSync, "the release is what was asked for".to_owned());
    };
    let reason = match made_by {
        MadeBy::Install => Category::InstallSucceeded,
        MadeBy::Upgrade => Category::UpgradeSucceeded,
        MadeBy::Rollback => Category::RollbackSucceeded,
        MadeBy::External => Category::InSync,
    };
    (
        reason,
        format!("{chart} {version} is deployed as revision {revision}"),
    )
}

fn released(newest: Option<&HistoryEntry>) -> Option<Condition> {
    let HistoryEntry {
        revision,
        status,
        cause,
        description,
        ..
    } = newest?;
    let (truth, reason) = match status {
        Status::Deployed => (Truth::True, in_sync(newest).0),
        Status::PendingInstall | Status::PendingUpgrade | Status::PendingRollback | Status::Uninstalling => {
            (Truth::Unknown, Category::Progressing)
        }
        Status::Failed => (
            Truth::False,
            cause
                .as_ref()
                .map_or(Category::ObjectFailed, |cause| cause.category),
        ),
        Status::Uninstalled => (Truth::False, Category::Uninstalled),
        Status::Superseded | Status::Unknown => (Truth::False, Category::RecordCorrupt),
    };
    let message = format!("revision {revision} is {status}: {description}");
    Some(condition(ConditionKind::Released, truth, reason, message))
}

fn tested(newest: Option<&HistoryEntry>) -> Option<Condition> {
    let entry = newest?;
    let revision = entry.revision;
    let (truth, reason, words) = match entry.tests? {
        TestResult::Passed => (Truth::True, Category::TestsPassed, "passed"),
        TestResult::Failed => (Truth::False, Category::TestFailed, "failed"),
    };
    Some(condition(
        ConditionKind::TestSuccess,
        truth,
        reason,
        format!("tests of revision {revision} {words}"),
    ))
}

fn remediated(plan: &Plan, snapshot: &Snapshot) -> Option<Condition> {
    let Decision::Stall {
        why: Why { category, message },
    } = &plan.decision
    else {
        return None;
    };
    let requested = snapshot.held.as_ref().is_some_and(|held| held.requested);
    let truth = match category {
        Category::RolledBack if !requested => Truth::True,
        Category::UninstalledAfterFailure => Truth::True,
        Category::RollbackIncomplete | Category::RollbackFailed | Category::NothingToRollBackTo => {
            Truth::False
        }
        _ => return None,
    };
    Some(condition(
        ConditionKind::Remediated,
        truth,
        *category,
        message.clone(),
    ))
}

fn drift_words(objects: &[ObjectDrift]) -> String {
    let word = |drift: &ObjectDrift| match drift.fields.as_slice() {
        [] => format!("{} is missing", drift.object),
        fields => format!("{} differs in {}", drift.object, fields.join(", ")),
    };
    match objects {
        [] => String::new(),
        [only] => word(only),
        [first, rest @ ..] => format!("{} (and {} more)", word(first), rest.len()),
    }
}

fn condition(kind: ConditionKind, status: Truth, reason: Category, message: String) -> Condition {
    Condition {
        kind,
        status,
        reason,
        message,
    }
}
