//! What an operation wants done to the cluster, and what came of it. Both are data.
//!
//! Every effect may be performed twice: the second time must find the work done and say so.

use std::sync::Arc;

use helm::hooks::Hook;
use helm::record::{ApplyMethod, Namespace, Release, Revision};
use jiff::Timestamp;

use crate::drift::{Ignore, ObjectDrift};
use crate::policy::{Conflicts, Ownership, Propagation, Replace, Validation};
use crate::readiness::ReadyStatus;
use crate::status::HistoryEntry;
use crate::{
    Action, Category, Cause, CrdFile, Digest, ErrorClass, Failure, HookRun, Mark, ObjectRef, OperationId,
    Selector, Stage, Target, Why,
};

/// Something to perform. The answer each one expects is in its words.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Create a namespace with the label `name`; one that exists is fine. → `Done`
    CreateNamespace {
        /// Its name.
        name: Namespace,
    },
    /// Create the custom resource definitions of a chart. One that exists is updated if `replace`, else left alone.
    /// Then forget cached discovery. → `Done`
    ApplyCrds {
        /// The files.
        files: Arc<[CrdFile]>,
        /// Whether existing ones are updated.
        replace: bool,
    },
    /// Check, without writing, what [`Effect::Apply`] would meet: kinds known, ownership of existing objects.
    /// → `Preflighted`
    Preflight(Apply),
    /// Delete revisions, in the order given. One that is gone is fine. → `Done`
    DeleteRevisions {
        /// Which, ascending.
        revisions: Vec<Revision>,
    },
    /// Create the Secret of a revision. One that exists with the mark's operation is ours. → `Done`, or
    /// `AlreadyExists` when it is somebody else's.
    CreateRelease {
        /// The record.
        release: Arc<Release>,
        /// Its annotations.
        mark: Mark,
    },
    /// Replace the Secret of a revision. → `Done`
    UpdateRelease {
        /// The record.
        release: Arc<Release>,
        /// Its annotations; `None` keeps those it has.
        mark: Option<Mark>,
    },
    /// Set the status of revisions to superseded, keeping their annotations. One that is gone is fine. → `Done`
    Supersede {
        /// Which, ascending.
        revisions: Vec<Revision>,
        /// New words; `None` keeps the old ones.
        description: Option<String>,
    },
    /// Set our annotations on the Secret of a revision, nothing else. → `Done`
    MarkRevision {
        /// The revision.
        revision: Revision,
        /// Its annotations.
        mark: Mark,
    },
    /// Delete the object that a hook is about to create, unless it carries this run. → `Remaining`
    ClearHook {
        /// The hook.
        hook: Arc<Hook>,
        /// The run.
        run: HookRun,
    },
    /// Create the object of a hook with the annotation of its run. One that carries it already is ours. → `Done`
    StartHook {
        /// The hook.
        hook: Arc<Hook>,
        /// The run.
        run: HookRun,
        /// Server-side: an object that is in the way is taken over; client-side: it is an error.
        method: ApplyMethod,
    },
    /// Look at the object of a hook. → `Hook`
    CheckHook {
        /// The hook.
        hook: Arc<Hook>,
        /// The run.
        run: HookRun,
    },
    /// Delete the object of a hook that ended, in the background. Gone is fine. → `Remaining`
    DeleteHook {
        /// The hook.
        hook: Arc<Hook>,
    },
    /// Write the objects of a manifest by Helm's update algorithm, without its deletions. → `Done`
    Apply(Apply),
    /// Delete the objects of the base that the target does not have, unless the live one says `keep`. → `Done`
    DeleteRemoved {
        /// The release.
        release: Target,
        /// The wanted objects.
        target: Arc<str>,
        /// The objects so far.
        base: Arc<str>,
        /// Manifests of failed revisions since. Of their objects only those go whose live one carries the ownership
        /// metadata of the release. (Helm leaves them behind.)
        leftovers: Vec<Arc<str>>,
    },
    /// Look at the objects of a manifest. Those that are optional count as ready, whatever they are, and nobody looks
    /// behind them. → `Readiness`
    CheckReady {
        /// The release.
        release: Target,
        /// The objects.
        manifest: Arc<str>,
        /// Whether jobs must complete.
        jobs: bool,
        /// Which objects are optional ([`Selector::any`]).
        optional: Arc<[Selector]>,
    },
    /// Delete the objects of a manifest in uninstall order, except those that the resource policy keeps.
    /// → `Deleted`
    DeleteManifest {
        /// The release.
        release: Target,
        /// The objects.
        manifest: Arc<str>,
        /// What happens with dependents.
        propagation: Propagation,
    },
    /// Delete single objects in the background. Gone is fine. → `Done`
    DeleteObjects {
        /// Which.
        objects: Vec<ObjectRef>,
    },
    /// Look which objects of a manifest are still there, those that the resource policy keeps excepted.
    /// → `Remaining`
    CheckGone {
        /// The release.
        release: Target,
        /// The objects.
        manifest: Arc<str>,
    },
    /// Compare live objects with a manifest ([`crate::drift::compare`]). → `Compared`
    CompareLive {
        /// The release.
        release: Target,
        /// The objects.
        manifest: Arc<str>,
        /// Differences that are none.
        ignore: Arc<[Ignore]>,
    },
    /// Nothing can be done now: come back at an event of the release's objects, or at the time.
    /// Answered by starting again with [`crate::begin`]; never performed.
    Park {
        /// The time.
        until: Timestamp,
        /// What is waited for.
        why: Why,
        /// The objects that are not there yet; at most [`Effect::MAX_WAITING`].
        waiting_for: Vec<ObjectReadiness>,
    },
    /// The operation ended. Never performed.
    Finish(Box<Report>),
}

