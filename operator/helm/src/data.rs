//! Plain data: what charts, values and custom resources carry.
//!
//! Unlike [`gotemplate::Value`], plain data is `Send`, has no methods and no shared parts. Text formats are written from
//! either through a [`Sink`], which receives the parts of a value in order.

use crate::yaml::order::{self, Dialect};

/// Null, booleans, numbers, text, lists, and maps with their keys in bytewise order. Numbers that come from YAML or JSON
/// are `f64`, as in Go.
pub type Data = serde_json::Value;

/// In which order a [`Sink`] wants the keys of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyOrder {
    /// By bytes, as `encoding/json` writes them.
    Bytes,
    /// As go-yaml writes them.
    Yaml(Dialect),
}

/// Receives the parts of a value: a scalar, or the beginning of a collection, its content and its end.
pub(crate) trait Sink {
    fn key_order(&self) -> KeyOrder;
    fn null(&mut self);
    fn boolean(&mut self, value: bool);
    fn int(&mut self, value: i64);
    fn uint(&mut self, value: u64);
    /// Finite or not: the sink knows what it can write.
    fn float(&mut self, value: f64);
    /// Text that may not be UTF-8.
    fn text(&mut self, value: &[u8]);
    fn begin_list(&mut self, len: usize);
    fn begin_map(&mut self, len: usize);
    /// A key of the map that was begun last; its value follows.
    fn key(&mut self, key: &[u8]);
    fn end_list(&mut self);
    fn end_map(&mut self);
}

/// Collections nested deeper than this are not written. Go would write them; but no chart has them, and writing is recursive.
pub(crate) const MAX_WRITE_DEPTH: usize = 1000;

/// The value is nested too deep to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooDeep;

/// Hands all parts of `data` to the sink.
pub(crate) fn walk(data: &Data, sink: &mut impl Sink) -> Result<(), TooDeep> {
    walk_at(data, sink, 0)
}

fn walk_at(data: &Data, sink: &mut impl Sink, depth: usize) -> Result<(), TooDeep> {
    if depth > MAX_WRITE_DEPTH {
        return Err(TooDeep);
    }
    match data {
        Data::Null => sink.null(),
        Data::Bool(value) => sink.boolean(*value),
        Data::Number(number) => {
            if let Some(value) = number.as_i64() {
                sink.int(value);
            } else if let Some(value) = number.as_u64() {
                sink.uint(value);
            } else {
                sink.float(number.as_f64().unwrap_or(f64::NAN));
            }
        }
        Data::String(text) => sink.text(text.as_bytes()),
        Data::Array(items) => {
            sink.begin_list(items.len());
            for item in items {
                walk_at(item, sink, depth + 1)?;
            }
            sink.end_list();
        }
        Data::Object(entries) => {
            sink.begin_map(entries.len());
            for_each_in_order(entries, sink.key_order(), |key, value| {
                sink.key(key.as_bytes());
                walk_at(value, sink, depth + 1)
            })?;
            sink.end_map();
        }
    }
    Ok(())
}

/// Visits entries in the wanted order; they come in bytewise order.
pub(crate) fn for_each_in_order<'e, K, V, E>(
    entries: impl IntoIterator<Item = (&'e K, &'e V), IntoIter: Clone>,
    order: KeyOrder,
    mut visit: impl FnMut(&'e K, &'e V) -> Result<(), E>,
) -> Result<(), E>
where
    K: AsRef<[u8]> + 'e,
    V: 'e,
{
    let entries = entries.into_iter();
    match order {
        KeyOrder::Yaml(dialect) if !order::is_sorted(entries.clone().map(|(key, _)| key.as_ref()), dialect) => {
            let sorted = order::sort(entries.collect(), |(key, _)| key.as_ref(), dialect);
            sorted.into_iter().try_for_each(|(key, value)| visit(key, value))
        }
        KeyOrder::Yaml(_) | KeyOrder::Bytes => entries.into_iter().try_for_each(|(key, value)| visit(key, value)),
    }
}

/// The data as if it had gone through YAML or JSON text: every number becomes an `f64`.
pub fn with_float_numbers(data: Data) -> Data {
    match data {
        Data::Number(number) => float(number.as_f64().unwrap_or(0.0)),
        Data::Array(items) => Data::Array(items.into_iter().map(with_float_numbers).collect()),
        Data::Object(entries) => {
            Data::Object(entries.into_iter().map(|(key, value)| (key, with_float_numbers(value))).collect())
        }
        Data::Null | Data::Bool(_) | Data::String(_) => data,
    }
}

/// A number; null when it is not finite, which plain data cannot hold.
pub fn float(value: f64) -> Data {
    serde_json::Number::from_f64(value).map_or(Data::Null, Data::Number)
}
