//! Choosing objects of a release: the selector that several fields of the custom resource share.
//!
//! All that is given must match; what is not given matches everything. Names are regular expressions over the whole
//! name, labels and annotations are judged by what the manifest says, in the syntax of `kubectl -l`.

mod labels;

use regex::Regex;
use serde_json::Value;

use crate::ObjectRef;
use crate::readiness::fields::Fields;

pub use labels::LabelError;
use labels::Requirement;

/// The most memory one expression may take: names are short, and so are useful expressions over them.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// A selector as it is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SelectorText<'a> {
    /// API group, empty for the core group.
    pub group: Option<&'a str>,
    /// API version without the group.
    pub version: Option<&'a str>,
    /// Kind.
    pub kind: Option<&'a str>,
    /// Expression over the whole name.
    pub name: Option<&'a str>,
    /// Expression over the whole namespace.
    pub namespace: Option<&'a str>,
    /// Label selector, in the syntax of `kubectl -l`.
    pub labels: Option<&'a str>,
    /// The same over annotations.
    pub annotations: Option<&'a str>,
}

/// A selector that can be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    group: Option<String>,
    version: Option<String>,
    kind: Option<String>,
    name: Option<Pattern>,
    namespace: Option<Pattern>,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

/// Why a selector cannot be asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SelectorError {
    /// The name is not an expression.
    #[error("read name: {0}")]
    Name(regex::Error),
    /// The namespace is not an expression.
    #[error("read namespace: {0}")]
    Namespace(regex::Error),
    /// The label selector is not one.
    #[error("read labelSelector: {0}")]
    Labels(LabelError),
    /// The annotation selector is not one.
    #[error("read annotationSelector: {0}")]
    Annotations(LabelError),
}

/// An expression that must match the whole text.
#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    regex: Regex,
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// An expression or a label selector cannot be read.
    pub fn parse(text: &SelectorText<'_>) -> Result<Self, SelectorError> {
        let SelectorText {
            group,
            version,
            kind,
            name,
            namespace,
            labels,
            annotations,
        } = *text;
        Ok(Self {
            group: group.map(ToOwned::to_owned),
            version: version.map(ToOwned::to_owned),
            kind: kind.map(ToOwned::to_owned),
            name: name
                .map(Pattern::parse)
                .transpose()
                .map_err(SelectorError::Name)?,
            namespace: namespace
                .map(Pattern::parse)
                .transpose()
                .map_err(SelectorError::Namespace)?,
            labels: labels::parse(labels.unwrap_or_default()).map_err(SelectorError::Labels)?,
            annotations: labels::parse(annotations.unwrap_or_default())
                .map_err(SelectorError::Annotations)?,
        })
    }

    /// Whether an object is chosen. `manifest` is what was rendered of it; only its labels and annotations are read.
    pub fn matches(&self, object: &ObjectRef, manifest: &Value) -> bool {
        let Self {
            group,
            version,
            kind,
            name,
            namespace,
            labels,
            annotations,
        } = self;
        let (own_group, own_version) = object
            .api_version
            .split_once('/')
            .unwrap_or(("", &object.api_version));
        let is = |wanted: &Option<String>, own: &str| wanted.as_deref().is_none_or(|wanted| wanted == own);
        let like = |wanted: &Option<Pattern>, own: &str| {
            wanted.as_ref().is_none_or(|pattern| pattern.regex.is_match(own))
        };
        let holds = |requirements: &[Requirement], part: &str| {
            requirements.is_empty() || {
                let found = Fields(manifest).at(&["metadata", part]);
                let get = |key: &str| found.and_then(|map| map.get(key)).and_then(Value::as_str);
                requirements.iter().all(|requirement| requirement.holds(get))
            }
        };
        is(group, own_group)
            && is(version, own_version)
            && is(kind, &object.kind)
            && like(name, &object.name)
            && like(namespace, &object.namespace)
            && holds(labels, "labels")
            && holds(annotations, "annotations")
    }

    /// Whether any of several selectors chooses an object.
    pub fn any(selectors: &[Self], object: &ObjectRef, manifest: &Value) -> bool {
        selectors
            .iter()
            .any(|selector| selector.matches(object, manifest))
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, regex::Error> {
        let build = |text: &str| {
            regex::RegexBuilder::new(text)
                .size_limit(MAX_PATTERN_BYTES)
                .dfa_size_limit(MAX_PATTERN_BYTES)
                .build()
        };
        // By itself first: a bracket of its own must not close ours.
        build(text)?;
        let regex = build(&format!("^(?:{text})$"))?;
        Ok(Self {
            text: text.to_owned(),
            regex,
        })
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests;
