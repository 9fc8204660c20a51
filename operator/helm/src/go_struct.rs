//! YAML into Go structs: what `sigs.k8s.io/yaml` makes of a document when it knows the wanted type.
//!
//! Scalars become text where text is wanted (`1.10` gives `1.1`, `yes` gives `true`), names of fields match in any case,
//! unknown fields are dropped, and the first value of a wrong type is an error with Go's text. The result is plain data
//! of exactly the wanted shape, with the wanted field names; nulls are kept where Go could tell them apart.
//!
//! Mirrors `convertToJSONableObject` of `sigs.k8s.io/yaml` 1.6 and the decoder of `encoding/json`.

use serde_json::Map;

use crate::Data;
use crate::yaml::{Tree, YamlError};

/// A wanted Go type.
#[derive(Debug)]
pub(crate) enum Shape {
    /// `interface {}`
    Any,
    /// `string`
    Text,
    /// `bool`
    Bool,
    /// `time.Time`, kept as text.
    Time,
    /// `map[string]string`
    TextMap,
    /// A list; with Go's text of the list type.
    List(&'static Shape, &'static str),
    /// A struct, or a pointer to one.
    Struct(&'static Struct),
}

/// A struct type.
#[derive(Debug)]
pub(crate) struct Struct {
    /// The name in error messages; empty for an anonymous type.
    pub(crate) name: &'static str,
    /// Go's text of the type.
    pub(crate) go_type: &'static str,
    /// The JSON names of the fields.
    pub(crate) fields: &'static [(&'static str, Shape)],
}

/// Decodes a document. `Data::Null` when there is none.
pub(crate) fn decode(text: &[u8], shape: &Shape) -> Result<Data, YamlError> {
    // The whole document is checked, but only the wanted fields are built.
    let tree = match shape {
        Shape::Struct(wanted) => {
            let names: Vec<&str> = wanted.fields.iter().map(|(name, _)| *name).collect();
            crate::yaml::parse_tree_fields(text, &names)?
        }
        _ => crate::yaml::parse_tree(text)?,
    };
    decode_tree(&tree, shape)
}

/// Decodes a tree.
fn decode_tree(tree: &Tree, shape: &Shape) -> Result<Data, YamlError> {
    let data = convert(tree, Some(shape))?;
    let mut decoder = Decoder {
        structs: Vec::new(),
        fields: Vec::new(),
        error: None,
    };
    let decoded = decoder.value(data, shape);
    match decoder.error {
        Some(error) => Err(YamlError::Shape(error)),
        None => Ok(decoded.unwrap_or(Data::Null)),
    }
}

/// From the tree to JSON, with scalars as text where the shape wants text.
fn convert(tree: &Tree, shape: Option<&Shape>) -> Result<Data, YamlError> {
    match tree {
        Tree::Map(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                let key = key.key_text(value)?;
                let inner = match shape {
                    Some(Shape::Struct(wanted)) => field(wanted, &key).map(|(_, shape)| shape),
                    Some(Shape::TextMap) => Some(&Shape::Text),
                    Some(Shape::Any | Shape::Text | Shape::Bool | Shape::Time | Shape::List(..)) | None => {
                        None
                    }
                };
                map.insert(key, convert(value, inner)?);
            }
            Ok(Data::Object(map))
        }
        Tree::List(items) => {
            let inner = match shape {
                Some(Shape::List(inner, _)) => Some(*inner),
                _ => None,
            };
            items
                .iter()
                .map(|item| convert(item, inner))
                .collect::<Result<_, _>>()
                .map(Data::Array)
        }
        scalar => match shape {
            Some(Shape::Text) => match scalar.scalar_text() {
                Some(text) => Ok(Data::String(text)),
                None => scalar.to_data(),
            },
            _ => scalar.to_data(),
        },
    }
}

