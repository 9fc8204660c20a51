//! Runs what was decided: steps an operation and performs its effects until it waits, ends, or the operator does.

use std::sync::Arc;

use cluster::ReleaseKey;
use jiff::Timestamp;
use plan::{
    Decision, Desired, Effect, EffectError, Failure, Loaded, Materials, Needs, Operation, OperationId, Plan,
    Progress, ReportResult, Stage, StartError,
};

use crate::context::Context;
use crate::draft::Draft;
use crate::inputs::Gathered;
use crate::observe::Look;
use crate::reconcile::ReconcileError;
use crate::{render, status};

/// Where acting came to rest.
pub(crate) enum End {
    /// Something happened: look again.
    Again,
    /// An operation waits for an event, or for this time. It is written.
    Parked {
        /// The time.
        until: Timestamp,
    },
    /// The decision starts nothing.
    Rest,
    /// The operator is ending. The operation is written.
    Stopped,
}

/// Runs a decision.
///
/// # Errors
/// The custom resource could not be written.
pub(crate) async fn act(
    ctx: &Context,
    draft: &mut Draft,
    desired: &Arc<Desired>,
    gathered: &Gathered,
    plan: &Plan,
    look: Look,
) -> Result<End, ReconcileError> {
    match &plan.decision {
        Decision::Run(action) => {
            let needs = action.needs(desired, &look.observed);
            let loaded = match load(ctx, draft, desired, gathered, &needs, &look).await {
                Ok(loaded) => loaded,
                Err(error) => return Ok(refused(draft, desired, error)),
            };
            let id = operation_id();
            match plan::start(action.clone(), desired, &look.observed, loaded, id) {
                Ok((operation, materials)) => {
                    let snapshot = std::mem::take(&mut draft.snapshot);
                    draft.snapshot = plan::status::started(snapshot, &operation, &plan.handled);
                    drive(ctx, draft, plan, operation, &materials).await
                }
                Err(error) => Ok(refused(draft, desired, start_error(&error))),
            }
        }
        Decision::Resume(operation) => {
            let loaded = match load(ctx, draft, desired, gathered, &operation.needs(), &look).await {
                Ok(loaded) => loaded,
                Err(error) => return Ok(refused(draft, desired, error)),
            };
            match plan::resume(operation, desired, &look.observed, loaded) {
                Ok(materials) => drive(ctx, draft, plan, (**operation).clone(), &materials).await,
                Err(_gone) => {
                    // The revision was never stored, or is gone: nothing is left to resume.
                    draft.snapshot.operation = None;
                    Ok(End::Again)
                }
            }
        }
        Decision::Wait { .. } | Decision::Stall { .. } | Decision::Done(_) => {
            if desired.suspended {
                let parked = |operation: Operation| operation.parked(look.observed.now);
                draft.snapshot.operation = draft.snapshot.operation.take().map(parked);
            }
            Ok(End::Rest)
        }
    }
}

/// Steps an operation until it waits or ends.
async fn drive(
    ctx: &Context,
    draft: &mut Draft,
    plan: &Plan,
    operation: Operation,
    materials: &Materials,
) -> Result<End, ReconcileError> {
    let target = &materials.target;
    let mut progress = plan::begin(materials, operation, Timestamp::now());
    loop {
        let Progress { operation, effect } = progress;
        match effect {
            Effect::Park {
                until,
                why,
                waiting_for: _,
            } => {
                draft.snapshot.operation = Some(operation);
                draft.settle(ctx, plan, Some(&why)).await?;
                return Ok(End::Parked { until });
            }
            Effect::Finish(report) => {
                ctx.cluster.hub.unfollow(&ReleaseKey {
                    namespace: target.namespace.as_str().to_owned(),
                    name: target.name.as_str().to_owned(),
                });
                count(ctx, &report);
                let snapshot = std::mem::take(&mut draft.snapshot);
                draft.snapshot = plan::status::finished(snapshot, &report, &materials.desired.policy);
                return Ok(End::Again);
            }
            effect => {
                draft.snapshot.operation = Some(operation.clone());
                draft.persist(ctx, plan).await?;
                if ctx.stop.is_cancelled() {
                    draft.settle(ctx, plan, None).await?;
                    return Ok(End::Stopped);
                }
                let outcome = ctx.cluster.perform(target, &effect).await;
                progress = plan::step(materials, operation, outcome, Timestamp::now());
            }
        }
    }
}

/// Gets ready what an operation needs: the rendered chart and stored records.
async fn load(
    ctx: &Context,
    draft: &Draft,
    desired: &Desired,
    gathered: &Gathered,
    needs: &Needs,
    look: &Look,
) -> Result<Loaded, EffectError> {
    let previous = look.observed.previous.as_ref();
    let storage = ctx
        .cluster
        .storage(previous.map_or(&desired.target, |previous| &previous.target));
    let mut records = look.records.clone();
    records.retain(|revision, _| needs.records.contains(revision));
    for revision in &needs.records {
        if records.contains_key(revision) {
            continue;
        }
        if let Some(record) = storage.record(*revision).await? {
            records.insert(*revision, Arc::new(record));
        }
    }
    let payload = match (&needs.render, &gathered.chart) {
        (Some(request), Some(loaded)) => Some(
            render::payload(
                &ctx.cluster,
                &desired.target,
                &loaded.chart,
                &gathered.values,
                &draft.release.spec,
                request,
            )
            .await?,
        ),
        (_, _) => None,
    };
    Ok(Loaded { payload, records })
}

/// An attempt that could not start is told like one that failed.
fn refused(draft: &mut Draft, desired: &Desired, error: EffectError) -> End {
    let EffectError {
        category,
        class,
        message,
        objects,
    } = error;
    let failure = Failure {
        category,
        class,
        stage: Stage::Prepare,
        message,
        objects,
        revision: None,
        at: Timestamp::now(),
    };
    let snapshot = std::mem::take(&mut draft.snapshot);
    draft.snapshot = plan::status::refused(snapshot, &desired.inputs.digest(), failure);
    End::Again
}

fn start_error(error: &StartError) -> EffectError {
    let (category, class) = error.category();
    EffectError {
        category,
        class,
        message: error.to_string(),
        objects: Vec::new(),
    }
}

fn count(ctx: &Context, report: &plan::Report) {
    let result = match &report.result {
        ReportResult::Succeeded => "succeeded",
        ReportResult::Failed(_) => "failed",
        ReportResult::Void(_) => "void",
    };
    let action = status::action_out(&report.action).to_string();
    let took = report.finished_at.duration_since(report.started_at).as_secs_f64();
    ctx.metrics
        .operation_seconds
        .with_label_values(&[action.as_str(), result])
        .observe(took);
}

/// A fresh identity: time and randomness, so that it sorts by age and never repeats.
fn operation_id() -> OperationId {
    let mut random = [0_u8; 8];
    // Without randomness the time alone is still unique within one operator.
    let _unfilled = getrandom::fill(&mut random);
    OperationId(format!(
        "{:x}-{:016x}",
        Timestamp::now().as_millisecond(),
        u64::from_be_bytes(random)
    ))
}
