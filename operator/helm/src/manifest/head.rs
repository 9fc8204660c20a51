//! The head of a document: the few fields by which Helm sorts (`SimpleHead` in `manifest.go`).

use std::collections::BTreeMap;

use crate::Data;
use crate::go_struct::{Shape, Struct, decode};
use crate::yaml::YamlError;

/// What Helm reads of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// `apiVersion`; may be empty.
    pub api_version: String,
    /// `kind`; may be empty.
    pub kind: String,
    /// `metadata.name`; may be empty.
    pub name: String,
    /// `metadata.annotations`; scalars are text here.
    pub annotations: BTreeMap<String, String>,
}

const HEAD: Shape = Shape::Struct(&Struct {
    name: "SimpleHead",
    go_type: "util.SimpleHead",
    fields: &[
        ("apiVersion", Shape::Text),
        ("kind", Shape::Text),
        (
            "metadata",
            Shape::Struct(&Struct {
                name: "",
                go_type: concat!(
                    "struct { Name string \"json:\\\"name\\\"\"; ",
                    "Annotations map[string]string \"json:\\\"annotations\\\"\" }"
                ),
                fields: &[("name", Shape::Text), ("annotations", Shape::TextMap)],
            }),
        ),
    ],
});

impl Head {
    /// Reads a document. The whole document must be YAML, and its head of the right types.
    pub fn read(document: &[u8]) -> Result<Self, YamlError> {
        let mut data = decode(document, &HEAD)?;
        let text = |value: Option<&mut Data>| match value.map(Data::take) {
            Some(Data::String(text)) => text,
            _ => String::new(),
        };
        let mut head = Self {
            api_version: text(data.get_mut("apiVersion")),
            kind: text(data.get_mut("kind")),
            name: text(data.pointer_mut("/metadata/name")),
            annotations: BTreeMap::new(),
        };
        if let Some(Data::Object(annotations)) = data.pointer_mut("/metadata/annotations").map(Data::take) {
            head.annotations = annotations
                .into_iter()
                .map(|(key, value)| match value {
                    Data::String(value) => (key, value),
                    _ => (key, String::new()),
                })
                .collect();
        }
        Ok(head)
    }
}
