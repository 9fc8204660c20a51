//! JSON the way Go's `encoding/json` reads and writes it.
//!
//! ```
//! use helm::json;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let data = json::decode(br#"{"b": 1e6, "a": ["<", null]}"#)?;
//! assert_eq!(json::encode_data(&data)?, br#"{"a":["\u003c",null],"b":1000000}"#);
//!
//! let error = json::decode(b"{a: 1}").unwrap_err();
//! assert_eq!(error.to_string(), "invalid character 'a' looking for beginning of object key string");
//! # Ok(())
//! # }
//! ```

mod build;
pub(crate) mod number;
pub(crate) mod read;
mod utf8;
mod write;

pub(crate) use utf8::go_lossy;

use gotemplate::{LimitError, List, Map, Type, Value};

use crate::data::Data;
use crate::data::walk::{JsonWalk, WalkError, walk_data};
use build::{DataBuilder, ValueBuilder};
use write::{Html, Writer};

/// Why JSON cannot be read; the texts are Go's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The text ends within a value, or is empty.
    #[error("unexpected end of JSON input")]
    End,
    /// The text ends within a number, word or escape.
    #[error("{0}")]
    Truncated(String),
    /// The text of a stream ends within a value.
    #[error("unexpected EOF")]
    UnexpectedEof,
    /// The stream holds no value any more.
    #[error("EOF")]
    Eof,
    /// A character is out of place.
    #[error("{0}")]
    Syntax(String),
    /// A value is of another type than the wanted one.
    #[error("{0}")]
    Type(String),
}

/// Why a value cannot be written as JSON. The texts are Go's, where Go has an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A number that is not finite, or a map that contains itself.
    #[error("json: unsupported value: {0}")]
    UnsupportedValue(String),
    /// An object says that it has no JSON form; its text.
    #[error("{0}")]
    Unsupported(String),
    /// The text would exceed the allowed number of bytes. Go has no limit.
    #[error("json: value is too large")]
    TooLarge,
    /// The value is nested deeper than the stack allows. Go has no limit.
    #[error(transparent)]
    TooDeep(LimitError),
}

impl From<WalkError> for EncodeError {
    fn from(error: WalkError) -> Self {
        match error {
            WalkError::Unsupported(text) => Self::Unsupported(text),
            WalkError::Cycle(type_name) => {
                Self::UnsupportedValue(format!("encountered a cycle via {type_name}"))
            }
            WalkError::TooLarge => Self::TooLarge,
            WalkError::TooDeep(limit) => Self::TooDeep(limit),
        }
    }
}

/// Reads one value: `json.Unmarshal` into an `interface{}`. Numbers are `f64`, of equal keys the last wins.
pub fn decode(text: &[u8]) -> Result<Data, DecodeError> {
    let mut builder = DataBuilder::default();
    let data = read::read(text, &mut builder)?;
    builder.numbers.error().map_or(Ok(data), Err)
}

/// Reads one value at the start of the text, and tells where it ends: `Decoder.Decode` and `InputOffset`.
pub fn decode_prefix(text: &[u8]) -> Result<(Data, usize), DecodeError> {
    let mut builder = DataBuilder::default();
    let found = read::read_prefix(text, &mut builder).map_err(|error| match error {
        DecodeError::End | DecodeError::Truncated(_) if text.iter().all(u8::is_ascii_whitespace) => {
            DecodeError::Eof
        }
        DecodeError::End | DecodeError::Truncated(_) => DecodeError::UnexpectedEof,
        error => error,
    })?;
    builder.numbers.error().map_or(Ok(found), Err)
}

/// Reads one live value: `json.Unmarshal` into an `interface{}`.
pub fn decode_value(text: &[u8]) -> Result<Value, DecodeError> {
    match decode_leniently(text)? {
        (value, None) => Ok(value),
        (_, Some(error)) => Err(error),
    }
}

/// `json.Unmarshal` into an empty `map[string]interface {}`: what is in the map afterwards, and the error. Go fills the
/// map although a number in it is too large, and makes it nil for `null`.
pub fn decode_map(text: &[u8]) -> (Map, Option<DecodeError>) {
    match decode_leniently(text) {
        Ok((Value::Map(map), error)) => (map, error),
        Ok((Value::Nil, None)) => (Map::nil(Type::Any), None),
        Ok((other, _)) => (
            Map::default(),
            Some(DecodeError::Type(mismatch(&other, "map[string]interface {}"))),
        ),
        Err(error) => (Map::default(), Some(error)),
    }
}

/// `json.Unmarshal` into an empty `[]interface {}`, as [`decode_map`].
pub fn decode_list(text: &[u8]) -> (List, Option<DecodeError>) {
    match decode_leniently(text) {
        Ok((Value::List(list), error)) => (list, error),
        Ok((Value::Nil, None)) => (List::nil(Type::Any), None),
        Ok((other, _)) => (
            List::new(Vec::new()),
            Some(DecodeError::Type(mismatch(&other, "[]interface {}"))),
        ),
        Err(error) => (List::new(Vec::new()), Some(error)),
    }
}

fn decode_leniently(text: &[u8]) -> Result<(Value, Option<DecodeError>), DecodeError> {
    let mut builder = ValueBuilder::default();
    let value = read::read(text, &mut builder)?;
    Ok((value, builder.numbers.error()))
}

/// Go's text for a value that does not fit the wanted type.
pub(crate) fn mismatch(found: &Value, wanted: &str) -> String {
    let kind = match found {
        Value::Bool(_) => "bool",
        Value::Str(_) | Value::Bytes(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        Value::Nil | Value::Int(..) | Value::Float(_) | Value::Object(_) => "number",
    };
    format!("json: cannot unmarshal {kind} into Go value of type {wanted}")
}

/// Compact JSON, keys in bytewise order, `<`, `>` and `&` escaped: `json.Marshal`.
pub fn encode_data(data: &Data) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer::new(Html::Escape, None);
    walk_data(data, &mut writer);
    writer.finish()
}

/// A live value as compact JSON: `json.Marshal`. Texts of more than `max_bytes` are refused.
pub fn encode_value(value: &Value, max_bytes: usize) -> Result<Vec<u8>, EncodeError> {
    encode(value, Writer::new(Html::Escape, None), max_bytes)
}

/// Compact JSON in which `<`, `>` and `&` stay: an `Encoder` with `SetEscapeHTML(false)`, without its line break.
pub fn encode_value_raw(value: &Value, max_bytes: usize) -> Result<Vec<u8>, EncodeError> {
    encode(value, Writer::new(Html::Keep, None), max_bytes)
}

/// JSON on several lines, two blanks a level: `json.MarshalIndent(v, "", "  ")`.
pub fn encode_value_pretty(value: &Value, max_bytes: usize) -> Result<Vec<u8>, EncodeError> {
    encode(value, Writer::new(Html::Escape, Some("  ")), max_bytes)
}

fn encode(value: &Value, mut writer: Writer, max_bytes: usize) -> Result<Vec<u8>, EncodeError> {
    JsonWalk::new(max_bytes).value(value, &mut writer)?;
    writer.finish()
}
