//! [`FuncError`]: why a function failed.

use crate::error::ExecError;
use crate::limits::LimitError;

/// The error of a function. Its text is Go's text.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct FuncError(Box<FuncErrorKind>);

/// What a [`FuncError`] is made of.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FuncErrorKind {
    /// A plain Go error (`errors.New`, `fmt.Errorf` without `%w`).
    #[error("{0}")]
    Message(String),
    /// The text of a Go panic, which `text/template` turns into an error.
    #[error("{0}")]
    Panic(String),
    /// Another error with text around it (`fmt.Errorf` with `%w`).
    #[error("{message}")]
    Wrapped {
        /// The whole text, the source's text included.
        message: String,
        /// The error inside.
        source: FuncError,
    },
    /// The execution of a template inside a function failed.
    #[error("{0}")]
    Exec(ExecError),
    /// A limit was reached. Never swallow it.
    #[error("{0}")]
    Limit(LimitError),
}

impl FuncError {
    /// A plain error.
    pub fn new(message: impl Into<String>) -> Self {
        FuncErrorKind::Message(message.into()).into()
    }

    /// The text of a Go panic.
    pub fn panic(message: impl Into<String>) -> Self {
        FuncErrorKind::Panic(message.into()).into()
    }

    /// This error with text before it: `prefix: error`.
    #[must_use]
    pub fn wrap(self, prefix: &str) -> Self {
        FuncErrorKind::Wrapped { message: format!("{prefix}: {self}"), source: self }.into()
    }

    /// What it is made of.
    pub fn kind(&self) -> &FuncErrorKind {
        &self.0
    }

    /// The error inside, as Go's `errors.Unwrap`.
    pub fn unwrap_source(&self) -> Option<&FuncError> {
        match &*self.0 {
            FuncErrorKind::Wrapped { source, .. } => Some(source),
            FuncErrorKind::Exec(exec) => exec.cause(),
            FuncErrorKind::Message(_) | FuncErrorKind::Panic(_) | FuncErrorKind::Limit(_) => None,
        }
    }

    /// The limit that was reached, here or at any depth inside.
    pub fn limit(&self) -> Option<&LimitError> {
        let mut error = Some(self);
        while let Some(this) = error {
            match &*this.0 {
                FuncErrorKind::Limit(limit) => return Some(limit),
                FuncErrorKind::Exec(exec) => {
                    if let Some(limit) = exec.own_limit() {
                        return Some(limit);
                    }
                }
                FuncErrorKind::Message(_) | FuncErrorKind::Panic(_) | FuncErrorKind::Wrapped { .. } => {}
            }
            error = this.unwrap_source();
        }
        None
    }
}

impl From<FuncErrorKind> for FuncError {
    fn from(kind: FuncErrorKind) -> Self {
        FuncError(Box::new(kind))
    }
}

impl From<ExecError> for FuncError {
    fn from(error: ExecError) -> Self {
        FuncErrorKind::Exec(error).into()
    }
}

impl From<LimitError> for FuncError {
    fn from(error: LimitError) -> Self {
        FuncErrorKind::Limit(error).into()
    }
}

impl From<String> for FuncError {
    fn from(message: String) -> Self {
        FuncError::new(message)
    }
}

impl From<&str> for FuncError {
    fn from(message: &str) -> Self {
        FuncError::new(message)
    }
}
