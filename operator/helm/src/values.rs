//! Values: reading them, laying them over each other, and finding things in them.
//!
//! Three steps, in the order in which a render takes them: user values are gathered from files and flags ([`user`]),
//! the defaults of a chart are read ([`parse_values`]), and both are coalesced for the chart and its subcharts
//! ([`coalesce`]). Gathered values are plain [`Data`]; coalescing works on live maps, because Helm's result shares
//! maps between parents and children and templates can see that.

pub(crate) mod coalesce;
pub(crate) mod live;
pub mod user;

use serde_json::Map;

use crate::Data;
use crate::yaml::documents::{self, SeparatorError};
use crate::yaml::{self, YamlError};

/// Why values could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValuesError {
    /// Text follows a document separator on its line.
    #[error("error reading yaml document: {0}")]
    Separator(SeparatorError),
    /// A document is malformed, or is no map.
    #[error("cannot unmarshal yaml document: {0}")]
    Document(YamlError),
}

/// Reads values.yaml or a values file: YAML documents that are laid over each other.
///
/// Mirrors `LoadValues` in `pkg/chart/v2/loader/load.go`.
pub fn parse_values(text: &[u8]) -> Result<Map<String, Data>, ValuesError> {
    let mut values = Map::new();
    for document in documents::split(text).map_err(ValuesError::Separator)? {
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
