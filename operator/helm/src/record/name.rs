//! Namespaces and revision numbers as types: a value that exists is valid. Release names are [`crate::name`]'s.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Not the name of a namespace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid namespace {0:?}: must be a lower case DNS label of at most 63 characters")]
pub struct NamespaceError(String);

/// The name of a namespace: a DNS-1123 label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Namespace(String);

/// The number of a revision of a release; the first is 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u32);

impl Namespace {
    /// Checks `name` by the rules of Kubernetes.
    pub fn new(name: impl Into<String>) -> Result<Self, NamespaceError> {
        let name = name.into();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = name.as_bytes();
        let good = bytes.len() <= 63
            && bytes.first().copied().is_some_and(plain)
            && bytes.last().copied().is_some_and(plain)
            && bytes.iter().all(|byte| plain(*byte) || *byte == b'-');
        if good {
            Ok(Self(name))
        } else {
            Err(NamespaceError(name))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Revision {
    /// The revision after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Namespace {
    type Error = NamespaceError;
    fn try_from(name: String) -> Result<Self, NamespaceError> {
        Self::new(name)
    }
}

impl From<Namespace> for String {
    fn from(name: Namespace) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_a_label() {
        assert!(Namespace::new("kube-system").is_ok());
        for bad in ["", "a.b", "-a", "a-", "A", &"x".repeat(64)] {
            assert!(Namespace::new(bad).is_err(), "{bad}");
        }
    }
}
