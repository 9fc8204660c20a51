//! The functions that every template has (`text/template/funcs.go`).
//!
//! Most look at `reflect.Value`s themselves instead of taking typed parameters, so they are not
//! [`Function`](crate::Function)s. `and` and `or` live in the executor: they do not evaluate all arguments.

mod compare;
mod escape;
mod index;

use crate::exec::{Val, Want, int_kind};
use crate::format;
use crate::frame::Frame;
use crate::func::{Args, ArgumentKind, FromArg, FuncError, Param};
use crate::value::{Shape, Str, Value};

/// A builtin function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    And,
    Call,
    Eq,
    Ge,
    Gt,
    Html,
    Index,
    Js,
    Le,
    Len,
    Lt,
    Ne,
    Not,
    Or,
    Print,
    Printf,
    Println,
    Slice,
    UrlQuery,
}

static ANY: Param = Value::PARAM;
static STRING: Param = Str::PARAM;

impl Builtin {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "and" => Builtin::And,
            "call" => Builtin::Call,
            "eq" => Builtin::Eq,
            "ge" => Builtin::Ge,
            "gt" => Builtin::Gt,
            "html" => Builtin::Html,
            "index" => Builtin::Index,
            "js" => Builtin::Js,
            "le" => Builtin::Le,
            "len" => Builtin::Len,
            "lt" => Builtin::Lt,
            "ne" => Builtin::Ne,
            "not" => Builtin::Not,
            "or" => Builtin::Or,
            "print" => Builtin::Print,
            "printf" => Builtin::Printf,
            "println" => Builtin::Println,
            "slice" => Builtin::Slice,
            "urlquery" => Builtin::UrlQuery,
            _ => return None,
        })
    }

    /// How many fixed parameters there are, and whether more may follow.
    pub(crate) fn arity(self) -> (usize, bool) {
        match self {
            Builtin::And
            | Builtin::Or
            | Builtin::Call
            | Builtin::Index
            | Builtin::Slice
            | Builtin::Eq
            | Builtin::Printf => (1, true),
            Builtin::Html | Builtin::Js | Builtin::Print | Builtin::Println | Builtin::UrlQuery => (0, true),
            Builtin::Len | Builtin::Not => (1, false),
            Builtin::Ge | Builtin::Gt | Builtin::Le | Builtin::Lt | Builtin::Ne => (2, false),
        }
    }

    /// What argument `i` has to be.
    pub(crate) fn want(self, i: usize) -> Want<'static> {
        match self {
            Builtin::Printf if i == 0 => Want::Param(&STRING),
            Builtin::Html
            | Builtin::Js
            | Builtin::Print
            | Builtin::Printf
            | Builtin::Println
            | Builtin::UrlQuery => Want::Param(&ANY),
            Builtin::And
            | Builtin::Call
            | Builtin::Eq
            | Builtin::Ge
            | Builtin::Gt
            | Builtin::Index
            | Builtin::Le
            | Builtin::Len
            | Builtin::Lt
            | Builtin::Ne
            | Builtin::Not
            | Builtin::Or
            | Builtin::Slice => Want::Reflect,
        }
    }
}

