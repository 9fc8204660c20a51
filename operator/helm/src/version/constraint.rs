//! Ranges of versions: alternatives (`||`) of groups whose elements (blank or comma) must all hold.
//!
//! Mirrors Masterminds' `constraints.go` 3.5.0. Two rules surprise: a pre-release is inside a range only when an
//! element of the same group names a pre-release, and an element with missing parts or wildcards (`1.2`, `1.x`) is
//! *dirty*, which gives most operators another meaning.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};

use unicode_general_category::{GeneralCategory, get_general_category};

use super::{Version, VersionError, compare_prerelease, scan};

/// Longest constraint that is read, in bytes: Masterminds' `MaxConstraintLen`.
pub const MAX_CONSTRAINT_BYTES: usize = 512;

/// Most alternatives of one constraint: Masterminds' `MaxConstraintGroups`.
pub const MAX_CONSTRAINT_GROUPS: usize = 32;

/// A range of versions such as `>=1.2 <2 || ^3`. Displays as Masterminds prints it: `>=1.2 <2 || ^3`.
#[derive(Debug, Clone)]
pub struct Constraint {
    groups: Vec<Group>,
}

#[derive(Debug, Clone)]
struct Group {
    elements: Vec<Element>,
    /// An element names a pre-release, so that pre-releases are considered at all.
    prereleases: bool,
}

#[derive(Debug, Clone)]
struct Element {
    operator: Operator,
    /// The operator as it was written (`=>` is `>=`).
    operator_text: String,
    /// The version as it was written; error texts show it.
    text: String,
    /// The version with 0 in place of missing parts.
    version: Version,
    missing: Missing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    TildeOrEqual,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

/// From which part on an element's version is missing or a wildcard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Nothing,
    Patch,
    Minor,
    Everything,
}

impl Constraint {
    /// Reads a constraint. An empty text is none; `*` admits every release.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        if text.len() > MAX_CONSTRAINT_BYTES {
            return Err(VersionError::ConstraintTooLong);
        }
        let rewritten = scan::rewrite_ranges(text);
        let alternatives: Vec<&str> = rewritten.split("||").collect();
        if alternatives.len() > MAX_CONSTRAINT_GROUPS {
            return Err(VersionError::TooManyConstraintGroups);
        }
        let groups = alternatives
            .into_iter()
            .map(Group::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self { groups })
    }

    /// Whether `version` is inside the range.
    pub fn matches(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            group
                .elements
                .iter()
                .all(|element| group.check(element, version).is_ok())
        })
    }

    /// The reasons why `version` is not inside the range, over all alternatives; empty when it is.
    pub fn validate(&self, version: &Version) -> Vec<String> {
        let mut reasons = Vec::new();
        let mut prerelease_told = false;
        for group in &self.groups {
            let mut holds = true;
            for element in &group.elements {
                let Err(reason) = group.check(element, version) else {
                    continue;
                };
                holds = false;
                let about_prerelease = !group.admits(version);
                if !(about_prerelease && prerelease_told) {
                    reasons.push(reason);
                }
                prerelease_told |= about_prerelease;
            }
            if holds {
                return Vec::new();
            }
        }
        reasons
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, group) in self.groups.iter().enumerate() {
            if index > 0 {
                f.write_str(" || ")?;
            }
            for (index, element) in group.elements.iter().enumerate() {
                if index > 0 {
                    f.write_str(" ")?;
                }
                write!(f, "{}{}", element.operator_text, element.text)?;
            }
        }
        Ok(())
    }
}

impl Group {
    fn parse(text: &str) -> Result<Self, VersionError> {
        let scanned =
            scan::and_group(text).ok_or_else(|| VersionError::ImproperConstraint(go_quote(text)))?;
        let elements: Vec<Element> = scanned.iter().map(Element::parse).collect::<Result<_, _>>()?;
        let prereleases = elements
            .iter()
            .any(|element| !element.version.prerelease.is_empty());
        Ok(Self {
            elements,
            prereleases,
        })
    }

    /// Whether the version is considered at all.
    fn admits(&self, version: &Version) -> bool {
        self.prereleases || version.prerelease.is_empty()
    }

    fn check(&self, element: &Element, version: &Version) -> Result<(), String> {
        if self.admits(version) {
            element.check(version)
        } else {
            Err(format!(
                "\"{version}\" is a prerelease version and the constraint is only looking for release versions"
            ))
        }
    }
}

impl Element {
    fn parse(scanned: &scan::Element<'_>) -> Result<Self, VersionError> {
        let parts = scanned.parts;
        let given = |part: Option<&str>| {
            part.filter(|part| !matches!(*part, "x" | "X" | "*"))
                .map(str::to_owned)
        };
        // Only the pre-release survives a missing part; Masterminds drops the metadata.
        let suffix = parts
            .prerelease
            .map(|text| format!("-{text}"))
            .unwrap_or_default();
        let (missing, text) = match (given(Some(parts.major)), given(parts.minor), given(parts.patch)) {
            (None, _, _) => (Missing::Everything, format!("0.0.0{suffix}")),
            (Some(major), None, _) => (Missing::Minor, format!("{major}.0.0{suffix}")),
            (Some(major), Some(minor), None) => (Missing::Patch, format!("{major}.{minor}.0{suffix}")),
            (Some(_), Some(_), Some(_)) => (Missing::Nothing, scanned.text.to_owned()),
        };
        Ok(Self {
            operator: Operator::parse(scanned.operator),
            operator_text: scanned.operator.to_owned(),
            text: scanned.text.to_owned(),
            version: Version::parse(&text).map_err(|_| VersionError::ConstraintParser)?,
            missing,
        })
    }

