//! The records, marks and reports an operation writes.

use helm::record::{GoTime, HookPhase, Release, Revision, Status, json_digest};
use jiff::Timestamp;
use serde_json::Value;

use super::{Materials, Operation};
use crate::actions;
use crate::policy::{TestFailure, TestWhen, WaitFor};
use crate::status::HistoryEntry;
use crate::{Action, Digest, Effect, Failure, MadeBy, Mark, Report, ReportResult, TestResult};

/// The record as it stands: as loaded, with what its hooks did since.
pub(super) fn working(ctx: &Materials, operation: &Operation) -> Release {
    let mut record = Release::clone(&ctx.record);
    for (index, times) in &operation.data.hooks {
        let Some(hook) = record.hooks.get_mut(*index) else {
            continue;
        };
        hook.last_run.started_at = Some(times.started_at.into());
        hook.last_run.completed_at = times.completed_at.map(GoTime::from);
        hook.last_run.phase = match (times.completed_at, times.succeeded) {
            (None, _) => HookPhase::Running,
            (Some(_), true) => HookPhase::Succeeded,
            (Some(_), false) => HookPhase::Failed,
        };
        if hook.hook.delete_policies.is_empty() {
            // Helm stores the default once a hook ran.
            hook.hook.delete_policies = hook.delete_policies().to_vec();
        }
    }
    if let Action::Uninstall { .. } = operation.action {
        record.set_status(Status::Uninstalling, "Deletion in progress (or silently failed)");
        record.info.deleted = Some(operation.started_at.into());
    }
    record
}

/// The record and mark of success.
pub(super) fn concluded(ctx: &Materials, operation: &Operation) -> (Release, Mark) {
    let mut record = working(ctx, operation);
    let mark = ctx.mark.clone();
    if let Action::Test { .. } = operation.action {
        return (
            record,
            Mark {
                tests: Some(TestResult::Passed),
                proven: true,
                ..mark
            },
        );
    }
    record.set_status(Status::Deployed, actions::success_description(ctx));
    let policy = &ctx.desired.policy;
    let rollback = mark.made_by == MadeBy::Rollback;
    let wait = if rollback {
        &policy.rollback.wait
    } else {
        &policy.wait
    };
    let tested_later = policy.test.when == TestWhen::AfterRelease && !rollback && has_tests(&record);
    let proven = wait.target == WaitFor::Ready && !tested_later;
    (
        record,
        Mark {
            proven,
            failed: None,
            tests: None,
            ..mark
        },
    )
}

/// The record and mark of failure.
pub(super) fn failed(ctx: &Materials, operation: &Operation, failure: &Failure) -> (Release, Mark) {
    let mut record = working(ctx, operation);
    let mark = ctx.mark.clone();
    if let Action::Test { .. } = operation.action {
        let proven = ctx.desired.policy.test.on_failure == TestFailure::Ignore;
        return (
            record,
            Mark {
                tests: Some(TestResult::Failed),
                proven,
                ..mark
            },
        );
    }
    let description = actions::failure_description(ctx, failure.stage, &failure.message);
    record.set_status(Status::Failed, description);
    (
        record,
        Mark {
            proven: false,
            failed: Some((failure.stage, failure.class)),
            ..mark
        },
    )
}

/// The record of an uninstalled release whose history is kept.
pub(super) fn uninstalled(ctx: &Materials, operation: &Operation) -> (Release, Mark) {
    let mut record = working(ctx, operation);
    let given = ctx
        .desired
        .policy
        .description
        .clone()
        .filter(|words| !words.is_empty());
    record.set_status(
        Status::Uninstalled,
        given.unwrap_or_else(|| "Uninstallation complete".to_owned()),
    );
    (record, ctx.mark.clone())
}

/// The mark of an adopted revision.
pub(super) fn adopted(ctx: &Materials, operation: &Operation) -> Mark {
    Mark {
        proven: operation.data.ready,
        ..ctx.mark.clone()
    }
}

/// Whether a record has test hooks.
fn has_tests(record: &Release) -> bool {
    record
        .hooks
        .iter()
        .any(|hook| hook.hook.events.contains(&helm::hooks::HookEvent::Test))
}