/// Calls a builtin with checked arguments. `callee` is the text that `call` names its function by.
pub(crate) fn call(
    builtin: Builtin,
    frame: &mut Frame<'_>,
    callee: &str,
    args: Vec<Val>,
) -> Result<Val, FuncError> {
    let mut args = args.into_iter();
    let first = |args: &mut std::vec::IntoIter<Val>| args.next().unwrap_or_default();
    let value = match builtin {
        Builtin::Index => {
            let item = first(&mut args);
            return index::index(item, args);
        }
        Builtin::Slice => {
            let item = first(&mut args);
            return index::slice(item, args.as_slice());
        }
        Builtin::Call => {
            let function = first(&mut args);
            return call_value(frame, callee, function, args);
        }
        // The executor does not come here.
        Builtin::And | Builtin::Or => return Ok(Val::Invalid),
        Builtin::Len => Value::int(index::length(&first(&mut args))? as i64),
        Builtin::Not => Value::Bool(!first(&mut args).truth()),
        Builtin::Eq => {
            let a = first(&mut args);
            Value::Bool(compare::eq(&a, args.as_slice())?)
        }
        Builtin::Ne => {
            let a = first(&mut args);
            Value::Bool(!compare::eq(&a, args.as_slice())?)
        }
        Builtin::Lt => Value::Bool(compare::lt(&first(&mut args), &first(&mut args))?),
        Builtin::Le => Value::Bool(compare::le(&first(&mut args), &first(&mut args))?),
        Builtin::Gt => Value::Bool(!compare::le(&first(&mut args), &first(&mut args))?),
        Builtin::Ge => Value::Bool(!compare::lt(&first(&mut args), &first(&mut args))?),
        Builtin::Html => Value::Str(escape::html(&escape::text_of_args(values(args))?)),
        Builtin::Js => Value::Str(escape::js(&escape::text_of_args(values(args))?)),
        Builtin::UrlQuery => Value::Str(escape::url_query(&escape::text_of_args(values(args))?)),
        Builtin::Print => Value::Str(format::sprint(&values(args))?),
        Builtin::Println => Value::Str(format::sprintln(&values(args))?),
        Builtin::Printf => {
            let format = first(&mut args).into_value();
            let format = format.as_str().cloned().unwrap_or_default();
            Value::Str(format::sprintf(&format, &values(args))?)
        }
    };
    if let Value::Str(text) = &value {
        frame.charge_bytes(text.len())?;
    }
    Ok(Val::Concrete(value))
}

fn values(args: impl Iterator<Item = Val>) -> Vec<Value> {
    args.map(Val::into_value).collect()
}

/// `call`: calls a value that is a function.
fn call_value(
    frame: &mut Frame<'_>,
    name: &str,
    function: Val,
    args: impl ExactSizeIterator<Item = Val>,
) -> Result<Val, FuncError> {
    let Val::Concrete(value) = function.unpacked() else {
        return Err(FuncError::new("call of nil"));
    };
    let method = match &value {
        Value::Object(object) => match object.shape() {
            Shape::Func(method) => Some(method),
            Shape::Struct | Shape::Pointer | Shape::NilPointer | Shape::Named(_) => None,
        },
        _ => None,
    };
    let Some(method) = method else {
        return Err(FuncError::new(format!(
            "non-function {name} of type {}",
            value.type_name()
        )));
    };
    let signature = method.signature();
    let (fixed, got) = (signature.params.len(), args.len());
    if signature.rest.is_some() {
        if got < fixed {
            return Err(FuncError::new(format!(
                "wrong number of args for {name}: got {got} want at least {fixed}"
            )));
        }
    } else if got != fixed {
        return Err(FuncError::new(format!(
            "wrong number of args for {name}: got {got} want {fixed}"
        )));
    }
    let mut prepared = Vec::with_capacity(got);
    for (i, arg) in args.enumerate() {
        let param = signature.params.get(i).or(signature.rest.as_ref());
        let Some(param) = param else { break };
        let arg = prepare(arg.unpacked(), param).map_err(|error| error.wrap(&format!("arg {i}")))?;
        prepared.push(arg);
    }
    let result = method.call(frame, Args::new(prepared))?;
    Ok(match result {
        Value::Nil => Val::Interface(Value::Nil),
        value if signature.returns_interface => Val::Interface(value),
        value => Val::Concrete(value),
    })
}

/// `prepareArg`: assignable values, and integers of any type for integer parameters.
fn prepare(arg: Val, param: &Param) -> Result<Value, FuncError> {
    let Val::Concrete(value) = arg else {
        return match param.kind {
            ArgumentKind::Interface | ArgumentKind::Nilable => Ok(Value::Nil),
            ArgumentKind::Bool
            | ArgumentKind::String
            | ArgumentKind::Int
            | ArgumentKind::Uint
            | ArgumentKind::Float
            | ArgumentKind::Struct => Err(FuncError::new(format!(
                "value is nil; should be of type {}",
                param.type_name
            ))),
        };
    };
    if param.kind == ArgumentKind::Interface || (param.accepts)(&value) {
        return Ok(value);
    }
    if let (ArgumentKind::Int | ArgumentKind::Uint, Value::Int(_, n)) = (param.kind, &value) {
        return Ok(Value::Int(int_kind(param), int_kind(param).wrap(*n)));
    }
    Err(FuncError::new(format!(
        "value has type {}; should be {}",
        value.type_name(),
        param.type_name
    )))
}
