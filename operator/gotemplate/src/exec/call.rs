//! Calling functions and methods: counting, evaluating and checking arguments.

use super::{State, Val};
use crate::builtins::{self, Builtin};
use crate::error::ExecError;
use crate::func::{Args, ArgumentKind, FuncError, Function, Method, Param, Signature};
use crate::parse::{Callee, Expr, Printed, printed};
use crate::value::{IntKind, Str, Value};

/// What an argument has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Want<'p> {
    /// No type at all: the receiver of a chain.
    Anything,
    /// `reflect.Value`: builtins that look at values themselves.
    Reflect,
    /// A parameter.
    Param(&'p Param),
}

impl Want<'_> {
    fn name(self) -> &'static str {
        match self {
            Want::Anything => "interface {}",
            Want::Reflect => "reflect.Value",
            Want::Param(param) => param.type_name,
        }
    }

    /// Whether nil can be one.
    fn can_be_nil(self) -> bool {
        match self {
            Want::Anything | Want::Reflect => true,
            Want::Param(param) => matches!(param.kind, ArgumentKind::Interface | ArgumentKind::Nilable),
        }
    }
}

/// Something to call.
#[derive(Clone, Copy)]
pub(super) struct Call<'c, 's> {
    target: Target<'c>,
    name: &'s str,
    /// The node to blame for an error of the function.
    node: Printed<'s>,
}

#[derive(Clone, Copy)]
enum Target<'c> {
    Builtin(Builtin),
    Function(&'c Function),
    Method(&'c Method),
}

impl<'c, 's> Call<'c, 's> {
    pub(super) fn of(callee: &'c Callee, name: &'s str, node: Printed<'s>) -> Self {
        let target = match callee {
            Callee::Builtin(builtin) => Target::Builtin(*builtin),
            Callee::Function(function) => Target::Function(function),
        };
        Call { target, name, node }
    }

    pub(super) fn method(method: &'c Method, name: &'s str, node: Printed<'s>) -> Self {
        Call {
            target: Target::Method(method),
            name,
            node,
        }
    }
}

impl<'c> Target<'c> {
    fn signature(self) -> Option<&'c Signature> {
        match self {
            Target::Builtin(_) => None,
            Target::Function(function) => Some(function.signature()),
            Target::Method(method) => Some(method.signature()),
        }
    }

    /// How many fixed parameters there are, and whether more may follow.
    fn arity(self) -> (usize, bool) {
        match (self, self.signature()) {
            (Target::Builtin(builtin), _) => builtin.arity(),
            (_, Some(signature)) => (signature.params.len(), signature.rest.is_some()),
            (_, None) => (0, false),
        }
    }

    /// What argument `i` has to be.
    fn want(self, i: usize) -> Want<'c> {
        match (self, self.signature()) {
            (Target::Builtin(builtin), _) => builtin.want(i),
            (_, Some(signature)) => signature
                .params
                .get(i)
                .or(signature.rest.as_ref())
                .map_or(Want::Anything, Want::Param),
            (_, None) => Want::Anything,
        }
    }
}

impl<'s> State<'s, '_, '_> {
    /// Calls with the arguments `rest` and, from a pipe, `last`.
    pub(super) fn eval_call(
        &mut self,
        dot: &Val,
        call: Call<'_, 's>,
        rest: &'s [Expr],
        last: Option<Val>,
    ) -> Result<Val, ExecError> {
        let Call { target, name, node } = call;
        let count = rest.len() + usize::from(last.is_some());
        let (fixed, variadic) = target.arity();
        if variadic && count < fixed {
            let got = rest.len();
            return Err(self.error(format!(
                "wrong number of args for {name}: want at least {fixed} got {got}"
            )));
        }
        if !variadic && count != fixed {
            return Err(self.error(format!(
                "wrong number of args for {name}: want {fixed} got {count}"
            )));
        }
        match target {
            Target::Builtin(Builtin::And) => self.and_or(dot, false, rest, last),
            Target::Builtin(Builtin::Or) => self.and_or(dot, true, rest, last),
            Target::Builtin(builtin) => {
                let callee = if builtin == Builtin::Call {
                    Self::callee_name(rest, last.as_ref())
                } else {
                    String::new()
                };
                let mut args = Vec::with_capacity(count);
                for (i, arg) in rest.iter().enumerate() {
                    args.push(self.eval_arg(dot, builtin.want(i), arg)?);
                }
                if let Some(last) = last {
                    args.push(self.validate(last, builtin.want(rest.len()))?);
                }
                let result = builtins::call(builtin, self.frame, &callee, args);
                result.map_err(|error| self.failed(name, node, error))
            }
            Target::Function(_) | Target::Method(_) => {
                let mut args = Vec::with_capacity(count);
                for (i, arg) in rest.iter().enumerate() {
                    args.push(self.eval_arg(dot, target.want(i), arg)?.into_value());
                }
                if let Some(last) = last {
                    args.push(self.validate(last, target.want(rest.len()))?.into_value());
                }
                let result = match target {
                    Target::Function(function) => function.call(self.frame, Args::new(args)),
                    Target::Method(method) => method.call(self.frame, Args::new(args)),
                    Target::Builtin(_) => Ok(Value::Nil),
                };
                let value = result.map_err(|error| self.failed(name, node, error))?;
                self.charge_result(&value)?;
                let interface = target
                    .signature()
                    .is_some_and(|signature| signature.returns_interface);
                Ok(match value {
                    Value::Nil => Val::Interface(Value::Nil),
                    value if interface => Val::Interface(value),
                    value => Val::Concrete(value),
                })
            }
        }
    }

