//! Nodes: text, actions, `if`, `with`, `range`, `template`.

use super::{State, Val, pointed};
use crate::error::ExecError;
use crate::format;
use crate::limits::{LimitError, LimitKind};
use crate::parse::{Branch, ListNode, Node, Pipe, Printed, Variable};
use crate::stack;
use crate::value::{IntKind, Shape, Value};

/// How a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
}

impl<'s> State<'s, '_, '_> {
    /// Checks the depth of templates within templates.
    pub(super) fn enter_template(&mut self) -> Result<(), ExecError> {
        let limit = self.frame.limits().template_depth;
        if self.frame.depth > limit {
            let limit = LimitError {
                kind: LimitKind::TemplateDepth,
                limit: limit as u64,
            };
            return Err(self.limit_error(limit));
        }
        stack::check().map_err(|limit| self.limit_error(limit))
    }

    pub(super) fn walk_list(&mut self, dot: &Val, list: &'s ListNode) -> Result<Flow, ExecError> {
        self.at(Printed::List(list));
        stack::check().map_err(|limit| self.limit_error(limit))?;
        for node in &list.nodes {
            let flow = self.walk(dot, node)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn walk(&mut self, dot: &Val, node: &'s Node) -> Result<Flow, ExecError> {
        self.at(Printed::Node(node));
        self.step()?;
        match node {
            Node::Text { pos, end } => {
                let text = self.tree.source(*pos, *end);
                self.frame
                    .take_bytes(text.len())
                    .map_err(|limit| self.limit_error(limit))?;
                self.out.extend_from_slice(text);
            }
            Node::Action { pipe, .. } => {
                // Variables live until the end of the list; a declaration prints nothing.
                let val = self.eval_pipeline(dot, pipe)?;
                if pipe.decl.is_empty() {
                    self.at(Printed::Node(node));
                    self.print_value(node, &val)?;
                }
            }
            Node::If(branch) => return self.walk_if_or_with(dot, branch, false),
            Node::With(branch) => return self.walk_if_or_with(dot, branch, true),
            Node::Range(branch) => self.walk_range(dot, branch)?,
            Node::Template { name, pipe, .. } => self.walk_template(dot, name, pipe.as_ref())?,
            Node::Break { .. } => return Ok(Flow::Break),
            Node::Continue { .. } => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn walk_if_or_with(&mut self, dot: &Val, branch: &'s Branch, with: bool) -> Result<Flow, ExecError> {
        let mark = self.vars.len();
        let val = self.eval_pipeline(dot, &branch.pipe)?;
        let flow = if val.truth() {
            self.walk_list(if with { &val } else { dot }, &branch.list)?
        } else if let Some(list) = &branch.else_list {
            self.walk_list(dot, list)?
        } else {
            Flow::Next
        };
        self.vars.truncate(mark);
        Ok(flow)
    }

    fn walk_range(&mut self, dot: &Val, branch: &'s Branch) -> Result<(), ExecError> {
        let mark = self.vars.len();
        let ran = self.range_over(dot, branch)?;
        if !ran && let Some(list) = &branch.else_list {
            self.walk_list(dot, list)?;
        }
        self.vars.truncate(mark);
        Ok(())
    }

    /// Runs the body for every item; whether there was one.
    fn range_over(&mut self, dot: &Val, branch: &'s Branch) -> Result<bool, ExecError> {
        let val = self.eval_pipeline(dot, &branch.pipe)?;
        let Some(value) = val.concrete() else {
            return Ok(false);
        };
        match value.underlying().as_ref() {
            Value::Int(kind, n) => return self.range_over_int(branch, value, *kind, *n),
            Value::List(list) => {
                for (i, item) in list.iter().enumerate() {
                    let item = Val::item(item.clone(), list.item_type());
                    if self.iteration(branch, Val::Concrete(Value::int(i as i64)), &item)? == Flow::Break {
                        break;
                    }
                }
                return Ok(!list.is_empty());
            }
            Value::Bytes(bytes) => {
                for (i, b) in bytes.iter().enumerate() {
                    let (index, item) = (
                        Val::Concrete(Value::int(i as i64)),
                        Val::Concrete(Value::from(*b)),
                    );
                    if self.iteration(branch, index, &item)? == Flow::Break {
                        break;
                    }
                }
                return Ok(!bytes.is_empty());
            }
            Value::Map(map) => {
                let entries = map.snapshot();
                for (key, item) in entries.iter() {
                    let item = Val::item(item.clone(), map.entry_type());
                    if self.iteration(branch, Val::Concrete(Value::Str(key.clone())), &item)? == Flow::Break {
                        break;
                    }
                }
                return Ok(!entries.is_empty());
            }
            Value::Nil | Value::Bool(_) | Value::Float(_) | Value::Str(_) | Value::Object(_) => {}
        }
        let text = self.text_of(&pointed(value))?;
        Err(self.error(format!("range can't iterate over {text}")))
    }

    fn range_over_int(
        &mut self,
        branch: &'s Branch,
        value: &Value,
        kind: IntKind,
        n: i64,
    ) -> Result<bool, ExecError> {
        if branch.pipe.decl.len() > 1 {
            let text = self.text_of(value)?;
            return Err(self.error(format!("can't use {text} to iterate over more than one variable")));
        }
        let end = if kind.is_signed() {
            u64::try_from(n).unwrap_or(0)
        } else {
            n as u64
        };
        for i in 0..end {
            if self.iteration(branch, Val::Invalid, &Val::Concrete(Value::Int(kind, i as i64)))?
                == Flow::Break
            {
                break;
            }
        }
        Ok(end > 0)
    }

    /// One turn of a range: sets its variables and walks the body.
    fn iteration(&mut self, branch: &'s Branch, index: Val, item: &Val) -> Result<Flow, ExecError> {
        if let Err(limit) = self.frame.take_steps(1) {
            self.at(Printed::Pipe(&branch.pipe));
            return Err(self.limit_error(limit));
        }
        let decl = &branch.pipe.decl;
        let mark = self.vars.len();
        match decl.as_slice() {
            [] => {}
            [value] if branch.pipe.assign => self.set_var(value, item.clone())?,
            [key, value, ..] if branch.pipe.assign => {
                self.set_var(key, index)?;
                self.set_var(value, item.clone())?;
            }
            // The pipeline has pushed the declared variables.
            [_] => self.set_top_var(1, item.clone()),
            [_, _, ..] => {
                self.set_top_var(1, item.clone());
                self.set_top_var(2, index);
            }
        }
        let flow = self.walk_list(item, &branch.list)?;
        self.vars.truncate(mark);
        Ok(flow)
    }

    fn walk_template(&mut self, dot: &Val, name: &[u8], pipe: Option<&'s Pipe>) -> Result<(), ExecError> {
        let Some(tree) = self.frame.lookup(name) else {
            let name = format::quote(name);
            return Err(self.error(format!("template {name} not defined")));
        };
        self.frame.depth += 1;
        self.enter_template()?;
        // Variables that the pipeline declares stay.
        let dot = match pipe {
            Some(pipe) => self.eval_pipeline(dot, pipe)?,
            None => Val::Invalid,
        };
        // No dynamic scoping: the template sees none of our variables.
        let mut inner = State {
            frame: &mut *self.frame,
            tree: &tree,
            out: &mut *self.out,
            vars: vec![(0, dot.clone())],
            at: None,
        };
        inner.walk_list(&dot, &tree.root)?;
        self.frame.depth -= 1;
        Ok(())
    }

    /// Prints the value of an action.
    fn print_value(&mut self, node: &'s Node, val: &Val) -> Result<(), ExecError> {
        let before = self.out.len();
        match val.concrete() {
            None => self.out.extend_from_slice(b"<no value>"),
            Some(Value::Str(s)) => self.out.extend_from_slice(s),
            Some(Value::Object(object)) if val.is_addressable() && object.addressed_stringer().is_some() => {
                let text = object.addressed_stringer().unwrap_or_default();
                self.out.extend_from_slice(&text);
            }
            Some(value) => {
                let value = pointed(value);
                if let Value::Object(object) = value.as_ref()
                    && matches!(object.shape(), Shape::Func(_))
                {
                    let node = self.printed(Printed::Node(node));
                    return Err(self.error(format!("can't print {node} of type {}", value.type_name())));
                }
                let left = usize::try_from(self.frame.bytes_left()).unwrap_or(usize::MAX);
                format::append(self.out, &value, left).map_err(|limit| self.limit_error(limit))?;
            }
        }
        let written = self.out.len() - before;
        self.frame
            .take_bytes(written)
            .map_err(|limit| self.limit_error(limit))
    }

    /// `%v` for messages.
    pub(super) fn text_of(&mut self, value: &Value) -> Result<String, ExecError> {
        match format::text(value) {
            Ok(text) => Ok(text.to_string()),
            Err(error) => Err(self.call_error("print", error)),
        }
    }

    pub(super) fn set_var(&mut self, variable: &Variable, val: Val) -> Result<(), ExecError> {
        match self.vars.iter_mut().rev().find(|(id, _)| *id == variable.id) {
            Some((_, slot)) => {
                *slot = val;
                Ok(())
            }
            None => Err(self.error(format!("undefined variable: {}", variable.name))),
        }
    }

    fn set_top_var(&mut self, n: usize, val: Val) {
        let len = self.vars.len();
        if let Some((_, slot)) = len.checked_sub(n).and_then(|at| self.vars.get_mut(at)) {
            *slot = val;
        }
    }
}
