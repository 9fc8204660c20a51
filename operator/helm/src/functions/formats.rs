//! Data formats: the `toYaml`, `toJson` and `toToml` families of Helm (`pkg/engine/funcs.go`) and sprig's other JSON
//! functions. Reading and writing itself is in [`crate::yaml`], [`crate::json`] and [`crate::toml`].
//!
//! The functions without `must` swallow errors, but never a limit that was reached.

use gotemplate::{
    Frame, FuncError, Function, LimitError, LimitKind, List, Map, Str, Value, format::MAX_TEXT,
};

use super::charge;
use super::host::facts;
use crate::json::{self, EncodeError};
use crate::toml;
use crate::yaml::{self, WriteError};

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("toJson", |frame: &mut Frame<'_>, value: Value| {
            let encoded = json::encode_value(&value, MAX_TEXT);
            swallow(frame, encoded)
        }),
        Function::new("mustToJson", |frame: &mut Frame<'_>, value: Value| {
            let encoded = json::encode_value(&value, MAX_TEXT);
            must(frame, encoded, FuncError::panic)
        }),
        Function::new("toPrettyJson", |frame: &mut Frame<'_>, value: Value| {
            let encoded = json::encode_value_pretty(&value, MAX_TEXT);
            swallow(frame, encoded)
        }),
        Function::new("mustToPrettyJson", |frame: &mut Frame<'_>, value: Value| {
            let encoded = json::encode_value_pretty(&value, MAX_TEXT);
            must(frame, encoded, FuncError::new)
        }),
        Function::new("toRawJson", |frame: &mut Frame<'_>, value: Value| {
            let encoded = json::encode_value_raw(&value, MAX_TEXT);
            must(frame, encoded, FuncError::panic)
        }),
        Function::new("mustToRawJson", |frame: &mut Frame<'_>, value: Value| {
            let encoded = json::encode_value_raw(&value, MAX_TEXT);
            must(frame, encoded, FuncError::new)
        }),
        Function::new(
            "fromJson",
            |frame: &mut Frame<'_>, text: Str| -> Result<Map, FuncError> {
                charge::text(frame, text.len().saturating_mul(4))?;
                let (map, error) = json::decode_map(&text);
                Ok(with_error(map, error))
            },
        ),
        Function::new(
            "fromJsonArray",
            |frame: &mut Frame<'_>, text: Str| -> Result<List, FuncError> {
                charge::text(frame, text.len().saturating_mul(4))?;
                let (list, error) = json::decode_list(&text);
                Ok(error.map_or(list, |error| List::new(vec![Value::from(error.to_string())])))
            },
        ),
        Function::new(
            "mustFromJson",
            |frame: &mut Frame<'_>, text: Str| -> Result<Value, FuncError> {
                charge::text(frame, text.len().saturating_mul(4))?;
                json::decode_value(&text).map_err(|error| FuncError::new(error.to_string()))
            },
        ),
        Function::new("toYaml", |frame: &mut Frame<'_>, value: Value| {
            let written = yaml::value_to_string(&value, MAX_TEXT);
            swallow(frame, written.map(without_last_newline))
        }),
        Function::new("mustToYaml", |frame: &mut Frame<'_>, value: Value| {
            let written = yaml::value_to_string(&value, MAX_TEXT);
            must(frame, written.map(without_last_newline), FuncError::panic)
        }),
        Function::new("toYamlPretty", |frame: &mut Frame<'_>, value: Value| {
            let written = yaml::value_to_string_pretty(&value, MAX_TEXT);
            swallow(frame, written.map(without_last_newline))
        }),
        Function::new(
            "fromYaml",
            |frame: &mut Frame<'_>, text: Str| -> Result<Map, FuncError> {
                charge::text(frame, text.len().saturating_mul(4))?;
                Ok(match yaml::parse_map(&text) {
                    Ok(map) => map,
                    Err(error) => with_error(Map::default(), Some(error)),
                })
            },
        ),
        Function::new(
            "fromYamlArray",
            |frame: &mut Frame<'_>, text: Str| -> Result<List, FuncError> {
                charge::text(frame, text.len().saturating_mul(4))?;
                Ok(yaml::parse_list(&text)
                    .unwrap_or_else(|error| List::new(vec![Value::from(error.to_string())])))
            },
        ),
        Function::new("toToml", |frame: &mut Frame<'_>, value: Value| {
            match toml::encode(&value, MAX_TEXT) {
                // Helm returns the text of the error as if it were the document.
                Err(toml::EncodeError::Unsupported(text)) => finish(frame, text.into_bytes()),
                Err(toml::EncodeError::Panic(text)) => Err(FuncError::panic(text.to_owned())),
                encoded => must(frame, encoded, FuncError::panic),
            }
        }),
        Function::new("mustToToml", |frame: &mut Frame<'_>, value: Value| {
            must(frame, toml::encode(&value, MAX_TEXT), FuncError::panic)
        }),
        Function::new(
            "fromToml",
            |frame: &mut Frame<'_>, text: Str| -> Result<Map, FuncError> {
                charge::text(frame, text.len().saturating_mul(4))?;
                let now = facts(frame)?.now();
                Ok(match toml::decode(&text, &now) {
                    Ok(map) => map,
                    Err(error) => with_error(Map::default(), Some(error)),
                })
            },
        ),
    ]
}