    /// Every result is paid for, so that no function can fill the memory step by step.
    fn charge_result(&mut self, value: &Value) -> Result<(), ExecError> {
        let bytes = match value {
            Value::Str(s) => s.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::List(list) => list.len() * size_of::<Value>(),
            Value::Map(map) => map.len() * (size_of::<Value>() + size_of::<Str>()),
            Value::Nil | Value::Bool(_) | Value::Int(..) | Value::Float(_) | Value::Object(_) => 0,
        };
        self.frame
            .take_bytes(bytes)
            .map_err(|limit| self.limit_error(limit))
    }

    fn failed(&mut self, name: &str, node: Printed<'s>, error: FuncError) -> ExecError {
        self.at(node);
        self.call_error(name, error)
    }

    /// `and` and `or` evaluate only as many arguments as they need.
    fn and_or(&mut self, dot: &Val, or: bool, rest: &'s [Expr], last: Option<Val>) -> Result<Val, ExecError> {
        let mut value = Val::Invalid;
        for arg in rest {
            value = self.eval_arg(dot, Want::Reflect, arg)?;
            if value.truth() == or {
                return Ok(value);
            }
        }
        match last {
            Some(last) => self.validate(last, Want::Reflect),
            None => Ok(value),
        }
    }

    /// How `call` names what it calls.
    fn callee_name(rest: &[Expr], last: Option<&Val>) -> String {
        match (rest.first(), last) {
            (Some(expr), _) => printed(Printed::Expr(expr), &[]),
            (None, Some(Val::Concrete(Value::Str(s)))) => s.to_string(),
            (None, Some(Val::Invalid) | None) => "<invalid Value>".to_owned(),
            (None, Some(val)) => format!("<{} Value>", val.type_name()),
        }
    }

    /// Checks that a value can be an argument, and unpacks it where that helps (`validateType`).
    pub(super) fn validate(&self, val: Val, want: Want<'_>) -> Result<Val, ExecError> {
        let param = match (&val, want) {
            (Val::Invalid, want) => {
                if want.can_be_nil() {
                    return Ok(Val::Invalid);
                }
                return Err(self.error(format!("invalid value; expected {}", want.name())));
            }
            (_, Want::Anything | Want::Reflect) => return Ok(val),
            (_, Want::Param(param)) => param,
        };
        if param.kind == ArgumentKind::Interface {
            return Ok(val);
        }
        match val {
            Val::Interface(value) | Val::Concrete(value)
                if !matches!(value, Value::Nil) && (param.accepts)(&value) =>
            {
                Ok(Val::Concrete(value))
            }
            val => {
                let got = val.concrete().map_or("interface {}".into(), Value::type_name);
                Err(self.error(format!(
                    "wrong type for value; expected {}; got {got}",
                    param.type_name
                )))
            }
        }
    }

    pub(super) fn eval_arg(&mut self, dot: &Val, want: Want<'_>, node: &'s Expr) -> Result<Val, ExecError> {
        self.at(Printed::Expr(node));
        let val = match node {
            Expr::Dot { .. } => dot.clone(),
            Expr::Nil { .. } => {
                if want.can_be_nil() {
                    return Ok(Val::Invalid);
                }
                return Err(self.error(format!("cannot assign nil to {}", want.name())));
            }
            Expr::Field { fields, .. } => {
                self.eval_field_chain(dot, dot.clone(), Printed::Expr(node), fields, &[], None)?
            }
            Expr::Variable(variable) => self.eval_variable(dot, node, variable, &[], None)?,
            Expr::Pipe(pipe) => self.eval_pipeline(dot, pipe)?,
            Expr::Identifier { name, callee, .. } => {
                let call = Call::of(callee, name, Printed::Expr(node));
                self.eval_call(dot, call, &[], None)?
            }
            Expr::Chain { .. } => self.eval_chain(dot, node, &[], None)?,
            Expr::Bool { .. } | Expr::Number(_) | Expr::String { .. } => {
                return self.constant_arg(want, node);
            }
        };
        self.validate(val, want)
    }

    /// A literal as an argument of a type.
    fn constant_arg(&mut self, want: Want<'_>, node: &'s Expr) -> Result<Val, ExecError> {
        let Want::Param(param) = want else {
            return self.constant(node);
        };
        let value = match (param.kind, node) {
            (ArgumentKind::Interface, node) => return self.constant(node),
            (ArgumentKind::Bool, Expr::Bool { value, .. }) => Some(Value::Bool(*value)),
            (ArgumentKind::String, Expr::String { text, .. }) => Some(Value::Str(text.clone())),
            (ArgumentKind::Int, Expr::Number(number)) => number.int.map(|n| Value::Int(int_kind(param), n)),
            (ArgumentKind::Uint, Expr::Number(number)) => {
                number.uint.map(|n| Value::Int(int_kind(param), n as i64))
            }
            (ArgumentKind::Float, Expr::Number(number)) => number.float.map(Value::Float),
            (_, _) => None,
        };
        if let Some(value) = value {
            return Ok(Val::Concrete(value));
        }
        let text = self.printed(Printed::Expr(node));
        let expected = match param.kind {
            ArgumentKind::Bool => "bool",
            ArgumentKind::String => "string",
            ArgumentKind::Int => "integer",
            ArgumentKind::Uint => "unsigned integer",
            ArgumentKind::Float => "float",
            ArgumentKind::Interface | ArgumentKind::Nilable | ArgumentKind::Struct => {
                return Err(self.error(format!("can't handle {text} for arg of type {}", param.type_name)));
            }
        };
        Err(self.error(format!("expected {expected}; found {text}")))
    }
}

/// The integer type of a parameter; named types (`time.Duration`) take their constants as `int64`.
pub(crate) fn int_kind(param: &Param) -> IntKind {
    IntKind::named(param.type_name).unwrap_or(IntKind::Int64)
}
