//! Release names: the check that every command of Helm begins with.
//!
//! Mirrors `pkg/chart/v2/util/validate_name.go`. Whether the name is free is the storage's question.

use std::fmt;

/// The pattern as Helm prints it in its error text.
const PATTERN: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/// Longest release name: 63 characters of a Kubernetes name, less ten for what charts append.
pub const MAX_RELEASE_NAME_BYTES: usize = 53;

/// Why a release name was refused; Helm's texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The name is empty.
    #[error("no name provided")]
    Missing,
    /// The name has a wrong character or is too long.
    #[error("invalid release name, must match regex {PATTERN} and the length must not be longer than 53")]
    Invalid,
}

/// A release name that Helm accepts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseName(String);

impl ReleaseName {
    /// Checks and takes a name.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        if name.is_empty() {
            return Err(NameError::Missing);
        }
        if name.len() > MAX_RELEASE_NAME_BYTES || !name.split('.').all(is_label) {
            return Err(NameError::Invalid);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lower-case letters, digits and inner hyphens, at least one character.
fn is_label(text: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(&first), Some(&last)) => {
            alphanumeric(first)
                && alphanumeric(last)
                && bytes.iter().all(|&byte| alphanumeric(byte) || byte == b'-')
        }
        (None, _) | (_, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_pattern_and_the_length() {
        for good in ["a", "a-b", "a.b-c.d", "0", &"x".repeat(53)] {
            assert!(ReleaseName::parse(good).is_ok(), "{good}");
        }
        for bad in ["-a", "a-", "A", "a..b", ".a", "a_b", "a\n", &"x".repeat(54)] {
            assert_eq!(ReleaseName::parse(bad), Err(NameError::Invalid), "{bad}");
        }
        assert_eq!(ReleaseName::parse(""), Err(NameError::Missing));
    }
}
