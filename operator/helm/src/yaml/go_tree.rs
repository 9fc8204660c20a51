//! A document as Go holds it between YAML and JSON: keys keep their types.
//!
//! Built only where that matters: for error texts that print a value in Go syntax, and where a wanted type decides how a
//! scalar becomes text.

use std::cmp::Ordering;
use std::fmt::Write as _;

use super::decode::Build;
use super::error::YamlError;
use super::resolve::Scalar;
use crate::data::{self, Data};
use crate::json::go_lossy;
use crate::json::number::{format_g, format_g32};

/// `interface{}` as `go.yaml.in/yaml/v2` fills it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum GoTree {
    Nil,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    /// Bytes, since `!!binary` may hold anything.
    Str(Vec<u8>),
    List(Vec<GoTree>),
    /// Sorted by [`GoTree::order`], without duplicates.
    Map(Vec<(GoTree, GoTree)>),
}

impl From<&Scalar<'_>> for GoTree {
    fn from(scalar: &Scalar<'_>) -> Self {
        match scalar {
            Scalar::Null => Self::Nil,
            Scalar::Bool(value) => Self::Bool(*value),
            Scalar::Int(value) => Self::Int(*value),
            Scalar::Uint(value) => Self::Uint(*value),
            Scalar::Float(value) => Self::Float(*value),
            Scalar::Str(value) => Self::Str(value.as_bytes().to_vec()),
            Scalar::Bytes(value) => Self::Str(value.clone()),
        }
    }
}

