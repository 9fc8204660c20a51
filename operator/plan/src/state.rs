//! The state a release is in, by name.

use helm::record::Revision;
use jiff::Timestamp;

use crate::drift::ObjectDrift;
use crate::{Difference, ErrorClass, MadeBy, Operation, PreviousTarget, Stage};

/// Where a release stands, seen from what is wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum ReleaseState {
    /// Nothing is deployed. `last` is the newest kept revision of an uninstalled release.
    Absent {
        /// The newest revision, which is uninstalled.
        last: Option<Revision>,
        /// Whether somebody else uninstalled a release of ours.
        foreign: bool,
    },
    /// The newest revision was made by somebody else.
    Foreign {
        /// That revision.
        revision: Revision,
        /// What differs from the wanted inputs; empty means equal inputs.
        differs: Vec<Difference>,
        /// Whether any revision of the release was made by this resource.
        ours_before: bool,
        /// What became of it.
        failed: bool,
    },
    /// An operation is under way.
    Pending {
        /// The revision worked on.
        revision: Revision,
        /// Whose work it is.
        holder: Holder,
    },
    /// The newest revision failed.
    Failed {
        /// That revision.
        revision: Revision,
        /// Whether it was made from the inputs that are wanted now.
        wanted: bool,
        /// What made it.
        made_by: MadeBy,
        /// Whether it became healthy by itself since.
        healed: bool,
        /// Where and how it failed, when that is known.
        failed: Option<(Stage, ErrorClass)>,
    },
    /// The newest revision runs, but something else is wanted.
    OutOfSync {
        /// The revision that runs.
        revision: Revision,
        /// What differs.
        why: Vec<Difference>,
        /// Whether the wanted inputs were rolled back from.
        held: bool,
    },
    /// The wanted revision runs, but its tests did not.
    Untested {
        /// The revision.
        revision: Revision,
    },
    /// The wanted revision runs, but live objects differ from its manifest.
    Drifted {
        /// The revision.
        revision: Revision,
        /// What differs.
        objects: Vec<ObjectDrift>,
    },
    /// The wanted revision runs.
    InSync {
        /// The revision.
        revision: Revision,
    },
    /// An uninstall began and did not end.
    Uninstalling {
        /// The newest revision.
        revision: Revision,
        /// Since when.
        since: Timestamp,
        /// Whether it was ours.
        ours: bool,
    },
    /// The release this resource made has another name, namespace or chart than is wanted.
    Moved {
        /// The old release.
        from: PreviousTarget,
    },
}

/// Whose work an operation is.
#[derive(Clone, Debug, PartialEq)]
pub enum Holder {
    /// Ours, to be resumed.
    Ours(Box<Operation>),
    /// Ours, but status no longer knows how far it got.
    Lost,
    /// Somebody else's helm, at work since then.
    Others {
        /// When it began.
        since: Timestamp,
    },
}
