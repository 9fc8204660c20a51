//! TOML the way `github.com/BurntSushi/toml` 1.6 reads and writes it, which `fromToml` and `toToml` use.
//!
//! Reading has rules of its own, down to the texts of errors and the keys they name. Dates and times become Go times.
//! Writing puts plain keys before tables, indents tables by two blanks a level, and has Go's forms of numbers.

mod encode;
mod key;
mod lex;
mod number;
mod parse;
mod string;
mod table;

use gotemplate::{LimitError, Map, Value};

/// Why TOML cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("toml: line {line}{}: {message}", last_key_text(.last_key))]
pub struct DecodeError {
    /// The line, counted from 1. Some errors name the line before, as in Go, so that it can be 0.
    pub line: i64,
    /// The key that was read last; may be empty.
    pub last_key: String,
    /// What is wrong.
    pub message: String,
}

fn last_key_text(key: &str) -> String {
    if key.is_empty() {
        return String::new();
    }
    format!(
        " (last key {})",
        crate::json::go_lossy(&gotemplate::strconv::quote(key.as_bytes()))
    )
}

/// Why a value cannot be written as TOML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The value has no TOML form; the encoder's text.
    #[error("{0}")]
    Unsupported(String),
    /// Go panics; the text of the panic.
    #[error("{0}")]
    Panic(&'static str),
    /// The text would exceed the allowed number of bytes. Go has no limit.
    #[error("toml: value is too large")]
    TooLarge,
    /// The value is nested deeper than the stack allows. Go has no limit.
    #[error(transparent)]
    TooDeep(LimitError),
}

/// Reads a document: `toml.Unmarshal` into an empty `map[string]interface {}`. Integers are `int64`.
///
/// `now` tells the zone of the process, which times without an offset are in.
pub fn decode(text: &[u8], now: &jiff::ZonedDateTime) -> Result<Map, DecodeError> {
    parse::document(text, now)
}

/// Writes a value: `toml.Marshal`. Texts of more than `max_bytes` are refused.
pub fn encode(value: &Value, max_bytes: usize) -> Result<Vec<u8>, EncodeError> {
    encode::document(value, max_bytes)
}
