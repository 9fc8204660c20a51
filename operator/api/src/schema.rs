//! From the Rust types to a schema that the API server accepts and people can read.
//!
//! Not the place of rules: these stand beside the fields they are about. Here are the patterns that
//! several fields share, and what is done to the generated schema: descriptions become paragraphs,
//! enums list what each value means, nulls are no values (in place of a default the API server fills
//! the default), and the rules that need `metadata` are added at the root.

use std::borrow::Cow;

use kube::core::schema::{OptionalEnum, StructuralSchemaRewriter};
use schemars::{
    JsonSchema, Schema, SchemaGenerator,
    generate::SchemaSettings,
    json_schema,
    transform::{Transform, transform_subschemas},
};
use serde_json::{Map, Value, json};

use crate::{HelmRelease, spec::HelmReleaseSpec, status::HelmReleaseStatus};

/// DNS-1123 label: namespaces.
pub(crate) const DNS_LABEL: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
/// DNS-1123 subdomain: most object names, and Helm's release names.
pub(crate) const DNS_SUBDOMAIN: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
/// Keys of ConfigMaps and Secrets.
pub(crate) const CONFIG_KEY: &str = r"^[-._a-zA-Z0-9]+$";
/// A chart source: scheme, host without credentials, path, query, no fragment.
pub(crate) const CHART_URL: &str = r"^(https?|oci)://[^/?#@\s]+([/?][^#\s]*)?$";
/// What a chart may be called: one path element.
pub(crate) const CHART_NAME: &str = r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$";
/// Digest of an archive, manifest or image.
pub(crate) const SHA256_DIGEST: &str = r"^sha256:[a-f0-9]{64}$";
/// JSON pointer to a field; the empty pointer, which is the whole object, is left out.
pub(crate) const JSON_POINTER: &str = r"^(/([^/~]|~[01])*)+$";
/// Filter of `helm test`.
pub(crate) const TEST_FILTER: &str = r"^!?name=[^,\s]+$";
/// Reason of a condition, as `metav1.Condition` has it.
pub(crate) const REASON: &str = r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$";
/// Value of a label.
const LABEL_VALUE: &str = r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$";

/// Longest release name; Helm's limit.
const RELEASE_NAME_MAX: u32 = 53;

/// Labels of an object.
pub(crate) fn label_map(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 64,
        "additionalProperties": {"type": "string", "maxLength": 63, "pattern": LABEL_VALUE},
    })
}

impl JsonSchema for HelmRelease {
    fn schema_name() -> Cow<'static, str> {
        "HelmRelease".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "A Helm release that is kept as its spec says.",
            "required": ["spec"],
            "properties": {
                "apiVersion": {
                    "type": "string",
                    "description": "Version of this representation of the object: `pilothouse.dev/v1alpha1`.",
                },
                "kind": {"type": "string", "description": "`HelmRelease`."},
                "metadata": {"type": "object"},
                "spec": structural::<HelmReleaseSpec>(None),
                "status": structural::<HelmReleaseStatus>(Some(json!({"observedGeneration": -1}))),
            },
            "x-kubernetes-validations": [
                {
                    "rule": format!("has(self.spec.releaseName) || size(self.metadata.name) <= {RELEASE_NAME_MAX}"),
                    "message": format!(
                        "spec.releaseName is required when metadata.name is longer than {RELEASE_NAME_MAX} characters"
                    ),
                },
                {
                    "rule": "!has(self.spec.dependsOn) || self.spec.dependsOn.all(dependency, \
                             dependency.name != self.metadata.name || has(dependency.__namespace__))",
                    "message": "spec.dependsOn must not name the object itself",
                },
            ],
        })
    }
}

