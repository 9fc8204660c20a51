//! The bridge between the status of the custom resource and the snapshot that `plan` folds. Pure, both ways.
//!
//! What does not survive this round trip is lost at the next reconcile, so everything that the machine reads back is
//! here. Unreadable parts (an older version wrote them, or a person) are dropped: storage tells the rest.

use std::collections::BTreeMap;

use api::status::failure::{Failure, FailureClass, FailureStage, ObjectRef, ObjectReport};
use api::status::history::{HelmStatus, HistoryEntry, TestResult};
use api::status::operation::{Operation, OperationAction};
use api::status::{Attempts, Held, HeldBy, HelmReleaseStatus, Inventory};
use helm::record::{Revision, Status};
use plan::status::Snapshot;
use plan::{Action, Category, Digest, ErrorClass, Inputs, MadeBy, Stage};

/// The key in `operation.data` under which the machine keeps what it needs to resume.
const MACHINE: &str = "machine";

/// The key in `operation.data` with what the release is made from, so that an operation goes on while its chart can't
/// be had.
const INPUTS: &str = "inputs";

/// What the operation under way is made from, as far as status knows.
pub(crate) fn stored_inputs(status: &HelmReleaseStatus) -> Option<Inputs> {
    serde_json::from_str(status.operation.as_ref()?.data.get(INPUTS)?).ok()
}

/// Reads what the machine needs from a status.
pub(crate) fn snapshot(status: &HelmReleaseStatus) -> Snapshot {
    Snapshot {
        history: status.history.iter().filter_map(entry_in).collect(),
        operation: status.operation.as_ref().and_then(|operation| {
            // A status that somebody edited is no operation; the pending revision is then found to be lost.
            serde_json::from_str(operation.data.get(MACHINE)?).ok()
        }),
        failure: status.failure.as_ref().and_then(failure_in),
        attempts: status.attempts.as_ref().map(|attempts| plan::Attempts {
            inputs: Digest(attempts.inputs_digest.clone()),
            failures: count(attempts.failures),
            retreats: count(attempts.retreats),
            uninstalled: attempts.uninstalled,
            next_retry_at: attempts.next_retry_at.map(api::Time::get),
        }),
        held: status.held.as_ref().map(|held| plan::Held {
            inputs: Digest(held.inputs_digest.clone()),
            revision: revision_in(held.revision),
            since: held.since.get(),
            requested: held.by == HeldBy::Request,
            incomplete: held.incomplete.clone(),
        }),
        corrected_at: status.drift_corrected_at.map(api::Time::get),
    }
}

/// Writes the snapshot of the machine into a status. Conditions, generation, chart and release stay as they are.
pub(crate) fn write(status: &mut HelmReleaseStatus, snapshot: &Snapshot, inputs: Option<&Inputs>) {
    let Snapshot {
        history,
        operation,
        failure,
        attempts,
        held,
        corrected_at,
    } = snapshot;
    status.history = history.iter().map(entry_out).collect();
    status.operation = operation
        .as_ref()
        .map(|operation| operation_out(operation, inputs));
    status.failure = failure.as_ref().map(failure_out);
    status.attempts = attempts.as_ref().map(|attempts| Attempts {
        inputs_digest: attempts.inputs.to_string(),
        failures: i64::from(attempts.failures),
        retreats: i64::from(attempts.retreats),
        uninstalled: attempts.uninstalled,
        next_retry_at: attempts.next_retry_at.map(Into::into),
    });
    status.held = held.as_ref().map(|held| Held {
        inputs_digest: held.inputs.to_string(),
        revision: i64::from(held.revision.0),
        since: held.since.into(),
        by: if held.requested {
            HeldBy::Request
        } else {
            HeldBy::OnFailure
        },
        incomplete: held.incomplete.clone(),
    });
    status.drift_corrected_at = corrected_at.map(Into::into);
    status.bound();
}

/// Counts of objects, as `status.inventory` shows them.
pub(crate) fn inventory(total: usize, unready: usize) -> Inventory {
    Inventory {
        count: i64::try_from(total).unwrap_or(i64::MAX),
        unready: i64::try_from(unready).unwrap_or(i64::MAX),
    }
}