/// The field a key goes to: the one of that name, else the first that differs only in case.
fn field<'s>(wanted: &'s Struct, key: &str) -> Option<(&'static str, &'s Shape)> {
    let exact = wanted.fields.iter().find(|(name, _)| *name == key);
    let folded = || wanted.fields.iter().find(|(name, _)| fold(name) == fold(key));
    exact.or_else(folded).map(|(name, shape)| (*name, shape))
}

/// Go's `foldName`: case, and the two characters outside ASCII that fold into it.
fn fold(name: &str) -> String {
    name.chars()
        .map(|character| match character {
            'ſ' => 'S',
            '\u{212A}' => 'K',
            _ => character.to_ascii_uppercase(),
        })
        .collect()
}

/// The decoder of `encoding/json`, as far as it shows.
struct Decoder {
    structs: Vec<&'static str>,
    fields: Vec<&'static str>,
    /// The first error; decoding goes on after it.
    error: Option<String>,
}

impl Decoder {
    /// The value as the shape has it; `None` leaves what was there before.
    fn value(&mut self, data: Data, shape: &Shape) -> Option<Data> {
        match (shape, data) {
            (Shape::Any, data)
            | (Shape::Text, data @ Data::String(_))
            | (Shape::Bool, data @ Data::Bool(_))
            | (Shape::List(..) | Shape::Struct(_) | Shape::TextMap, data @ Data::Null) => Some(data),
            (Shape::Text | Shape::Bool | Shape::Time, Data::Null) => None,
            (Shape::Time, Data::String(text)) => {
                if text.parse::<jiff::Timestamp>().is_err() {
                    let quoted = crate::text::go_quote(&text);
                    let layout = "2006-01-02T15:04:05Z07:00";
                    self.fail(format!(
                        "parsing time {quoted} as \"{layout}\": cannot parse {quoted} as \"2006\""
                    ));
                }
                Some(Data::String(text))
            }
            (Shape::Time, _) => {
                self.fail("Time.UnmarshalJSON: input is not a JSON string".to_owned());
                None
            }
            (Shape::TextMap, Data::Object(entries)) => {
                let mut map = Map::new();
                for (key, value) in entries {
                    let value = self
                        .value(value, &Shape::Text)
                        .unwrap_or_else(|| Data::String(String::new()));
                    map.insert(key, value);
                }
                Some(Data::Object(map))
            }
            (Shape::List(inner, _), Data::Array(items)) => {
                let missing = || {
                    if matches!(inner, Shape::Text) {
                        Data::String(String::new())
                    } else {
                        Data::Null
                    }
                };
                Some(
                    items
                        .into_iter()
                        .map(|item| self.value(item, inner).unwrap_or_else(missing))
                        .collect(),
                )
            }
            (Shape::Struct(wanted), Data::Object(entries)) => {
                let mut map = Map::new();
                for (key, value) in entries {
                    let Some((name, shape)) = field(wanted, &key) else {
                        continue;
                    };
                    self.structs.push(wanted.name);
                    self.fields.push(name);
                    let value = self.value(value, shape);
                    self.structs.pop();
                    self.fields.pop();
                    if let Some(value) = value {
                        map.insert(name.to_owned(), value);
                    }
                }
                Some(Data::Object(map))
            }
            (Shape::Text | Shape::Bool | Shape::List(..) | Shape::Struct(_) | Shape::TextMap, data) => {
                let found = crate::values::json_kind(&data);
                let wanted = match shape {
                    Shape::Any => "interface {}",
                    Shape::Text => "string",
                    Shape::Bool => "bool",
                    Shape::Time => "time.Time",
                    Shape::TextMap => "map[string]string",
                    Shape::List(_, go_type) => go_type,
                    Shape::Struct(wanted) => wanted.go_type,
                };
                let place = match self.structs.last() {
                    Some(name) => format!("struct field {name}.{}", self.fields.join(".")),
                    None => "value".to_owned(),
                };
                self.fail(format!(
                    "json: cannot unmarshal {found} into Go {place} of type {wanted}"
                ));
                None
            }
        }
    }

    fn fail(&mut self, error: String) {
        self.error.get_or_insert(error);
    }
}