/// The end of an operation.
pub(super) fn finish(ctx: &Materials, operation: &Operation, now: Timestamp) -> Effect {
    let data = &operation.data;
    let ignored = matches!(operation.action, Action::Test { .. })
        && ctx.desired.policy.test.on_failure == TestFailure::Ignore;
    let result = match &data.failure {
        Some(failure) if !ignored => ReportResult::Failed(failure.clone()),
        Some(_) | None => ReportResult::Succeeded,
    };
    Effect::Finish(Box::new(Report {
        operation: operation.id.clone(),
        action: operation.action.clone(),
        revision: operation.revision,
        inputs: operation.inputs.clone(),
        result,
        started_at: operation.started_at,
        finished_at: now,
        entry: entry(ctx, operation, now),
        kept: data.kept.clone(),
        incomplete: data.incomplete.clone(),
    }))
}

/// The revision as history shows it; `None` when nothing is stored of it.
fn entry(ctx: &Materials, operation: &Operation, now: Timestamp) -> Option<HistoryEntry> {
    let data = &operation.data;
    let (record, mark) = match (&operation.action, &data.failure) {
        (_, Some(failure)) if failure.revision.is_none() => return None,
        (Action::Uninstall { why: _ }, _) => {
            let purged = !ctx.desired.policy.uninstall.keep_history
                && data
                    .failure
                    .as_ref()
                    .is_none_or(|failure| failure.stage == crate::Stage::PostHooks);
            if purged {
                return None;
            }
            match data.failure {
                Some(_) => (working(ctx, operation), ctx.mark.clone()),
                None => uninstalled(ctx, operation),
            }
        }
        (Action::Adopt { .. }, _) => (working(ctx, operation), adopted(ctx, operation)),
        (Action::CorrectDrift { .. }, _) => (working(ctx, operation), ctx.mark.clone()),
        (Action::Unlock { .. }, None) => {
            let mut record = working(ctx, operation);
            record.info.status = Status::Superseded;
            (record, ctx.mark.clone())
        }
        (_, Some(failure)) => failed(ctx, operation, failure),
        (_, None) => concluded(ctx, operation),
    };
    let chart = record.chart.as_ref();
    let time = |time: &Option<GoTime>| time.map(|time| time.at);
    Some(HistoryEntry {
        revision: record.version,
        status: record.info.status,
        made_by: mark.made_by,
        chart: chart.map(|chart| chart.name().to_owned()).unwrap_or_default(),
        version: chart.map(|chart| chart.version().to_owned()).unwrap_or_default(),
        app_version: chart
            .map(|chart| chart.app_version().to_owned())
            .unwrap_or_default(),
        inputs: mark.inputs.clone(),
        values: values_digest(&record),
        manifest: manifest_digest(&record),
        started_at: time(&record.info.last_deployed).unwrap_or(operation.started_at),
        finished_at: Some(now),
        description: record.info.description.clone(),
        cause: data.failure.clone(),
        tests: mark.tests,
        proven: mark.proven,
    })
}

/// The digest of a record's user values, comparable with [`crate::Inputs::values`].
pub fn values_digest(record: &Release) -> Digest {
    Digest(json_digest(&Value::Object(record.config.clone())))
}

/// The digest of a record's manifest.
pub fn manifest_digest(record: &Release) -> Digest {
    Digest(json_digest(&Value::String(record.manifest.clone())))
}

/// The revisions that a success supersedes: the one that was overtaken; else what is still called deployed, and what an upgrade started from.
pub(super) fn superseded(ctx: &Materials, operation: &Operation) -> Vec<Revision> {
    if let Action::Unlock { revision, .. } = operation.action {
        return vec![revision];
    }
    let is_base =
        |revision: Revision| matches!(operation.action, Action::Upgrade) && operation.base == Some(revision);
    ctx.revisions
        .iter()
        .filter(|facts| facts.revision != operation.revision)
        .filter(|facts| facts.status == Status::Deployed || is_base(facts.revision))
        .map(|facts| facts.revision)
        .collect()
}