fn operation_out(operation: &plan::Operation, inputs: Option<&Inputs>) -> Operation {
    let mut data = BTreeMap::from([(
        MACHINE.to_owned(),
        serde_json::to_string(operation).unwrap_or_default(),
    )]);
    if let Some(inputs) = inputs.and_then(|inputs| serde_json::to_string(inputs).ok()) {
        data.insert(INPUTS.to_owned(), inputs);
    }
    Operation {
        id: operation.id.to_string(),
        action: action_out(&operation.action),
        revision: Some(i64::from(operation.revision.0)),
        step: operation.step_name(),
        started_at: operation.started_at.into(),
        deadline: operation.deadline.map(Into::into),
        waiting_for: operation
            .data
            .waiting_for
            .iter()
            .map(|object| ObjectReport {
                object: object_out(&object.object),
                category: None,
                reason: object.status.to_string(),
                message: Some(object.message.clone()).filter(|message| !message.is_empty()),
            })
            .collect(),
        data,
    }
}

/// The word for an action in status.
pub(crate) fn action_out(action: &Action) -> OperationAction {
    match action {
        Action::Install { .. } => OperationAction::Install,
        Action::Upgrade => OperationAction::Upgrade,
        Action::Heal { .. } => OperationAction::Heal,
        Action::Rollback { .. } => OperationAction::Rollback,
        Action::Uninstall { .. } => OperationAction::Uninstall,
        Action::Unlock { .. } => OperationAction::Unlock,
        Action::Adopt { .. } => OperationAction::Adopt,
        Action::Test { .. } => OperationAction::Test,
        Action::CorrectDrift { .. } => OperationAction::CorrectDrift,
    }
}

fn entry_out(entry: &plan::status::HistoryEntry) -> HistoryEntry {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    HistoryEntry {
        revision: i64::from(entry.revision.0),
        status: status_out(entry.status),
        action: match entry.made_by {
            MadeBy::Install => Some(OperationAction::Install),
            MadeBy::Upgrade => Some(OperationAction::Upgrade),
            MadeBy::Rollback => Some(OperationAction::Rollback),
            MadeBy::External => None,
        },
        chart: entry.chart.clone(),
        version: entry.version.clone(),
        app_version: text(&entry.app_version),
        inputs_digest: entry.inputs.as_ref().map(ToString::to_string),
        values_digest: text(&entry.values.0),
        manifest_digest: text(&entry.manifest.0),
        started_at: Some(entry.started_at.into()),
        finished_at: entry.finished_at.map(Into::into),
        description: text(&entry.description),
        cause: entry.cause.as_ref().map(failure_out),
        tests: entry.tests.map(|tests| match tests {
            plan::TestResult::Passed => TestResult::Passed,
            plan::TestResult::Failed => TestResult::Failed,
        }),
        proven: entry.proven,
    }
}

fn entry_in(entry: &HistoryEntry) -> Option<plan::status::HistoryEntry> {
    let digest = |text: &Option<String>| Digest(text.clone().unwrap_or_default());
    Some(plan::status::HistoryEntry {
        revision: revision_in(entry.revision),
        status: Status::parse(entry.status.as_str()),
        made_by: match entry.action {
            Some(OperationAction::Install) => MadeBy::Install,
            Some(OperationAction::Upgrade) => MadeBy::Upgrade,
            Some(OperationAction::Rollback) => MadeBy::Rollback,
            Some(_) | None => MadeBy::External,
        },
        chart: entry.chart.clone(),
        version: entry.version.clone(),
        app_version: entry.app_version.clone().unwrap_or_default(),
        inputs: entry.inputs_digest.clone().map(Digest),
        values: digest(&entry.values_digest),
        manifest: digest(&entry.manifest_digest),
        started_at: entry.started_at?.get(),
        finished_at: entry.finished_at.map(api::Time::get),
        description: entry.description.clone().unwrap_or_default(),
        cause: entry.cause.as_ref().and_then(failure_in),
        tests: entry.tests.map(|tests| match tests {
            TestResult::Passed => plan::TestResult::Passed,
            TestResult::Failed => plan::TestResult::Failed,
        }),
        proven: entry.proven,
    })
}

