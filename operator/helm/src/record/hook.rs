//! Hooks as a release record keeps them: the hook, and how its last run went (`pkg/release/v1/hook.go`).

use serde_json::{Map, Value};

use super::GoTime;
use crate::hooks::{Hook, HookDeletePolicy};

/// A hook of a stored release.
#[derive(Clone, Debug, PartialEq)]
pub struct HookRecord {
    /// What to create, when, in which order.
    pub hook: Hook,
    /// Its last run; the phase is [`HookPhase::Never`] before any.
    pub last_run: HookExecution,
    /// Event words that this version does not know. They never fire and are written back.
    pub unknown_events: Vec<String>,
    /// Fields of the stored JSON that this version does not know.
    pub extra: Map<String, Value>,
}

/// One run of a hook.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HookExecution {
    /// When its object was created.
    pub started_at: Option<GoTime>,
    /// When it ended.
    pub completed_at: Option<GoTime>,
    /// How it ended.
    pub phase: HookPhase,
    /// Fields of the stored JSON that this version does not know.
    pub extra: Map<String, Value>,
}

/// How a run of a hook ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum HookPhase {
    /// Never ran: the empty word in the record.
    #[default]
    Never,
    /// `Unknown`: the end was not seen.
    Unknown,
    /// `Running`.
    Running,
    /// `Succeeded`.
    Succeeded,
    /// `Failed`.
    Failed,
    /// A word that Helm 4.2.4 does not use.
    Other(String),
}

impl HookRecord {
    /// The delete policies in force: an empty list means before creation, as Helm sets it.
    pub fn delete_policies(&self) -> &[HookDeletePolicy] {
        if self.hook.delete_policies.is_empty() {
            &[HookDeletePolicy::BeforeHookCreation]
        } else {
            &self.hook.delete_policies
        }
    }
}

impl From<Hook> for HookRecord {
    fn from(hook: Hook) -> Self {
        Self {
            hook,
            last_run: HookExecution::default(),
            unknown_events: Vec::new(),
            extra: Map::new(),
        }
    }
}

impl HookPhase {
    /// Helm's word, empty before any run.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Never => "",
            Self::Unknown => "Unknown",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Other(word) => word,
        }
    }

    /// Reads Helm's word.
    pub fn parse(word: &str) -> Self {
        match word {
            "" => Self::Never,
            "Unknown" => Self::Unknown,
            "Running" => Self::Running,
            "Succeeded" => Self::Succeeded,
            "Failed" => Self::Failed,
            other => Self::Other(other.to_owned()),
        }
    }
}
