//! Values: reading them, laying them over each other, and finding things in them.
//!
//! Three steps, in the order in which a render takes them: user values are gathered from files and flags ([`user`]),
//! the defaults of a chart are read ([`parse_values`]), and both are coalesced for the chart and its subcharts
//! ([`coalesce`]). Gathered values are plain [`Data`]; coalescing works on live maps, because Helm's result shares
//! maps between parents and children and templates can see that.

pub(crate) mod coalesce;
pub(crate) mod live;
pub mod user;
#[cfg(test)]
mod tests;

use serde_json::Map;

use crate::Data;
use crate::yaml::{self, YamlError};

/// Why values could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValuesError {
    /// Text follows a document separator on its line.
    #[error("error reading yaml document: invalid Yaml document separator: {0}")]
    Separator(String),
    /// A document is malformed, or is no map.
    #[error("cannot unmarshal yaml document: {0}")]
    Document(YamlError),
}

/// Reads values.yaml or a values file: YAML documents that are laid over each other.
///
/// Mirrors `LoadValues` in `pkg/chart/v2/loader/load.go` and the document reader of `k8s.io/apimachinery`, of which one
/// fault is kept: an unterminated last line whose length is a multiple of 4096 is lost.
pub fn parse_values(text: &[u8]) -> Result<Map<String, Data>, ValuesError> {
    let mut values = Map::new();
    for document in documents(text)? {
        match yaml::parse(&document).map_err(ValuesError::Document)? {
            Data::Object(map) => values = merge_maps(values, map),
            Data::Null => {}
            other => {
                let found = json_kind(&other);
                return Err(ValuesError::Document(YamlError::Shape(format!(
                    "json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"
                ))));
            }
        }
    }
    Ok(values)
}

/// Lays `over` on `base`: maps are merged, everything else of `over` wins, null included (`MergeMaps`).
pub fn merge_maps(mut base: Map<String, Data>, over: Map<String, Data>) -> Map<String, Data> {
    for (key, value) in over {
        let merged = match (base.remove(&key), value) {
            (Some(Data::Object(below)), Data::Object(above)) => Data::Object(merge_maps(below, above)),
            (_, value) => value,
        };
        base.insert(key, merged);
    }
    base
}

/// The name that Go's JSON decoder gives to a value in its errors.
pub(crate) fn json_kind(value: &Data) -> &'static str {
    match value {
        Data::Null => "null",
        Data::Bool(_) => "bool",
        Data::Number(_) => "number",
        Data::String(_) => "string",
        Data::Array(_) => "array",
        Data::Object(_) => "object",
    }
}

/// The buffer of Go's line reader.
const GO_BUFFER_BYTES: usize = 4096;

/// Cuts a stream at lines of `---` that hold nothing else but a comment.
fn documents(text: &[u8]) -> Result<Vec<Vec<u8>>, ValuesError> {
    let mut documents = Vec::new();
    let mut current: Vec<u8> = Vec::new();
    let mut lines = text.split(|&byte| byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        if lines.peek().is_none() && (line.is_empty() || line.len() % GO_BUFFER_BYTES == 0) {
            break;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(rest) = line.strip_prefix(b"---") {
            let rest = String::from_utf8_lossy(rest);
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err(ValuesError::Separator(rest.to_owned()));
            }
            if !current.is_empty() {
                documents.push(std::mem::take(&mut current));
                continue;
            }
        }
        current.extend_from_slice(line);
        current.push(b'\n');
    }
    if !current.is_empty() {
        documents.push(current);
    }
    Ok(documents)
}
