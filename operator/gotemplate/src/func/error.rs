//! [`FuncError`]: why a function failed.

use std::sync::{Arc, LazyLock};

use crate::error::{Chain, ExecError, Link};
use crate::limits::LimitError;

/// The error of a function. Its text is Go's text. Clones share the error.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", Chain(Link::Func(self)))]
pub struct FuncError(Arc<FuncErrorKind>);

/// What a [`FuncError`] is made of.
#[derive(Debug, PartialEq)]
pub enum FuncErrorKind {
    /// A plain Go error (`errors.New`, `fmt.Errorf` without `%w`).
    Message(String),
    /// The text of a Go panic, which `text/template` turns into an error.
    Panic(String),
    /// Another error with text before it (`fmt.Errorf("prefix: %w")`).
    Wrapped {
        /// The text before `: ` and the error inside.
        prefix: String,
        /// The error inside.
        source: FuncError,
    },
    /// The execution of a template inside a function failed.
    Exec(ExecError),
    /// A limit was reached. Never swallow it.
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

    /// This error with text before it: `prefix: error`. A limit that was reached is passed on as it is.
    #[must_use]
    pub fn wrap(self, prefix: &str) -> Self {
        if self.limit().is_some() {
            return self;
        }
        FuncErrorKind::Wrapped {
            prefix: prefix.to_owned(),
            source: self,
        }
        .into()
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

    /// The limit that was reached, if one was. Limits are passed on without text around them, so that looking at the
    /// outermost link is enough.
    pub fn limit(&self) -> Option<&LimitError> {
        match &*self.0 {
            FuncErrorKind::Limit(limit) => Some(limit),
            FuncErrorKind::Exec(exec) => exec.own_limit(),
            FuncErrorKind::Message(_) | FuncErrorKind::Panic(_) | FuncErrorKind::Wrapped { .. } => None,
        }
    }

    /// The bytes that this error adds to the text of the errors inside.
    pub(crate) fn own_bytes(&self) -> usize {
        match &*self.0 {
            FuncErrorKind::Message(text) | FuncErrorKind::Panic(text) => text.len(),
            FuncErrorKind::Wrapped { prefix, .. } => prefix.len(),
            FuncErrorKind::Exec(_) | FuncErrorKind::Limit(_) => 0,
        }
    }
}

impl FuncErrorKind {
    /// Takes the error inside out.
    fn take_source(&mut self) -> Option<FuncError> {
        static LEAF: LazyLock<FuncError> = LazyLock::new(|| FuncError::new(""));
        match self {
            FuncErrorKind::Wrapped { source, .. } => Some(std::mem::replace(source, LEAF.clone())),
            FuncErrorKind::Exec(exec) => Arc::get_mut(&mut exec.0).and_then(|data| data.cause.take()),
            FuncErrorKind::Message(_) | FuncErrorKind::Panic(_) | FuncErrorKind::Limit(_) => None,
        }
    }
}

impl Drop for FuncErrorKind {
    /// Drops the chain link by link.
    fn drop(&mut self) {
        let mut next = self.take_source();
        while let Some(FuncError(kind)) = next {
            next = Arc::into_inner(kind).and_then(|mut kind| kind.take_source());
        }
    }
}

impl From<FuncErrorKind> for FuncError {
    fn from(kind: FuncErrorKind) -> Self {
        FuncError(Arc::new(kind))
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
