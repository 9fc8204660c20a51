//! Reading a schema: JSON in which numbers keep the text they are written with.
//!
//! Mirrors `UnmarshalJSON` of santhosh-tekuri/jsonschema v6.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::json::{Json, Number};
use crate::json::DecodeError;
use crate::json::read::{Build, read_prefix};

/// Reads exactly one value; the error is Go's text.
pub(super) fn parse(text: &[u8]) -> Result<Json, String> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let (value, end) = read_prefix(text, &mut JsonBuilder).map_err(|error| match error {
        // Go's stream decoder has its own words for the end.
        DecodeError::End | DecodeError::Eof if text.iter().all(is_blank) => "EOF".to_owned(),
        DecodeError::End | DecodeError::Truncated(_) => "unexpected EOF".to_owned(),
        error => error.to_string(),
    })?;
    if !text[end..].iter().all(is_blank) {
        return Err("invalid character after top-level value".to_owned());
    }
    Ok(value)
}

/// Builds [`Json`].
struct JsonBuilder;

impl Build for JsonBuilder {
    type Value = Json;
    type Map = BTreeMap<String, Json>;

    fn null(&mut self) -> Json {
        Json::Null
    }

    fn boolean(&mut self, value: bool) -> Json {
        Json::Bool(value)
    }

    fn number(&mut self, literal: &str) -> Json {
        Json::Number(Number::new(literal.to_owned()))
    }

    fn string(&mut self, text: Cow<'_, str>) -> Json {
        Json::String(text.into_owned())
    }

    fn list(&mut self, items: Vec<Json>) -> Json {
        Json::Array(items)
    }

    fn new_map(&mut self) -> Self::Map {
        BTreeMap::new()
    }

    fn insert(&mut self, map: &mut Self::Map, key: Cow<'_, str>, value: Json) {
        map.insert(key.into_owned(), value);
    }

    fn map(&mut self, map: Self::Map) -> Json {
        Json::Object(map)
    }
}
