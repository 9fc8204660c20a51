//! Unlock: a pending revision that nobody works on is closed as failed, so that the next operation, ours or that of
//! somebody's helm, finds no release in progress. A deployed one that somebody overtook is superseded, as their helm
//! would have done had it been deployed before.

use super::Phase;
use crate::UnlockWhy;

/// What closes the revision.
pub(crate) const fn trail(why: UnlockWhy) -> &'static [Phase] {
    match why {
        UnlockWhy::Superseded | UnlockWhy::Abandoned | UnlockWhy::Lost => {
            &[Phase::RecordFailure, Phase::Finish]
        }
        UnlockWhy::Overtaken => &[Phase::Supersede, Phase::Finish],
    }
}

/// The error in the description of the closed revision.
pub(crate) const fn error(why: UnlockWhy) -> &'static str {
    match why {
        UnlockWhy::Superseded => "superseded by new inputs before it was done",
        UnlockWhy::Abandoned => "abandoned: still pending after its timeout",
        UnlockWhy::Lost => "interrupted: its operation is no longer known",
        UnlockWhy::Overtaken => "overtaken by a newer revision",
    }
}
