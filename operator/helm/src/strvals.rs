//! The little language of `--set`: `a.b[0]=x,c={1,2}` laid over a map of values.
//!
//! Five dialects share one grammar: typed values, strings only, file contents, JSON values, and the literal one that
//! has no lists, escapes or commas. Mirrors `pkg/strvals/parser.go` and `literal_parser.go`, with their error texts
//! and their corner cases: text that ends in the middle of a path is silently dropped, as Helm does.
//!
//! Bounded: at most [`MAX_NESTED_NAME_LEVEL`] dots in one name, indexes up to [`MAX_INDEX`].
//!
//! ```
//! let mut values = serde_json::Map::new();
//! helm::strvals::parse_into("image.tag=1.2,ports={80,443}", &mut values)?;
//! assert_eq!(serde_json::Value::from(values).to_string(), r#"{"image":{"tag":"1.2"},"ports":[80,443]}"#);
//! # Ok::<(), helm::strvals::StrvalsError>(())
//! ```

mod parser;

use serde_json::Map;

use crate::Data;
use parser::{Dialect, Parser};

/// Highest list index, upstream's `MaxIndex`.
pub const MAX_INDEX: usize = 65_536;
/// Most dots in one name, upstream's `MaxNestedNameLevel`.
pub const MAX_NESTED_NAME_LEVEL: usize = 30;

/// Why a line was refused. The texts are Helm's, less the flag's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StrvalsError {
    /// The text ended. Helm takes this for the end of the line wherever it happens, so callers never see it.
    #[error("EOF")]
    End,
    /// A name is not followed by `=`.
    #[error("key {} has no value", quote(.0))]
    NoValue(String),
    /// A name is followed by `,`.
    #[error("key {} has no value (cannot end with ,)", quote(.0))]
    EndsWithComma(String),
    /// A name with dots leads to nothing.
    #[error("key map {} has no value", quote(.0))]
    MapHasNoValue(String),
    /// What stands between the brackets is no number.
    #[error("error parsing index: {0}")]
    Index(String),
    /// Text between `]` and what must follow it.
    #[error("unexpected data at end of array index: [{}]", runes(.0))]
    AfterIndex(String),
    /// The index is below zero.
    #[error("negative {0} index not allowed")]
    NegativeIndex(i64),
    /// The index is above [`MAX_INDEX`].
    #[error("index of {0} is greater than maximum supported index of {MAX_INDEX}")]
    IndexTooHigh(i64),
    /// More dots than [`MAX_NESTED_NAME_LEVEL`].
    #[error(
        "value name nested level is greater than maximum supported nested level of {MAX_NESTED_NAME_LEVEL}"
    )]
    TooDeep,
    /// A `{` list without its `}`.
    #[error("list must terminate with '}}'")]
    UnterminatedList,
    /// The path goes through a value that is no map or no list. The text is that of Go's panic.
    #[error("unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}")]
    WrongKind {
        /// Go's name of the type that is there.
        found: &'static str,
        /// Go's name of the type that was needed.
        wanted: &'static str,
    },
    /// A JSON value is malformed. Helm does not show this text.
    #[error("invalid JSON value: {0}")]
    Json(String),
    /// The file of a `--set-file` value could not be read.
    #[error("{0}")]
    File(String),
}

/// `--set`: numbers, booleans and null are recognised.
pub fn parse_into(line: &str, values: &mut Map<String, Data>) -> Result<(), StrvalsError> {
    Parser::new(line, Dialect::Typed).run(values)
}

/// `--set-string`: every value is a string.
pub fn parse_into_string(line: &str, values: &mut Map<String, Data>) -> Result<(), StrvalsError> {
    Parser::new(line, Dialect::Strings).run(values)
}

/// `--set-json` in its `key=<json>` form.
pub fn parse_json(line: &str, values: &mut Map<String, Data>) -> Result<(), StrvalsError> {
    Parser::new(line, Dialect::Json).run(values)
}

/// `--set-literal`: all after the first `=` is the value, verbatim.
pub fn parse_literal_into(line: &str, values: &mut Map<String, Data>) -> Result<(), StrvalsError> {
    Parser::new(line, Dialect::Literal).run(values)
}

/// `--set-file`: each value is a name, and what `read` gives for it becomes the value. `read` answers with the
/// content or with the error text to show.
pub fn parse_into_file(
    line: &str,
    values: &mut Map<String, Data>,
    read: &mut dyn FnMut(&str) -> Result<String, String>,
) -> Result<(), StrvalsError> {
    Parser::new(line, Dialect::Files(read)).run(values)
}

/// Go's `%q`.
fn quote(text: &str) -> String {
    crate::text::go_quote(text)
}

/// Go's `%q` of a list of runes, without the brackets.
fn runes(text: &str) -> String {
    text.chars()
        .map(crate::text::go_quote_rune)
        .collect::<Vec<_>>()
        .join(" ")
}
