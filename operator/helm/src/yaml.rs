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
mod emit;
mod error;
mod go_tree;
mod input;
pub(crate) mod order;
mod parser;
mod resolve;
mod scanner;
mod timestamp;
mod write;

pub use compose::MAX_DEPTH;
pub use decode::Duplicates;
pub use error::{WriteError, YamlError};

use crate::data::Data;
use compose::{Composer, Document};
use input::Input;

/// Reads the first document of `text`, as `yaml.Unmarshal` into an `interface{}` does. No document is null.
///
/// Every number is an `f64`, every key a string; of equal keys the last wins.
pub fn parse(text: &[u8]) -> Result<Data, YamlError> {
    parse_with(text, Duplicates::LastWins)
}

/// Reads the first document of `text`; keys that occur twice are an error (`yaml.UnmarshalStrict`).
pub fn parse_strict(text: &[u8]) -> Result<Data, YamlError> {
    parse_with(text, Duplicates::Refuse)
}

fn parse_with(text: &[u8], duplicates: Duplicates) -> Result<Data, YamlError> {
    with_document(text, |document| build::data(document, duplicates))
}

fn with_document<T>(text: &[u8], read: impl FnOnce(&Document<'_>) -> Result<T, YamlError>) -> Result<T, YamlError> {
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
