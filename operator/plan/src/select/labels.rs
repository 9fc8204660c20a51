//! Label selectors in the syntax of `kubectl -l`: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
//!
//! Mirrors `k8s.io/apimachinery/pkg/labels` where charts' users meet it. Of its operators `>` and `<` are missing:
//! nothing in `kubectl -l` documents them.

use std::collections::BTreeSet;

/// One part of a label selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Requirement {
    key: String,
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Exists,
    Missing,
    In(BTreeSet<String>),
    NotIn(BTreeSet<String>),
}

/// Why a text is no label selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// A part without a key, or with a key that holds white space or operators.
    #[error(
        "`{0}` is not a requirement: write `key`, `!key`, `key=value`, `key!=value`, `key in (a,b)` or `key notin (a,b)`"
    )]
    Requirement(String),
    /// A set without its brackets.
    #[error("`{0}` has no list of values in brackets")]
    Values(String),
}

impl Requirement {
    /// Whether labels, asked by key, satisfy the requirement. A key that is missing satisfies `!=` and `notin`, as in
    /// Kubernetes.
    pub(super) fn holds<'a>(&self, get: impl Fn(&str) -> Option<&'a str>) -> bool {
        let own = get(&self.key);
        match &self.rule {
            Rule::Exists => own.is_some(),
            Rule::Missing => own.is_none(),
            Rule::In(values) => own.is_some_and(|own| values.contains(own)),
            Rule::NotIn(values) => own.is_none_or(|own| !values.contains(own)),
        }
    }
}

/// Reads a selector; an empty one has no requirements.
pub(super) fn parse(text: &str) -> Result<Vec<Requirement>, LabelError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    parts(text).map(requirement).collect()
}

/// The parts between commas outside brackets.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.split(move |letter| {
        inside = (inside || letter == '(') && letter != ')';
        letter == ',' && !inside
    })
}

fn requirement(part: &str) -> Result<Requirement, LabelError> {
    let part = part.trim();
    let one = |value: &str| BTreeSet::from([value.trim().to_owned()]);
    let (key, rule) = if let Some(key) = part.strip_prefix('!') {
        (key, Rule::Missing)
    } else if let Some((key, value)) = part.split_once("!=") {
        (key, Rule::NotIn(one(value)))
    } else if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        (key, Rule::In(one(value)))
    } else if let Some((key, rest)) = part.split_once(char::is_whitespace) {
        let rest = rest.trim_start();
        if let Some(list) = rest.strip_prefix("notin") {
            (key, Rule::NotIn(values(part, list)?))
        } else if let Some(list) = rest.strip_prefix("in") {
            (key, Rule::In(values(part, list)?))
        } else {
            return Err(LabelError::Requirement(part.to_owned()));
        }
    } else {
        (part, Rule::Exists)
    };
    let key = key.trim();
    let is_key = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
    let is_value = |value: &String| {
        value
            .chars()
            .all(|letter| !"(),=!".contains(letter) && !letter.is_control())
    };
    let well_formed = match &rule {
        Rule::Exists | Rule::Missing => true,
        Rule::In(values) | Rule::NotIn(values) => values.iter().all(is_value),
    };
    if key.is_empty() || !key.chars().all(is_key) || !well_formed {
        return Err(LabelError::Requirement(part.to_owned()));
    }
    Ok(Requirement {
        key: key.to_owned(),
        rule,
    })
}

fn values(part: &str, list: &str) -> Result<BTreeSet<String>, LabelError> {
    let list = list
        .trim()
        .strip_prefix('(')
        .and_then(|list| list.strip_suffix(')'))
        .ok_or_else(|| LabelError::Values(part.to_owned()))?;
    Ok(list.split(',').map(|value| value.trim().to_owned()).collect())
}
