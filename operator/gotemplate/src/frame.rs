//! [`Frame`]: what a function sees of the execution that called it.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use crate::error::ExecError;
use crate::exec;
use crate::func::FuncError;
use crate::limits::{LimitError, LimitKind, Limits};
use crate::parse::{ParseError, Tree};
use crate::stack::{self, Entered};
use crate::strconv;
use crate::template::{Overlay, ParsedText, TemplateSet};
use crate::value::{Str, Value};

/// Parsed texts are kept up to this much text, then forgotten: more than anybody needs, no way to hoard memory.
const KEPT_TEXT: usize = 8 << 20;

/// The execution that called a function: its templates, its host state and its budget.
pub struct Frame<'a> {
    pub(crate) set: &'a TemplateSet,
    /// Templates parsed by [`Frame::execute_text`], innermost first.
    overlay: Option<Rc<Overlay>>,
    host: &'a dyn Any,
    pub(crate) steps: u64,
    pub(crate) bytes: u64,
    /// Templates within templates.
    pub(crate) depth: usize,
    texts: HashMap<(Str, Str), Rc<ParsedText>>,
    kept_text: usize,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(set: &'a TemplateSet, host: &'a dyn Any) -> Self {
        Frame {
            set,
            overlay: None,
            host,
            steps: 0,
            bytes: 0,
            depth: 0,
            texts: HashMap::new(),
            kept_text: 0,
        }
    }

    /// Executes a template of the current set (Go's `ExecuteTemplate`) and returns its output.
    pub fn execute(&mut self, name: impl AsRef<[u8]>, data: Value) -> Result<Str, FuncError> {
        let name = name.as_ref();
        let Some(tree) = self.lookup(name) else {
            let (name, set) = (strconv::quote(name), strconv::quote(self.set.name()));
            return Err(FuncError::new(format!(
                "template: no template {} associated with template {}",
                String::from_utf8_lossy(&name),
                String::from_utf8_lossy(&set)
            )));
        };
        Ok(self.execute_tree(&tree, data)?)
    }

    /// Parses `text` as template `name` into a copy of the current set and executes it there. Definitions
    /// in the text live only for this call; what it executes sees them.
    pub fn execute_text(&mut self, name: &str, text: &Str, data: Value) -> Result<Str, TextError> {
        let parsed = self.parsed_text(name, text)?;
        let (overlay, main) = Overlay::over(self.set, self.overlay.as_ref(), &parsed);
        let outer = self.overlay.replace(overlay);
        let result = self.execute_tree(&main, data);
        self.overlay = outer;
        result.map_err(TextError::Exec)
    }

    /// The state that the caller of the execution gave, if it is a `T`.
    pub fn host<T: 'static>(&self) -> Option<&'a T> {
        self.host.downcast_ref()
    }

    /// The limits of this execution.
    pub fn limits(&self) -> &'a Limits {
        self.set.limits()
    }

    /// Takes `n` bytes from the budget. Call it before building a result that may be much larger than the arguments.
    pub fn charge_bytes(&mut self, n: usize) -> Result<(), FuncError> {
        Ok(self.take_bytes(n)?)
    }

    /// Takes `n` steps from the budget. Call it for loops whose length an argument decides.
    pub fn charge_steps(&mut self, n: u64) -> Result<(), FuncError> {
        Ok(self.take_steps(n)?)
    }

    pub(crate) fn take_bytes(&mut self, n: usize) -> Result<(), LimitError> {
        self.bytes = self.bytes.saturating_add(n as u64);
        let limit = self.limits().bytes;
        if self.bytes > limit {
            Err(LimitError {
                kind: LimitKind::Bytes,
                limit,
            })
        } else {
            Ok(())
        }
    }

    pub(crate) fn bytes_left(&self) -> u64 {
        self.limits().bytes.saturating_sub(self.bytes)
    }

    pub(crate) fn take_steps(&mut self, n: u64) -> Result<(), LimitError> {
        self.steps = self.steps.saturating_add(n);
        let limit = self.limits().steps;
        if self.steps > limit {
            Err(LimitError {
                kind: LimitKind::Steps,
                limit,
            })
        } else {
            Ok(())
        }
    }

    pub(crate) fn lookup(&self, name: &[u8]) -> Option<Arc<Tree>> {
        Overlay::find(self.set, self.overlay.as_ref(), name).cloned()
    }

    fn execute_tree(&mut self, tree: &Tree, data: Value) -> Result<Str, ExecError> {
        let _entered = Entered::here();
        let mut out = Vec::new();
        let depth = self.depth;
        self.depth += 1;
        let result = exec::execute(self, tree, data, &mut out);
        // After an error the templates in between have not counted down.
        self.depth = depth;
        result?;
        Ok(Str::from(out))
    }

    fn parsed_text(&mut self, name: &str, text: &Str) -> Result<Rc<ParsedText>, TextError> {
        let key = (Str::from(name), text.clone());
        if let Some(parsed) = self.texts.get(&key) {
            return Ok(Rc::clone(parsed));
        }
        stack::check().map_err(TextError::Limit)?;
        // Parsing is work too: about one step for a few bytes.
        self.take_steps(text.len() as u64 / 8).map_err(TextError::Limit)?;
        let parsed = Rc::new(ParsedText::parse(&key.0, text, self.set).map_err(TextError::Parse)?);
        if self.kept_text > KEPT_TEXT {
            self.texts.clear();
            self.kept_text = 0;
        }
        self.kept_text += text.len();
        self.texts.insert(key, Rc::clone(&parsed));
        Ok(parsed)
    }
}

/// Why [`Frame::execute_text`] failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TextError {
    /// The text is no template.
    #[error("{0}")]
    Parse(ParseError),
    /// The text parses but its execution failed.
    #[error("{0}")]
    Exec(ExecError),
    /// A limit was reached before the execution.
    #[error("{0}")]
    Limit(LimitError),
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("steps", &self.steps)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::func::{Function, FunctionTable};
    use crate::value::GoInt;

    #[test]
    fn parsed_texts_are_kept_within_a_bound() {
        let fill = Function::new("fill", |frame: &mut Frame<'_>| -> Result<GoInt, FuncError> {
            let mut most = 0;
            for i in 0..300 {
                let text = Str::from(format!("{i}{}", "x".repeat(100_000)));
                for _ in 0..2 {
                    frame
                        .execute_text("text", &text, Value::Nil)
                        .map_err(|error| error.to_string())?;
                }
                most = most.max(frame.kept_text);
            }
            Ok(GoInt(most as i64))
        });
        let mut set = TemplateSet::new("set").with_functions(FunctionTable::from_iter([fill]));
        set.parse("t", "{{ fill }}").unwrap();
        let most: usize = set.execute("t", Value::Nil).unwrap().to_string().parse().unwrap();
        assert!(most > KEPT_TEXT / 2 && most <= KEPT_TEXT + 200_000, "{most}");
    }
}
