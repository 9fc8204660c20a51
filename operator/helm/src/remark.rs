//! Remarks: what Helm logs while it works, as data.
//!
//! Nothing is printed here. The CLI prints remarks as Helm does (Go's `slog` text lines on standard error, without the
//! time); the operator turns them into events.

use std::fmt;

use crate::text::go_quote;

/// How grave a remark is; Helm's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// `INFO`
    Info,
    /// `WARN`
    Warn,
    /// `ERROR`
    Error,
}

/// One log line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How grave.
    pub level: Level,
    /// Helm's text.
    pub message: String,
    /// Names and values that belong to it.
    pub attributes: Vec<(&'static str, String)>,
}

impl Remark {
    pub(crate) fn new(level: Level, message: impl Into<String>) -> Self {
        Self {
            level,
            message: message.into(),
            attributes: Vec::new(),
        }
    }

    /// Something to know.
    pub fn info(message: impl Into<String>) -> Self {
        Self::new(Level::Info, message)
    }

    /// A warning.
    pub fn warn(message: impl Into<String>) -> Self {
        Self::new(Level::Warn, message)
    }

    /// The remark with one more attribute.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }
}

impl fmt::Display for Remark {
    /// `level=WARN msg="this chart is deprecated"`, as Go's `slog.TextHandler` writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
        };
        write!(f, "level={level} msg={}", attribute(&self.message))?;
        for (name, value) in &self.attributes {
            write!(f, " {name}={}", attribute(value))?;
        }
        Ok(())
    }
}

/// Quotes where `slog` quotes: empty text, blanks, `=`, `"` and what is not printable.
fn attribute(text: &str) -> String {
    let plain = |character: char| {
        !matches!(character, ' ' | '=' | '"') && crate::text::is_print(character) && character != '\u{FFFD}'
    };
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        go_quote(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_slogs() {
        let remark = Remark::info("skipping unknown hooks")
            .with("hookTypes", "crd-install")
            .with("path", "a b");
        assert_eq!(
            remark.to_string(),
            r#"level=INFO msg="skipping unknown hooks" hookTypes=crd-install path="a b""#
        );
    }
}
