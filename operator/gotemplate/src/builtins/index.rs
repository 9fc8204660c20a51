//! `index`, `slice`, `len`.

use crate::exec::{Val, pointed_type_name, zero};
use crate::func::FuncError;
use crate::value::{List, Str, Value};

/// `index x 1 2 3` is `x[1][2][3]`.
pub(super) fn index(item: Val, indexes: impl Iterator<Item = Val>) -> Result<Val, FuncError> {
    let mut item = item.unpacked();
    if matches!(item, Val::Invalid) {
        return Err(FuncError::new("index of untyped nil"));
    }
    for index in indexes {
        let index = index.unpacked();
        if item.indirect_is_nil() {
            return Err(FuncError::new("index of nil pointer"));
        }
        let Some(value) = item.concrete() else {
            return Err(FuncError::new("index of nil pointer"));
        };
        item = match value.underlying().as_ref() {
            Value::List(list) => {
                let item = list.get(position(&index, list.len())?);
                Val::item(
                    item.cloned().ok_or_else(|| out_of_range("slice"))?,
                    list.item_type(),
                )
            }
            Value::Bytes(bytes) => {
                let byte = bytes.get(position(&index, bytes.len())?);
                Val::Concrete(Value::from(*byte.ok_or_else(|| out_of_range("slice"))?))
            }
            Value::Str(s) => {
                let byte = s.get(position(&index, s.len())?);
                Val::Concrete(Value::from(*byte.ok_or_else(|| out_of_range("string"))?))
            }
            Value::Map(map) => {
                let key = key(&index)?;
                map.get(&key).map_or_else(
                    || zero(map.entry_type()),
                    |value| Val::item(value, map.entry_type()),
                )
            }
            Value::Nil | Value::Bool(_) | Value::Int(..) | Value::Float(_) | Value::Object(_) => {
                return Err(FuncError::new(format!(
                    "can't index item of type {}",
                    pointed_type_name(value)
                )));
            }
        };
    }
    Ok(item)
}

/// Go lets the index that is one too far through, and then reflection panics.
fn out_of_range(what: &str) -> FuncError {
    FuncError::panic(format!("reflect: {what} index out of range"))
}

/// `indexArg`: an index from 0 up to and including `cap`.
fn position(index: &Val, cap: usize) -> Result<usize, FuncError> {
    let Some(value) = index.concrete() else {
        return Err(FuncError::new("cannot index slice/array with nil"));
    };
    let Value::Int(_, n) = value.underlying().into_owned() else {
        return Err(FuncError::new(format!(
            "cannot index slice/array with type {}",
            value.type_name()
        )));
    };
    usize::try_from(n)
        .ok()
        .filter(|&n| n <= cap)
        .ok_or_else(|| FuncError::new(format!("index out of range: {n}")))
}

/// `prepareArg` for the keys of maps, which are strings.
fn key(index: &Val) -> Result<Str, FuncError> {
    match index.concrete() {
        None => Err(FuncError::new("value is nil; should be of type string")),
        Some(Value::Str(key)) => Ok(key.clone()),
        Some(value) => Err(FuncError::new(format!(
            "value has type {}; should be string",
            value.type_name()
        ))),
    }
}

/// `slice x 1 2` is `x[1:2]`. The capacity of a slice is its length here.
pub(super) fn slice(item: Val, indexes: &[Val]) -> Result<Val, FuncError> {
    let item = item.unpacked();
    let Some(value) = item.concrete() else {
        return Err(FuncError::new("slice of untyped nil"));
    };
    if item.indirect_is_nil() {
        return Err(FuncError::new("slice of nil pointer"));
    }
    if indexes.len() > 3 {
        return Err(FuncError::new(format!(
            "too many slice indexes: {}",
            indexes.len()
        )));
    }
    let plain = value.underlying();
    let cap = match plain.as_ref() {
        Value::Str(_) if indexes.len() == 3 => return Err(FuncError::new("cannot 3-index slice a string")),
        Value::Str(s) => s.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(list) => list.len(),
        Value::Nil | Value::Bool(_) | Value::Int(..) | Value::Float(_) | Value::Map(_) | Value::Object(_) => {
            return Err(FuncError::new(format!(
                "can't slice item of type {}",
                pointed_type_name(value)
            )));
        }
    };
    let mut bounds = [0, cap, cap];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        // Unlike `index`, `slice` does not look into interfaces.
        if let Val::Interface(_) = index {
            return Err(FuncError::new("cannot index slice/array with type interface {}"));
        }
        *bound = position(index, cap)?;
    }
    let [start, end, max] = bounds;
    for (low, high) in [(start, end), (end, max)] {
        if low > high {
            return Err(FuncError::new(format!("invalid slice index: {low} > {high}")));
        }
    }
    Ok(Val::Concrete(match plain.as_ref() {
        Value::Str(s) => Value::Str(Str::from(&s[start..end])),
        Value::Bytes(bytes) => Value::Bytes(bytes[start..end].into()),
        Value::List(list) => Value::List(List::typed(list.item_type().clone(), list[start..end].to_vec())),
        Value::Nil | Value::Bool(_) | Value::Int(..) | Value::Float(_) | Value::Map(_) | Value::Object(_) => {
            Value::Nil
        }
    }))
}

pub(super) fn length(item: &Val) -> Result<usize, FuncError> {
    if item.indirect_is_nil() {
        return Err(FuncError::new("len of nil pointer"));
    }
    let Some(value) = item.concrete() else {
        // What reflection says to an absent value.
        return Err(FuncError::panic(
            "reflect: call of reflect.Value.Type on zero Value",
        ));
    };
    value
        .len()
        .ok_or_else(|| FuncError::new(format!("len of type {}", pointed_type_name(value))))
}