/// Objects to write.
#[derive(Clone, Debug, PartialEq)]
pub struct Apply {
    /// The release, whose ownership metadata the objects get.
    pub release: Target,
    /// The wanted objects, in order.
    pub target: Arc<str>,
    /// The objects so far: the stored manifest the patches start from. `None` for an install.
    pub base: Option<Arc<str>>,
    /// Server-side or client-side.
    pub method: ApplyMethod,
    /// What happens when somebody else owns a field.
    pub conflicts: Conflicts,
    /// Whether objects are replaced.
    pub replace: Replace,
    /// Whether objects without our ownership metadata may be taken.
    pub ownership: Ownership,
    /// Whether unknown fields are refused.
    pub validation: Validation,
    /// Whether fields owned by client-side writes of `helm` move to server-side ownership first.
    pub migrate_managers: bool,
}

/// What came of an effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// The revision exists and is somebody else's.
    AlreadyExists,
    /// The checks passed.
    Preflighted {
        /// The objects that do not exist yet.
        missing: Vec<ObjectRef>,
    },
    /// These objects are still there; none means all are gone.
    Remaining(Vec<ObjectReadiness>),
    /// The state of a hook.
    Hook(HookState),
    /// How ready every object is.
    Readiness {
        /// All of them, or at least all that are not ready.
        objects: Vec<ObjectReadiness>,
        /// How many there are.
        total: usize,
        /// What [`crate::diagnose`] found behind those that are not ready.
        causes: Vec<Cause>,
        /// When the answer changes although no object does ([`crate::readiness::Readiness::recheck_at`]).
        recheck_at: Option<Timestamp>,
    },
    /// The objects are being deleted.
    Deleted {
        /// The objects that the resource policy keeps, `[Kind] name`.
        kept: Vec<String>,
    },
    /// How live objects differ from the manifest; none means not at all.
    Compared(Vec<ObjectDrift>),
    /// It failed.
    Failed(EffectError),
}

/// The state of the object of a hook.
#[derive(Clone, Debug, PartialEq)]
pub enum HookState {
    /// Not there.
    Missing,
    /// Not ended.
    Running {
        /// In Helm's words: `resource Job/ns/x not ready. status: InProgress, message: Job in progress`.
        message: String,
        /// What [`crate::diagnose`] found.
        causes: Vec<Cause>,
    },
    /// Ended well; objects that do not run end when they are created.
    Succeeded,
    /// Ended badly.
    Failed {
        /// In Helm's words: `resource Job/ns/x not ready. status: Failed, message: Job Failed. failed: 1/1`.
        message: String,
        /// The pods behind it, with exit code and last output.
        causes: Vec<Cause>,
    },
}

/// How ready an object is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct ObjectReadiness {
    /// The object.
    pub object: ObjectRef,
    /// Its readiness by kstatus.
    pub status: ReadyStatus,
    /// What kstatus says about it.
    pub message: String,
}

/// Why an effect failed. Never holds a secret value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EffectError {
    /// The reason.
    pub category: Category,
    /// What it calls for.
    pub class: ErrorClass,
    /// The words, Helm's where it has any.
    pub message: String,
    /// The objects to blame.
    pub objects: Vec<Cause>,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The operation.
    pub operation: OperationId,
    /// What it did.
    pub action: Action,
    /// The revision it made or worked on.
    pub revision: Revision,
    /// The inputs it was started for.
    pub inputs: Digest,
    /// How it ended.
    pub result: ReportResult,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// The revision as history shows it; `None` when none is left.
    pub entry: Option<HistoryEntry>,
    /// Objects that an uninstall kept, `[Kind] name`.
    pub kept: Vec<String>,
    /// After a rollback: live objects that differ from its target.
    pub incomplete: Vec<ObjectDrift>,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq)]
pub enum ReportResult {
    /// As wanted.
    Succeeded,
    /// Not as wanted; the record says so.
    Failed(Failure),
    /// Nothing happened yet and nothing is stored: look again and decide anew.
    Void(Stage),
}

impl Effect {
    /// The most objects a wait names.
    pub const MAX_WAITING: usize = 5;
}
