//! Parse trees.
//!
//! A node keeps its position for error messages, and what execution needs already resolved: functions,
//! the numbers of variables, the values of constants. Trees are shared between threads.

use std::sync::Arc;

use super::lexer::newlines;
use super::number::Ideal;
use crate::builtins::Builtin;
use crate::func::Function;
use crate::unicode;
use crate::value::Str;

/// A parsed template: the body of a text, a `define` or a `block`.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The name of the template.
    pub(crate) name: Str,
    /// The name under which the text was parsed, for error messages.
    pub(crate) parse_name: Str,
    /// The whole text, to find lines and columns.
    pub(crate) text: Str,
    pub(crate) root: ListNode,
}

impl Tree {
    /// A template without a body.
    pub(crate) fn empty(name: Str) -> Self {
        let root = ListNode {
            pos: 0,
            nodes: Vec::new(),
        };
        Tree {
            parse_name: name.clone(),
            name,
            text: Str::default(),
            root,
        }
    }

    /// Whether there is nothing but blanks and comments (`IsEmptyTree`).
    pub(crate) fn is_empty(&self) -> bool {
        self.root.nodes.iter().all(|node| match node {
            Node::Text { pos, end } => unicode::trim_space(self.source(*pos, *end)).is_empty(),
            Node::Action { .. }
            | Node::If(_)
            | Node::With(_)
            | Node::Range(_)
            | Node::Template { .. }
            | Node::Break { .. }
            | Node::Continue { .. } => false,
        })
    }

    /// A range of the source.
    pub(crate) fn source(&self, start: usize, end: usize) -> &[u8] {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Line (from 1) and byte offset in the line (from 0) of a position.
    pub(crate) fn line_and_column(&self, pos: usize) -> (usize, usize) {
        let before = self.text.get(..pos).unwrap_or_default();
        let line_start = before
            .iter()
            .rposition(|&b| b == b'\n')
            .map_or(0, |newline| newline + 1);
        (1 + newlines(before), pos - line_start)
    }
}

#[derive(Debug)]
pub(crate) struct ListNode {
    pub(crate) pos: usize,
    pub(crate) nodes: Vec<Node>,
}

#[derive(Debug)]
pub(crate) enum Node {
    /// A range of the source.
    Text {
        pos: usize,
        end: usize,
    },
    Action {
        pos: usize,
        pipe: Pipe,
    },
    If(Box<Branch>),
    With(Box<Branch>),
    Range(Box<Branch>),
    Template {
        pos: usize,
        name: Str,
        pipe: Option<Pipe>,
    },
    Break {
        pos: usize,
    },
    Continue {
        pos: usize,
    },
}

#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) pos: usize,
    pub(crate) pipe: Pipe,
    pub(crate) list: ListNode,
    pub(crate) else_list: Option<ListNode>,
}

#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) pos: usize,
    /// `=` instead of `:=`.
    pub(crate) assign: bool,
    pub(crate) decl: Vec<Variable>,
    pub(crate) cmds: Vec<Command>,
}

#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) pos: usize,
    /// Never empty.
    pub(crate) args: Vec<Expr>,
}

/// A variable with the fields that follow it.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) pos: usize,
    /// The number of the name in this text; `$` is 0.
    pub(crate) id: u32,
    /// With the dollar.
    pub(crate) name: Arc<str>,
    pub(crate) fields: Vec<Arc<str>>,
}

#[derive(Debug)]
pub(crate) enum Expr {
    Field {
        pos: usize,
        fields: Vec<Arc<str>>,
    },
    Variable(Variable),
    Chain {
        pos: usize,
        node: Box<Expr>,
        fields: Vec<Arc<str>>,
    },
    Identifier {
        pos: usize,
        name: Arc<str>,
        callee: Callee,
    },
    Pipe(Box<Pipe>),
    Dot {
        pos: usize,
    },
    Nil {
        pos: usize,
    },
    Bool {
        pos: usize,
        value: bool,
    },
    Number(Box<Number>),
    String {
        pos: usize,
        quoted: Str,
        text: Str,
    },
}

/// What a function name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Callee {
    Builtin(Builtin),
    Function(Function),
}

/// A number constant under all types that can hold it.
#[derive(Debug)]
pub(crate) struct Number {
    pub(crate) pos: usize,
    pub(crate) text: Arc<str>,
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    /// The value where no type is asked for.
    pub(crate) ideal: Ideal,
}

impl Node {
    pub(crate) fn pos(&self) -> usize {
        match self {
            Node::Text { pos, .. }
            | Node::Action { pos, .. }
            | Node::Template { pos, .. }
            | Node::Break { pos }
            | Node::Continue { pos } => *pos,
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => branch.pos,
        }
    }
}

impl Expr {
    pub(crate) fn pos(&self) -> usize {
        match self {
            Expr::Field { pos, .. }
            | Expr::Chain { pos, .. }
            | Expr::Identifier { pos, .. }
            | Expr::Dot { pos }
            | Expr::Nil { pos }
            | Expr::Bool { pos, .. }
            | Expr::String { pos, .. } => *pos,
            Expr::Variable(variable) => variable.pos,
            Expr::Pipe(pipe) => pipe.pos,
            Expr::Number(number) => number.pos,
        }
    }
}
