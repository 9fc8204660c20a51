//! The model: a world, the operation that the operator has in hand, and the moves between states.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use plan::{Category, Decision, Effect, EffectError, ErrorClass, Materials, Operation, Outcome, Progress};

use super::foreign::{self, Foreign};
use super::rules;
use crate::world::{Look, World};

/// The most looks in a row without a pause. More is a machine that runs hot.
const MAX_LOOKS: u8 = 12;

/// The most moves without a disturbance before everything is quiet.
const MAX_CALM: u16 = 500;

/// The values that the owner may want.
const VALUES: [&str; 3] = ["a", "b", "c"];

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// The operator looks and decides; an operation that comes of it is persisted.
    Look,
    /// The effect at hand is performed.
    Perform,
    /// The pause of a parked operation, or of a decision to wait, is over.
    Wait,
    /// The operator dies before the effect at hand reaches the cluster.
    CrashBefore,
    /// It dies after that, and never hears of the outcome.
    CrashAfter,
    /// The API server answers the effect at hand with an error.
    Fault(ErrorClass),
    /// The effect is performed, but its answer is lost.
    Lost,
    /// The effect at hand takes longer than any timeout.
    Slow,
    /// Nobody wakes the operator before every timeout is over.
    Late,
    /// The status of the custom resource is gone.
    LoseStatus,
    /// The owner wants other values; those of place 1 have a manifest of their own, and so on.
    Want(u8),
    /// The owner deletes the custom resource.
    Delete,
    /// The owner asks for a rollback to the last good revision.
    AskRollback,
    /// The owner asks for another try.
    AskRetry,
    /// What did not get ready gets ready.
    Heal,
    /// Somebody else changes something.
    By(Foreign),
}

/// What the operator waits for when it has nothing in hand.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Idle {
    /// Nothing: it looks next.
    Busy,
    /// An event, or this time.
    Until(Timestamp),
    /// An event.
    Quiet(Box<Decision>),
}

/// An operation in the hands of the operator.
#[derive(Clone)]
pub(super) struct Running {
    pub(super) ctx: Arc<Materials>,
    pub(super) operation: Operation,
    pub(super) effect: Effect,
}

/// A state.
#[derive(Clone)]
pub(super) struct Model {
    pub(super) world: World,
    pub(super) running: Option<Running>,
    pub(super) idle: Idle,
    /// Looks in a row without a pause.
    pub(super) looks: u8,
    /// Moves since the last disturbance.
    calm: u16,
    pub(super) ghost: rules::Ghost,
}

impl Model {
    pub(super) fn new(world: World) -> Self {
        Self {
            ghost: rules::Ghost::of(&world),
            world,
            running: None,
            idle: Idle::Busy,
            looks: 0,
            calm: 0,
        }
    }

    /// What happens when nothing goes wrong; nothing once all is quiet.
    pub(super) fn calm(&self) -> Option<Move> {
        match (&self.running, &self.idle) {
            (Some(_), _) => Some(Move::Perform),
            (None, Idle::Busy) => Some(Move::Look),
            (None, Idle::Until(_)) => Some(Move::Wait),
            (None, Idle::Quiet(_)) => None,
        }
    }

    /// Whether a move may be possible here.
    pub(super) fn can(&self, by: Move) -> bool {
        let world = &self.world;
        let idle = self.running.is_none();
        match by {
            Move::Look => idle && self.idle == Idle::Busy,
            Move::Wait | Move::Late => idle && matches!(self.idle, Idle::Until(_)),
            Move::Perform
            | Move::CrashBefore
            | Move::CrashAfter
            | Move::Fault(_)
            | Move::Lost
            | Move::Slow => !idle,
            Move::LoseStatus => idle && world.status != plan::status::Snapshot::default(),
            Move::Want(place) => VALUES[usize::from(place)] != world.values && !world.deleting,
            Move::Delete => !world.deleting,
            Move::AskRollback => world.requests.rollback.is_none(),
            Move::AskRetry => world.requests.retry.is_none(),
            Move::Heal => !world.cluster.scripts.is_empty(),
            Move::By(_) => !world.cluster.secrets.is_empty(),
        }
    }

