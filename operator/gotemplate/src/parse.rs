//! From text to trees: lexer, parser, nodes and how nodes are written in error messages.
//!
//! The parser follows Go's `text/template/parse` token by token, because which token is looked at when an
//! error is found decides the line that the message names. It adds bounds: see
//! [`Limits::parse_nodes`](crate::Limits::parse_nodes) and [`Limits::parse_depth`](crate::Limits::parse_depth).

mod action;
mod control;
mod error;
mod lexer;
mod node;
mod number;
mod parser;
mod print;
mod token;

#[cfg(test)]
mod tests;

pub use error::ParseError;

pub(crate) use node::{Branch, Callee, Command, Expr, ListNode, Node, Number, Pipe, Tree, Variable};
pub(crate) use number::Ideal;
pub(crate) use parser::parse;
pub(crate) use print::{Printed, printed};
