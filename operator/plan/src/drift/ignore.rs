//! Rules about differences that are none: JSON pointers (RFC 6901) into the objects they are about.
//!
//! A pointer counts places as the manifest has them. All below it is ignored too. `-` stands for every item that the
//! live list has more than the manifest.

use serde_json::Value;

use crate::{ObjectRef, Selector};

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    /// The objects it is about; `None` means all.
    pub target: Option<Selector>,
    /// What is ignored of them.
    pub paths: Vec<Pointer>,
}

/// A JSON pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer(Vec<String>);

/// Why a text is no JSON pointer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointerError {
    /// It does not begin with a slash.
    #[error("JSON pointer {0:?} does not begin with `/`")]
    Start(String),
    /// It has a `~` that means nothing.
    #[error("JSON pointer {0:?} has a `~` that is neither `~0` nor `~1`")]
    Escape(String),
}

/// The pointers that are about one object.
pub(super) struct Ignored<'a>(Vec<&'a [String]>);

impl Pointer {
    /// Reads a pointer; the empty one is the whole object.
    ///
    /// # Errors
    /// The text is no pointer.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let inner = text
            .strip_prefix('/')
            .ok_or_else(|| PointerError::Start(text.to_owned()))?;
        let key = |part: &str| {
            let mut escapes = part.split('~').skip(1);
            if escapes.any(|rest| !rest.starts_with(['0', '1'])) {
                return Err(PointerError::Escape(text.to_owned()));
            }
            Ok(part.replace("~1", "/").replace("~0", "~"))
        };
        inner.split('/').map(key).collect::<Result<_, _>>().map(Self)
    }
}

impl<'a> Ignored<'a> {
    pub(super) fn of(rules: &'a [Ignore], object: &ObjectRef, manifest: &Value) -> Self {
        let about = |rule: &&Ignore| {
            rule.target
                .as_ref()
                .is_none_or(|target| target.matches(object, manifest))
        };
        let pointers = rules
            .iter()
            .filter(about)
            .flat_map(|rule| rule.paths.iter().map(|pointer| pointer.0.as_slice()));
        Self(pointers.collect())
    }

    /// Whether no rule is about the object.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether nothing of the object is compared.
    pub(super) fn all(&self) -> bool {
        self.covers(&[])
    }

    /// Whether a place, or one above it, is ignored.
    pub(super) fn covers(&self, place: &[String]) -> bool {
        self.0.iter().any(|pointer| place.starts_with(pointer))
    }

    /// Whether an item that only the live list has is ignored.
    pub(super) fn covers_item(&self, list: &[String], item: usize) -> bool {
        let item = item.to_string();
        self.0.iter().any(|pointer| {
            pointer
                .strip_prefix(list)
                .and_then(<[String]>::first)
                .is_some_and(|key| *key == "-" || *key == item)
        })
    }
}
