//! What to do about a state.

mod attempts;
mod deleting;
mod foreign;
mod requested;
mod settled;

use helm::record::Revision;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::policy::{DriftPolicy, TargetChangePolicy};
use crate::requests::RequestKind;
use crate::{Category, Desired, Digest, Holder, Observed, Operation, ReleaseState, classify, history};

/// Everything that follows from one look at a release.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Where the release stands.
    pub state: ReleaseState,
    /// What to do about it.
    pub decision: Decision,
    /// Requests that the decision takes care of, with the token to echo in the status write that starts it.
    pub handled: Vec<(RequestKind, String)>,
    /// Requests that cannot be granted, and why. They are among the handled ones: tell it once.
    pub refused: Vec<Why>,
}

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
    /// Close a revision that is open although nobody works on it: a pending one as failed, an overtaken one as
    /// superseded.
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

/// Classifies and decides.
pub fn plan(desired: &Desired, observed: &Observed) -> Plan {
    let state = classify(desired, observed);
    let requested = requested::weigh(desired, observed, &state);
    let decision = match requested.decision {
        Some(decision) => decision,
        None => decide(desired, observed, &state, requested.fresh),
    };
    Plan {
        state,
        decision,
        handled: requested.handled,
        refused: requested.refused,
    }
}

/// Decides what to do about a state, requests aside. `fresh` forgets failed attempts and holds.
fn decide(desired: &Desired, observed: &Observed, state: &ReleaseState, fresh: Fresh) -> Decision {
    if desired.deleting {
        return deleting::decide(desired, observed, state);
    }
    if desired.suspended {
        let message = "reconciliation is suspended".to_owned();
        return Decision::Wait {
            until: None,
            why: Why {
                category: Category::Suspended,
                message,
            },
        };
    }
    if let Some(revision) = history::overtaken(observed, &desired.owner) {
        let why = UnlockWhy::Overtaken;
        return Decision::Run(Action::Unlock { revision, why });
    }
    match state {
        ReleaseState::Absent { last, foreign } => settled::absent(desired, observed, *last, *foreign, fresh),
        ReleaseState::Foreign {
            revision,
            differs,
            ours_before,
            failed,
        } => foreign::decide(
            desired,
            observed,
            *revision,
            differs,
            *ours_before,
            *failed,
            fresh,
        ),
        ReleaseState::Pending { revision, holder } => pending(desired, observed, *revision, holder),
        ReleaseState::Failed { .. } => attempts::failed(desired, observed, state, fresh),
        ReleaseState::OutOfSync {
            revision,
            why: _,
            held,
        } => settled::out_of_sync(desired, observed, *revision, *held, fresh),
        ReleaseState::Untested { revision } => Decision::Run(Action::Test { revision: *revision }),
        ReleaseState::Drifted { revision, objects: _ } => match desired.policy.drift {
            DriftPolicy::Correct => settled::drifted(observed, *revision),
            DriftPolicy::Warn | DriftPolicy::Ignore => Decision::Done(Rest::InSync {
                revision: *revision,
                drifted: true,
            }),
        },
        ReleaseState::InSync { revision } => Decision::Done(Rest::InSync {
            revision: *revision,
            drifted: false,
        }),
        ReleaseState::Uninstalling {
            revision: _,
            since,
            ours,
        } => foreign::unfinished_uninstall(desired, observed, *since, *ours),
        ReleaseState::Moved { from } => match desired.policy.target_change {
            TargetChangePolicy::Replace => {
                deleting::retry_later(observed).unwrap_or(Decision::Run(Action::Uninstall {
                    why: UninstallWhy::Moved,
                }))
            }
            TargetChangePolicy::Refuse => {
                let Desired { target, inputs, .. } = desired;
                let message = format!(
                    "release {} of chart {} exists, but {target} of chart {} is wanted; set `onTargetChange: Replace` \
                     to uninstall the old one first",
                    from.target, from.chart, inputs.chart
                );
                stall(Category::TargetChanged, message)
            }
        },
    }
}

/// What to do about an operation under way: go on, unless it works towards inputs nobody wants any more.
fn pending(desired: &Desired, observed: &Observed, revision: Revision, holder: &Holder) -> Decision {
    match holder {
        Holder::Ours(operation) => {
            // One that is failing has only its last words to say, and they matter.
            if operation.inputs == desired.inputs.digest() || operation.data.failure.is_some() {
                return Decision::Resume(operation.clone());
            }
            supersede(desired, observed, operation)
        }
        Holder::Lost => Decision::Run(Action::Unlock {
            revision,
            why: UnlockWhy::Lost,
        }),
        Holder::Others { since } => foreign::pending(desired, observed, revision, *since),
    }
}

/// Other inputs are wanted than those an operation of ours was started for.
fn supersede(desired: &Desired, observed: &Observed, operation: &Operation) -> Decision {
    match operation.action {
        Action::Install { .. } | Action::Upgrade | Action::Rollback { .. } => {
            let stored = observed
                .revisions
                .iter()
                .find(|facts| facts.revision == operation.revision);
            if stored.is_some_and(|facts| facts.status.is_pending()) {
                let why = UnlockWhy::Superseded;
                Decision::Run(Action::Unlock {
                    revision: operation.revision,
                    why,
                })
            } else {
                // It wrote its last word already; all that is left is to say so.
                Decision::Resume(Box::new(operation.clone()))
            }
        }
        // These leave no pending revision behind: they are dropped and the facts decide anew.
        Action::Heal { .. } | Action::Test { .. } | Action::CorrectDrift { .. } | Action::Adopt { .. } => {
            let facts = Observed {
                operation: None,
                ..observed.clone()
            };
            let state = classify(desired, &facts);
            decide(desired, &facts, &state, Fresh::No)
        }
        // Half an uninstall helps nobody.
        Action::Uninstall { .. } | Action::Unlock { .. } => Decision::Resume(Box::new(operation.clone())),
    }
}

/// Whether somebody asked to forget failed attempts and holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fresh {
    Yes,
    No,
}

fn stall(category: Category, message: impl Into<String>) -> Decision {
    Decision::Stall {
        why: Why {
            category,
            message: message.into(),
        },
    }
}

fn wait(until: Timestamp, category: Category, message: impl Into<String>) -> Decision {
    Decision::Wait {
        until: Some(until),
        why: Why {
            category,
            message: message.into(),
        },
    }
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
    /// It is deployed, but somebody deployed a newer one meanwhile.
    Overtaken,
}
