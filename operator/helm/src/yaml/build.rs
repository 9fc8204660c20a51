//! Building plain data from a document.

use super::compose::Document;
use super::decode::{Build, Duplicates, decode};
use super::error::YamlError;
use super::go_tree::{self, GoTree};
use super::resolve::Scalar;
use crate::data::{self, Data};
use crate::json::go_lossy;

/// The document as plain data.
pub(super) fn data(document: &Document<'_>, duplicates: Duplicates) -> Result<Data, YamlError> {
    let mut builder = DataBuilder { suspicious: false };
    let value = decode(document, duplicates, &mut builder)?;
    if builder.suspicious {
        // A key or number without JSON form was met. Whether it is an error depends on what became of it.
        go_tree(document, duplicates)?.check_json()?;
    }
    Ok(value.unwrap_or(Data::Null))
}

/// The document with the types of its keys.
pub(super) fn go_tree(document: &Document<'_>, duplicates: Duplicates) -> Result<GoTree, YamlError> {
    Ok(decode(document, duplicates, &mut go_tree::Builder)?.unwrap_or(GoTree::Nil))
}

struct DataBuilder {
    /// Something has no JSON form.
    suspicious: bool,
}

impl Build for DataBuilder {
    type Value = Data;
    type Map = serde_json::Map<String, Data>;

    fn scalar(&mut self, scalar: Scalar<'_>) -> Data {
        match scalar {
            Scalar::Null => Data::Null,
            Scalar::Bool(value) => Data::Bool(value),
            Scalar::Int(value) => data::float(value as f64),
            Scalar::Uint(value) => data::float(value as f64),
            Scalar::Float(value) => {
                self.suspicious |= !value.is_finite();
                data::float(value)
            }
            Scalar::Str(value) => Data::String(value.into_owned()),
            Scalar::Bytes(value) => Data::String(go_lossy(&value).into_owned()),
        }
    }

    fn list(&mut self, items: Vec<Data>) -> Data {
        Data::Array(items)
    }

    fn new_map(&mut self) -> Self::Map {
        serde_json::Map::new()
    }

    fn insert(&mut self, map: &mut Self::Map, key: Scalar<'_>, value: Data) {
        let key = match key {
            Scalar::Str(key) => key.into_owned(),
            other => match GoTree::from(&other).key_text() {
                Some(key) => key,
                None => {
                    self.suspicious = true;
                    return;
                }
            },
        };
        map.insert(key, value);
    }

    fn map(&mut self, map: Self::Map) -> Data {
        Data::Object(map)
    }
}
