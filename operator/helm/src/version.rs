//! Chart and cluster versions, and the ranges that select them, as Helm reads them.
//!
//! A [`Version`] is read loosely (`v1.2` is `1.2.0`) or strictly, and is ordered by semantic-version precedence.
//! A [`Constraint`] is a range such as `>=1.2 <2 || ^3` and says whether a version is inside it, and if not, why.
//!
//! This mirrors `github.com/Masterminds/semver` 3.5.0 (`version.go`, `constraints.go`), the library behind
//! `helm --version`, Chart.yaml's `kubeVersion`, dependency resolution and the template functions `semver` and
//! `semverCompare`, including its error texts. It is not a general semantic-version library: where Masterminds
//! leaves the specification (missing parts, leading zeros, pre-releases outside ranges), so do we.
//!
//! ```
//! use helm::version::{Constraint, Version};
//!
//! let version = Version::parse("v1.4")?;
//! assert_eq!(version.to_string(), "1.4.0");
//! assert!(Constraint::parse(">=1.2 <2")?.matches(&version));
//! assert_eq!(
//!     Constraint::parse("^2")?.validate(&version),
//!     [r#""1.4.0" is less than "2""#],
//! );
//! # Ok::<(), helm::version::VersionError>(())
//! ```

mod constraint;
mod scan;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;

pub use constraint::{Constraint, MAX_CONSTRAINT_BYTES, MAX_CONSTRAINT_GROUPS};

/// Longest version text that is read, in bytes: Masterminds' `MaxVersionLen`.
pub const MAX_VERSION_BYTES: usize = 256;

/// Why a version or a constraint was refused. The texts are Masterminds' own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// The text has not the shape of a version.
    #[error("invalid semantic version")]
    Invalid,
    /// The text is empty (strict parsing only; loose parsing says [`VersionError::Invalid`]).
    #[error("version string empty")]
    Empty,
    /// A core number has something else than digits (strict parsing only).
    #[error("invalid characters in version")]
    InvalidCharacters,
    /// A number has a leading zero where none may be.
    #[error("version segment starts with 0")]
    SegmentStartsZero,
    /// The build metadata has an empty or ill-formed identifier.
    #[error("invalid metadata string")]
    InvalidMetadata,
    /// The pre-release has an empty or ill-formed identifier.
    #[error("invalid prerelease string")]
    InvalidPrerelease,
    /// More than [`MAX_VERSION_BYTES`].
    #[error("version string is too long (max {MAX_VERSION_BYTES} bytes)")]
    TooLong,
    /// A core number does not fit into 64 bits (loose parsing).
    #[error("error parsing version segment: strconv.ParseUint: parsing \"{0}\": value out of range")]
    SegmentOutOfRange(String),
    /// A core number does not fit into 64 bits (strict parsing).
    #[error("strconv.ParseUint: parsing \"{0}\": value out of range")]
    StrictOutOfRange(String),
    /// A core number is missing before or between dots (strict parsing).
    #[error("strconv.ParseUint: parsing \"\": invalid syntax")]
    StrictMissingNumber,
    /// `inc_*` on the largest 64-bit number; Masterminds panics with this text.
    #[error("{0} version increment would overflow uint64")]
    IncrementOverflow(&'static str),
    /// The text is no constraint. Holds the offending `||` alternative, already quoted as Go's `%q` does.
    #[error("improper constraint: {0}")]
    ImproperConstraint(String),
    /// The text has the shape of a constraint, but its version part is none (`1xx`, `01a`, a number beyond 64 bits).
    #[error("constraint parser error")]
    ConstraintParser,
    /// More than [`MAX_CONSTRAINT_BYTES`].
    #[error("constraint string is too long (max {MAX_CONSTRAINT_BYTES} bytes)")]
    ConstraintTooLong,
    /// More than [`MAX_CONSTRAINT_GROUPS`] alternatives.
    #[error("too many constraint groups (max {MAX_CONSTRAINT_GROUPS})")]
    TooManyConstraintGroups,
}

