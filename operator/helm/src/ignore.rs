//! `.helmignore`: which files of a chart directory stay out of the chart.
//!
//! Not gitignore: rules run from top to bottom, the first that decides wins, and a negated rule that does *not* match
//! ignores at once. Mirrors `pkg/ignore/rules.go`. Only directories are filtered; an archive is taken whole.

use crate::path_match::{BadPattern, path_match};

/// The name of the file at the root of a chart directory.
pub const HELM_IGNORE: &str = ".helmignore";

/// Why a `.helmignore` was refused; Helm's texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IgnoreError {
    /// `**` is not part of this language.
    #[error("double-star (**) syntax is not supported")]
    DoubleStar,
    /// A pattern is malformed.
    #[error(transparent)]
    Pattern(BadPattern),
    /// A line is longer than Go's line scanner takes.
    #[error("bufio.Scanner: token too long")]
    LineTooLong,
}

/// Longest line, in bytes: the buffer of Go's `bufio.Scanner`.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// Parsed rules, in order.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    rules: Vec<Rule>,
}

/// What the path given to [`Rules::ignores`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Anything that is not a directory.
    File,
    /// A directory: ignoring it skips all that is below.
    Directory,
}

#[derive(Debug, Clone)]
struct Rule {
    pattern: String,
    negated: bool,
    only_directories: bool,
    /// Match the whole path below the chart instead of the last element.
    whole_path: bool,
}

impl Rules {
    /// Reads the text of a `.helmignore`.
    pub fn parse(text: &[u8]) -> Result<Self, IgnoreError> {
        let mut rules = Self::default();
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        for line in text.split(|&byte| byte == b'\n') {
            if line.len() >= MAX_LINE_BYTES {
                return Err(IgnoreError::LineTooLong);
            }
            rules.add(&String::from_utf8_lossy(line))?;
        }
        Ok(rules)
    }

    /// Adds what Helm always adds: dot files in `templates/` are no templates.
    #[must_use]
    pub fn with_defaults(mut self) -> Self {
        self.rules.push(Rule {
            pattern: "templates/.?*".to_owned(),
            negated: false,
            only_directories: false,
            whole_path: true,
        });
        self
    }

    /// Says whether a path stays out of the chart. The path is relative to the chart, with `/` separators.
    pub fn ignores(&self, path: &str, kind: EntryKind) -> bool {
        if matches!(path, "" | "." | "./") {
            return false;
        }
        for rule in &self.rules {
            let applies = !rule.only_directories || kind == EntryKind::Directory;
            if rule.negated {
                if !applies || !rule.matches(path) {
                    return true;
                }
            } else if applies && rule.matches(path) {
                return true;
            }
        }
        false
    }

    fn add(&mut self, line: &str) -> Result<(), IgnoreError> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if line.contains("**") {
            return Err(IgnoreError::DoubleStar);
        }
        path_match(line, "abc").map_err(IgnoreError::Pattern)?;
        let (line, negated) = match line.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (line, false),
        };
        let (line, only_directories) = match line.strip_suffix('/') {
            Some(rest) => (rest, true),
            None => (line, false),
        };
        let (pattern, whole_path) = match line.strip_prefix('/') {
            Some(rest) => (rest, true),
            None => (line, line.contains('/')),
        };
        self.rules.push(Rule {
            pattern: pattern.to_owned(),
            negated,
            only_directories,
            whole_path,
        });
        Ok(())
    }
}

impl Rule {
    fn matches(&self, path: &str) -> bool {
        let subject = if self.whole_path {
            path
        } else {
            path.rsplit('/').next().unwrap_or(path)
        };
        // A pattern that was accepted may still turn out malformed on another name: Helm logs it and goes on.
        path_match(&self.pattern, subject).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rules: &str, path: &str, kind: EntryKind, expected: bool) {
        let parsed = Rules::parse(rules.as_bytes()).unwrap();
        assert_eq!(parsed.ignores(path, kind), expected, "{rules:?} {path:?}");
    }

    #[test]
    fn rules_of_upstream() {
        use EntryKind::{Directory, File};
        check("helm.txt", "helm.txt", File, true);
        check("helm.*", "helm.txt", File, true);
        check("helm.*", "rudder.txt", File, false);
        check("*.txt", "tiller.txt", File, true);
        check("cargo", "cargo", Directory, true);
        check("cargo/", "cargo", Directory, true);
        check("cargo/", "mast/", File, false);
        check("helm.txt/", "helm.txt", File, false);
        check("/a.txt", "a.txt", File, true);
        check("/a.txt", "cargo/a.txt", File, false);
        check("/cargo/*.txt", "cargo/a.txt", File, true);
        check("cargo/*.txt", "cargo/a.txt", File, true);
        check("mast/a.txt", "cargo/a.txt", File, false);
        check("# x\n\n  helm.txt  ", "helm.txt", File, true);
    }

    #[test]
    fn a_negated_rule_that_does_not_match_ignores() {
        use EntryKind::{Directory, File};
        check("!helm.txt", "helm.txt", File, false);
        check("!helm.txt", "tiller.txt", File, true);
        check("!*.txt", "cargo", Directory, true);
        check("!cargo/", "mast", File, true);
        check("!a\n*.txt", "a", File, false);
    }

    #[test]
    fn dot_files_of_templates_are_left_out() {
        let rules = Rules::default().with_defaults();
        assert!(rules.ignores("templates/.dotfile", EntryKind::File));
        assert!(!rules.ignores("templates/a", EntryKind::File));
        assert!(!rules.ignores("templates/sub/.dotfile", EntryKind::File));
    }

    #[test]
    fn refusals() {
        assert_eq!(Rules::parse(b"**/foo").unwrap_err(), IgnoreError::DoubleStar);
        assert_eq!(
            Rules::parse(b"ab[").unwrap_err().to_string(),
            "syntax error in pattern"
        );
    }
}
