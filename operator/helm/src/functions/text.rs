//! Values as text: what sprig's `strval` and Go's `%v` make of them.

use gotemplate::{FuncError, Str, Value, format};

/// `%v`.
pub(crate) fn display(value: &Value) -> Result<Str, FuncError> {
    format::text(value)
}

/// sprig's `strval`: strings and bytes as they are, `Error()` or `String()` of what has them, else `%v`.
pub(crate) fn strval(value: &Value) -> Result<Str, FuncError> {
    match value {
        Value::Str(text) => Ok(text.clone()),
        Value::Bytes(bytes) => Ok(Str::from(bytes.as_ref())),
        Value::Object(object) => match object.stringer() {
            Some(text) => Ok(text),
            None => display(value),
        },
        Value::Nil | Value::Bool(_) | Value::Int(..) | Value::Float(_) | Value::List(_) | Value::Map(_) => {
            display(value)
        }
    }
}

/// sprig's `strslice`: the texts of the items of a slice without the nil ones; a scalar is a slice of one.
pub(crate) fn strslice(value: &Value) -> Result<Vec<Str>, FuncError> {
    match super::lists::items_of(value) {
        Some(items) => items
            .iter()
            .filter(|item| !matches!(item, Value::Nil))
            .map(strval)
            .collect(),
        None if matches!(value, Value::Nil) => Ok(Vec::new()),
        None => Ok(vec![strval(value)?]),
    }
}
