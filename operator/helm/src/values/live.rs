//! Looking into live values: tables, paths, copies.
//!
//! Mirrors the lookups of `pkg/chart/common/values.go` and the deep copy of `internal/copystructure`.

use gotemplate::value::Entries;
use gotemplate::{List, Map, MapType, Method, Str, Type, Value};

/// A table is a `map[string]interface {}`, nothing else.
pub(crate) fn as_table(value: &Value) -> Option<&Map> {
    value
        .as_map()
        .filter(|map| !map.is_named() && *map.entry_type() == Type::Any)
}

/// Why a path leads nowhere; Helm's texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    #[error("{} is not a table", crate::text::go_quote(.0))]
    NoTable(String),
    #[error("{} is not a value", crate::text::go_quote(.0))]
    NoValue(String),
}

/// The table at a dotted path (`Values.Table`).
pub(crate) fn table(values: &Map, path: &str) -> Result<Map, PathError> {
    let mut table = values.clone();
    for name in path.split('.') {
        table = match table.get(name) {
            Some(Value::Map(map)) if as_table(&Value::Map(map.clone())).is_some() || map.is_named() => map,
            _ => return Err(PathError::NoTable(name.to_owned())),
        };
    }
    Ok(table)
}

/// The value at a dotted path, if it is no table (`Values.PathValue`).
pub(crate) fn path_value(values: &Map, path: &str) -> Result<Value, PathError> {
    let (table, key) = match path.rsplit_once('.') {
        Some((parents, key)) => (
            self::table(values, parents).map_err(|_| PathError::NoValue(key.to_owned()))?,
            key,
        ),
        None => (values.clone(), path),
    };
    match table.get(key) {
        Some(value) if as_table(&value).is_none() => Ok(value),
        _ => Err(PathError::NoValue(key.to_owned())),
    }
}

/// A deep copy. Maps that are shared in the original are separate in the copy, as upstream.
pub(crate) fn copy_map(map: &Map) -> Map {
    let entries: Entries = map
        .snapshot()
        .iter()
        .map(|(key, value)| (key.clone(), copy(value)))
        .collect();
    Map::typed(map.entry_type().clone(), entries)
}

fn copy(value: &Value) -> Value {
    match value {
        Value::Map(map) => Value::Map(copy_map(map)),
        Value::List(list) => {
            // Lists cannot be changed in place; only the maps in them must be copied.
            if list
                .items()
                .iter()
                .any(|item| matches!(item, Value::Map(_) | Value::List(_)))
            {
                let items = list.items().iter().map(copy).collect();
                Value::List(List::typed(list.item_type().clone(), items))
            } else {
                value.clone()
            }
        }
        Value::Nil
        | Value::Bool(_)
        | Value::Int(..)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::Object(_) => value.clone(),
    }
}

/// Live values from plain ones.
pub(crate) fn from_data(values: &serde_json::Map<String, crate::Data>) -> Map {
    values
        .iter()
        .map(|(key, value)| (key.as_str(), crate::data::to_value(value)))
        .collect()
}

/// Writes into a map that is known not to be a nil map.
pub(crate) fn set(map: &Map, key: impl Into<gotemplate::Str>, value: impl Into<Value>) {
    let written = map.insert(key, value);
    debug_assert!(written, "tables are never nil maps");
}

/// The type of `.Values`, with the methods that templates can call (`pkg/chart/common/values.go`).
pub(crate) static VALUES: MapType = MapType {
    name: "common.Values",
    method: values_method,
};

fn values_method(values: Map, name: &str) -> Option<Method> {
    match name {
        "AsMap" => Some(Method::new(move || {
            if values.is_empty() {
                Map::default()
            } else {
                values.plain()
            }
        })),
        "Table" => Some(Method::new(move |path: Str| {
            table(&values, &path.to_str_lossy())
                .map(|table| named(&table))
                .map_err(|error| error.to_string())
        })),
        "PathValue" => Some(Method::new(move |path: Str| {
            if path.is_empty() {
                return Err("YAML path cannot be empty".to_owned());
            }
            path_value(&values, &path.to_str_lossy()).map_err(|error| error.to_string())
        })),
        "YAML" => Some(Method::new(move || {
            let values = Value::Map(values.clone());
            crate::yaml::value_to_string(&values, gotemplate::format::MAX_TEXT)
                .map_err(|error| error.to_string())
        })),
        _ => None,
    }
}

/// The same map under the type of `.Values`.
pub(crate) fn named(map: &Map) -> Map {
    map.with_type(&VALUES)
}