/// Helm's encoders end with a line break that its functions cut off, once.
fn without_last_newline(mut text: String) -> Vec<u8> {
    if text.ends_with('\n') {
        text.pop();
    }
    text.into_bytes()
}

/// Helm puts the text of an error into the map.
fn with_error<E: ToString>(map: Map, error: Option<E>) -> Map {
    match error {
        None => map,
        Some(error) => {
            let mut entries = (*map.snapshot()).clone();
            entries.insert(Str::from("Error"), Value::from(error.to_string()));
            Map::new(entries)
        }
    }
}

/// An error of an encoder: Go's text, and the limit that was reached if that is why.
trait EncoderError: ToString {
    fn limit(&self) -> Option<LimitError>;
}

impl EncoderError for EncodeError {
    fn limit(&self) -> Option<LimitError> {
        match self {
            EncodeError::TooLarge => Some(LimitError {
                kind: LimitKind::Bytes,
                limit: MAX_TEXT as u64,
            }),
            EncodeError::TooDeep(limit) => Some(limit.clone()),
            EncodeError::UnsupportedValue(_) | EncodeError::Unsupported(_) => None,
        }
    }
}

impl EncoderError for toml::EncodeError {
    fn limit(&self) -> Option<LimitError> {
        match self {
            toml::EncodeError::TooLarge => Some(LimitError {
                kind: LimitKind::Bytes,
                limit: MAX_TEXT as u64,
            }),
            toml::EncodeError::TooDeep(limit) => Some(limit.clone()),
            toml::EncodeError::Unsupported(_) | toml::EncodeError::Panic(_) => None,
        }
    }
}

impl EncoderError for WriteError {
    fn limit(&self) -> Option<LimitError> {
        match self {
            WriteError::NotJson(error) => error.limit(),
            WriteError::Unreadable(_) => None,
        }
    }
}

fn swallow<E: EncoderError>(frame: &mut Frame<'_>, encoded: Result<Vec<u8>, E>) -> Result<Str, FuncError> {
    match encoded {
        Ok(text) => finish(frame, text),
        Err(error) => error
            .limit()
            .map_or_else(|| Ok(Str::default()), |limit| Err(limit.into())),
    }
}

fn must<E: EncoderError>(
    frame: &mut Frame<'_>,
    encoded: Result<Vec<u8>, E>,
    failure: fn(String) -> FuncError,
) -> Result<Str, FuncError> {
    match encoded {
        Ok(text) => finish(frame, text),
        Err(error) => Err(error
            .limit()
            .map_or_else(|| failure(error.to_string()), FuncError::from)),
    }
}

fn finish(frame: &mut Frame<'_>, text: Vec<u8>) -> Result<Str, FuncError> {
    charge::text(frame, text.len())?;
    Ok(Str::from(text))
}
