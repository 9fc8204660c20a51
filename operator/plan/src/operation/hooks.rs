//! Running the hooks of an event, one after the other (`pkg/action/hooks.go`).
//!
//! "Once" rests on three things: the object of a hook carries the run it was created for; an object that carries the
//! present run is never cleared away before creation, but adopted; and the end of a hook is persisted in the
//! operation before any policy deletes its object.

use std::sync::Arc;

use helm::hooks::{Hook, HookDeletePolicy, HookEvent};
use helm::record::ApplyMethod;
use jiff::Timestamp;

use super::proof::{self, Proof};
use super::waiting::{self, Verdict};
use super::{HookStep, HookTimes, Materials, Operation, Step, effects, records};
use crate::actions::test;
use crate::policy::{HooksPolicy, WaitFor};
use crate::{Action, Category, Cause, Effect, EffectError, ErrorClass, HookRun, HookState, Outcome, backoff};

/// The effect of a step among hooks; `None` when there is nothing to do in it.
pub(super) fn effect(ctx: &Materials, operation: &Operation) -> Option<Effect> {
    match operation.step {
        Step::Hooks {
            event,
            index,
            hook: step,
        } => {
            let place = *places(ctx, operation, event).get(index)?;
            let record = ctx.record.hooks.get(place)?;
            let hook = Arc::new(record.hook.clone());
            let run = HookRun {
                operation: operation.id.clone(),
                event,
            };
            match step {
                HookStep::Clear => {
                    let clears = record
                        .delete_policies()
                        .contains(&HookDeletePolicy::BeforeHookCreation);
                    (clears && is_deletable(&hook)).then_some(Effect::ClearHook { hook, run })
                }
                HookStep::Announce => {
                    let release = Arc::new(records::working(ctx, operation));
                    Some(Effect::UpdateRelease { release, mark: None })
                }
                HookStep::Start => Some(Effect::StartHook {
                    hook,
                    run,
                    method: method(ctx, operation),
                }),
                HookStep::Watch => Some(Effect::CheckHook { hook, run }),
            }
        }
        Step::SweepHooks { event, index } => {
            let place = *doomed(ctx, operation, event).get(index)?;
            let hook = ctx.record.hooks.get(place)?;
            Some(Effect::DeleteHook {
                hook: Arc::new(hook.hook.clone()),
            })
        }
        _ => None,
    }
}

/// The step after the present one; `None` when the event is over.
pub(super) fn next(ctx: &Materials, operation: &mut Operation, now: Timestamp) -> Option<Step> {
    match operation.step {
        Step::Hooks { event, index, hook } => {
            let Some(place) = places(ctx, operation, event).get(index).copied() else {
                return Some(Step::SweepHooks { event, index: 0 });
            };
            Some(match hook {
                HookStep::Clear => {
                    let times = HookTimes {
                        started_at: now,
                        completed_at: None,
                        succeeded: false,
                        limit_from: None,
                    };
                    operation.data.hooks.insert(place, times);
                    Step::Hooks {
                        event,
                        index,
                        hook: HookStep::Announce,
                    }
                }
                HookStep::Announce => Step::Hooks {
                    event,
                    index,
                    hook: HookStep::Start,
                },
                HookStep::Start => Step::Hooks {
                    event,
                    index,
                    hook: HookStep::Watch,
                },
                HookStep::Watch => Step::Hooks {
                    event,
                    index: index + 1,
                    hook: HookStep::Clear,
                },
            })
        }
        Step::SweepHooks { event, index } => {
            (index < doomed(ctx, operation, event).len()).then_some(Step::SweepHooks {
                event,
                index: index + 1,
            })
        }
        _ => None,
    }
}

/// What an outcome means for the hook at hand.
pub(super) fn absorb(
    ctx: &Materials,
    operation: &mut Operation,
    outcome: Outcome,
    now: Timestamp,
) -> Verdict {
    let timeout = effects::timeout(ctx, operation);
    match (operation.step, outcome) {
        (
            Step::Hooks {
                hook: HookStep::Watch,
                event,
                index,
            },
            Outcome::Hook(state),
        ) => {
            let place = places(ctx, operation, event)
                .get(index)
                .copied()
                .unwrap_or_default();
            let times = operation.data.hooks.get(&place);
            let started = times.map_or(operation.step_since, |times| {
                times.limit_from.unwrap_or(times.started_at)
            });
            watched(
                ctx,
                operation,
                place,
                state,
                backoff::later(started, timeout),
                now,
            )
        }
        (
            Step::Hooks {
                hook: HookStep::Clear,
                ..
            }
            | Step::SweepHooks { .. },
            Outcome::Remaining(objects),
        ) => {
            let until = backoff::later(operation.step_since, timeout);
            waiting::gone(operation, &objects, until, now)
        }
        (_, _) => Verdict::Next,
    }
}

/// Writes into the operation that the object of a hook could not be created.
pub(super) fn not_created(
    ctx: &Materials,
    operation: &mut Operation,
    error: EffectError,
    now: Timestamp,
) -> EffectError {
    let Step::Hooks {
        event,
        index,
        hook: HookStep::Start,
    } = operation.step
    else {
        return error;
    };
    let place = places(ctx, operation, event)
        .get(index)
        .copied()
        .unwrap_or_default();
    ended(operation, place, false, now);
    let path = ctx
        .record
        .hooks
        .get(place)
        .map_or("", |hook| hook.hook.path.as_str());
    let message = format!(
        "warning: Hook {} {path} failed: {}",
        event.as_str(),
        error.message
    );
    EffectError { message, ..error }
}