/// The finished schema of one part of the object.
fn structural<T: JsonSchema>(default: Option<Value>) -> Schema {
    let mut schema = SchemaSettings::openapi3()
        .with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        })
        .with_transform(DescribeValues)
        .with_transform(StructuralSchemaRewriter)
        .with_transform(OptionalEnum)
        .with_transform(Tidy)
        .into_generator()
        .into_root_schema_for::<T>();
    schema.remove("title");
    if let Some(default) = default {
        schema.insert("default".to_owned(), default);
    }
    schema
}

/// Moves the descriptions of enum values, which a structural schema can't carry, into the
/// description of the enum.
#[derive(Clone, Debug)]
struct DescribeValues;

impl Transform for DescribeValues {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        // An optional enum is wrapped: the description of the field stands outside, the values inside.
        if let Some(Value::Array(branches)) = schema.get("anyOf")
            && let [Value::Object(inner), Value::Object(null)] = branches.as_slice()
            && null.get("nullable") == Some(&Value::Bool(true))
        {
            let mut merged = inner.clone();
            let inner_text = text_of(&merged);
            let outer_text = schema.as_object().map(text_of).unwrap_or_default();
            if let Some(list) = inner_text.find("\n\n- ") {
                merged.insert(
                    "description".to_owned(),
                    format!("{outer_text}{}", &inner_text[list..]).into(),
                );
            } else if !outer_text.is_empty() {
                merged.insert("description".to_owned(), outer_text.into());
            }
            schema.remove("anyOf");
            for (key, value) in merged {
                schema.insert(key, value);
            }
            return;
        }
        let Some(Value::Array(variants)) = schema.get("oneOf") else {
            return;
        };
        let described: Option<Vec<(Value, String)>> = variants
            .iter()
            .map(|variant| {
                let values = variant.get("enum")?.as_array()?;
                let [value] = values.as_slice() else { return None };
                Some((value.clone(), paragraphs(variant.get("description")?.as_str()?)))
            })
            .collect();
        let Some(described) = described else { return };
        let lead = schema.as_object().map(text_of).unwrap_or_default();
        let list: Vec<String> = described
            .iter()
            .map(|(value, text)| format!("- `{}`: {text}", value.as_str().unwrap_or_default()))
            .collect();
        let values: Vec<Value> = described.into_iter().map(|(value, _)| value).collect();
        schema.remove("oneOf");
        schema.insert("type".to_owned(), "string".into());
        schema.insert("enum".to_owned(), values.into());
        schema.insert(
            "description".to_owned(),
            format!("{lead}\n\n{}", list.join("\n")).into(),
        );
    }
}

/// Finishes a structural schema: no nulls, paragraphs for descriptions, short defaults, no formats
/// that are only Rust's.
#[derive(Clone, Debug)]
struct Tidy;

impl Transform for Tidy {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        object.remove("nullable");
        let text = text_of(object);
        if !text.is_empty() {
            object.insert("description".to_owned(), paragraphs(&text).into());
        }
        if default_is_filled_by_properties(object) {
            object.insert("default".to_owned(), json!({}));
        }
    }
}

/// Whether the default of an object says only what the defaults of its properties say too. The API
/// server fills these into `{}`, but it checks rules on the default before that: an object with
/// rules keeps its whole default.
fn default_is_filled_by_properties(schema: &Map<String, Value>) -> bool {
    let Some(Value::Object(default)) = schema.get("default") else {
        return false;
    };
    if schema.contains_key("x-kubernetes-validations") {
        return false;
    }
    let Some(Value::Object(properties)) = schema.get("properties") else {
        return false;
    };
    default.iter().all(|(key, value)| {
        let filled = properties.get(key).and_then(|property| property.get("default"));
        filled == Some(value) || (filled == Some(&json!({})) && value.is_object())
    })
}

fn text_of(schema: &Map<String, Value>) -> String {
    schema
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Joins the lines of each paragraph; list items keep their lines.
fn paragraphs(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim().lines().map(str::trim) {
        match lines.last_mut() {
            Some(last) if !last.is_empty() && !line.is_empty() && !line.starts_with("- ") => {
                last.push(' ');
                last.push_str(line);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
