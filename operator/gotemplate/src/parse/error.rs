//! [`ParseError`]: why a text is no template.

use crate::limits::LimitError;

/// A text could not be parsed. The text of the error is Go's: `template: NAME:LINE: MESSAGE`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template: {name}:{line}: {message}")]
pub struct ParseError {
    /// The name under which the text was parsed.
    pub name: String,
    /// The line of the token the parser had reached, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// The limit that was reached, if it was one.
    pub limit: Option<LimitError>,
}
