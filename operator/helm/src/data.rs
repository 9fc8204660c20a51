//! Plain data, and how it becomes live template values and text.
//!
//! [`Data`] is what charts, values and custom resources carry: `Send`, without methods, without shared parts.
//! [`gotemplate::Value`] is what templates work on. [`to_value`] and [`to_data`] convert; text formats are written from
//! either by the same code, which sees a value as a sequence of parts (`data/walk.rs`).

mod convert;
pub(crate) mod walk;

pub use convert::{to_data, to_value};

/// Null, booleans, numbers, text, lists, and maps with their keys in bytewise order. Numbers that come from YAML or JSON
/// are `f64`, as in Go; only `--set` makes integers.
pub type Data = serde_json::Value;

/// A number. Null when it is not finite, which plain data cannot hold.
pub fn float(value: f64) -> Data {
    serde_json::Number::from_f64(value).map_or(Data::Null, Data::Number)
}

/// The data as if it had gone through YAML or JSON text: every number becomes an `f64`.
pub fn with_float_numbers(data: Data) -> Data {
    match data {
        Data::Number(number) => float(number.as_f64().unwrap_or(0.0)),
        Data::Array(items) => items.into_iter().map(with_float_numbers).collect(),
        Data::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| (key, with_float_numbers(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Data::Null | Data::Bool(_) | Data::String(_) => data,
    }
}
