//! The engine: an outcome in, the next step and its effect out.

use jiff::Timestamp;

use super::waiting::{Look, Verdict};
use super::{Materials, Operation, Progress, Step, effects, hooks, waiting};
use crate::actions::{self, Phase};
use crate::readiness::ReadyStatus;
use crate::{
    Action, Category, Effect, EffectError, ErrorClass, Failure, Outcome, Report, ReportResult, Stage, Why,
    backoff,
};

/// The effect of the present step: of the first one after [`super::start`], of the one that was interrupted after
/// [`super::resume`], and of the one that is waiting after [`Effect::Park`].
///
/// # Guarantees
/// The operation comes back unchanged when its step has something to do; otherwise it has moved to the first step
/// that has.
pub fn begin(ctx: &Materials, mut operation: Operation, now: Timestamp) -> Progress {
    operation = operation.unparked(now);
    loop {
        if let Some(effect) = effects::of(ctx, &operation, now) {
            return Progress { operation, effect };
        }
        operation = advance(ctx, operation, now);
    }
}

/// Takes the outcome of the effect of the present step and gives the next one.
///
/// # Guarantees
/// - Every path ends in [`Effect::Finish`].
/// - An outcome that does not belong to the step counts as done, so that a performer with more to say does no harm.
pub fn step(ctx: &Materials, mut operation: Operation, outcome: Outcome, now: Timestamp) -> Progress {
    let verdict = match outcome {
        // What only closes a revision has nothing to fall back on: it tries until it may.
        Outcome::Failed(error)
            if error.class == ErrorClass::Transient || matches!(operation.action, Action::Unlock { .. }) =>
        {
            return transient(ctx, operation, &error, now);
        }
        Outcome::Failed(error) => failed(ctx, &mut operation, error, now),
        Outcome::AlreadyExists => return void(operation, now),
        outcome => absorb(ctx, &mut operation, outcome, now),
    };
    operation.data.transient = 0;
    match verdict {
        Verdict::Next => {
            let operation = advance(ctx, operation, now);
            begin(ctx, operation, now)
        }
        Verdict::Park { until, message } => park(operation, until, Category::Progressing, message),
        Verdict::Fail(error) => {
            let operation = fail(ctx, operation, error, now);
            begin(ctx, operation, now)
        }
        Verdict::FailHook(error) => {
            let event = match operation.step {
                Step::Hooks { event, .. } => Some(event),
                _ => None,
            };
            let mut operation = fail(ctx, operation, error, now);
            if let Some(event) = event {
                operation.step = Step::SweepHooks { event, index: 0 };
            }
            begin(ctx, operation, now)
        }
    }
}

fn absorb(ctx: &Materials, operation: &mut Operation, outcome: Outcome, now: Timestamp) -> Verdict {
    match (operation.step, outcome) {
        (Step::Preflight, Outcome::Preflighted { missing }) => {
            if effects::cleans_up(&ctx.desired.policy, &operation.action) {
                operation.data.created = missing;
            }
            Verdict::Next
        }
        (Step::Hooks { .. } | Step::SweepHooks { .. }, outcome) => {
            hooks::absorb(ctx, operation, outcome, now)
        }
        (Step::Probe, Outcome::Readiness { objects, .. }) => {
            operation.data.ready = objects.iter().all(|object| object.status == ReadyStatus::Current);
            Verdict::Next
        }
        (
            Step::Wait | Step::CrdsReady,
            Outcome::Readiness {
                objects,
                total,
                causes,
                recheck_at,
            },
        ) => waiting::ready(
            ctx,
            operation,
            Look {
                objects,
                total,
                causes,
                recheck_at,
            },
            now,
        ),
        (Step::Delete, Outcome::Deleted { kept }) => {
            operation.data.kept = kept;
            Verdict::Next
        }
        (Step::WaitGone, Outcome::Remaining(objects)) => {
            let until = backoff::later(operation.step_since, effects::timeout(ctx, operation));
            waiting::gone(operation, &objects, until, now)
        }
        (Step::Compare, Outcome::Compared(drift)) => {
            operation.data.incomplete = drift.into_iter().take(Failure::MAX_OBJECTS).collect();
            Verdict::Next
        }
        (_, _) => Verdict::Next,
    }
}

/// A failure that trying again does not cure.
fn failed(ctx: &Materials, operation: &mut Operation, error: EffectError, now: Timestamp) -> Verdict {
    match operation.step {
        // These add to what was decided already; without them the rest still holds.
        Step::Compare | Step::Probe | Step::Cleanup => Verdict::Next,
        Step::SweepHooks { .. } | Step::RecordFailure if operation.data.failure.is_some() => Verdict::Next,
        Step::Hooks { .. } => Verdict::Fail(hooks::not_created(ctx, operation, error, now)),
        _ => Verdict::Fail(error),
    }
}

