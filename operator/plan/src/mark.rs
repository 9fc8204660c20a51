//! What the operator writes on a release Secret beside Helm's own: annotations that say who made the revision and
//! how it fared.
//!
//! Annotations and not labels, because Helm carries labels from revision to revision but rewrites a Secret without
//! its annotations: a revision that somebody else's helm touched has no mark, which is the truth.

use std::collections::BTreeMap;

use helm::record::Revision;

use crate::{Digest, ErrorClass, OperationId, Stage};

/// The mark of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Namespace and name of the custom resource that made the revision.
    pub owner: String,
    /// The operation that made it.
    pub operation: OperationId,
    /// What kind of operation that was.
    pub made_by: MadeBy,
    /// The inputs it was made from.
    pub inputs: Option<Digest>,
    /// After a rollback: the inputs that were rolled back from, which are not tried again.
    pub held: Option<Digest>,
    /// After a rollback: the revision that was copied.
    pub copied: Option<Revision>,
    /// It became healthy, and passed its tests where tests are wanted.
    pub proven: bool,
    /// How its tests went.
    pub tests: Option<TestResult>,
    /// Where and how it failed.
    pub failed: Option<(Stage, ErrorClass)>,
}

/// What makes revisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum MadeBy {
    /// An install: a new life of the release begins here.
    Install,
    /// An upgrade.
    Upgrade,
    /// A rollback.
    Rollback,
    /// Somebody else's helm.
    External,
}

/// How the tests of a revision went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum TestResult {
    /// All passed.
    Passed,
    /// At least one failed.
    Failed,
}

impl Mark {
    /// Namespace and name of the owner.
    pub const OWNER: &str = "pilothouse.dev/owner";
    /// Id of the operation.
    pub const OPERATION: &str = "pilothouse.dev/operation";
    /// What kind of operation that was.
    pub const MADE_BY: &str = "pilothouse.dev/made-by";
    /// Digest of the inputs.
    pub const INPUTS: &str = "pilothouse.dev/inputs";
    /// Digest of the inputs that were rolled back from.
    pub const HELD: &str = "pilothouse.dev/held";
    /// Revision that a rollback copied.
    pub const COPIED: &str = "pilothouse.dev/rollback-to";
    /// `true` once proven.
    pub const PROVEN: &str = "pilothouse.dev/proven";
    /// `Passed` or `Failed`.
    pub const TESTS: &str = "pilothouse.dev/tests";
    /// Stage and class of the failure, `Wait/Unhealthy`.
    pub const FAILED: &str = "pilothouse.dev/failed";

    /// The annotations of a Secret with this mark.
    pub fn annotations(&self) -> BTreeMap<String, String> {
        let Self {
            owner,
            operation,
            made_by,
            inputs,
            held,
            copied,
            proven,
            tests,
            failed,
        } = self;
        let fields = [
            (Self::OWNER, Some(owner.clone())),
            (Self::OPERATION, Some(operation.to_string())),
            (Self::MADE_BY, Some(made_by.as_str().to_owned())),
            (Self::INPUTS, inputs.as_ref().map(ToString::to_string)),
            (Self::HELD, held.as_ref().map(ToString::to_string)),
            (Self::COPIED, copied.map(|revision| revision.to_string())),
            (Self::PROVEN, proven.then(|| "true".to_owned())),
            (Self::TESTS, tests.map(|result| result.as_str().to_owned())),
            (
                Self::FAILED,
                failed.map(|(stage, class)| format!("{stage:?}/{class:?}")),
            ),
        ];
        fields
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect()
    }

    /// Reads the mark of a Secret; `None` when there is none, or half of one.
    pub fn read(annotations: &BTreeMap<String, String>) -> Option<Self> {
        let text = |key: &str| annotations.get(key).cloned();
        Some(Self {
            owner: text(Self::OWNER)?,
            operation: OperationId(text(Self::OPERATION)?),
            made_by: MadeBy::parse(annotations.get(Self::MADE_BY)?)?,
            inputs: text(Self::INPUTS).map(Digest),
            held: text(Self::HELD).map(Digest),
            copied: text(Self::COPIED)
                .and_then(|number| number.parse().ok())
                .map(Revision),
            proven: annotations.get(Self::PROVEN).is_some_and(|value| value == "true"),
            tests: annotations
                .get(Self::TESTS)
                .and_then(|word| TestResult::parse(word)),
            failed: annotations
                .get(Self::FAILED)
                .and_then(|value| parse_failed(value)),
        })
    }
}

impl MadeBy {
    /// The word in annotation and status.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Install => "Install",
            Self::Upgrade => "Upgrade",
            Self::Rollback => "Rollback",
            Self::External => "External",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Install, Self::Upgrade, Self::Rollback, Self::External]
            .into_iter()
            .find(|by| by.as_str() == word)
    }
}

impl TestResult {
    /// The word in annotation and status.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "Passed",
            Self::Failed => "Failed",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Passed, Self::Failed]
            .into_iter()
            .find(|result| result.as_str() == word)
    }
}

fn parse_failed(value: &str) -> Option<(Stage, ErrorClass)> {
    let (stage, class) = value.split_once('/')?;
    let word = |word: &str| serde_json::Value::String(word.to_owned());
    Some((
        serde_json::from_value(word(stage)).ok()?,
        serde_json::from_value(word(class)).ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_survives_its_annotations() {
        let mark = Mark {
            owner: "apps/web".to_owned(),
            operation: OperationId("01J".to_owned()),
            made_by: MadeBy::Rollback,
            inputs: Some(Digest("sha256:aa".to_owned())),
            held: Some(Digest("sha256:bb".to_owned())),
            copied: Some(Revision(3)),
            proven: true,
            tests: Some(TestResult::Failed),
            failed: Some((Stage::PostHooks, ErrorClass::Unhealthy)),
        };
        assert_eq!(Mark::read(&mark.annotations()), Some(mark));
    }

    #[test]
    fn a_secret_written_by_helm_has_no_mark() {
        assert_eq!(Mark::read(&BTreeMap::new()), None);
    }
}