    fn check(&self, version: &Version) -> Result<(), String> {
        match self.operator {
            Operator::TildeOrEqual if self.missing != Missing::Nothing => self.check_tilde(version),
            Operator::TildeOrEqual => {
                self.demand(version.compare(&self.version).is_eq(), version, "is not equal to")
            }
            Operator::NotEqual => self.demand(!self.excludes(version), version, "is equal to"),
            Operator::Greater => {
                self.demand(self.is_exceeded_by(version), version, "is less than or equal to")
            }
            Operator::Less => self.demand(
                version.compare(&self.version).is_lt(),
                version,
                "is greater than or equal to",
            ),
            Operator::GreaterOrEqual => {
                self.demand(version.compare(&self.version).is_ge(), version, "is less than")
            }
            Operator::LessOrEqual => self.demand(self.reaches(version), version, "is greater than"),
            Operator::Tilde => self.check_tilde(version),
            Operator::Caret => self.check_caret(version),
        }
    }

    fn demand(&self, holds: bool, version: &Version, otherwise: &str) -> Result<(), String> {
        if holds {
            Ok(())
        } else {
            Err(format!("\"{version}\" {otherwise} \"{}\"", self.text))
        }
    }

    /// `!=1.2` excludes all of 1.2, `!=1` all of 1.
    fn excludes(&self, version: &Version) -> bool {
        let own = &self.version;
        match self.missing {
            // `!=*` compares with 0.0.0 only, because Masterminds marks neither minor nor patch as missing.
            Missing::Nothing | Missing::Everything => version.compare(own).is_eq(),
            Missing::Minor => version.major == own.major,
            Missing::Patch => {
                let same = version.major == own.major && version.minor == own.minor;
                let releases = version.prerelease.is_empty() && own.prerelease.is_empty();
                same && (releases
                    || compare_prerelease(&version.prerelease, &own.prerelease) == Ordering::Equal)
            }
        }
    }

    /// `>11` means from 12 on, `>1.2` from 1.3 on.
    fn is_exceeded_by(&self, version: &Version) -> bool {
        let own = &self.version;
        match self.missing {
            Missing::Nothing | Missing::Everything => version.compare(own).is_gt(),
            Missing::Minor => version.major > own.major,
            Missing::Patch => (version.major, version.minor) > (own.major, own.minor),
        }
    }

    /// `<=11` includes all of 11, `<=1.2` all of 1.2.
    fn reaches(&self, version: &Version) -> bool {
        let own = &self.version;
        match self.missing {
            Missing::Nothing => version.compare(own).is_le(),
            Missing::Minor => version.major <= own.major,
            Missing::Patch | Missing::Everything => (version.major, version.minor) <= (own.major, own.minor),
        }
    }

    fn check_tilde(&self, version: &Version) -> Result<(), String> {
        let own = &self.version;
        self.demand(version.compare(own).is_ge(), version, "is less than")?;
        let whole = matches!(self.missing, Missing::Nothing | Missing::Everything);
        if whole && (own.major, own.minor, own.patch) == (0, 0, 0) {
            return Ok(());
        }
        self.demand(
            version.major == own.major,
            version,
            "does not have same major version as",
        )?;
        let minor_fits = version.minor == own.minor || self.missing == Missing::Minor;
        self.demand(
            minor_fits,
            version,
            "does not have same major and minor version as",
        )
    }

    fn check_caret(&self, version: &Version) -> Result<(), String> {
        let own = &self.version;
        self.demand(version.compare(own).is_ge(), version, "is less than")?;
        if own.major > 0 || self.missing == Missing::Minor {
            return self.demand(
                version.major == own.major,
                version,
                "does not have same major version as",
            );
        }
        self.demand(version.major == 0, version, "does not have same major version as")?;
        if own.minor > 0 || self.missing == Missing::Patch {
            return self
                .demand(
                    version.minor == own.minor,
                    version,
                    "does not have same minor version as",
                )
                .map_err(|reason| {
                    format!("{reason}. Expected minor versions to match when constraint major version is 0")
                });
        }
        self.demand(version.minor == 0, version, "does not have same minor version as")?;
        self.demand(version.patch == own.patch, version, "does not equal")
            .map_err(|reason| {
                format!(
                    "{reason}. Expect version and constraint to equal when major and minor versions are 0"
                )
            })
    }
}

impl Operator {
    /// The scanner yields no other texts than these.
    fn parse(text: &str) -> Self {
        match text {
            "!=" => Self::NotEqual,
            ">" => Self::Greater,
            "<" => Self::Less,
            ">=" | "=>" => Self::GreaterOrEqual,
            "<=" | "=<" => Self::LessOrEqual,
            "~" | "~>" => Self::Tilde,
            "^" => Self::Caret,
            _ => Self::TildeOrEqual,
        }
    }
}

/// Go's `%q`.
fn go_quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\x07' => quoted.push_str("\\a"),
            '\x08' => quoted.push_str("\\b"),
            '\x0c' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\x0b' => quoted.push_str("\\v"),
            character if is_printable(character) => quoted.push(character),
            character => {
                let code = u32::from(character);
                // Writing to a string cannot fail.
                let _ = match code {
                    ..0x80 => write!(quoted, "\\x{code:02x}"),
                    0x80..=0xffff => write!(quoted, "\\u{code:04x}"),
                    _ => write!(quoted, "\\U{code:08x}"),
                };
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the plain space.
fn is_printable(character: char) -> bool {
    use GeneralCategory as C;
    character == ' '
        || !matches!(
            get_general_category(character),
            C::Control
                | C::Format
                | C::LineSeparator
                | C::ParagraphSeparator
                | C::PrivateUse
                | C::SpaceSeparator
                | C::Surrogate
                | C::Unassigned
        )
}
