//! The release state machine: facts in, decisions and effects out. No I/O, no clock, no randomness.
//!
//! ```text
//! observe (I/O) → synced → plan = classify + decide → start/resume → begin, step ⇄ perform (I/O) → finished → status
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
//!
//! # Example
//! ```
//! use std::sync::Arc;
//!
//! use helm::{name::ReleaseName, record::Namespace};
//! use plan::{Action, Decision, Desired, Digest, Inputs, Observed, Policy, ReleaseState, Target, plan};
//!
//! let desired = Desired {
//!     owner: "apps/web".to_owned(),
//!     target: Target { name: ReleaseName::parse("web")?, namespace: Namespace::new("apps")? },
//!     inputs: Inputs {
//!         chart: "web".to_owned(),
//!         version: "1.0.0".to_owned(),
//!         chart_digest: None,
//!         values: Digest("sha256:00".to_owned()),
//!         shape: Digest("sha256:00".to_owned()),
//!     },
//!     policy: Arc::new(Policy::default()),
//!     suspended: false,
//!     deleting: false,
//!     new_generation: false,
//! };
//! let nothing = Observed::new("2026-01-01T00:00:00Z".parse()?, Vec::new());
//! let plan = plan(&desired, &nothing);
//! assert_eq!(plan.state, ReleaseState::Absent { last: None, foreign: false });
//! assert_eq!(plan.decision, Decision::Run(Action::Install { replace: false }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
pub mod select;
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
    StartError, Step, Suspect, begin, manifest_digest, resume, start, step, values_digest,
};
pub use policy::Policy;
pub use select::{Selector, SelectorError, SelectorText};
pub use state::{Holder, ReleaseState};
