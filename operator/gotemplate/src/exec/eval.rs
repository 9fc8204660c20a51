//! Pipelines, commands, variables, fields.

use std::rc::Rc;
use std::sync::Arc;

use super::call::{Call, Want};
use super::val::{has_hidden_field, zero};
use super::{State, Val};
use crate::error::ExecError;
use crate::parse::{Command, Expr, Ideal, Number, Pipe, Printed, Variable};
use crate::stack;
use crate::strconv;
use crate::template::MissingKey;
use crate::value::{Map, Object, Shape, Value};

impl<'s> State<'s, '_, '_> {
    pub(super) fn eval_pipeline(&mut self, dot: &Val, pipe: &'s Pipe) -> Result<Val, ExecError> {
        self.at(Printed::Pipe(pipe));
        stack::check().map_err(|limit| self.limit_error(limit))?;
        let mut value: Option<Val> = None;
        for command in &pipe.cmds {
            self.step()?;
            // An interface is unpacked between commands.
            value = Some(self.eval_command(dot, command, value)?.unpacked());
        }
        let value = value.unwrap_or_default();
        for variable in &pipe.decl {
            if pipe.assign {
                self.set_var(variable, value.clone())?;
            } else {
                self.vars.push((variable.id, value.clone()));
            }
        }
        Ok(value)
    }

    fn eval_command(&mut self, dot: &Val, command: &'s Command, last: Option<Val>) -> Result<Val, ExecError> {
        let Some((first, rest)) = command.args.split_first() else {
            return Ok(Val::Invalid);
        };
        match first {
            Expr::Field { fields, .. } => {
                self.at(Printed::Expr(first));
                self.eval_field_chain(dot, dot.clone(), Printed::Expr(first), fields, rest, last)
            }
            Expr::Chain { .. } => self.eval_chain(dot, first, rest, last),
            Expr::Identifier { name, callee, .. } => {
                self.at(Printed::Expr(first));
                let call = Call::of(callee, name, Printed::Command(command));
                self.eval_call(dot, call, rest, last)
            }
            Expr::Pipe(pipe) => {
                self.not_a_function(first, rest, last.as_ref())?;
                self.eval_pipeline(dot, pipe)
            }
            Expr::Variable(variable) => self.eval_variable(dot, first, variable, rest, last),
            Expr::Dot { .. }
            | Expr::Nil { .. }
            | Expr::Bool { .. }
            | Expr::Number(_)
            | Expr::String { .. } => {
                self.at(Printed::Expr(first));
                self.not_a_function(first, rest, last.as_ref())?;
                match first {
                    Expr::Dot { .. } => Ok(dot.clone()),
                    Expr::Nil { .. } => Err(self.error("nil is not a command")),
                    other => self.constant(other),
                }
            }
        }
    }

    /// The value of a literal where no type is asked for.
    pub(super) fn constant(&mut self, expr: &'s Expr) -> Result<Val, ExecError> {
        match expr {
            Expr::Bool { value, .. } => Ok(Val::Concrete(Value::Bool(*value))),
            Expr::String { text, .. } => Ok(Val::Concrete(Value::Str(text.clone()))),
            Expr::Number(number) => self.ideal(expr, number),
            Expr::Field { .. }
            | Expr::Variable(_)
            | Expr::Chain { .. }
            | Expr::Identifier { .. }
            | Expr::Pipe(_)
            | Expr::Dot { .. }
            | Expr::Nil { .. } => Err(self.error(format!(
                "can't evaluate command {}",
                quote(&self.printed(Printed::Expr(expr)))
            ))),
        }
    }

    fn ideal(&mut self, expr: &'s Expr, number: &'s Number) -> Result<Val, ExecError> {
        self.at(Printed::Expr(expr));
        match number.ideal {
            Ideal::Int(n) => Ok(Val::Concrete(Value::int(n))),
            Ideal::Float(f) => Ok(Val::Concrete(Value::Float(f))),
            Ideal::Overflow => Err(self.error(format!("{} overflows int", number.text))),
            Ideal::Complex => Err(self.error(format!("complex numbers are not supported: {}", number.text))),
        }
    }

    fn not_a_function(&self, node: &Expr, rest: &[Expr], last: Option<&Val>) -> Result<(), ExecError> {
        if rest.is_empty() && last.is_none() {
            return Ok(());
        }
        Err(self.error(format!(
            "can't give argument to non-function {}",
            self.printed(Printed::Expr(node))
        )))
    }

    pub(super) fn eval_chain(
        &mut self,
        dot: &Val,
        chain: &'s Expr,
        rest: &'s [Expr],
        last: Option<Val>,
    ) -> Result<Val, ExecError> {
        self.at(Printed::Expr(chain));
        let Expr::Chain { node, fields, .. } = chain else {
            return Ok(Val::Invalid);
        };
        if let Expr::Nil { .. } = **node {
            let text = self.printed(Printed::Expr(chain));
            return Err(self.error(format!("indirection through explicit nil in {text}")));
        }
        let receiver = self.eval_arg(dot, Want::Anything, node)?;
        self.eval_field_chain(dot, receiver, Printed::Expr(chain), fields, rest, last)
    }

