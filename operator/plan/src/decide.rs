//! What to do about a state.

use helm::record::Revision;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Category, Digest, Operation};

/// The answer to a state.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Nothing is to be done.
    Done(Rest),
    /// Start this.
    Run(Action),
    /// Go on with the operation that is under way.
    Resume(Box<Operation>),
    /// Something else must happen first.
    Wait {
        /// When to look again at the latest; `None` waits for an event.
        until: Option<Timestamp>,
        /// What for.
        why: Why,
    },
    /// Nothing more is tried until somebody changes something.
    Stall {
        /// What stands in the way.
        why: Why,
    },
}

/// Why nothing is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// The wanted revision runs.
    InSync {
        /// The revision.
        revision: Revision,
        /// Whether live objects differ from its manifest.
        drifted: bool,
    },
    /// The resource is being deleted and nothing of the release is left, or it is to be left alone.
    Released,
}

/// A reason with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The reason.
    pub category: Category,
    /// The words.
    pub message: String,
}

/// Something to do to a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all_fields = "camelCase")]
pub enum Action {
    /// Make the first revision.
    Install {
        /// Over the kept history of an uninstalled or failed release.
        replace: bool,
    },
    /// Make the next revision.
    Upgrade,
    /// Finish a failed revision whose objects became healthy after all.
    Heal {
        /// The revision.
        revision: Revision,
    },
    /// Make the next revision a copy of an older one.
    Rollback {
        /// The older one.
        to: Revision,
        /// Who wants it.
        by: RollbackBy,
        /// The inputs not to be tried again.
        held: Option<Digest>,
    },
    /// Delete the objects and the history.
    Uninstall {
        /// Who wants it.
        why: UninstallWhy,
    },
    /// Close a pending revision as failed.
    Unlock {
        /// The revision.
        revision: Revision,
        /// Why.
        why: UnlockWhy,
    },
    /// Take over a revision made by somebody else.
    Adopt {
        /// The revision.
        revision: Revision,
    },
    /// Run the tests of a revision.
    Test {
        /// The revision.
        revision: Revision,
    },
    /// Apply the manifest of a revision again.
    CorrectDrift {
        /// The revision.
        revision: Revision,
    },
}

/// Who wants a rollback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RollbackBy {
    /// The policy, after a failed upgrade.
    Policy,
    /// Somebody, by annotation.
    Request,
}

/// Who wants an uninstall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UninstallWhy {
    /// The resource is being deleted.
    Deleted,
    /// An uninstall began and did not end.
    Unfinished,
    /// The policy, after a failed install or upgrade.
    Failed,
    /// The release moved: the old one goes.
    Moved,
}

/// Why a pending revision is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UnlockWhy {
    /// Other inputs are wanted now.
    Superseded,
    /// Nobody works on it any more.
    Abandoned,
    /// Its operation was lost from status.
    Lost,
}
