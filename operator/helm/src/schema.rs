//! values.schema.json: do the values of a chart and its subcharts meet their schemas?
//!
//! Helm validates with santhosh-tekuri/jsonschema v6 and shows its error tree to users, so this is a validator of its
//! own that builds the same tree with the same words: drafts 4, 6, 7, 2019-09 and 2020-12, in [`validate`] the checks, in
//! [`compile`] the way from document to schema, in [`roots`] identifiers and references.
//!
//! Unlike Helm, nothing is fetched: a schema that refers to another file or to a URL is refused, since values may hold
//! what no server should learn and no chart should make the operator call one. `urn:` references pass everything, as in
//! Helm. Mirrors `pkg/chart/common/util/jsonschema.go`.

mod address;
mod compile;
mod draft;
mod error;
mod format;
mod json;
mod number;
mod parse;
mod roots;
mod validate;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use gotemplate::{Map, Value};

use crate::dependencies::Node;
use crate::remark::Remark;
use crate::text::go_quote;
use crate::values::live::as_table;
use compile::{Compiled, Formats, compile};
use json::Json;
use roots::Roots;

/// The address that upstream gives to a chart's schema.
const SCHEMA_URL: &str = "file:///values.schema.json";

/// A schema that cannot be used: not JSON, not a schema, with a reference that leads nowhere, or beyond a limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SchemaError(String);

impl SchemaError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// Upstream would fetch this.
    fn refused(url: &str) -> Self {
        Self(format!(
            "failing loading {}: references to other files or URLs are not allowed",
            go_quote(url)
        ))
    }
}

/// Values that do not meet the schemas of their charts; Helm's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("values don't meet the specifications of the schema(s) in the following chart(s):\n{text}")]
pub struct ChartSchemaError {
    /// Chart names and causes, as Helm prints them.
    text: String,
}

/// The compiled schema of a chart, made when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct SchemaCache {
    compiled: OnceLock<(Result<Compiled, SchemaError>, Vec<Remark>)>,
}

/// Checks coalesced values against the schemas of a chart and its subcharts (`ValidateAgainstSchema`).
pub(crate) fn validate_chart(
    node: &Node,
    values: &Map,
    remarks: &mut Vec<Remark>,
) -> Result<(), ChartSchemaError> {
    let mut text = String::new();
    collect(node, values, &mut text, remarks);
    if text.is_empty() {
        Ok(())
    } else {
        Err(ChartSchemaError { text })
    }
}

fn collect(node: &Node, values: &Map, text: &mut String, remarks: &mut Vec<Remark>) {
    if let Some(file) = &node.chart().schema {
        let (compiled, notices) = node
            .chart()
            .schema_cache
            .compiled
            .get_or_init(|| load(&file.data));
        remarks.extend(notices.iter().cloned());
        if let Err(error) = against(compiled, &from_map(values)) {
            text.push_str(node.name());
            text.push_str(":\n");
            text.push_str(&error);
        }
    }
    for child in node.dependencies() {
        match values.get(child.name()) {
            None | Some(Value::Nil) => {}
            Some(value) => {
                if let Some(table) = as_table(&value) {
                    collect(child, table, text, remarks);
                } else {
                    let name = child.name();
                    let found = value.type_name();
                    text.push_str(name);
                    text.push_str(":\ninvalid type for values: expected object (map), got ");
                    text.push_str(&found);
                    text.push('\n');
                }
            }
        }
    }
}

/// Reads and compiles a schema.
fn load(text: &[u8]) -> (Result<Compiled, SchemaError>, Vec<Remark>) {
    let document = match parse::parse(text) {
        Ok(document) => document,
        Err(error) => return (Err(SchemaError(error)), Vec::new()),
    };
    let mut roots = Roots::default();
    roots.give(SCHEMA_URL, &document);
    let compiled = compile(&mut roots, SCHEMA_URL, Formats::ByDraft);
    (compiled, roots.remarks)
}

/// The text for one chart. A broken schema has no newline at its end, broken values have, as upstream.
fn against(compiled: &Result<Compiled, SchemaError>, values: &Json) -> Result<(), String> {
    let compiled = compiled.as_ref().map_err(|error| error.0.clone())?;
    validate::against(compiled, values).map_err(|why| match why {
        validate::Invalid::Limit(error) => error.0,
        validate::Invalid::Value(failure) => {
            let text = failure.to_string();
            let head = format!("jsonschema validation failed with '{SCHEMA_URL}#'\n");
            format!("{}\n", text.strip_prefix(&head).unwrap_or(&text))
        }
    })
}

fn from_map(map: &Map) -> Json {
    let entries: BTreeMap<String, Json> = map
        .snapshot()
        .iter()
        .map(|(key, value)| (key.to_str_lossy().into_owned(), from_value(value)))
        .collect();
    Json::Object(entries)
}

/// Coalesced values come from YAML, JSON and flags; nothing else is in them.
fn from_value(value: &Value) -> Json {
    match value {
        Value::Nil | Value::Bytes(_) | Value::Object(_) => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(_, number) => Json::Number(json::Number::new(number.to_string())),
        Value::Float(number) => Json::Number(json::Number::from_float(*number)),
        Value::Str(text) => Json::String(text.to_str_lossy().into_owned()),
        Value::List(list) => Json::Array(list.items().iter().map(from_value).collect()),
        Value::Map(map) => from_map(map),
    }
}
