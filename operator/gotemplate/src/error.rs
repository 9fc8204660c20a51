//! Errors of execution, as data with Go's text.
//!
//! Includes nest errors as deeply as templates nest, so nothing here recurses: an error keeps only its own part of
//! the text and is written, compared and dropped link by link.

use std::fmt;
use std::sync::Arc;

use crate::func::{FuncError, FuncErrorKind};
use crate::limits::LimitError;
use crate::strconv;

/// Executing a template failed. The text is Go's, byte for byte:
/// `template: a.tpl:3:4: executing "a.tpl" at <.x.y>: nil pointer evaluating interface {}.y`.
///
/// Clones share the error.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", Chain(Link::Exec(self)))]
pub struct ExecError(pub(crate) Arc<ExecErrorData>);

/// What an [`ExecError`] is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecErrorData {
    /// The name of the template that was executing (the define, not the file).
    pub template: String,
    /// Where; `None` for errors that have no node (an incomplete template).
    pub location: Option<Location>,
    /// The message after the position, without the text of the cause: `error calling include`.
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
        ExecError(Arc::new(data))
    }

    /// The parts.
    pub fn data(&self) -> &ExecErrorData {
        &self.0
    }

    /// The text without the text of the cause: `template: t:1:5: executing "t" at <include "a" .>: error calling include`.
    ///
    /// The text of the whole chain grows with its length; who looks at every link uses this.
    pub fn head(&self) -> String {
        let mut head = String::new();
        // Writing to a string does not fail.
        let _ = self.write_head(&mut head);
        head
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
        self.own_limit()
            .or_else(|| self.cause().and_then(FuncError::limit))
    }

    pub(crate) fn own_limit(&self) -> Option<&LimitError> {
        self.0.limit.as_ref()
    }

    fn write_head(&self, out: &mut impl fmt::Write) -> fmt::Result {
        let ExecErrorData {
            template,
            location,
            message,
            cause: _,
            limit: _,
        } = &*self.0;
        match location {
            Some(Location {
                file,
                line,
                column,
                node,
            }) => {
                let template = strconv::quote(template.as_bytes());
                let template = String::from_utf8_lossy(&template);
                write!(
                    out,
                    "template: {file}:{line}:{column}: executing {template} at <{node}>: {message}"
                )
            }
            None => write!(out, "template: {template}: {message}"),
        }
    }
}

/// A link of a chain of errors.
#[derive(Clone, Copy)]
pub(crate) enum Link<'e> {
    Exec(&'e ExecError),
    Func(&'e FuncError),
}

/// A chain of errors as one text, outermost first.
pub(crate) struct Chain<'e>(pub(crate) Link<'e>);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut link = self.0;
        loop {
            let next = match link {
                Link::Exec(exec) => {
                    exec.write_head(f)?;
                    exec.cause()
                }
                Link::Func(func) => match func.kind() {
                    FuncErrorKind::Exec(exec) => {
                        link = Link::Exec(exec);
                        continue;
                    }
                    FuncErrorKind::Wrapped { prefix, source } => {
                        f.write_str(prefix)?;
                        Some(source)
                    }
                    FuncErrorKind::Message(message) | FuncErrorKind::Panic(message) => {
                        return f.write_str(message);
                    }
                    FuncErrorKind::Limit(limit) => return write!(f, "{limit}"),
                },
            };
            let Some(next) = next else { return Ok(()) };
            f.write_str(": ")?;
            link = Link::Func(next);
        }
    }
}
