//! Nodes as text, as Go writes them into error messages: `<.Values.a>`, `<include "x" .>`.

use std::sync::Arc;

use super::node::{Branch, Command, Expr, ListNode, Node, Pipe, Variable};
use super::token::quoted;

/// Any node that an error can be at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Printed<'t> {
    List(&'t ListNode),
    Node(&'t Node),
    Pipe(&'t Pipe),
    Command(&'t Command),
    Expr(&'t Expr),
}

impl Printed<'_> {
    pub(crate) fn pos(self) -> usize {
        match self {
            Printed::List(list) => list.pos,
            Printed::Node(node) => node.pos(),
            Printed::Pipe(pipe) => pipe.pos,
            Printed::Command(command) => command.pos,
            Printed::Expr(expr) => expr.pos(),
        }
    }
}

/// The text of a node of a tree that was parsed from `source`.
pub(crate) fn printed(node: Printed<'_>, source: &[u8]) -> String {
    let mut out = String::new();
    match node {
        Printed::List(list) => write_list(&mut out, list, source),
        Printed::Node(node) => write_node(&mut out, node, source),
        Printed::Pipe(pipe) => write_pipe(&mut out, pipe),
        Printed::Command(command) => write_command(&mut out, command),
        Printed::Expr(expr) => write_expr(&mut out, expr),
    }
    out
}

fn write_list(out: &mut String, list: &ListNode, source: &[u8]) {
    for node in &list.nodes {
        write_node(out, node, source);
    }
}

fn write_node(out: &mut String, node: &Node, source: &[u8]) {
    match node {
        Node::Text { pos, end } => {
            out.push_str(&String::from_utf8_lossy(
                source.get(*pos..*end).unwrap_or_default(),
            ));
        }
        Node::Action { pipe, .. } => {
            out.push_str("{{");
            write_pipe(out, pipe);
            out.push_str("}}");
        }
        Node::If(branch) => write_branch(out, "if", branch, source),
        Node::With(branch) => write_branch(out, "with", branch, source),
        Node::Range(branch) => write_branch(out, "range", branch, source),
        Node::Template { name, pipe, .. } => {
            out.push_str("{{template ");
            out.push_str(&quoted(name));
            if let Some(pipe) = pipe {
                out.push(' ');
                write_pipe(out, pipe);
            }
            out.push_str("}}");
        }
        Node::Break { .. } => out.push_str("{{break}}"),
        Node::Continue { .. } => out.push_str("{{continue}}"),
    }
}

fn write_branch(out: &mut String, keyword: &str, branch: &Branch, source: &[u8]) {
    out.push_str("{{");
    out.push_str(keyword);
    out.push(' ');
    write_pipe(out, &branch.pipe);
    out.push_str("}}");
    write_list(out, &branch.list, source);
    if let Some(list) = &branch.else_list {
        out.push_str("{{else}}");
        write_list(out, list, source);
    }
    out.push_str("{{end}}");
}

fn write_pipe(out: &mut String, pipe: &Pipe) {
    for (i, variable) in pipe.decl.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write_variable(out, variable);
    }
    if !pipe.decl.is_empty() {
        out.push_str(if pipe.assign { " = " } else { " := " });
    }
    for (i, command) in pipe.cmds.iter().enumerate() {
        if i > 0 {
            out.push_str(" | ");
        }
        write_command(out, command);
    }
}

fn write_command(out: &mut String, command: &Command) {
    for (i, arg) in command.args.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        write_in_parens(out, arg);
    }
}

fn write_in_parens(out: &mut String, expr: &Expr) {
    if let Expr::Pipe(pipe) = expr {
        out.push('(');
        write_pipe(out, pipe);
        out.push(')');
    } else {
        write_expr(out, expr);
    }
}

fn write_variable(out: &mut String, variable: &Variable) {
    out.push_str(&variable.name);
    write_fields(out, &variable.fields);
}

fn write_fields(out: &mut String, fields: &[Arc<str>]) {
    for field in fields {
        out.push('.');
        out.push_str(field);
    }
}

fn write_expr(out: &mut String, expr: &Expr) {
    match expr {
        Expr::Field { fields, .. } => write_fields(out, fields),
        Expr::Variable(variable) => write_variable(out, variable),
        Expr::Chain { node, fields, .. } => {
            write_in_parens(out, node);
            write_fields(out, fields);
        }
        Expr::Identifier { name, .. } => out.push_str(name),
        Expr::Pipe(pipe) => write_pipe(out, pipe),
        Expr::Dot { .. } => out.push('.'),
        Expr::Nil { .. } => out.push_str("nil"),
        Expr::Bool { value, .. } => out.push_str(if *value { "true" } else { "false" }),
        Expr::Number(number) => out.push_str(&number.text),
        Expr::String { quoted, .. } => out.push_str(&quoted.to_str_lossy()),
    }
}