fn watched(
    ctx: &Materials,
    operation: &mut Operation,
    place: usize,
    state: HookState,
    until: Timestamp,
    now: Timestamp,
) -> Verdict {
    let waits = effects::wait_policy(ctx).target != WaitFor::Nothing;
    let until = operation.deadline.map_or(until, |deadline| deadline.min(until));
    let is_test = matches!(operation.action, Action::Test { .. });
    let own = if is_test {
        Category::TestFailed
    } else {
        Category::HookFailed
    };
    let fail = |message: String, causes: Vec<Cause>| {
        Verdict::FailHook(EffectError {
            category: own,
            class: ErrorClass::Unhealthy,
            message,
            objects: causes,
        })
    };
    match state {
        HookState::Succeeded => {
            ended(operation, place, true, now);
            Verdict::Next
        }
        HookState::Running { .. } if !waits => {
            ended(operation, place, true, now);
            Verdict::Next
        }
        HookState::Running { message, causes } => {
            if now >= until {
                ended(operation, place, false, now);
                return fail(format!("{message}\ncontext deadline exceeded"), causes);
            }
            let look_at = match proof::weigh(&mut operation.data, &causes, now) {
                Proof::Proven(proven) => {
                    ended(operation, place, false, now);
                    let EffectError { message, objects, .. } = waiting::hopeless(&message, causes, proven);
                    return fail(message, objects);
                }
                Proof::Open(look_at) => look_at,
            };
            let words = if causes.is_empty() {
                message
            } else {
                crate::failure::cause_words(&causes)
            };
            Verdict::Park {
                until: look_at.map_or(until, |at| at.min(until)),
                message: words,
            }
        }
        HookState::Failed { message, causes } => {
            ended(operation, place, false, now);
            fail(message, causes)
        }
        HookState::Missing => {
            let name = ctx
                .record
                .hooks
                .get(place)
                .map_or("", |hook| hook.hook.name.as_str());
            ended(operation, place, false, now);
            fail(format!("hook {name} disappeared before it ended"), Vec::new())
        }
    }
}

fn ended(operation: &mut Operation, place: usize, succeeded: bool, now: Timestamp) {
    let started_at = operation
        .data
        .hooks
        .get(&place)
        .map_or(now, |times| times.started_at);
    let times = HookTimes {
        started_at,
        completed_at: Some(now),
        succeeded,
        limit_from: None,
    };
    operation.data.hooks.insert(place, times);
}

/// The hooks of an event by their places in the record: by weight, then by name, else as stored.
fn places(ctx: &Materials, operation: &Operation, event: HookEvent) -> Vec<usize> {
    let policy = &ctx.desired.policy;
    let is_test = matches!(operation.action, Action::Test { .. });
    if policy.hooks == HooksPolicy::Skip && !is_test {
        return Vec::new();
    }
    let wanted = |hook: &Hook| !is_test || test::selects(&policy.test.filters, hook);
    let hooks = &ctx.record.hooks;
    let mut places: Vec<usize> = (0..hooks.len())
        .filter(|place| hooks[*place].hook.events.contains(&event) && wanted(&hooks[*place].hook))
        .collect();
    places.sort_by(|a, b| {
        let (a, b) = (&hooks[*a].hook, &hooks[*b].hook);
        a.weight.cmp(&b.weight).then_with(|| a.name.cmp(&b.name))
    });
    places
}

/// The hooks of an event whose objects are deleted now. After success: those whose policy says so, last first. After
/// a failure: the failed one if its policy says so, then those before it that succeeded, first first.
fn doomed(ctx: &Materials, operation: &Operation, event: HookEvent) -> Vec<usize> {
    let places = places(ctx, operation, event);
    let has = |place: &usize, policy: &HookDeletePolicy| {
        let hook = &ctx.record.hooks[*place];
        is_deletable(&hook.hook) && hook.delete_policies().contains(policy)
    };
    let ran = |place: &usize, well: bool| {
        let times = operation.data.hooks.get(place);
        times.is_some_and(|times| times.completed_at.is_some() && times.succeeded == well)
    };
    let succeeded = |place: &usize| ran(place, true) && has(place, &HookDeletePolicy::Succeeded);
    if operation.data.failure.is_none() {
        return places.into_iter().rev().filter(succeeded).collect();
    }
    let failed = places
        .iter()
        .copied()
        .filter(|place| ran(place, false) && has(place, &HookDeletePolicy::Failed));
    failed.chain(places.iter().copied().filter(succeeded)).collect()
}

/// A definition is never deleted: that would delete every object of its kind.
fn is_deletable(hook: &Hook) -> bool {
    hook.kind != "CustomResourceDefinition"
}

/// Hooks are written as their release is, except those of an uninstall, which Helm always writes server-side.
fn method(ctx: &Materials, operation: &Operation) -> ApplyMethod {
    match operation.action {
        Action::Uninstall { .. } => ApplyMethod::ServerSide,
        Action::Install { .. }
        | Action::Upgrade
        | Action::Heal { .. }
        | Action::Rollback { .. }
        | Action::Unlock { .. }
        | Action::Adopt { .. }
        | Action::Test { .. }
        | Action::CorrectDrift { .. } => ctx.record.method(),
    }
}