    /// Makes a move; `false` when it cannot be made here.
    ///
    /// # Errors
    /// The words of a rule that the move breaks.
    pub(super) fn apply(&mut self, by: Move) -> Result<bool, String> {
        self.calm = if Some(by) == self.calm() { self.calm + 1 } else { 0 };
        if self.calm > MAX_CALM {
            return Err(format!("no rest after {MAX_CALM} moves"));
        }
        match by {
            Move::Look => return self.look().map(|()| true),
            Move::Wait => {
                if let Idle::Until(until) = self.idle {
                    self.world.cluster.now = until.max(self.world.cluster.now);
                    self.idle = Idle::Busy;
                    self.looks = 0;
                }
            }
            Move::Late => {
                let Idle::Until(until) = self.idle else {
                    return Ok(false);
                };
                self.world.cluster.now = until.max(self.world.cluster.now);
                self.world.later(Duration::from_hours(1));
                self.wake();
            }
            Move::Perform => return self.perform(|model, effect| model.world.cluster.perform(effect)),
            Move::Fault(class) => return self.perform(|_, _| Outcome::Failed(error(class))),
            Move::Lost => {
                return self.perform(|model, effect| {
                    model.world.cluster.perform(effect);
                    Outcome::Failed(error(ErrorClass::Transient))
                });
            }
            Move::Slow => {
                return self.perform(|model, effect| {
                    model.world.later(Duration::from_mins(6));
                    model.world.cluster.perform(effect)
                });
            }
            Move::CrashBefore => return Ok(self.crash()),
            Move::CrashAfter => {
                let Some(running) = self.running.clone() else {
                    return Ok(false);
                };
                rules::allowed(self, &running)?;
                self.world.cluster.perform(&running.effect);
                return Ok(self.crash());
            }
            Move::LoseStatus => {
                self.world.status = plan::status::Snapshot::default();
                self.wake();
            }
            Move::Want(place) => {
                let manifest = ["web=1", "extra=1\nweb=2", "web=3"][usize::from(place)];
                self.world.change(VALUES[usize::from(place)], manifest);
                self.wake();
            }
            Move::Delete => {
                self.world.deleting = true;
                self.wake();
            }
            Move::AskRollback => {
                self.world.requests.rollback = Some(plan::RollbackRequest {
                    token: "previous@1".to_owned(),
                    to: plan::RollbackTo::Previous,
                });
                self.wake();
            }
            Move::AskRetry => {
                self.world.requests.retry = Some("1".to_owned());
                self.wake();
            }
            Move::Heal => {
                self.world.cluster.scripts.clear();
                self.wake();
            }
            Move::By(who) => {
                if !foreign::act(&mut self.world, who) {
                    return Ok(false);
                }
                self.ghost.meddled = true;
                self.wake();
            }
        }
        self.ghost.see(&self.world);
        Ok(true)
    }

    /// An event: an operator that has nothing in hand looks next.
    fn wake(&mut self) {
        self.idle = Idle::Busy;
        self.looks = 0;
    }

    fn crash(&mut self) -> bool {
        let running = self.running.take().is_some();
        self.wake();
        running
    }

    fn look(&mut self) -> Result<(), String> {
        self.looks += 1;
        if self.looks > MAX_LOOKS {
            return Err(format!("{MAX_LOOKS} looks in a row without a pause"));
        }
        if let Some(operation) = self.world.status.operation.take() {
            // Status is text: what does not survive it is lost.
            let text = serde_json::to_string(&operation).unwrap();
            self.world.status.operation = serde_json::from_str(&text).unwrap();
        }
        self.ghost.looked(&self.world);
        match self.world.look() {
            Look::Work(operation, ctx) => {
                let progress = plan::begin(&ctx, *operation, self.world.cluster.now);
                self.go_on(Arc::from(ctx), progress)?;
            }
            Look::Refused => {}
            Look::Rest(Decision::Wait {
                until: Some(until),
                why,
            }) => {
                rules::stated(&why)?;
                self.idle = Idle::Until(until);
            }
            Look::Rest(decision) => self.idle = Idle::Quiet(Box::new(decision)),
        }
        Ok(())
    }

    fn perform(&mut self, how: impl FnOnce(&mut Self, &Effect) -> Outcome) -> Result<bool, String> {
        let Some(running) = self.running.take() else {
            return Ok(false);
        };
        rules::allowed(self, &running)?;
        let Running {
            ctx,
            operation,
            effect,
        } = running;
        let outcome = how(self, &effect);
        let progress = plan::step(&ctx, operation, outcome, self.world.cluster.now);
        self.go_on(ctx, progress)?;
        self.ghost.see(&self.world);
        Ok(true)
    }

    /// Takes the next effect in hand; what it belongs to is persisted first.
    fn go_on(&mut self, ctx: Arc<Materials>, progress: Progress) -> Result<(), String> {
        let Progress { operation, effect } = progress;
        match effect {
            Effect::Park { until, why, .. } => {
                self.world.status.operation = Some(operation);
                rules::stated(&why)?;
                self.world.parked = Some(why);
                self.idle = Idle::Until(until);
            }
            Effect::Finish(report) => {
                let status = std::mem::take(&mut self.world.status);
                self.world.status = plan::status::finished(status, &report, &self.world.policy);
                self.idle = Idle::Busy;
            }
            effect => {
                self.world.status.operation = Some(operation.clone());
                self.running = Some(Running {
                    ctx,
                    operation,
                    effect,
                });
            }
        }
        Ok(())
    }
}

fn error(class: ErrorClass) -> EffectError {
    EffectError {
        category: match class {
            ErrorClass::Transient => Category::ClusterUnreachable,
            ErrorClass::Permanent | ErrorClass::Unhealthy => Category::ApplyRefused,
        },
        class,
        message: "scripted".to_owned(),
        objects: Vec::new(),
    }
}
