//! Correct drift: the manifest of the deployed revision is applied again. No revision is made, no hook runs.

use super::Phase;

pub(crate) const TRAIL: &[Phase] = &[Phase::Apply, Phase::Finish];
