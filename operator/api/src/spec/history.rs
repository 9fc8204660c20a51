//! `spec.history`: how many revisions are kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many revisions are kept in storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct HistorySpec {
    /// Most revisions in storage; 0 is no limit. The last good revision is never removed.
    /// (`--history-max`)
    #[schemars(range(min = 0))]
    pub max: i32,
}

impl Default for HistorySpec {
    fn default() -> Self {
        Self { max: 10 }
    }
}