/// The step is tried again later, uncounted, unless the operation has run out of time.
fn transient(ctx: &Materials, mut operation: Operation, error: &EffectError, now: Timestamp) -> Progress {
    if operation.deadline.is_some_and(|deadline| now >= deadline) {
        let message = format!("{}\ncontext deadline exceeded", error.message);
        let error = EffectError {
            class: ErrorClass::Unhealthy,
            message,
            ..error.clone()
        };
        let outcome = Outcome::Failed(EffectError {
            category: Category::Timeout,
            ..error
        });
        return step(ctx, operation, outcome, now);
    }
    operation.data.transient = operation.data.transient.saturating_add(1);
    let again = backoff::transient_at(now, operation.data.transient);
    let until = operation.deadline.map_or(again, |deadline| deadline.min(again));
    park(operation, until, error.category, error.message.clone())
}

fn park(operation: Operation, until: Timestamp, category: Category, message: String) -> Progress {
    let waiting_for = operation.data.waiting_for.clone();
    Progress {
        operation,
        effect: Effect::Park {
            until,
            why: Why { category, message },
            waiting_for,
        },
    }
}

/// Notes the failure and turns to what is left to do after it.
fn fail(ctx: &Materials, mut operation: Operation, error: EffectError, now: Timestamp) -> Operation {
    let EffectError {
        category,
        class,
        message,
        mut objects,
    } = error;
    let phase = operation.step.phase();
    let stage = phase.stage();
    // Helm has words before a foreign object only, not before what else the look ahead may find.
    let plain = phase == Phase::Preflight && category != Category::OwnershipConflict;
    let prefix = if plain {
        ""
    } else {
        actions::error_prefix(&operation.action, phase)
    };
    objects.truncate(Failure::MAX_OBJECTS);
    let category = match operation.action {
        Action::Uninstall { .. } => Category::UninstallFailed,
        _ => category,
    };
    let failure = Failure {
        category,
        class,
        stage,
        message: format!("{prefix}{message}"),
        objects,
        revision: (stage != Stage::Prepare).then_some(operation.revision),
        at: now,
    };
    // The first failure is the story; what fails while it is cleaned up is not.
    let stage = operation.data.failure.get_or_insert(failure).stage;
    let first = actions::failure_trail(ctx, &operation, stage)
        .first()
        .copied()
        .unwrap_or(Phase::Finish);
    enter(operation, first.first_step(), now)
}

/// Somebody else was faster: nothing of this operation is stored, the facts must decide anew.
fn void(operation: Operation, now: Timestamp) -> Progress {
    let report = Report {
        operation: operation.id.clone(),
        action: operation.action.clone(),
        revision: operation.revision,
        inputs: operation.inputs.clone(),
        result: ReportResult::Void(operation.step.phase().stage()),
        started_at: operation.started_at,
        finished_at: now,
        entry: None,
        kept: Vec::new(),
        incomplete: Vec::new(),
    };
    Progress {
        operation,
        effect: Effect::Finish(Box::new(report)),
    }
}

/// Moves to the next step.
fn advance(ctx: &Materials, mut operation: Operation, now: Timestamp) -> Operation {
    let inside = match operation.step {
        Step::Crds => Some(Step::CrdsReady),
        Step::Hooks { .. } | Step::SweepHooks { .. } => hooks::next(ctx, &mut operation, now),
        _ => None,
    };
    let next = inside.unwrap_or_else(|| next_phase(ctx, &operation).first_step());
    enter(operation, next, now)
}

fn next_phase(ctx: &Materials, operation: &Operation) -> Phase {
    let trail = match &operation.data.failure {
        Some(failure) => actions::failure_trail(ctx, operation, failure.stage),
        None => actions::trail(ctx, operation),
    };
    let present = operation.step.phase();
    let next = match trail.iter().position(|phase| *phase == present) {
        Some(place) => trail.get(place + 1),
        // Hooks are swept between the failure and what is left to do after it.
        None if operation.data.failure.is_some() => trail.first(),
        None => None,
    };
    next.copied().unwrap_or(Phase::Finish)
}

fn enter(mut operation: Operation, step: Step, now: Timestamp) -> Operation {
    operation.step = step;
    operation.step_since = now;
    operation.data.waiting_for.clear();
    operation.data.suspects.clear();
    operation.data.transient = 0;
    operation
}
