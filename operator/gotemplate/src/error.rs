//! Errors of parsing and execution, as data with Go's text.

use crate::func::{FuncError, FuncErrorKind};
use crate::limits::LimitError;
use crate::strconv;

/// Executing a template failed. The text is Go's, byte for byte:
/// `template: a.tpl:3:4: executing "a.tpl" at <.x.y>: nil pointer evaluating interface {}.y`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.text())]
pub struct ExecError(Box<ExecErrorData>);

/// What an [`ExecError`] is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecErrorData {
    /// The name of the template that was executing (the define, not the file).
    pub template: String,
    /// Where; `None` for errors that have no node (an incomplete template).
    pub location: Option<Location>,
    /// The message after the position, with the text of the cause if there is one.
    pub message: String,
    /// What a function returned: the error that Go wraps.
    pub cause: Option<FuncError>,
    /// The limit that was reached, if it was one.
    pub limit: Option<LimitError>,
}

/// A place in a parsed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The name under which the text was parsed (the file).
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Byte offset in the line, from 0.
    pub column: usize,
    /// The node, printed from the parse tree.
    pub node: String,
}

impl ExecError {
    /// An error from its parts.
    pub fn new(data: ExecErrorData) -> Self {
        ExecError(Box::new(data))
    }

    /// The parts.
    pub fn data(&self) -> &ExecErrorData {
        &self.0
    }

    /// The error that a function returned (Go's `errors.Unwrap`, twice).
    pub fn cause(&self) -> Option<&FuncError> {
        self.0.cause.as_ref()
    }

    /// The execution error directly inside: the failed include of an include.
    pub fn inner(&self) -> Option<&ExecError> {
        match self.0.cause.as_ref()?.kind() {
            FuncErrorKind::Exec(inner) => Some(inner),
            FuncErrorKind::Message(_)
            | FuncErrorKind::Panic(_)
            | FuncErrorKind::Wrapped { .. }
            | FuncErrorKind::Limit(_) => None,
        }
    }

    /// The limit that was reached, here or at any depth inside.
    pub fn limit(&self) -> Option<&LimitError> {
        self.own_limit().or_else(|| self.cause().and_then(FuncError::limit))
    }

    pub(crate) fn own_limit(&self) -> Option<&LimitError> {
        self.0.limit.as_ref()
    }

    fn text(&self) -> String {
        let ExecErrorData { template, location, message, cause: _, limit: _ } = &*self.0;
        match location {
            Some(Location { file, line, column, node }) => {
                let template = strconv::quote(template.as_bytes());
                let template = String::from_utf8_lossy(&template);
                format!("template: {file}:{line}:{column}: executing {template} at <{node}>: {message}")
            }
            None => format!("template: {template}: {message}"),
        }
    }
}
