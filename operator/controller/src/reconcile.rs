//! The pipeline: announce → validate → gather → observe → decide → act → report. One pass of it never waits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::HelmRelease;
use kube::ResourceExt;
use kube::runtime::controller::Action;
use plan::{Decision, Desired, Rest, Why};

use crate::act::{self, End};
use crate::context::Context;
use crate::dependencies;
use crate::draft::Draft;
use crate::inputs::{self, Gathered};
use crate::observe::observe;
use crate::report::Finalizer;
use crate::validate::{Wanted, validate};

/// How often one pass goes on with what its last operation made necessary: a failed upgrade, its rollback, a look.
const TURNS: usize = 8;

/// The shortest time between two passes that nothing but time calls for.
const SHORTEST: Duration = Duration::from_millis(200);

/// Why a pass ended early. Everything about the release itself is told in its status instead.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReconcileError {
    /// The custom resource could not be read or written.
    #[error("write HelmRelease: {0}")]
    Write(#[from] kube::Error),
}

/// One pass.
///
/// # Errors
/// The custom resource could not be written; the pass is repeated.
pub(crate) async fn reconcile(seen: Arc<HelmRelease>, ctx: Arc<Context>) -> Result<Action, ReconcileError> {
    let started = Instant::now();
    ctx.metrics.reconciling.inc();
    let result = Box::pin(pass(&ctx, seen)).await;
    ctx.metrics.reconciling.dec();
    let label = if result.is_ok() { "ok" } else { "error" };
    ctx.metrics
        .reconcile_seconds
        .with_label_values(&[label])
        .observe(started.elapsed().as_secs_f64());
    result
}

/// When to try again after an error of a pass.
pub(crate) fn after_error(_release: Arc<HelmRelease>, error: &ReconcileError, _ctx: Arc<Context>) -> Action {
    tracing::warn!(%error, "reconcile again soon");
    Action::requeue(Duration::from_secs(2))
}

async fn pass(ctx: &Context, seen: Arc<HelmRelease>) -> Result<Action, ReconcileError> {
    let mut release = ctx.reporter.newest(seen);
    let deleting = release.metadata.deletion_timestamp.is_some();
    let held = release
        .finalizers()
        .iter()
        .any(|finalizer| finalizer == api::FINALIZER);
    match (deleting, held) {
        (true, false) => {
            ctx.reporter.forget(&release);
            return Ok(Action::await_change());
        }
        (false, false) => release = ctx.reporter.finalizer(&release, Finalizer::Present).await?,
        (_, true) => {}
    }
    let interval = release.spec.interval.get();
    let mut draft = Draft::new(release);

    draft.announce(ctx).await?;
    let wanted = match validate(&draft.release) {
        Ok(wanted) => wanted,
        Err(why) if deleting => return leave(ctx, &draft, &why).await,
        Err(why) => return draft.stall(ctx, &why).await.map(|()| Action::requeue(interval)),
    };
    let gathered = match inputs::gather(ctx, &draft, &wanted).await {
        Ok(gathered) => gathered,
        Err(error) => {
            return draft
                .not_gathered(ctx, &error, interval)
                .await
                .map(Action::requeue);
        }
    };
    draft.resolved(&gathered);
    let mut desired = Arc::new(desired(&draft, &wanted, &gathered));

    for _ in 0..TURNS {
        let mut look = match observe(
            &ctx.cluster,
            &desired,
            &draft.release,
            &draft.snapshot,
            draft.requests(),
        )
        .await
        {
            Ok(look) => look,
            Err(error) => return draft.unseen(ctx, &error).await.map(Action::requeue),
        };
        draft.observed(&desired, &mut look);
        let plan = dependencies::gate(ctx, &draft.release, plan::plan(&desired, &look.observed)).await;
        draft.decided(ctx, &plan).await;
        match act::act(ctx, &mut draft, &desired, &gathered, &plan, look).await? {
            // What a new specification asks again is asked once.
            End::Again => Arc::make_mut(&mut desired).new_generation = false,
            End::Parked { until } => return Ok(Action::requeue(pause(until, interval))),
            End::Rest => {
                let parked = None;
                draft.settle(ctx, &plan, parked).await?;
                return match &plan.decision {
                    Decision::Done(Rest::Released) if deleting => {
                        ctx.reporter.finalizer(&draft.release, Finalizer::Absent).await?;
                        ctx.reporter.forget(&draft.release);
                        Ok(Action::await_change())
                    }
                    Decision::Wait {
                        until: Some(until), ..
                    } => Ok(Action::requeue(pause(*until, interval))),
                    Decision::Done(_)
                    | Decision::Run(_)
                    | Decision::Resume(_)
                    | Decision::Wait { until: None, .. }
                    | Decision::Stall { .. } => Ok(Action::requeue(interval)),
                };
            }
            // The operator is ending: what was persisted is where the next one goes on.
            End::Stopped => return Ok(Action::await_change()),
        }
    }
    Ok(Action::requeue(SHORTEST))
}

/// A release that can't be followed is deleted without touching what it may have made, and that is told.
async fn leave(ctx: &Context, draft: &Draft, why: &Why) -> Result<Action, ReconcileError> {
    let has_release = draft
        .release
        .status
        .as_ref()
        .is_some_and(|status| status.release.is_some());
    if has_release {
        ctx.reporter
            .event(
                &draft.release,
                why.category,
                &format!("the release is left behind: {}", why.message),
            )
            .await;
    }
    ctx.reporter.finalizer(&draft.release, Finalizer::Absent).await?;
    ctx.reporter.forget(&draft.release);
    Ok(Action::await_change())
}

fn desired(draft: &Draft, wanted: &Wanted, gathered: &Gathered) -> Desired {
    Desired {
        owner: wanted.owner.clone(),
        target: wanted.target.clone(),
        inputs: gathered.inputs.clone(),
        policy: Arc::clone(&wanted.policy),
        suspended: draft.release.spec.suspend,
        deleting: draft.release.metadata.deletion_timestamp.is_some(),
        new_generation: draft.new_generation,
    }
}

/// Until a point in time, but not longer than the safety interval and not shorter than a breath.
fn pause(until: jiff::Timestamp, interval: Duration) -> Duration {
    let left = until.duration_since(jiff::Timestamp::now());
    Duration::try_from(left)
        .unwrap_or(SHORTEST)
        .clamp(SHORTEST, interval.max(SHORTEST))
}
