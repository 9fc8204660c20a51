//! A `HelmRelease` as tests speak about it: built as JSON, read back as JSON, so that the tests
//! hold the contract of the API and not our Rust types.

use serde_json::{Value, json};

/// A `HelmRelease` manifest under construction.
#[derive(Clone, Debug)]
pub struct Release {
    /// The manifest.
    pub manifest: Value,
}

impl Release {
    /// A release of a chart from an HTTP or OCI repository.
    pub fn new(name: &str, repository: &str, chart: &str, version: &str) -> Self {
        Self {
            manifest: json!({
                "apiVersion": "pilothouse.dev/v1alpha1",
                "kind": "HelmRelease",
                "metadata": {"name": name},
                "spec": {"chart": {"repository": repository, "name": chart, "version": version}},
            }),
        }
    }

    /// Sets a field of the spec by its JSON pointer, for example `/upgrade/onFailure`.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        let mut at = &mut self.manifest["spec"];
        for part in pointer.trim_start_matches('/').split('/') {
            at = &mut at[part];
        }
        *at = value.into();
        self
    }

    /// Sets the values.
    #[must_use]
    pub fn values(self, values: Value) -> Self {
        self.set("/values", values)
    }

    /// Sets the chart version.
    #[must_use]
    pub fn version(self, version: &str) -> Self {
        self.set("/chart/version", version)
    }

    /// Sets an annotation.
    #[must_use]
    pub fn annotate(mut self, key: &str, value: &str) -> Self {
        self.manifest["metadata"]["annotations"][key] = value.into();
        self
    }

    /// The name of the object.
    pub fn name(&self) -> &str {
        self.manifest["metadata"]["name"].as_str().unwrap_or_default()
    }
}

/// A condition of an object by its type.
pub fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"]
        .as_array()?
        .iter()
        .find(|condition| condition["type"] == kind)
}

/// `status/reason` of a condition, or `absent`: short to compare, clear in a message.
pub fn state(object: &Value, kind: &str) -> String {
    match condition(object, kind) {
        Some(found) => {
            format!(
                "{}/{}",
                found["status"].as_str().unwrap_or("?"),
                found["reason"].as_str().unwrap_or("?")
            )
        }
        None => "absent".into(),
    }
}

/// The message of a condition, empty when it is absent.
pub fn message(object: &Value, kind: &str) -> String {
    condition(object, kind)
        .and_then(|found| found["message"].as_str())
        .unwrap_or_default()
        .to_owned()
}

/// Whether the status speaks about the newest spec.
pub fn observed(object: &Value) -> bool {
    object["status"]["observedGeneration"] == object["metadata"]["generation"]
}

/// Ready, for this generation.
pub fn is_ready(object: &Value) -> bool {
    observed(object) && state(object, "Ready").starts_with("True/")
}

/// Given up, for this generation.
pub fn is_stalled(object: &Value) -> bool {
    observed(object) && state(object, "Stalled").starts_with("True/")
}

/// `revision:status` of the history, oldest first, joined by blanks.
pub fn history(object: &Value) -> String {
    let mut entries: Vec<(i64, String)> = object["status"]["history"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| {
            let revision = entry["revision"].as_i64().unwrap_or_default();
            (
                revision,
                format!("{revision}:{}", entry["status"].as_str().unwrap_or("?")),
            )
        })
        .collect();
    entries.sort();
    entries
        .into_iter()
        .map(|(_, text)| text)
        .collect::<Vec<_>>()
        .join(" ")
}