impl GoTree {
    /// The order in which Go prints keys: by type, then by value. NaN equals nothing, not even itself.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Uint(a), Self::Uint(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => {
                a.partial_cmp(b)
                    .unwrap_or_else(|| match (a.is_nan(), b.is_nan()) {
                        (false, true) => Ordering::Greater,
                        (_, _) => Ordering::Less,
                    })
            }
            (Self::Str(a), Self::Str(b)) => a.cmp(b),
            _ => self.type_rank().cmp(&other.type_rank()),
        }
    }

    /// Go orders types by where they lie in memory. This is how the Go 1.26 linker lays them out, also in helm 4.2.4.
    fn type_rank(&self) -> u8 {
        match self {
            Self::Nil => 0,
            Self::Str(_) => 1,
            Self::Uint(_) => 2,
            Self::Int(_) => 3,
            Self::Float(_) => 4,
            Self::Bool(_) => 5,
            Self::List(_) => 6,
            Self::Map(_) => 7,
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            // `%s` of a nil `reflect.Type`.
            Self::Nil => "%!s(<nil>)",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint64",
            Self::Float(_) => "float64",
            Self::Str(_) => "string",
            Self::List(_) => "[]interface {}",
            Self::Map(_) => "map[interface {}]interface {}",
        }
    }

    /// The text that `sigs.k8s.io/yaml` makes of a key; null and integers beyond `int64` are errors, which tell the value.
    pub(crate) fn key_text(&self, value: &Self) -> Result<String, YamlError> {
        match self {
            Self::Bool(value) => Ok(value.to_string()),
            Self::Int(value) => Ok(value.to_string()),
            Self::Float(value) => Ok(float_key(*value)),
            Self::Str(bytes) => Ok(go_lossy(bytes).into_owned()),
            Self::Nil | Self::Uint(_) | Self::List(_) | Self::Map(_) => {
                let (kind, key, value) = (self.type_name(), top_go_syntax(self), top_go_syntax(value));
                Err(YamlError::NotJson(format!(
                    "unsupported map key of type: {kind}, key: {key}, value: {value}"
                )))
            }
        }
    }

    /// The text of a scalar where text is wanted, as `sigs.k8s.io/yaml` makes it; `None` for null and collections.
    pub(crate) fn scalar_text(&self) -> Option<String> {
        match self {
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(value) => Some(value.to_string()),
            Self::Uint(value) => Some(value.to_string()),
            Self::Float(value) => Some(format_g32(*value)),
            Self::Str(bytes) => Some(go_lossy(bytes).into_owned()),
            Self::Nil | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// The plain data that comes out of the way through JSON.
    pub(crate) fn to_data(&self) -> Result<Data, YamlError> {
        self.check_json()?;
        Ok(self.to_data_unchecked())
    }

    fn to_data_unchecked(&self) -> Data {
        match self {
            Self::Nil => Data::Null,
            Self::Bool(value) => Data::Bool(*value),
            Self::Int(value) => data::float(*value as f64),
            Self::Uint(value) => data::float(*value as f64),
            Self::Float(value) => data::float(*value),
            Self::Str(bytes) => Data::String(go_lossy(bytes).into_owned()),
            Self::List(items) => items.iter().map(Self::to_data_unchecked).collect(),
            Self::Map(entries) => {
                let map: serde_json::Map<_, _> = entries
                    .iter()
                    .filter_map(|(key, value)| Some((key.key_text(value).ok()?, value.to_data_unchecked())))
                    .collect();
                Data::Object(map)
            }
        }
    }

    /// The error that the conversion to JSON would give: first for keys anywhere, then for numbers.
    pub(super) fn check_json(&self) -> Result<(), YamlError> {
        self.check_keys()?;
        self.check_numbers()
    }

    fn check_keys(&self) -> Result<(), YamlError> {
        match self {
            Self::List(items) => items.iter().try_for_each(Self::check_keys),
            Self::Map(entries) => entries.iter().try_for_each(|(key, value)| {
                key.key_text(value)?;
                value.check_keys()
            }),
            Self::Nil | Self::Bool(_) | Self::Int(_) | Self::Uint(_) | Self::Float(_) | Self::Str(_) => {
                Ok(())
            }
        }
    }

    fn check_numbers(&self) -> Result<(), YamlError> {
        match self {
            Self::Float(value) if !value.is_finite() => Err(YamlError::NotJson(format!(
                "json: unsupported value: {}",
                format_g(*value)
            ))),
            Self::List(items) => items.iter().try_for_each(Self::check_numbers),
            Self::Map(entries) => {
                // JSON objects are written by ascending key text.
                let mut by_text: Vec<_> = entries
                    .iter()
                    .filter_map(|(key, value)| Some((key.key_text(value).ok()?, value)))
                    .collect();
                by_text.sort_by(|a, b| a.0.cmp(&b.0));
                by_text
                    .into_iter()
                    .try_for_each(|(_, value)| value.check_numbers())
            }
            Self::Nil | Self::Bool(_) | Self::Int(_) | Self::Uint(_) | Self::Float(_) | Self::Str(_) => {
                Ok(())
            }
        }
    }
}

/// The text of a floating-point key: Go formats it with the precision of 32 bits.
pub(super) fn float_key(value: f64) -> String {
    match format_g32(value).as_str() {
        "+Inf" => ".inf".to_owned(),
        "-Inf" => "-.inf".to_owned(),
        "NaN" => ".nan".to_owned(),
        text => text.to_owned(),
    }
}

/// Builds a [`GoTree`].
pub(super) struct Builder;

impl Build for Builder {
    type Value = GoTree;
    type Map = Vec<(GoTree, GoTree)>;

    fn scalar(&mut self, scalar: Scalar<'_>) -> GoTree {
        GoTree::from(&scalar)
    }

    fn list(&mut self, items: Vec<GoTree>) -> GoTree {
        GoTree::List(items)
    }

    fn new_map(&mut self) -> Self::Map {
        Vec::new()
    }

    fn insert(&mut self, map: &mut Self::Map, key: Scalar<'_>, value: GoTree) {
        let key = GoTree::from(&key);
        match map.binary_search_by(|(known, _)| known.order(&key)) {
            Ok(at) => {
                if let Some(entry) = map.get_mut(at) {
                    entry.1 = value;
                }
            }
            Err(at) => map.insert(at, (key, value)),
        }
    }

    fn map(&mut self, map: Self::Map) -> GoTree {
        GoTree::Map(map)
    }
}

/// `%#v` of a value inside of an `interface{}`.
pub(super) fn go_syntax(tree: &GoTree) -> String {
    let mut out = String::new();
    write_go_syntax(&mut out, tree);
    out
}

/// `%#v` of an operand: a nil interface prints without its type.
pub(super) fn top_go_syntax(tree: &GoTree) -> String {
    match tree {
        GoTree::Nil => "<nil>".to_owned(),
        _ => go_syntax(tree),
    }
}

fn write_go_syntax(out: &mut String, tree: &GoTree) {
    match tree {
        GoTree::Nil => out.push_str("interface {}(nil)"),
        GoTree::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        GoTree::Int(value) => out.push_str(&value.to_string()),
        GoTree::Uint(value) => {
            // Writing to a string does not fail.
            let _ = write!(out, "{value:#x}");
        }
        GoTree::Float(value) => out.push_str(&format_g(*value)),
        GoTree::Str(bytes) => out.push_str(&go_lossy(&gotemplate::strconv::quote(bytes))),
        GoTree::List(items) => {
            out.push_str("[]interface {}{");
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_go_syntax(out, item);
            }
            out.push('}');
        }
        GoTree::Map(entries) => {
            out.push_str("map[interface {}]interface {}{");
            for (index, (key, value)) in entries.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_go_syntax(out, key);
                out.push(':');
                write_go_syntax(out, value);
            }
            out.push('}');
        }
    }
}
