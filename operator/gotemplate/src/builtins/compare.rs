//! `eq`, `ne`, `lt`, `le`, `gt`, `ge`.

use crate::exec::Val;
use crate::format;
use crate::func::FuncError;
use crate::value::{Kind, Shape, Value};

/// Go's `kind`: what can be compared with what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basic {
    Invalid,
    Bool,
    Int,
    Uint,
    Float,
    String,
}

fn basic(value: Option<&Value>) -> Basic {
    match value.map_or(Kind::Invalid, Value::kind) {
        Kind::Bool => Basic::Bool,
        Kind::Int(kind) if kind.is_signed() => Basic::Int,
        Kind::Int(_) => Basic::Uint,
        Kind::Float64 => Basic::Float,
        Kind::String => Basic::String,
        Kind::Invalid | Kind::Slice | Kind::Map | Kind::Struct | Kind::Ptr | Kind::Func => Basic::Invalid,
    }
}

fn bad_type() -> FuncError {
    FuncError::new("invalid type for comparison")
}

fn incompatible(a: &Value, b: &Value) -> FuncError {
    FuncError::new(format!(
        "incompatible types for comparison: {} and {}",
        a.type_name(),
        b.type_name()
    ))
}

/// Whether `a` equals any of `others`.
pub(super) fn eq(a: &Val, others: &[Val]) -> Result<bool, FuncError> {
    let a = a.concrete();
    if others.is_empty() {
        return Err(FuncError::new("missing argument for comparison"));
    }
    for b in others {
        if equal(a, b.concrete())? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(a: Option<&Value>, b: Option<&Value>) -> Result<bool, FuncError> {
    let (kind_a, kind_b) = (basic(a), basic(b));
    let (Some(a), Some(b)) = (a, b) else {
        // Something is nil. What has a basic kind never is.
        let nil = |value: Option<&Value>| value.is_none_or(Value::is_nil);
        return Ok(kind_a == kind_b && nil(a) == nil(b));
    };
    let (plain_a, plain_b) = (a.underlying(), b.underlying());
    match (plain_a.as_ref(), plain_b.as_ref()) {
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        #[expect(clippy::float_cmp, reason = "Go's ==")]
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        (Value::Str(a), Value::Str(b)) => Ok(a == b),
        // Integers compare by value, whatever their signs.
        (Value::Int(kind_a, a), Value::Int(kind_b, b)) => {
            let same_sign = kind_a.is_signed() == kind_b.is_signed();
            Ok(a == b && (same_sign || *a >= 0))
        }
        _ if kind_a != kind_b => Err(incompatible(a, b)),
        _ => equal_other(a, b),
    }
}

/// Equality of what has no basic kind.
fn equal_other(a: &Value, b: &Value) -> Result<bool, FuncError> {
    if a.kind() != b.kind() {
        let (text_a, text_b) = (text(b"%s", a)?, text(b"%v", b)?);
        let (type_a, type_b) = (a.type_name(), b.type_name());
        return Err(FuncError::new(format!(
            "non-comparable types {text_a}: {type_a}, {type_b}: {text_b}"
        )));
    }
    if a.is_nil() || b.is_nil() {
        return Ok(a.is_nil() == b.is_nil());
    }
    let not_comparable = || -> Result<bool, FuncError> {
        Err(FuncError::new(format!(
            "non-comparable type {}: {}",
            text(b"%s", b)?,
            b.type_name()
        )))
    };
    let (Value::Object(object_a), Value::Object(object_b)) = (a, b) else {
        return not_comparable();
    };
    match object_b.shape() {
        Shape::Named(_) | Shape::Func(_) => return not_comparable(),
        Shape::Struct | Shape::Pointer | Shape::NilPointer => {}
    }
    // Asked of itself an object tells whether its type can be compared at all.
    if object_b.equals(&**object_b).is_none() {
        return not_comparable();
    }
    Ok(a.type_name() == b.type_name() && object_a.equals(&**object_b) == Some(true))
}

fn text(verb: &[u8], value: &Value) -> Result<String, FuncError> {
    Ok(format::sprintf(verb, std::slice::from_ref(value))?.to_string())
}

pub(super) fn lt(a: &Val, b: &Val) -> Result<bool, FuncError> {
    let (a, b) = (a.concrete(), b.concrete());
    let (kind_a, kind_b) = (basic(a), basic(b));
    let (Some(a), Some(b)) = (a, b) else {
        return Err(bad_type());
    };
    if kind_a == Basic::Invalid || kind_b == Basic::Invalid {
        return Err(bad_type());
    }
    match (a.underlying().as_ref(), b.underlying().as_ref()) {
        (Value::Bool(_), Value::Bool(_)) => Err(bad_type()),
        (Value::Float(a), Value::Float(b)) => Ok(a < b),
        (Value::Str(a), Value::Str(b)) => Ok(a < b),
        (Value::Int(kind_a, a), Value::Int(kind_b, b)) => {
            Ok(match (kind_a.is_signed(), kind_b.is_signed()) {
                (true, true) => a < b,
                (false, false) => (*a as u64) < (*b as u64),
                (true, false) => *a < 0 || (*a as u64) < (*b as u64),
                (false, true) => *b >= 0 && (*a as u64) < (*b as u64),
            })
        }
        _ => Err(incompatible(a, b)),
    }
}

pub(super) fn le(a: &Val, b: &Val) -> Result<bool, FuncError> {
    if lt(a, b)? {
        return Ok(true);
    }
    eq(a, std::slice::from_ref(b))
}
