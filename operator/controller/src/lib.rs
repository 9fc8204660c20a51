//! kube-runtime glue: from a `HelmRelease` that changed to a release that is as wanted, or a status that says why not.
//!
//! ```text
//! watch ─► reconcile ─► announce ─► validate ─► gather ─► observe ─► plan ─► act ─► report
//!             │                                 (chart,    (Secrets,          │
//!             │                                  values)    objects)          └─► cluster performs effects
//!             └── woken by: the object, its live objects (watch hub), its stored revisions, what it refers to, time
//! ```
//!
//! One pass never waits. [`run`] starts everything; the pipeline is in `reconcile`, on one screen. `validate` and
//! `report` (with `status`) are the only places that know both `api` and `plan`.

mod act;
mod admin;
mod chart;
mod context;
mod dependencies;
mod draft;
mod expression;
mod inputs;
mod metrics;
mod observe;
mod reconcile;
mod render;
mod report;
mod run;
mod status;
mod validate;
mod values;
mod watch;

pub use run::{RunError, RunOptions, run};
