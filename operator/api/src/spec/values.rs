//! `spec.values`, `spec.valuesFrom` and `spec.valuesPolicy`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use crate::schema::{CONFIG_KEY, DNS_SUBDOMAIN};

/// Chart values: any JSON object, kept as it is, nulls included.
pub type Values = serde_json::Map<String, serde_json::Value>;

/// One ConfigMap or Secret key that contributes values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ValuesReference {
    /// Kind of the object.
    pub kind: ValuesKind,
    /// Name of the object, in the namespace of the HelmRelease.
    #[schemars(regex(pattern = DNS_SUBDOMAIN), length(min = 1, max = 253))]
    pub name: String,
    /// Key inside the object.
    #[serde(default = "ValuesReference::default_key")]
    #[schemars(regex(pattern = CONFIG_KEY), length(min = 1, max = 253))]
    pub key: String,
    /// Path in the syntax of `--set`, such as `image.tag` or `list[0].name`. When set, the content
    /// of the key is one value put at this path after all other values; when not, it is a YAML
    /// document of values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    pub target_path: Option<String>,
    /// Whether a missing object or key is ignored instead of being a failure.
    #[serde(default)]
    pub optional: bool,
}

impl ValuesReference {
    fn default_key() -> String {
        "values.yaml".to_owned()
    }
}

/// What a values reference points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ValuesKind {
    /// A ConfigMap.
    ConfigMap,
    /// A Secret.
    Secret,
}

/// Which values an upgrade starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ValuesPolicy {
    /// Only those of this object, over the defaults of the chart. (`--reset-values`)
    #[default]
    Reset,
    /// Those of the last revision and its chart defaults, with these over them. (`--reuse-values`)
    Reuse,
    /// Those of the last revision over the defaults of the new chart, with these over them.
    /// (`--reset-then-reuse-values`)
    ResetThenReuse,
}

/// The schema of [`Values`]: an object that the API server doesn't prune. Server-side apply makes null of a map that
/// loses its last field, so null is admitted and means no values.
pub(crate) fn values_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "nullable": true, "x-kubernetes-preserve-unknown-fields": true})
}

/// Reads [`Values`]; null is none.
pub(crate) fn values_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Values, D::Error> {
    Ok(Option::<Values>::deserialize(deserializer)?.unwrap_or_default())
}
