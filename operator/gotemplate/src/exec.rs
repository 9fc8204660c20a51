//! Executing trees (`text/template/exec.go`).
//!
//! The executor keeps apart what Go's reflection keeps apart: no value at all, a value whose static type is
//! `interface {}`, and a value of a concrete type ([`Val`]). It also remembers the node that Go would
//! blame for an error, which is not always the one at hand: the last one that evaluation stepped on.

mod call;
mod eval;
mod val;
mod walk;

#[cfg(test)]
mod tests;

pub(crate) use call::{Want, int_kind};
pub(crate) use val::{Val, pointed, pointed_type_name, zero};

use crate::error::{ExecError, ExecErrorData, Location};
use crate::frame::Frame;
use crate::func::{FuncError, FuncErrorKind};
use crate::limits::LimitError;
use crate::parse::{Printed, Tree, printed};
use crate::value::Value;

/// Executes a tree with `data` as dot, appending to `out`.
pub(crate) fn execute(
    frame: &mut Frame<'_>,
    tree: &Tree,
    data: Value,
    out: &mut Vec<u8>,
) -> Result<(), ExecError> {
    let dot = match data {
        Value::Nil => Val::Invalid,
        data => Val::Concrete(data),
    };
    let mut state = State {
        frame,
        tree,
        out,
        vars: vec![(0, dot.clone())],
        at: None,
    };
    state.enter_template()?;
    state.walk_list(&dot, &tree.root)?;
    Ok(())
}

/// The execution of one template.
struct State<'s, 'f, 'a> {
    frame: &'f mut Frame<'a>,
    tree: &'s Tree,
    out: &'f mut Vec<u8>,
    /// The stack of variables: number of the name, value.
    vars: Vec<(u32, Val)>,
    /// The current node, for errors.
    at: Option<Printed<'s>>,
}

impl<'s> State<'s, '_, '_> {
    fn at(&mut self, node: Printed<'s>) {
        self.at = Some(node);
    }

    /// An error at the current node.
    fn error(&self, message: impl Into<String>) -> ExecError {
        ExecError::new(ExecErrorData {
            template: self.tree.name.to_string(),
            location: self.location(),
            message: message.into(),
            cause: None,
            limit: None,
        })
    }

    /// A function failed. A limit that was reached inside is passed on: nesting it at every level would only repeat it.
    fn call_error(&mut self, name: &str, cause: FuncError) -> ExecError {
        if let FuncErrorKind::Exec(inner) = cause.kind()
            && inner.limit().is_some()
        {
            return inner.clone();
        }
        let limit = cause.limit().cloned();
        let location = self.location();
        let bytes = cause.own_bytes() + location.as_ref().map_or(0, |location| location.node.len());
        if let Err(limit) = self.frame.take_bytes(bytes) {
            return self.limit_error(limit);
        }
        ExecError::new(ExecErrorData {
            template: self.tree.name.to_string(),
            location,
            message: format!("error calling {name}"),
            cause: Some(cause),
            limit,
        })
    }

    fn limit_error(&self, limit: LimitError) -> ExecError {
        ExecError::new(ExecErrorData {
            template: self.tree.name.to_string(),
            location: self.location(),
            message: limit.to_string(),
            cause: None,
            limit: Some(limit),
        })
    }

    fn location(&self) -> Option<Location> {
        let node = self.at?;
        let (line, column) = self.tree.line_and_column(node.pos());
        Some(Location {
            file: self.tree.parse_name.to_string(),
            line,
            column,
            node: self.printed(node),
        })
    }

    /// The text of a node of this template.
    fn printed(&self, node: Printed<'_>) -> String {
        printed(node, &self.tree.text)
    }

    /// Counts a step of the execution.
    fn step(&mut self) -> Result<(), ExecError> {
        self.frame.take_steps(1).map_err(|limit| self.limit_error(limit))
    }
}
