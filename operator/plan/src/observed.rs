//! What the world looks like: facts gathered once, before anything is decided.

use std::sync::Arc;

use helm::record::{ApplyMethod, Revision, Status};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::drift::ObjectDrift;
use crate::{Digest, Failure, Mark, ObjectReadiness, Operation, Target};

/// All facts of one look at a release.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// The time of the look.
    pub now: Timestamp,
    /// Every stored revision, ascending: of the wanted release, or of [`Observed::previous`] when that is set.
    pub revisions: Vec<RevisionFacts>,
    /// The operation that status says is under way. This field and those up to `corrected_at` are filled in by
    /// [`crate::status::synced`].
    pub operation: Option<Operation>,
    /// Retry bookkeeping from status.
    pub attempts: Option<Attempts>,
    /// What status says is held.
    pub held: Option<Held>,
    /// Why the last attempt failed, from status.
    pub failure: Option<Failure>,
    /// What status remembers of revisions that this resource made, for those whose mark somebody's helm wiped off.
    pub remembered: Vec<Remembered>,
    /// The release that status speaks of, when its name or namespace is not the wanted one and revisions of it are
    /// still stored.
    pub previous: Option<PreviousTarget>,
    /// Live objects of the newest revision, when they were looked at.
    pub live: Option<Live>,
    /// When drift was last corrected.
    pub corrected_at: Option<Timestamp>,
    /// Requests by annotation that are not handled yet.
    pub requests: Requests,
}

/// A stored revision.
#[derive(Clone, Debug, PartialEq)]
pub struct RevisionFacts {
    /// Its number.
    pub revision: Revision,
    /// Its state, from the `status` label.
    pub status: Status,
    /// Our mark, `None` on revisions of others.
    pub mark: Option<Mark>,
    /// When its Secret was created.
    pub created_at: Timestamp,
    /// When its Secret was last written, by its labels; [`RevisionFacts::created_at`] when never.
    pub updated_at: Timestamp,
    /// What only the payload tells; known for the newest revision at least.
    pub record: Option<Arc<RecordFacts>>,
}

/// What the payload of a revision tells.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordFacts {
    /// Name of the chart.
    pub chart: String,
    /// Version of the chart.
    pub version: String,
    /// Version of the application.
    pub app_version: String,
    /// How the objects were written.
    pub apply_method: Option<ApplyMethod>,
    /// Digest of the stored user values.
    pub values: Digest,
    /// Digest of the stored manifest.
    pub manifest: Digest,
    /// The stored words.
    pub description: String,
    /// When the revision was made.
    pub last_deployed: Option<Timestamp>,
    /// When the release was first installed.
    pub first_deployed: Option<Timestamp>,
    /// Whether any hook is a test.
    pub has_tests: bool,
}

/// What status remembers of a revision that this resource made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Its number.
    pub revision: Revision,
    /// The manifest it had, so that a number used again by a foreign install is not mistaken for it.
    pub manifest: Digest,
    /// The inputs it was made from.
    pub inputs: Option<Digest>,
    /// Whether it was proven good.
    pub proven: bool,
}

/// A release that exists in the place of the wanted one: its name, namespace or chart differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousTarget {
    /// The old release.
    pub target: Target,
    /// Its chart.
    pub chart: String,
    /// Its newest revision.
    pub newest: Revision,
}

/// Live objects of a revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// The revision whose manifest was looked up.
    pub revision: Revision,
    /// How many objects the manifest has.
    pub total: usize,
    /// Those that are not ready.
    pub unready: Vec<ObjectReadiness>,
    /// Those that differ from the manifest; `None` when they were not compared.
    pub drift: Option<Vec<ObjectDrift>>,
}

/// Retry bookkeeping. It counts only while the inputs stay the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempts {
    /// The inputs that failed.
    pub inputs: Digest,
    /// How many attempts did not become healthy.
    pub failures: u32,
    /// How many rollbacks or uninstalls away from these inputs failed.
    #[serde(default)]
    pub retreats: u32,
    /// Whether the failed release was uninstalled, which is the end of trying these inputs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uninstalled: bool,
    /// When the next attempt may start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_retry_at: Option<Timestamp>,
}

/// Inputs that were rolled back from and are not tried again until they change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// The inputs.
    pub inputs: Digest,
    /// The revision that runs instead.
    pub revision: Revision,
    /// Since when.
    pub since: Timestamp,
    /// Whether somebody asked for it.
    pub requested: bool,
    /// Live objects that differed from the revision afterwards, as text; at most [`Failure::MAX_OBJECTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incomplete: Vec<String>,
}

/// Requests by annotation, each with its token, which is echoed in status once the request is handled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Look again now.
    pub reconcile: Option<String>,
    /// Forget failures and holds, and try again.
    pub retry: Option<String>,
    /// Go back to a revision.
    pub rollback: Option<RollbackRequest>,
    /// Run the tests.
    pub test: Option<String>,
}

/// A request to go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollbackRequest {
    /// What is echoed ([`crate::requests::echo`]).
    pub token: String,
    /// Where to.
    pub to: RollbackTo,
}

/// Where a requested rollback goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollbackTo {
    /// The last good revision before the current one.
    Previous,
    /// This revision.
    Revision(Revision),
}

impl Attempts {
    /// No attempt yet.
    pub fn none(inputs: Digest) -> Self {
        Self {
            inputs,
            failures: 0,
            retreats: 0,
            uninstalled: false,
            next_retry_at: None,
        }
    }
}

impl Observed {
    /// Facts without what status remembers; [`crate::status::synced`] adds that.
    pub fn new(now: Timestamp, revisions: Vec<RevisionFacts>) -> Self {
        Self {
            now,
            revisions,
            operation: None,
            attempts: None,
            held: None,
            failure: None,
            remembered: Vec::new(),
            corrected_at: None,
            previous: None,
            live: None,
            requests: Requests::default(),
        }
    }

    /// Whether a revision was made, or adopted, by this resource: by its mark, or by what status remembers.
    pub fn is_ours(&self, facts: &RevisionFacts, owner: &str) -> bool {
        facts.mark.as_ref().is_some_and(|mark| mark.owner == owner) || self.memory(facts).is_some()
    }

    /// The inputs a revision was made from, when they are known.
    pub fn inputs_of<'a>(&'a self, facts: &'a RevisionFacts) -> Option<&'a Digest> {
        match &facts.mark {
            Some(mark) => mark.inputs.as_ref(),
            None => self.memory(facts)?.inputs.as_ref(),
        }
    }

    /// Whether a revision was proven good.
    pub fn is_proven(&self, facts: &RevisionFacts) -> bool {
        match &facts.mark {
            Some(mark) => mark.proven,
            None => self.memory(facts).is_some_and(|memory| memory.proven),
        }
    }

    /// What status remembers of a revision that lost its mark. The manifest must agree where it is known.
    fn memory(&self, facts: &RevisionFacts) -> Option<&Remembered> {
        if facts.mark.is_some() {
            return None;
        }
        self.remembered.iter().find(|memory| {
            memory.revision == facts.revision
                && facts
                    .record
                    .as_ref()
                    .is_none_or(|record| record.manifest == memory.manifest)
        })
    }
}
