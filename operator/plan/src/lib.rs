//! The release state machine: facts in, decisions and effects out. No I/O, no clock, no randomness.
//!
//! ```text
//! observe (I/O) → classify → decide → start/resume → step ⇄ perform (I/O) → fold (status)
//! ```
//!
//! - [`Observed`] and [`Desired`] are the facts. [`classify`] names the state they are in ([`ReleaseState`]),
//!   [`decide`] says what to do about it ([`Decision`]); [`plan`] does both.
//! - An [`Action`] becomes an [`Operation`] ([`start`]) that [`step`] advances: outcome in, [`Effect`] out.
//!   Effects are data; `cluster` performs them and answers with an [`Outcome`].
//! - [`readiness`], [`diagnose`] and [`drift`] judge live objects; [`status`] says what people get to read.
//!
//! # Guarantees
//! - Persist the operation that [`step`] returns before performing the effect it returns. Then a crash at any
//!   point is answered by [`resume`]: the effect of the current step is issued again, every effect may be
//!   performed twice, and no hook runs twice.
//! - The same facts give the same decision: the command line prints what the controller does.

mod actions;
pub mod backoff;
pub mod category;
pub mod classify;
pub mod decide;
pub mod desired;
pub mod diagnose;
pub mod drift;
pub mod effect;
pub mod failure;
pub mod history;
pub mod ids;
pub mod inputs;
pub mod mark;
pub mod observed;
pub mod operation;
pub mod policy;
pub mod readiness;
pub mod requests;
pub mod state;
pub mod status;

pub use category::{Category, ErrorClass};
pub use classify::classify;
pub use decide::{Action, Decision, Plan, Rest, RollbackBy, UninstallWhy, UnlockWhy, Why, plan};
pub use desired::{CrdFile, Desired, Payload};
pub use diagnose::diagnose;
pub use effect::{Apply, Effect, EffectError, HookState, ObjectReadiness, Outcome, Report, ReportResult};
pub use failure::{Cause, Failure, Stage};
pub use ids::{Digest, HookRun, ObjectRef, OperationId, Target};
pub use inputs::{Difference, Inputs};
pub use mark::{MadeBy, Mark, TestResult};
pub use observed::{
    Attempts, Held, Live, Observed, PreviousTarget, RecordFacts, Remembered, Requests, RevisionFacts,
    RollbackRequest, RollbackTo,
};
pub use operation::{
    HookStep, HookTimes, Loaded, Materials, Needs, Operation, OperationData, Progress, RenderRequest,
    StartError, Step, begin, manifest_digest, resume, start, step, values_digest,
};
pub use policy::Policy;
pub use state::{Holder, ReleaseState};
