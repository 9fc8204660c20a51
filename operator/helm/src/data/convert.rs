//! Between plain data and live values.

use gotemplate::value::{Entries, JsonForm};
use gotemplate::{IntKind, List, Map, Str, Value};

use super::Data;
use super::walk::base64;
use crate::json::go_lossy;

/// Objects within objects deeper than this become null in plain data. Values come from YAML, which is bounded more tightly.
const MAX_DEPTH: usize = 1000;

/// A live value of its own, all parts new. Integers become `int64`, as `--set` gives them; other numbers `float64`.
pub fn to_value(data: &Data) -> Value {
    match data {
        Data::Null => Value::Nil,
        Data::Bool(value) => Value::Bool(*value),
        Data::Number(number) => {
            if let Some(value) = number.as_i64() {
                Value::from(value)
            } else if let Some(value) = number.as_u64() {
                Value::from(value)
            } else {
                Value::Float(number.as_f64().unwrap_or(f64::NAN))
            }
        }
        Data::String(text) => Value::from(text.as_str()),
        Data::Array(items) => Value::List(List::new(items.iter().map(to_value).collect())),
        Data::Object(entries) => {
            let entries: Entries = entries
                .iter()
                .map(|(key, value)| (Str::from(key.as_str()), to_value(value)))
                .collect();
            Value::Map(Map::new(entries))
        }
    }
}

/// The value as plain data, as `encoding/json` would see it, but with integers kept as they are.
///
/// What JSON has no form for (numbers that are not finite, functions, maps that contain themselves) becomes null.
pub fn to_data(value: &Value) -> Data {
    to_data_at(value, 0)
}

fn to_data_at(value: &Value, depth: usize) -> Data {
    if depth > MAX_DEPTH {
        return Data::Null;
    }
    match value {
        Value::Nil => Data::Null,
        Value::Bool(value) => Data::Bool(*value),
        Value::Int(kind, bits) => integer(*kind, *bits),
        Value::Float(value) => super::float(*value),
        Value::Str(text) => Data::String(go_lossy(text).into_owned()),
        Value::Bytes(bytes) => Data::String(base64(bytes)),
        Value::List(list) if list.is_nil() => Data::Null,
        Value::List(list) => list.into_iter().map(|item| to_data_at(item, depth + 1)).collect(),
        Value::Map(map) if map.is_nil() => Data::Null,
        Value::Map(map) => entries(map.snapshot().iter(), depth),
        Value::Object(object) => match object.json() {
            JsonForm::Value(value) => to_data_at(&value, depth + 1),
            JsonForm::Struct(fields) => entries(fields.iter().map(|(name, value)| (name, value)), depth),
            JsonForm::Error(_) => Data::Null,
        },
    }
}

fn integer(kind: IntKind, bits: i64) -> Data {
    if kind.is_signed() {
        Data::from(bits)
    } else {
        Data::from(bits as u64)
    }
}

fn entries<'e>(entries: impl Iterator<Item = (&'e Str, &'e Value)>, depth: usize) -> Data {
    let map: serde_json::Map<_, _> = entries
        .map(|(key, value)| (go_lossy(key).into_owned(), to_data_at(value, depth + 1)))
        .collect();
    Data::Object(map)
}
