//! Pipelines, commands, operands and terms.

use super::node::{Callee, Command, Expr, Pipe, Variable};
use super::number::parse_number;
use super::parser::{Parsed, Parser};
use super::print::{Printed, printed};
use super::token::{Kind, Token, quoted};
use crate::builtins::Builtin;
use crate::value::Str;

/// Go's bound for nested parentheses.
const MAX_PAREN_DEPTH: usize = 10_000;

impl<'t> Parser<'t> {
    /// A pipeline up to the token `end`: `declarations? command ('|' command)*`.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipe> {
        self.count_node()?;
        let pos = self.peek_non_space().pos;
        let mut pipe = Pipe {
            pos,
            assign: false,
            decl: Vec::new(),
            cmds: Vec::new(),
        };
        self.declarations(&mut pipe, context)?;
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => {
                    self.check_pipeline(&pipe, context)?;
                    return Ok(pipe);
                }
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.backup();
                    pipe.cmds.push(self.command()?);
                }
                _ => return Err(self.unexpected(token, context)),
            }
        }
    }

    /// `$x :=`, `$x =` or, in a range, `$i, $x :=`.
    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Parsed<()> {
        loop {
            let variable = self.peek_non_space();
            if variable.kind != Kind::Variable {
                return Ok(());
            }
            self.next();
            // In "$x foo" the token behind the blank tells that this is no declaration, and everything has to
            // be pushed back.
            let after = self.peek();
            let next = self.peek_non_space();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    pipe.assign = next.kind == Kind::Assign;
                    self.next_non_space();
                    self.declare(pipe, variable)?;
                    return Ok(());
                }
                Kind::Char if next.text == b"," => {
                    self.next_non_space();
                    self.declare(pipe, variable)?;
                    if context == "range" && pipe.decl.len() < 2 {
                        match self.peek_non_space().kind {
                            Kind::Variable | Kind::RightDelim | Kind::RightParen => continue,
                            _ => return Err(self.error("range can only initialize variables")),
                        }
                    }
                    return Err(self.error(format!("too many declarations in {context}")));
                }
                _ if after.kind == Kind::Space => self.backup3(variable, after),
                _ => self.backup2(variable),
            }
            return Ok(());
        }
    }

    fn declare(&mut self, pipe: &mut Pipe, token: Token<'t>) -> Parsed<()> {
        let variable = self.variable(token)?;
        pipe.decl.push(variable);
        self.tree.vars.push(token.text);
        Ok(())
    }

    fn variable(&mut self, token: Token<'t>) -> Parsed<Variable> {
        self.count_node()?;
        let id = self.variable_id(token.text);
        Ok(Variable {
            pos: token.pos,
            id,
            name: self.word(token.text),
            fields: Vec::new(),
        })
    }

    fn check_pipeline(&self, pipe: &Pipe, context: &str) -> Parsed<()> {
        if pipe.cmds.is_empty() {
            return Err(self.error(format!("missing value for {context}")));
        }
        for (i, command) in pipe.cmds.iter().enumerate().skip(1) {
            if let Some(
                Expr::Bool { .. }
                | Expr::Dot { .. }
                | Expr::Nil { .. }
                | Expr::Number(_)
                | Expr::String { .. },
            ) = command.args.first()
            {
                return Err(self.error(format!("non executable command in pipeline stage {}", i + 1)));
            }
        }
        Ok(())
    }

    /// Operands up to a pipe symbol, which is read, or the end of the pipeline, which is not.
    fn command(&mut self) -> Parsed<Command> {
        self.count_node()?;
        let mut command = Command {
            pos: self.peek_non_space().pos,
            args: Vec::new(),
        };
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                command.args.push(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.backup(),
                Kind::Pipe => {}
                _ => return Err(self.unexpected(token, "operand")),
            }
            break;
        }
        if command.args.is_empty() {
            return Err(self.error("empty command"));
        }
        Ok(command)
    }

    /// A term and the fields that follow it; `None` if there is no term.
    fn operand(&mut self) -> Parsed<Option<Expr>> {
        let Some(term) = self.term()? else { return Ok(None) };
        if self.peek().kind != Kind::Field {
            return Ok(Some(term));
        }
        self.count_node()?;
        let pos = self.peek().pos;
        let mut chain = Vec::new();
        while self.peek().kind == Kind::Field {
            let field = self.next();
            chain.push(self.word(&field.text[1..]));
        }
        Ok(Some(match term {
            // Fields of fields and of variables go into the node, which moves to the second element.
            Expr::Field { mut fields, .. } => {
                fields.extend(chain);
                Expr::Field { pos, fields }
            }
            Expr::Variable(mut variable) => {
                variable.pos = pos;
                variable.fields.extend(chain);
                Expr::Variable(variable)
            }
            Expr::Bool { .. }
            | Expr::String { .. }
            | Expr::Number(_)
            | Expr::Nil { .. }
            | Expr::Dot { .. } => {
                let text = quoted(printed(Printed::Expr(&term), &[]).as_bytes());
                return Err(self.error(format!("unexpected . after term {text}")));
            }
            Expr::Chain { .. } | Expr::Identifier { .. } | Expr::Pipe(_) => Expr::Chain {
                pos,
                node: Box::new(term),
                fields: chain,
            },
        }))
    }

    fn term(&mut self) -> Parsed<Option<Expr>> {
        self.count_node()?;
        let token = self.next_non_space();
        let pos = token.pos;
        Ok(Some(match token.kind {
            Kind::Identifier => {
                let name = self.word(token.text);
                let callee = self.callee(&name)?;
                Expr::Identifier { pos, name, callee }
            }
            Kind::Dot => Expr::Dot { pos },
            Kind::Nil => Expr::Nil { pos },
            Kind::Variable => {
                let variable = self.variable(token)?;
                if !self.tree.vars.contains(&token.text) {
                    return Err(self.error(format!("undefined variable {}", quoted(token.text))));
                }
                Expr::Variable(variable)
            }
            Kind::Field => Expr::Field {
                pos,
                fields: vec![self.word(&token.text[1..])],
            },
            Kind::Bool => Expr::Bool {
                pos,
                value: token.text == b"true",
            },
            Kind::CharConstant | Kind::Complex | Kind::Number => {
                let number =
                    parse_number(pos, token.text, token.kind).map_err(|message| self.error(message))?;
                Expr::Number(Box::new(number))
            }
            Kind::LeftParen => {
                if self.tree.paren_depth >= MAX_PAREN_DEPTH {
                    return Err(self.error("max expression depth exceeded"));
                }
                self.tree.paren_depth += 1;
                let pipe =
                    self.nested(|parser| parser.pipeline("parenthesized pipeline", Kind::RightParen))?;
                self.tree.paren_depth -= 1;
                Expr::Pipe(Box::new(pipe))
            }
            Kind::String | Kind::RawString => Expr::String {
                pos,
                quoted: Str::from(token.text),
                text: self.unquote(token)?,
            },
            _ => {
                self.backup();
                return Ok(None);
            }
        }))
    }

    fn callee(&self, name: &str) -> Parsed<Callee> {
        if let Some(function) = self.functions.get(name) {
            return Ok(Callee::Function(function.clone()));
        }
        Builtin::named(name)
            .map(Callee::Builtin)
            .ok_or_else(|| self.error(format!("function {} not defined", quoted(name.as_bytes()))))
    }
}
