//! Building plain data, template values, or nothing at all from a document.

use std::borrow::Cow;

use gotemplate::value::Entries;
use gotemplate::{List, Map, Str, Value};

use super::compose::Document;
use super::decode::{Build, Duplicates, decode, decode_root_entries};
use super::error::YamlError;
use super::go_tree::{self, GoTree};
use super::resolve::Scalar;
use crate::data::{self, Data};
use crate::json::go_lossy;

/// The document as plain data.
pub(super) fn data(document: &Document<'_>, duplicates: Duplicates) -> Result<Data, YamlError> {
    Ok(build(document, duplicates, DataTarget)?.unwrap_or(Data::Null))
}

/// The document as a live value.
pub(super) fn value(document: &Document<'_>) -> Result<Value, YamlError> {
    Ok(build(document, Duplicates::LastWins, ValueTarget)?.unwrap_or(Value::Nil))
}

/// The document with the types of its keys, of which only the root entries with these names (in any case) are built.
pub(super) fn fields(document: &Document<'_>, names: &[&str]) -> Result<GoTree, YamlError> {
    let mut checker = JsonBuilder {
        target: NoTarget,
        suspicious: false,
    };
    decode(document, Duplicates::LastWins, &mut checker)?;
    if !checker.suspicious {
        let keep = |key: &str| {
            names
                .iter()
                .any(|name| key.eq_ignore_ascii_case(name) || !key.is_ascii())
        };
        if let Some(entries) = decode_root_entries(document, keep, &mut go_tree::Builder)? {
            return Ok(GoTree::Map(entries));
        }
    }
    go_tree(document, Duplicates::LastWins)
}

fn build<T: Target>(
    document: &Document<'_>,
    duplicates: Duplicates,
    target: T,
) -> Result<Option<T::Value>, YamlError> {
    let mut builder = JsonBuilder {
        target,
        suspicious: false,
    };
    let value = decode(document, duplicates, &mut builder)?;
    if builder.suspicious {
        // A key or number without JSON form was met. Whether it is an error depends on what became of it.
        go_tree(document, duplicates)?.check_json()?;
    }
    Ok(value)
}

/// The document with the types of its keys.
pub(super) fn go_tree(document: &Document<'_>, duplicates: Duplicates) -> Result<GoTree, YamlError> {
    Ok(decode(document, duplicates, &mut go_tree::Builder)?.unwrap_or(GoTree::Nil))
}

/// Makes values from what JSON can say.
trait Target {
    type Value;
    type Map: Default;

    fn null(&self) -> Self::Value;
    fn boolean(&self, value: bool) -> Self::Value;
    fn number(&self, value: f64) -> Self::Value;
    fn text(&self, text: Cow<'_, str>) -> Self::Value;
    fn list(&self, items: Vec<Self::Value>) -> Self::Value;
    fn insert(&self, map: &mut Self::Map, key: Cow<'_, str>, value: Self::Value);
    fn map(&self, map: Self::Map) -> Self::Value;
}

/// Does what the detour through JSON does: numbers become `f64`, keys text.
struct JsonBuilder<T> {
    target: T,
    /// Something has no JSON form.
    suspicious: bool,
}

impl<T: Target> Build for JsonBuilder<T> {
    type Value = T::Value;
    type Map = T::Map;

    fn scalar(&mut self, scalar: Scalar<'_>) -> T::Value {
        match scalar {
            Scalar::Null => self.target.null(),
            Scalar::Bool(value) => self.target.boolean(value),
            Scalar::Int(value) => self.target.number(value as f64),
            Scalar::Uint(value) => self.target.number(value as f64),
            Scalar::Float(value) => {
                self.suspicious |= !value.is_finite();
                self.target.number(value)
            }
            Scalar::Str(value) => self.target.text(value),
            Scalar::Bytes(value) => self.target.text(go_lossy(&value)),
        }
    }

    fn list(&mut self, items: Vec<T::Value>) -> T::Value {
        self.target.list(items)
    }

    fn new_map(&mut self) -> T::Map {
        T::Map::default()
    }

    fn insert(&mut self, map: &mut T::Map, key: Scalar<'_>, value: T::Value) {
        match key {
            Scalar::Str(key) => self.target.insert(map, key, value),
            other => match GoTree::from(&other).key_text(&GoTree::Nil) {
                Ok(key) => self.target.insert(map, Cow::Owned(key), value),
                Err(_) => self.suspicious = true,
            },
        }
    }

    fn map(&mut self, map: T::Map) -> T::Value {
        self.target.map(map)
    }
}

struct DataTarget;

impl Target for DataTarget {
    type Value = Data;
    type Map = serde_json::Map<String, Data>;

    fn null(&self) -> Data {
        Data::Null
    }

    fn boolean(&self, value: bool) -> Data {
        Data::Bool(value)
    }

    fn number(&self, value: f64) -> Data {
        data::float(value)
    }

    fn text(&self, text: Cow<'_, str>) -> Data {
        Data::String(text.into_owned())
    }

    fn list(&self, items: Vec<Data>) -> Data {
        Data::Array(items)
    }

    fn insert(&self, map: &mut Self::Map, key: Cow<'_, str>, value: Data) {
        map.insert(key.into_owned(), value);
    }

    fn map(&self, map: Self::Map) -> Data {
        Data::Object(map)
    }
}

struct ValueTarget;

impl Target for ValueTarget {
    type Value = Value;
    type Map = Entries;

    fn null(&self) -> Value {
        Value::Nil
    }

    fn boolean(&self, value: bool) -> Value {
        Value::Bool(value)
    }

    fn number(&self, value: f64) -> Value {
        Value::Float(value)
    }

    fn text(&self, text: Cow<'_, str>) -> Value {
        Value::Str(Str::from(text))
    }

    fn list(&self, items: Vec<Value>) -> Value {
        Value::List(List::new(items))
    }

    fn insert(&self, map: &mut Entries, key: Cow<'_, str>, value: Value) {
        map.insert(Str::from(key), value);
    }

    fn map(&self, map: Entries) -> Value {
        Value::Map(Map::new(map))
    }
}

struct NoTarget;

impl Target for NoTarget {
    type Value = ();
    type Map = ();

    fn null(&self) {}
    fn boolean(&self, _value: bool) {}
    fn number(&self, _value: f64) {}
    fn text(&self, _text: Cow<'_, str>) {}
    fn list(&self, _items: Vec<()>) {}
    fn insert(&self, (): &mut (), _key: Cow<'_, str>, (): ()) {}
    fn map(&self, (): ()) {}
}