    pub(super) fn eval_variable(
        &mut self,
        dot: &Val,
        node: &'s Expr,
        variable: &'s Variable,
        rest: &'s [Expr],
        last: Option<Val>,
    ) -> Result<Val, ExecError> {
        self.at(Printed::Expr(node));
        let Some((_, value)) = self.vars.iter().rev().find(|(id, _)| *id == variable.id) else {
            return Err(self.error(format!("undefined variable: {}", variable.name)));
        };
        let value = value.clone();
        if variable.fields.is_empty() {
            self.not_a_function(node, rest, last.as_ref())?;
            return Ok(value);
        }
        self.eval_field_chain(dot, value, Printed::Expr(node), &variable.fields, rest, last)
    }

    /// `.X.Y.Z`, the last possibly a method with arguments.
    pub(super) fn eval_field_chain(
        &mut self,
        dot: &Val,
        receiver: Val,
        node: Printed<'s>,
        fields: &'s [Arc<str>],
        rest: &'s [Expr],
        last: Option<Val>,
    ) -> Result<Val, ExecError> {
        let Some((final_field, path)) = fields.split_last() else {
            return Ok(receiver);
        };
        let mut receiver = receiver;
        for field in path {
            receiver = self.eval_field(dot, field, node, &[], None, &receiver)?;
        }
        self.eval_field(dot, final_field, node, rest, last, &receiver)
    }

    fn eval_field(
        &mut self,
        dot: &Val,
        field: &'s str,
        node: Printed<'s>,
        rest: &'s [Expr],
        last: Option<Val>,
        receiver: &Val,
    ) -> Result<Val, ExecError> {
        let value = match receiver {
            Val::Invalid => {
                if self.frame.set.missing_key() == MissingKey::Error {
                    return Err(self.error(format!("nil data; no entry for key {}", quote(field))));
                }
                return Ok(Val::Invalid);
            }
            Val::Interface(Value::Nil) => {
                return Err(self.error(format!("nil pointer evaluating interface {{}}.{field}")));
            }
            Val::Interface(value) | Val::Concrete(value) => value,
        };
        let has_args = !rest.is_empty() || last.is_some();
        match value {
            Value::Map(map) => match map.method(field) {
                Some(method) => self.eval_call(dot, Call::method(&method, field, node), rest, last),
                None => self.map_entry(map, field, has_args),
            },
            Value::Object(object) => {
                if let Some(method) = Rc::clone(object).method(field) {
                    return self.eval_call(dot, Call::method(&method, field, node), rest, last);
                }
                self.object_field(&**object, receiver, field, has_args)
            }
            Value::Nil
            | Value::Bool(_)
            | Value::Int(..)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Bytes(_)
            | Value::List(_) => Err(self.no_field(field, receiver)),
        }
    }

    fn map_entry(&mut self, map: &Map, field: &str, has_args: bool) -> Result<Val, ExecError> {
        if has_args {
            return Err(self.error(format!("{field} is not a method but has arguments")));
        }
        if let Some(value) = map.get(field) {
            return Ok(Val::item(value, map.entry_type()));
        }
        match self.frame.set.missing_key() {
            MissingKey::Default => Ok(Val::Invalid),
            MissingKey::Zero => Ok(zero(map.entry_type())),
            MissingKey::Error => Err(self.error(format!("map has no entry for key {}", quote(field)))),
        }
    }

    fn object_field(
        &mut self,
        object: &dyn Object,
        receiver: &Val,
        field: &str,
        has_args: bool,
    ) -> Result<Val, ExecError> {
        match object.shape() {
            Shape::Struct | Shape::Pointer => {
                if let Some(value) = object.field(field) {
                    if has_args {
                        return Err(
                            self.error(format!("{field} has arguments but cannot be invoked as function"))
                        );
                    }
                    return Ok(match value {
                        Value::Nil => Val::Interface(Value::Nil),
                        value => Val::Concrete(value),
                    });
                }
                if has_hidden_field(object, field) {
                    let ty = receiver.type_name();
                    return Err(self.error(format!("{field} is an unexported field of struct type {ty}")));
                }
            }
            Shape::NilPointer => {
                if object.fields().iter().any(|(name, _)| *name == field) {
                    return Err(
                        self.error(format!("nil pointer evaluating {}.{field}", receiver.type_name()))
                    );
                }
            }
            Shape::Named(Value::Map(map)) => return self.map_entry(&map, field, has_args),
            Shape::Named(_) | Shape::Func(_) => {}
        }
        Err(self.no_field(field, receiver))
    }

    fn no_field(&self, field: &str, receiver: &Val) -> ExecError {
        self.error(format!(
            "can't evaluate field {field} in type {}",
            receiver.type_name()
        ))
    }
}

fn quote(s: &str) -> String {
    String::from_utf8_lossy(&strconv::quote(s.as_bytes())).into_owned()
}
