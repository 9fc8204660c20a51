//! The patterns of `.Files.Glob`: those of `github.com/gobwas/glob`, with `/` as the separator.
//!
//! `*` and `?` stay within a path element, `**` crosses elements, `[a-z]` and `[!a-z]` are classes, `{a,b}` are
//! alternatives, `\` takes the next character literally.
//!
//! The compiled form is upstream's too, because its shortcuts decide what matches: `a/**/b` matches `a/b`, since prefix
//! and suffix may share the slash. Upstream's search can take exponential time; this one has a budget of
//! [`MAX_STEPS`] for each name.

mod compile;
mod matcher;
mod parse;
#[cfg(test)]
mod tests;

use matcher::{Matcher, Search};

/// Most work for matching one name, in bytes looked at.
pub const MAX_STEPS: u64 = 10_000_000;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Glob(Matcher);

/// Matching took more than [`MAX_STEPS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("glob pattern exceeds the maximum number of steps {MAX_STEPS}")]
pub struct TooManySteps;

/// The pattern is malformed. Helm never shows upstream's text: it takes the pattern for `**`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed glob pattern")]
pub struct BadGlob;

impl Glob {
    /// Compiles a pattern.
    pub fn new(pattern: &str) -> Result<Self, BadGlob> {
        let tree = parse::parse(pattern)?;
        compile::compile(&tree).map(Self)
    }

    /// Compiles a pattern as `.Files.Glob` does: a malformed one matches everything.
    pub fn lenient(pattern: &str) -> Self {
        Self::new(pattern).unwrap_or(Self(Matcher::Super))
    }

    /// Says whether the whole name matches.
    pub fn matches(&self, name: &str) -> Result<bool, TooManySteps> {
        let mut search = Search::new(MAX_STEPS);
        let matched = search.matches(&self.0, name.as_bytes());
        if search.is_exhausted() {
            Err(TooManySteps)
        } else {
            Ok(matched)
        }
    }
}