/// A semantic version. Displays in the normalised form `1.2.0-rc.1+build`, without a `v`.
///
/// There is deliberately no `Eq` or `Ord`: precedence ignores build metadata, so two different versions may compare
/// as equal. Say which one you mean with [`Version::compare`] or by comparing the texts.
#[derive(Debug, Clone)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
    prerelease: String,
    metadata: String,
    original: String,
}

impl Version {
    /// Reads a version loosely, as Masterminds' `NewVersion`: a leading `v`, one to three numbers and leading zeros in
    /// them are accepted. Surrounding blanks are not.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        if text.len() > MAX_VERSION_BYTES {
            return Err(VersionError::TooLong);
        }
        let parts = scan::loose_version(text).ok_or(VersionError::Invalid)?;
        let version = Self {
            major: loose_number(parts.major)?,
            minor: parts.minor.map_or(Ok(0), loose_number)?,
            patch: parts.patch.map_or(Ok(0), loose_number)?,
            prerelease: parts.prerelease.unwrap_or_default().to_owned(),
            metadata: parts.metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
        };
        if !version.prerelease.is_empty() {
            validate_prerelease(&version.prerelease)?;
        }
        if !version.metadata.is_empty() {
            validate_metadata(&version.metadata)?;
        }
        Ok(version)
    }

    /// Reads a version by the letter of the specification, as Masterminds' `StrictNewVersion`: three numbers without
    /// leading zeros and no `v`. OCI tags are read this way.
    pub fn parse_strict(text: &str) -> Result<Self, VersionError> {
        if text.is_empty() {
            return Err(VersionError::Empty);
        }
        if text.len() > MAX_VERSION_BYTES {
            return Err(VersionError::TooLong);
        }
        let mut parts = text.splitn(3, '.');
        let (Some(major), Some(minor), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VersionError::Invalid);
        };
        let (rest, metadata) = rest
            .split_once('+')
            .map_or((rest, None), |(rest, metadata)| (rest, Some(metadata)));
        if let Some(metadata) = metadata {
            validate_metadata(metadata)?;
        }
        let (patch, prerelease) = rest
            .split_once('-')
            .map_or((rest, None), |(patch, pre)| (patch, Some(pre)));
        if let Some(prerelease) = prerelease {
            validate_prerelease(prerelease)?;
        }
        for number in [major, minor, patch] {
            if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(VersionError::InvalidCharacters);
            }
            if number.len() > 1 && number.starts_with('0') {
                return Err(VersionError::SegmentStartsZero);
            }
        }
        Ok(Self {
            major: strict_number(major)?,
            minor: strict_number(minor)?,
            patch: strict_number(patch)?,
            prerelease: prerelease.unwrap_or_default().to_owned(),
            metadata: metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
        })
    }

    /// The first number.
    pub fn major(&self) -> u64 {
        self.major
    }

    /// The second number, 0 when it was missing.
    pub fn minor(&self) -> u64 {
        self.minor
    }

    /// The third number, 0 when it was missing.
    pub fn patch(&self) -> u64 {
        self.patch
    }

    /// The pre-release without its hyphen; empty for a release.
    pub fn prerelease(&self) -> &str {
        &self.prerelease
    }

    /// The build metadata without its plus sign; empty when there is none.
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// The text as it was read.
    pub fn original(&self) -> &str {
        &self.original
    }

    /// Precedence of semantic versions. Build metadata does not count; a pre-release is lower than its release.
    pub fn compare(&self, other: &Self) -> Ordering {
        self.major
            .cmp(&other.major)
            .then(self.minor.cmp(&other.minor))
            .then(self.patch.cmp(&other.patch))
            .then_with(
                || match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                    (true, true) => Ordering::Equal,
                    (true, false) => Ordering::Greater,
                    (false, true) => Ordering::Less,
                    (false, false) => compare_prerelease(&self.prerelease, &other.prerelease),
                },
            )
    }

    /// The next major version: `1.2.3-rc.1+b` becomes `2.0.0`.
    pub fn inc_major(&self) -> Result<Self, VersionError> {
        let major = self
            .major
            .checked_add(1)
            .ok_or(VersionError::IncrementOverflow("major"))?;
        Ok(self.bumped(major, 0, 0))
    }

    /// The next minor version: `1.2.3-rc.1+b` becomes `1.3.0`.
    pub fn inc_minor(&self) -> Result<Self, VersionError> {
        let minor = self
            .minor
            .checked_add(1)
            .ok_or(VersionError::IncrementOverflow("minor"))?;
        Ok(self.bumped(self.major, minor, 0))
    }

    /// The next patch version: `1.2.3` becomes `1.2.4`, and `1.2.3-rc.1` becomes the release `1.2.3`.
    pub fn inc_patch(&self) -> Result<Self, VersionError> {
        let patch = if self.prerelease.is_empty() {
            self.patch
                .checked_add(1)
                .ok_or(VersionError::IncrementOverflow("patch"))?
        } else {
            self.patch
        };
        Ok(self.bumped(self.major, self.minor, patch))
    }

    /// The same version with another pre-release, given without its hyphen. Empty removes it.
    pub fn with_prerelease(&self, prerelease: &str) -> Result<Self, VersionError> {
        if !prerelease.is_empty() {
            validate_prerelease(prerelease)?;
        }
        let mut next = self.clone();
        prerelease.clone_into(&mut next.prerelease);
        next.original = next.original_from(self);
        Ok(next)
    }

    /// The same version with other build metadata, given without its plus sign. Empty removes it.
    pub fn with_metadata(&self, metadata: &str) -> Result<Self, VersionError> {
        if !metadata.is_empty() {
            validate_metadata(metadata)?;
        }
        let mut next = self.clone();
        metadata.clone_into(&mut next.metadata);
        next.original = next.original_from(self);
        Ok(next)
    }

    fn bumped(&self, major: u64, minor: u64, patch: u64) -> Self {
        let mut next = Self {
            major,
            minor,
            patch,
            prerelease: String::new(),
            metadata: String::new(),
            original: String::new(),
        };
        next.original = next.original_from(self);
        next
    }

    /// The original text of a derived version: its normal form, with the `v` of the version it came from.
    fn original_from(&self, parent: &Self) -> String {
        if parent.original.starts_with('v') {
            format!("v{self}")
        } else {
            self.to_string()
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

/// The scanner has seen digits only, so that the one possible failure is the range.
fn loose_number(digits: &str) -> Result<u64, VersionError> {
    digits
        .parse()
        .map_err(|_| VersionError::SegmentOutOfRange(digits.to_owned()))
}

fn strict_number(digits: &str) -> Result<u64, VersionError> {
    if digits.is_empty() {
        return Err(VersionError::StrictMissingNumber);
    }
    digits
        .parse()
        .map_err(|_| VersionError::StrictOutOfRange(digits.to_owned()))
}

fn validate_prerelease(text: &str) -> Result<(), VersionError> {
    for identifier in text.split('.') {
        if identifier.is_empty() {
            return Err(VersionError::InvalidPrerelease);
        }
        if identifier.bytes().all(|byte| byte.is_ascii_digit()) {
            if identifier.len() > 1 && identifier.starts_with('0') {
                return Err(VersionError::SegmentStartsZero);
            }
        } else if !identifier.bytes().all(scan::is_identifier_byte) {
            return Err(VersionError::InvalidPrerelease);
        }
    }
    Ok(())
}

fn validate_metadata(text: &str) -> Result<(), VersionError> {
    let well_formed =
        |identifier: &str| !identifier.is_empty() && identifier.bytes().all(scan::is_identifier_byte);
    if text.split('.').all(well_formed) {
        Ok(())
    } else {
        Err(VersionError::InvalidMetadata)
    }
}

/// Compares dot-separated identifiers one by one; a missing identifier is lower than any.
fn compare_prerelease(left: &str, right: &str) -> Ordering {
    let mut left = left.split('.');
    let mut right = right.split('.');
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (left, right) => compare_identifier(left.unwrap_or_default(), right.unwrap_or_default()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Numbers compare as numbers and are lower than texts. A number beyond 64 bits is a text, as it is for Masterminds.
fn compare_identifier(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    if left.is_empty() {
        return Ordering::Less;
    }
    if right.is_empty() {
        return Ordering::Greater;
    }
    match (identifier_number(left), identifier_number(right)) {
        (None, None) => left.cmp(right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some(left), Some(right)) => left.cmp(&right),
    }
}

fn identifier_number(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}