/// A failure as status shows it.
pub(crate) fn failure_out(failure: &plan::Failure) -> Failure {
    Failure {
        category: failure.category.to_string(),
        class: match failure.class {
            ErrorClass::Permanent => FailureClass::Permanent,
            ErrorClass::Transient => FailureClass::Transient,
            ErrorClass::Unhealthy => FailureClass::Unhealthy,
        },
        stage: match failure.stage {
            Stage::Prepare => FailureStage::Prepare,
            Stage::Storage => FailureStage::Storage,
            Stage::PreHooks => FailureStage::PreHooks,
            Stage::Apply => FailureStage::Apply,
            Stage::Wait => FailureStage::Wait,
            Stage::PostHooks => FailureStage::PostHooks,
            Stage::Tests => FailureStage::Tests,
            Stage::Delete => FailureStage::Delete,
            Stage::Closed => FailureStage::Closed,
        },
        message: failure.message.clone(),
        objects: failure
            .objects
            .iter()
            .map(|cause| ObjectReport {
                object: object_out(&cause.object),
                category: Some(cause.category.to_string()),
                reason: cause.reason.clone(),
                message: Some(cause.message.clone()).filter(|message| !message.is_empty()),
            })
            .collect(),
        revision: failure.revision.map(|revision| i64::from(revision.0)),
        at: failure.at.into(),
    }
}

fn failure_in(failure: &Failure) -> Option<plan::Failure> {
    Some(plan::Failure {
        category: category_in(&failure.category)?,
        class: match failure.class {
            FailureClass::Permanent => ErrorClass::Permanent,
            FailureClass::Transient => ErrorClass::Transient,
            FailureClass::Unhealthy => ErrorClass::Unhealthy,
        },
        stage: match failure.stage {
            FailureStage::Prepare => Stage::Prepare,
            FailureStage::Storage => Stage::Storage,
            FailureStage::PreHooks => Stage::PreHooks,
            FailureStage::Apply => Stage::Apply,
            FailureStage::Wait => Stage::Wait,
            FailureStage::PostHooks => Stage::PostHooks,
            FailureStage::Tests => Stage::Tests,
            FailureStage::Delete => Stage::Delete,
            FailureStage::Closed => Stage::Closed,
        },
        message: failure.message.clone(),
        objects: failure
            .objects
            .iter()
            .filter_map(|report| {
                Some(plan::Cause {
                    object: object_in(&report.object),
                    category: category_in(report.category.as_deref()?)?,
                    reason: report.reason.clone(),
                    message: report.message.clone().unwrap_or_default(),
                    restarts: 0,
                })
            })
            .collect(),
        revision: failure.revision.map(revision_in),
        at: failure.at.get(),
    })
}

fn category_in(word: &str) -> Option<Category> {
    Category::ALL
        .iter()
        .copied()
        .find(|category| category.as_str() == word)
}

fn object_out(object: &plan::ObjectRef) -> ObjectRef {
    ObjectRef {
        api_version: object.api_version.clone(),
        kind: object.kind.clone(),
        namespace: Some(object.namespace.clone()).filter(|namespace| !namespace.is_empty()),
        name: object.name.clone(),
    }
}

fn object_in(object: &ObjectRef) -> plan::ObjectRef {
    plan::ObjectRef {
        api_version: object.api_version.clone(),
        kind: object.kind.clone(),
        namespace: object.namespace.clone().unwrap_or_default(),
        name: object.name.clone(),
    }
}

/// A status of Helm in the words of the API.
pub(crate) fn status_out(status: Status) -> HelmStatus {
    match status {
        Status::Unknown => HelmStatus::Unknown,
        Status::Deployed => HelmStatus::Deployed,
        Status::Uninstalled => HelmStatus::Uninstalled,
        Status::Superseded => HelmStatus::Superseded,
        Status::Failed => HelmStatus::Failed,
        Status::Uninstalling => HelmStatus::Uninstalling,
        Status::PendingInstall => HelmStatus::PendingInstall,
        Status::PendingUpgrade => HelmStatus::PendingUpgrade,
        Status::PendingRollback => HelmStatus::PendingRollback,
    }
}

fn revision_in(number: i64) -> Revision {
    Revision(u32::try_from(number).unwrap_or_default())
}

fn count(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}
