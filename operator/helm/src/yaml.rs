//! YAML the way Helm reads and writes it.
//!
//! Helm uses `sigs.k8s.io/yaml` 1.6: reading goes from YAML 1.1 (`go.yaml.in/yaml/v2`) to JSON to Go values, writing the
//! same way back. Both have rules of their own, down to the texts of errors, which this module follows:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let data = helm::yaml::parse(b"port: 0x50\nenabled: yes\nimage: &i {tag: '1.0'}\nsidecar: *i")?;
//! assert_eq!(data["port"], 80.0);
//! assert_eq!(data["enabled"], true);
//! assert_eq!(helm::yaml::to_string(&data["sidecar"])?, "tag: \"1.0\"\n");
//!
//! let error = helm::yaml::parse(b"a: 1\nb: c: d").unwrap_err();
//! assert_eq!(error.to_string(), "error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context");
//! # Ok(())
//! # }
//! ```
//!
//! Text becomes values in the steps `input` (characters), `scanner` (tokens), `parser` (events), `compose` (nodes) and
//! `decode` (values); `emit` goes the other way. Our own files (CRDs, test cases) do not come here.

mod build;
mod chars;
mod compose;
mod cursor;
mod decode;
pub mod documents;
mod emit;
mod error;
mod go_tree;
mod input;
pub(crate) mod order;
mod parser;
mod pretty;
mod resolve;
mod scanner;
mod timestamp;
mod write;

pub use compose::MAX_DEPTH;
pub use decode::Duplicates;
pub use error::{WriteError, YamlError};

pub(crate) use go_tree::GoTree as Tree;

use gotemplate::{List, Map, Value};

use crate::data::Data;
use crate::json::mismatch;
use compose::{Composer, Document};
use input::Input;

/// Reads the first document of `text`, as `yaml.Unmarshal` into an `interface{}` does. No document is null.
///
/// Every number is an `f64`, every key a string; of equal keys the last wins.
pub fn parse(text: &[u8]) -> Result<Data, YamlError> {
    with_document(text, |document| build::data(document, Duplicates::LastWins))
}

/// Reads the first document of `text`; keys that occur twice are an error (`yaml.UnmarshalStrict`).
pub fn parse_strict(text: &[u8]) -> Result<Data, YamlError> {
    with_document(text, |document| build::data(document, Duplicates::Refuse))
}

/// Reads the first document of `text` as a live value.
pub fn parse_value(text: &[u8]) -> Result<Value, YamlError> {
    with_document(text, build::value)
}

/// Reads the first document of `text`, which has to be a mapping: `yaml.Unmarshal` into a `map[string]interface {}`.
/// No document and null are an empty map.
pub fn parse_map(text: &[u8]) -> Result<Map, YamlError> {
    match parse_value(text)? {
        Value::Map(map) => Ok(map),
        Value::Nil => Ok(Map::default()),
        other => Err(YamlError::Shape(mismatch(&other, "map[string]interface {}"))),
    }
}

/// Reads the first document of `text`, which has to be a sequence: `yaml.Unmarshal` into a `[]interface {}`. No document
/// and null are an empty list.
pub fn parse_list(text: &[u8]) -> Result<List, YamlError> {
    match parse_value(text)? {
        Value::List(list) => Ok(list),
        Value::Nil => Ok(List::new(Vec::new())),
        other => Err(YamlError::Shape(mismatch(&other, "[]interface {}"))),
    }
}

/// Reads the first document of `text` with the types that YAML gives to its keys and scalars. No document is nil.
pub(crate) fn parse_tree(text: &[u8]) -> Result<Tree, YamlError> {
    with_document(text, |document| build::go_tree(document, Duplicates::LastWins))
}

/// Like [`parse_tree`], but of a mapping only the entries with these keys (in any case) have to be there.
///
/// For who wants little of a large document. All of it is still checked: an error that [`parse_tree`] would give is given.
pub(crate) fn parse_tree_fields(text: &[u8], names: &[&str]) -> Result<Tree, YamlError> {
    with_document(text, |document| build::fields(document, names))
}

fn with_document<T>(
    text: &[u8],
    read: impl FnOnce(&Document<'_>) -> Result<T, YamlError>,
) -> Result<T, YamlError> {
    let input = Input::new(text);
    let document = Composer::new(&input).next_document()?;
    read(&document.unwrap_or(Document { nodes: Vec::new() }))
}

/// Writes data as `yaml.Marshal` does, ending with a line break.
///
/// # Errors
/// [`WriteError::Unreadable`] for text with characters that YAML does not allow (such as DEL), since `sigs.k8s.io/yaml`
/// reads its own JSON as YAML.
pub fn to_string(data: &Data) -> Result<String, WriteError> {
    write::write_data(data)
}

/// Writes a live value as `yaml.Marshal` does, ending with a line break. Texts of more than `max_bytes` are refused.
///
/// # Errors
/// As [`to_string`], and [`WriteError::NotJson`] for what JSON has no form for.
pub fn value_to_string(value: &Value, max_bytes: usize) -> Result<String, WriteError> {
    write::write_value(value, max_bytes)
}

/// Writes a live value as the encoder of `go.yaml.in/yaml/v3` with an indentation of two does, ending with a line break.
/// Texts of more than `max_bytes` are refused.
pub fn value_to_string_pretty(value: &Value, max_bytes: usize) -> Result<String, WriteError> {
    pretty::write_value(value, max_bytes)
}
