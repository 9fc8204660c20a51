//! Unlock: a pending revision that nobody works on is closed as failed, so that the next operation, ours or that of
//! somebody's helm, finds no release in progress.

use super::Phase;
use crate::UnlockWhy;

pub(crate) const TRAIL: &[Phase] = &[Phase::RecordFailure, Phase::Finish];

/// The error in the description of the closed revision.
pub(crate) const fn error(why: UnlockWhy) -> &'static str {
    match why {
        UnlockWhy::Superseded => "superseded by new inputs before it was done",
        UnlockWhy::Abandoned => "abandoned: still pending after its timeout",
        UnlockWhy::Lost => "interrupted: its operation is no longer known",
    }
}
