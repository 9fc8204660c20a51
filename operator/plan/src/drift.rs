//! How a live object differs from what the manifest says.
//!
//! The manifest is the smaller one: the API server adds defaults, controllers add fields, webhooks add containers.
//! Only what the manifest says is compared, and values that the API server writes in another form (quantities) or
//! drops (empty ones) count as equal.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ObjectRef;

/// An object that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectDrift {
    /// The object.
    pub object: ObjectRef,
    /// Paths of fields that differ, `spec.replicas`; empty when the object is missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

impl ObjectDrift {
    /// The most fields that are named.
    pub const MAX_FIELDS: usize = 10;
}

/// Compares a live object with its manifest; `None` when nothing that the manifest says differs.
pub fn compare(reference: &ObjectRef, manifest: &Value, live: Option<&Value>) -> Option<ObjectDrift> {
    let object = reference.clone();
    let Some(live) = live else { return Some(ObjectDrift { object, fields: Vec::new() }) };
    let mut fields = Vec::new();
    let Value::Object(wanted) = manifest else { return None };
    for (key, value) in wanted {
        match key.as_str() {
            // Status belongs to controllers; the kind may be served under another version.
            "status" | "apiVersion" | "kind" => {}
            "metadata" => {
                for part in ["labels", "annotations"] {
                    walk(&value[part], &live["metadata"][part], &format!("metadata.{part}"), &mut fields);
                }
            }
            // The API server moves these into `data`, encoded.
            "stringData" if reference.kind == "Secret" => {}
            _ => walk(value, &live[key], key, &mut fields),
        }
    }
    fields.truncate(ObjectDrift::MAX_FIELDS);
    (!fields.is_empty()).then_some(ObjectDrift { object, fields })
}

fn walk(wanted: &Value, live: &Value, path: &str, fields: &mut Vec<String>) {
    match (wanted, live) {
        (Value::Object(wanted), Value::Object(live)) => {
            for (key, value) in wanted {
                let at = format!("{path}.{key}");
                walk(value, live.get(key).unwrap_or(&Value::Null), &at, fields);
            }
        }
        (Value::Array(wanted), Value::Array(live)) => walk_list(wanted, live, path, fields),
        (wanted, Value::Null) if is_empty(wanted) => {}
        (wanted, live) if same(wanted, live) => {}
        (_, _) => fields.push(path.to_owned()),
    }
}

/// Lists of named items are matched by name, because others may add items; other lists by place.
fn walk_list(wanted: &[Value], live: &[Value], path: &str, fields: &mut Vec<String>) {
    let named = !wanted.is_empty() && wanted.iter().all(|item| item["name"].is_string());
    for (place, item) in wanted.iter().enumerate() {
        let (found, at) = if named {
            let name = item["name"].as_str().unwrap_or_default();
            (live.iter().find(|other| other["name"] == item["name"]), format!("{path}[{name}]"))
        } else {
            (live.get(place), format!("{path}[{place}]"))
        };
        walk(item, found.unwrap_or(&Value::Null), &at, fields);
    }
    if !named && live.len() > wanted.len() && !wanted.iter().any(Value::is_object) {
        fields.push(path.to_owned());
    }
}

/// Values that the API server may leave out.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(map) => map.values().all(is_empty),
    }
}

fn same(wanted: &Value, live: &Value) -> bool {
    if wanted == live {
        return true;
    }
    match (quantity(wanted), quantity(live)) {
        (Some(wanted), Some(live)) => (wanted - live).abs() <= f64::EPSILON * wanted.abs().max(live.abs()),
        (_, _) => false,
    }
}

/// A number, or a Kubernetes quantity such as `500m` or `1Gi`.
fn quantity(value: &Value) -> Option<f64> {
    let text = match value {
        Value::Number(number) => return number.as_f64(),
        Value::String(text) => text.as_str(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let end = text.find(|character: char| !character.is_ascii_digit() && !"+-.".contains(character));
    let (digits, suffix) = text.split_at(end.unwrap_or(text.len()));
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        "Ei" => 1_152_921_504_606_846_976.0,
        _ => return None,
    };
    digits.parse::<f64>().ok().map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(manifest: &Value, live: &Value, expected: &[&str]) {
        let reference = ObjectRef {
            api_version: "v1".to_owned(),
            kind: "Thing".to_owned(),
            namespace: "apps".to_owned(),
            name: "web".to_owned(),
        };
        let fields = compare(&reference, manifest, Some(live)).map(|drift| drift.fields).unwrap_or_default();
        assert_eq!(fields, expected);
    }

    #[test]
    fn only_what_the_manifest_says_is_compared() {
        let manifest = json!({"metadata": {"name": "web", "labels": {"a": "1"}}, "spec": {"replicas": 1}});
        let live = json!({"metadata": {"name": "web", "uid": "x", "labels": {"a": "1", "b": "2"}},
            "spec": {"replicas": 1, "strategy": {}}, "status": {"replicas": 7}});
        check(&manifest, &live, &[]);
        check(&manifest, &json!({"metadata": {"labels": {"a": "2"}}, "spec": {"replicas": 3}}), &[
            "metadata.labels.a",
            "spec.replicas",
        ]);
    }

    #[test]
    fn quantities_and_dropped_empty_values_are_equal() {
        let manifest = json!({"spec": {"cpu": "1000m", "memory": "1024Mi", "empty": {}, "off": false, "n": null}});
        check(&manifest, &json!({"spec": {"cpu": "1", "memory": "1Gi"}}), &[]);
        check(&json!({"spec": {"cpu": "500m"}}), &json!({"spec": {"cpu": "1"}}), &["spec.cpu"]);
    }

    #[test]
    fn named_items_are_matched_by_name_and_additions_are_fine() {
        let manifest = json!({"spec": {"containers": [{"name": "web", "image": "a"}], "args": ["x"]}});
        let live = json!({"spec": {"containers": [{"name": "sidecar"}, {"name": "web", "image": "b"}], "args": ["x"]}});
        check(&manifest, &live, &["spec.containers[web].image"]);
        check(&json!({"spec": {"args": ["x"]}}), &json!({"spec": {"args": ["x", "y"]}}), &["spec.args"]);
    }

    #[test]
    fn a_missing_object_differs_as_a_whole() {
        let reference = ObjectRef {
            api_version: "v1".to_owned(),
            kind: "Thing".to_owned(),
            namespace: String::new(),
            name: "web".to_owned(),
        };
        assert_eq!(compare(&reference, &json!({}), None).map(|drift| drift.fields), Some(Vec::new()));
    }
}
