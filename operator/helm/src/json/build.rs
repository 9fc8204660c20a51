//! Building plain data and template values from JSON.

use std::borrow::Cow;

use gotemplate::value::Entries;
use gotemplate::{List, Map, Str, Value};

use super::DecodeError;
use super::read::Build;
use crate::data::{self, Data};

/// Parses a number, or notes that it is too large for an `f64`.
#[derive(Default)]
pub(super) struct Numbers {
    /// Go reports the first one, when all is read.
    too_large: Option<String>,
}

impl Numbers {
    fn parse(&mut self, literal: &str) -> Option<f64> {
        let number = gotemplate::strconv::parse_float(literal.as_bytes()).ok();
        if number.is_none() {
            self.too_large.get_or_insert_with(|| literal.to_owned());
        }
        number
    }

    pub(super) fn error(self) -> Option<DecodeError> {
        let literal = self.too_large?;
        Some(DecodeError::Type(format!(
            "json: cannot unmarshal number {literal} into Go value of type float64"
        )))
    }
}

/// Builds [`Data`].
#[derive(Default)]
pub(super) struct DataBuilder {
    pub(super) numbers: Numbers,
}

impl Build for DataBuilder {
    type Value = Data;
    type Map = serde_json::Map<String, Data>;

    fn null(&mut self) -> Data {
        Data::Null
    }

    fn boolean(&mut self, value: bool) -> Data {
        Data::Bool(value)
    }

    fn number(&mut self, literal: &str) -> Data {
        self.numbers.parse(literal).map_or(Data::Null, data::float)
    }

    fn string(&mut self, text: Cow<'_, str>) -> Data {
        Data::String(text.into_owned())
    }

    fn list(&mut self, items: Vec<Data>) -> Data {
        Data::Array(items)
    }

    fn new_map(&mut self) -> Self::Map {
        serde_json::Map::new()
    }

    fn insert(&mut self, map: &mut Self::Map, key: Cow<'_, str>, value: Data) {
        map.insert(key.into_owned(), value);
    }

    fn map(&mut self, map: Self::Map) -> Data {
        Data::Object(map)
    }
}

/// Builds [`Value`].
#[derive(Default)]
pub(super) struct ValueBuilder {
    pub(super) numbers: Numbers,
}

impl Build for ValueBuilder {
    type Value = Value;
    type Map = Entries;

    fn null(&mut self) -> Value {
        Value::Nil
    }

    fn boolean(&mut self, value: bool) -> Value {
        Value::Bool(value)
    }

    fn number(&mut self, literal: &str) -> Value {
        self.numbers.parse(literal).map_or(Value::Nil, Value::Float)
    }

    fn string(&mut self, text: Cow<'_, str>) -> Value {
        Value::Str(Str::from(text))
    }

    fn list(&mut self, items: Vec<Value>) -> Value {
        Value::List(List::new(items))
    }

    fn new_map(&mut self) -> Entries {
        Entries::new()
    }

    fn insert(&mut self, map: &mut Entries, key: Cow<'_, str>, value: Value) {
        map.insert(Str::from(key), value);
    }

    fn map(&mut self, map: Entries) -> Value {
        Value::Map(Map::new(map))
    }
}
