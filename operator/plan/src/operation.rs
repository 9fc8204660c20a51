//! An operation under way: what is kept of it in status, and what it needs in memory.

mod effects;
mod hooks;
mod proof;
mod records;
mod start;
mod step;
mod waiting;

use std::collections::BTreeMap;
use std::sync::Arc;

use helm::hooks::HookEvent;
use helm::record::{Release, Revision};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Action, CrdFile, Desired, Digest, Effect, Failure, Mark, ObjectReadiness, ObjectRef, OperationId,
    RevisionFacts, Target,
};

pub use proof::Suspect;
pub use records::{manifest_digest, values_digest};
pub use start::{Loaded, Needs, RenderRequest, StartError, resume, start};
pub use step::{begin, step};

/// An operation. Small enough for status; enough, with the stored records, to go on after a crash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// Its identity, also written on the revision and on hook objects.
    pub id: OperationId,
    /// What it does.
    pub action: Action,
    /// The revision it makes or works on.
    pub revision: Revision,
    /// The revision its patches start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Revision>,
    /// Failed revisions whose objects may still lie around.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leftovers: Vec<Revision>,
    /// The inputs it was started for.
    pub inputs: Digest,
    /// How far it got.
    pub step: Step,
    /// When it began.
    pub started_at: Timestamp,
    /// When it came to its step.
    pub step_since: Timestamp,
    /// When all of it must be over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// What it learned on its way.
    #[serde(default)]
    pub data: OperationData,
}

/// A step of an operation. Each action has its own order of them (`actions/*.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "at", rename_all_fields = "camelCase")]
pub enum Step {
    /// Creating custom resource definitions.
    Crds,
    /// Waiting until they are served.
    CrdsReady,
    /// Checking what the write would meet.
    Preflight,
    /// Creating the namespace.
    Namespace,
    /// Superseding the uninstalled revision that an install takes the place of.
    Replace,
    /// Deleting the oldest revisions.
    Prune,
    /// Storing the revision.
    Store,
    /// Running the hooks of an event.
    Hooks {
        /// The event.
        event: HookEvent,
        /// The hook, by its place in the order of the event.
        index: usize,
        /// How far that hook got.
        hook: HookStep,
    },
    /// Deleting hooks of an event by their policies.
    SweepHooks {
        /// The event.
        event: HookEvent,
        /// The hook, by its place in the order of the event.
        index: usize,
    },
    /// Writing the objects.
    Apply,
    /// Deleting objects that are no longer wanted.
    Remove,
    /// Looking once whether the objects are ready.
    Probe,
    /// Waiting until the objects are ready.
    Wait,
    /// Superseding what was deployed before.
    Supersede,
    /// Storing success.
    Conclude,
    /// Comparing live objects with the manifest.
    Compare,
    /// Storing failure.
    RecordFailure,
    /// Deleting what a failed upgrade created.
    Cleanup,
    /// Storing that an uninstall began.
    MarkUninstalling,
    /// Deleting the objects.
    Delete,
    /// Waiting until they are gone.
    WaitGone,
    /// Storing that the uninstall ended, history kept.
    MarkUninstalled,
    /// Deleting the history.
    Purge,
    /// Writing marks, nothing else.
    Mark,
    /// Over.
    Finish,
}

/// How far one hook got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HookStep {
    /// Deleting an object of an earlier run.
    Clear,
    /// Storing in the record that it runs.
    Announce,
    /// Creating its object.
    Start,
    /// Waiting until it ended.
    Watch,
}

/// What an operation learned on its way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OperationData {
    /// Runs of hooks, by their place in the record.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hooks: BTreeMap<usize, HookTimes>,
    /// Objects that did not exist before; kept only when a failure would delete them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub created: Vec<ObjectRef>,
    /// Why it is failing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Since when everything is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_since: Option<Timestamp>,
    /// The last step towards ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<ProgressMark>,
    /// Causes that waiting may not cure, and since when they show.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suspects: Vec<Suspect>,
    /// Objects that an uninstall keeps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// Live objects that differ from the target of a rollback.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub incomplete: Vec<crate::drift::ObjectDrift>,
    /// What is waited for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiting_for: Vec<ObjectReadiness>,
    /// Whether the objects were ready when they were looked at once.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ready: bool,
    /// Since when it is parked because reconciliation is suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked_at: Option<Timestamp>,
    /// How often in a row the step met a transient error.
    #[serde(skip_serializing_if = "is_zero")]
    pub transient: u32,
}

/// One run of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HookTimes {
    /// When its object was created.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// Whether it ended well.
    #[serde(default)]
    pub succeeded: bool,
    /// From when its timeout runs, if that is not its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_from: Option<Timestamp>,
}

/// A step towards ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressMark {
    /// What the objects that were not ready said, as a digest.
    pub seen: Digest,
    /// When they first said it.
    pub since: Timestamp,
}

/// What an operation needs in memory. After a crash all of it is read again.
#[derive(Clone, Debug)]
pub struct Materials {
    /// What is wanted.
    pub desired: Arc<Desired>,
    /// The release worked on: the wanted one, or the one it moved away from.
    pub target: Target,
    /// Every stored revision, ascending, as of the start or resume.
    pub revisions: Arc<[RevisionFacts]>,
    /// The record worked on: fresh before it is stored, as stored after.
    pub record: Arc<Release>,
    /// The record the patches start from.
    pub base: Option<Arc<Release>>,
    /// Records of failed revisions whose objects may still lie around.
    pub leftovers: Vec<Arc<Release>>,
    /// Our mark on the record, as it will be or is stored.
    pub mark: Mark,
    /// The files of `crds/`, empty once the revision is stored.
    pub crds: Arc<[CrdFile]>,
    /// The revisions that go before the record is stored.
    pub prunable: Vec<Revision>,
}

impl Operation {
    /// Stops the clocks of the operation while reconciliation is suspended. Persist what comes back; [`begin`] starts
    /// the clocks again.
    #[must_use]
    pub fn parked(mut self, now: Timestamp) -> Self {
        self.data.parked_at.get_or_insert(now);
        self
    }

    /// Starts the clocks again: every time limit moves by the length of the pause.
    pub(crate) fn unparked(mut self, now: Timestamp) -> Self {
        let Some(since) = self.data.parked_at.take() else {
            return self;
        };
        let pause = now.duration_since(since);
        let moved = |time: Timestamp| time.checked_add(pause).unwrap_or(Timestamp::MAX);
        self.step_since = moved(self.step_since);
        self.deadline = self.deadline.map(moved);
        self.data.ready_since = None;
        self.data.progress = None;
        self.data.suspects.clear();
        for times in self
            .data
            .hooks
            .values_mut()
            .filter(|times| times.completed_at.is_none())
        {
            times.limit_from = Some(moved(times.limit_from.unwrap_or(times.started_at)));
        }
        self
    }
}

/// The next step and what it wants done.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// To be persisted before the effect is performed.
    pub operation: Operation,
    /// To be performed.
    pub effect: Effect,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
