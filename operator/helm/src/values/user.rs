//! The values a user gives: files and the `--set` family, laid over each other.
//!
//! The caller reads the files (this crate reads none); the order and the error texts are Helm's
//! (`pkg/cli/values/options.go`).

use serde_json::Map;

use super::{ValuesError, merge_maps, parse_values};
use crate::Data;
use crate::strvals::{self, StrvalsError};

/// Everything a user gives. Later entries of a list win over earlier ones, later lists over earlier lists.
#[derive(Debug, Clone, Default)]
pub struct UserValues {
    /// `-f`: name and content.
    pub files: Vec<(String, Vec<u8>)>,
    /// `--set-json`: one object, or `key=<json>`.
    pub set_json: Vec<String>,
    /// `--set`
    pub set: Vec<String>,
    /// `--set-string`
    pub set_string: Vec<String>,
    /// `--set-file`
    pub set_file: Vec<String>,
    /// `--set-literal`
    pub set_literal: Vec<String>,
}

/// Why the values of a user were refused; Helm's texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UserValuesError {
    /// A values file is malformed.
    #[error("failed to parse {name}: {error}")]
    File {
        /// The file's name as given.
        name: String,
        /// What is wrong.
        error: ValuesError,
    },
    /// `--set-json` with an object that is no JSON.
    #[error("failed parsing --set-json data JSON: {0}")]
    JsonObject(String),
    /// `--set-json` that cannot be read.
    #[error("failed parsing --set-json data {0}")]
    Json(String),
    /// `--set`, `--set-string`, `--set-file` or `--set-literal` that cannot be read.
    #[error("failed parsing {flag} data: {error}")]
    Line {
        /// The flag.
        flag: &'static str,
        /// What is wrong.
        error: StrvalsError,
    },
}

impl UserValues {
    /// Lays everything over each other. `read` gives the content of a `--set-file` file, or the error text to show.
    pub fn merge(
        &self,
        read: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<Map<String, Data>, UserValuesError> {
        let Self {
            files,
            set_json,
            set,
            set_string,
            set_file,
            set_literal,
        } = self;
        let mut values = Map::new();
        for (name, content) in files {
            let file = parse_values(content).map_err(|error| UserValuesError::File {
                name: name.clone(),
                error,
            })?;
            values = merge_maps(values, file);
        }
        for line in set_json {
            let trimmed = line.trim();
            if trimmed.starts_with('{') {
                let Ok(Data::Object(object)) = crate::json::decode(trimmed.as_bytes()) else {
                    return Err(UserValuesError::JsonObject(line.clone()));
                };
                values = merge_maps(values, object);
            } else {
                strvals::parse_json(line, &mut values).map_err(|_| UserValuesError::Json(line.clone()))?;
            }
        }
        let wrong = |flag| move |error| UserValuesError::Line { flag, error };
        for line in set {
            strvals::parse_into(line, &mut values).map_err(wrong("--set"))?;
        }
        for line in set_string {
            strvals::parse_into_string(line, &mut values).map_err(wrong("--set-string"))?;
        }
        for line in set_file {
            strvals::parse_into_file(line, &mut values, read).map_err(wrong("--set-file"))?;
        }
        for line in set_literal {
            strvals::parse_literal_into(line, &mut values).map_err(wrong("--set-literal"))?;
        }
        Ok(values)
    }
}
