//! The values of a release: `valuesFrom` and `values`, read and merged in the documented order.
//!
//! Reads `ConfigMaps` and Secrets of the custom resource's own namespace and of no other. Nothing here keeps or prints a
//! value: errors name the object, the key and the place in the text.

use api::HelmReleaseSpec;
use api::spec::values::{ValuesKind, ValuesReference};
use helm::values::{merge_maps, parse_values};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Api, Client};
use plan::{Category, EffectError, ErrorClass};
use serde_json::{Map, Value};

/// Reads every reference and merges: entries without `targetPath` as listed, then `values`, then entries with
/// `targetPath`.
///
/// # Errors
/// A source or key is missing and not optional, can't be read, or holds no values.
pub(crate) async fn merged(
    client: &Client,
    namespace: &str,
    spec: &HelmReleaseSpec,
) -> Result<Map<String, Value>, EffectError> {
    let mut values = Map::new();
    let mut targeted = Vec::new();
    for reference in &spec.values_from {
        let Some(text) = read(client, namespace, reference).await? else {
            continue;
        };
        match &reference.target_path {
            None => {
                let parsed = parse_values(&text).map_err(|error| invalid(reference, &error.to_string()))?;
                values = merge_maps(values, parsed);
            }
            Some(path) => targeted.push((reference, path, text)),
        }
    }
    let inline = helm::data::with_float_numbers(Value::Object(spec.values.clone()));
    if let Value::Object(inline) = inline {
        values = merge_maps(values, inline);
    }
    for (reference, path, text) in targeted {
        set_at(&mut values, path, &text).map_err(|error| invalid(reference, &error))?;
    }
    Ok(values)
}

/// Sets one value by `--set` grammar. A text wholly within quotes stays a string, as peers of Helm have it.
fn set_at(values: &mut Map<String, Value>, path: &str, text: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(text).map_err(|_| "the value is not text".to_owned())?;
    // Helm takes an index that never closes for the end of the text and sets nothing; here nobody would notice.
    if path
        .rsplit_once('[')
        .is_some_and(|(_, index)| !index.contains(']'))
    {
        return Err(format!("it can't be set at `{path}`: an index is not closed"));
    }
    let quoted = |quote: char| text.len() >= 2 && text.starts_with(quote) && text.ends_with(quote);
    let set = if quoted('"') || quoted('\'') {
        helm::strvals::parse_into_string(&format!("{path}={}", &text[1..text.len() - 1]), values)
    } else {
        helm::strvals::parse_into(&format!("{path}={text}"), values)
    };
    // The words of the parser may quote the value, which may be a secret.
    set.map_err(|_| format!("it can't be set at `{path}`: it must follow the grammar of `helm --set`"))
}

async fn read(
    client: &Client,
    namespace: &str,
    reference: &ValuesReference,
) -> Result<Option<Vec<u8>>, EffectError> {
    let found = match reference.kind {
        ValuesKind::ConfigMap => Api::<ConfigMap>::namespaced(client.clone(), namespace)
            .get_opt(&reference.name)
            .await
            .map(|found| {
                found.map(|map| {
                    let text = map
                        .data
                        .unwrap_or_default()
                        .remove(&reference.key)
                        .map(String::into_bytes);
                    text.or_else(|| {
                        map.binary_data
                            .unwrap_or_default()
                            .remove(&reference.key)
                            .map(|bytes| bytes.0)
                    })
                })
            }),
        ValuesKind::Secret => Api::<Secret>::namespaced(client.clone(), namespace)
            .get_opt(&reference.name)
            .await
            .map(|found| {
                found.map(|secret| {
                    secret
                        .data
                        .unwrap_or_default()
                        .remove(&reference.key)
                        .map(|bytes| bytes.0)
                })
            }),
    };
    let found = found.map_err(|error| {
        cluster::error::effect_error(&format!("read values from {}", place(reference)), None, &error)
    })?;
    match found {
        Some(Some(text)) => Ok(Some(text)),
        Some(None) | None if reference.optional => Ok(None),
        Some(None) => Err(missing(format!(
            "read values from {}: the key does not exist",
            place(reference)
        ))),
        None => Err(missing(format!(
            "read values from {}: the object does not exist",
            place(reference)
        ))),
    }
}

fn place(reference: &ValuesReference) -> String {
    let kind = match reference.kind {
        ValuesKind::ConfigMap => "ConfigMap",
        ValuesKind::Secret => "Secret",
    };
    format!("{kind} `{}`, key `{}`", reference.name, reference.key)
}

fn missing(message: String) -> EffectError {
    EffectError {
        category: Category::ValuesFromMissing,
        // It may be created at any moment, by the same Git sync that created the release.
        class: ErrorClass::Transient,
        message,
        objects: Vec::new(),
    }
}

fn invalid(reference: &ValuesReference, why: &str) -> EffectError {
    EffectError {
        category: Category::InvalidValues,
        class: ErrorClass::Permanent,
        message: format!("read values from {}: {why}", place(reference)),
        objects: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(path: &str, text: &str) -> Result<Value, String> {
        let mut values = Map::new();
        set_at(&mut values, path, text.as_bytes()).map(|()| Value::Object(values))
    }

    #[test]
    fn a_target_path_follows_the_grammar_of_set() {
        assert_eq!(set("a.b", "7").unwrap().to_string(), r#"{"a":{"b":7}}"#);
        assert_eq!(set("a", "\"7\"").unwrap().to_string(), r#"{"a":"7"}"#);
        assert_eq!(set("a[0]", "x").unwrap().to_string(), r#"{"a":["x"]}"#);
    }

    #[test]
    fn an_error_does_not_repeat_the_value() {
        for path in ["a[", "a[x]"] {
            let error = set(path, "hunter2").unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
            assert!(error.contains(path), "{error}");
        }
    }
}
