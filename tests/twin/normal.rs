//! Makes two tellings comparable: what two runs of the same `helm` would write differently is taken
//! away, and what the operator adds on purpose. Everything else is left as it is.
//!
//! | taken away | why |
//! |---|---|
//! | uid, resource version, times, addresses, ports, node names, generated names | chosen by the cluster |
//! | status, ReplicaSets, objects with an owner, the counter of Deployment revisions | made by controllers, not by helm |
//! | names of namespaces, and the mark of a twin | they must differ |
//! | how far an object had come when a wait ended | a question of milliseconds, and under load of requests per second |
//! | labels `createdAt` and `modifiedAt` of release Secrets | Helm writes stale ones, see below |
//! | annotations `pilothouse.dev/*` on release Secrets and hooks | the mark of the operator; helm ignores and drops them |
//! | with Helm 3: `apply_method`, times of files, empty fields, managed fields | Helm 4 writes them, Helm 3 does not |

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::LazyLock;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde_json::{Map, Value, json};

use crate::play::Twin;
use crate::story::Referee;

/// Managers of fields that are neither helm nor a person.
const CONTROLLERS: &[&str] = &[
    "kube-controller-manager",
    "kube-scheduler",
    "kwok",
    "kube-apiserver",
];

/// Labels of a release Secret that hold a time. Helm carries those of one revision to the next and
/// drops the first of them with every update, so that neither means anything.
const TIME_LABELS: &[&str] = &["createdAt", "modifiedAt"];

/// Beginnings of annotations that controllers write when they come to it.
const BY_CLUSTER: &[&str] = &[
    "deployment.kubernetes.io/",
    "pv.kubernetes.io/",
    "volume.kubernetes.io/",
    "volume.beta.kubernetes.io/",
];

/// Whether an object of the namespace was made by a chart or by hand.
pub(crate) fn is_ours_to_compare(object: &Value) -> bool {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let made_by_cluster = (object["kind"] == "ConfigMap" && name == "kube-root-ca.crt")
        || (object["kind"] == "ServiceAccount" && name == "default")
        // Their contents are files for helm.
        || name.starts_with(crate::cr::SOURCE);
    let owned = object["metadata"]["ownerReferences"]
        .as_array()
        .is_some_and(|owners| !owners.is_empty());
    !made_by_cluster && !owned
}

/// A live object.
pub(crate) fn object(mut object: Value, referee: Referee) -> Value {
    remove(&mut object, &["status", "apiVersion"]);
    let metadata = &mut object["metadata"];
    remove(
        metadata,
        &["uid", "resourceVersion", "creationTimestamp", "selfLink"],
    );
    if metadata["deletionTimestamp"].is_string() {
        metadata["deletionTimestamp"] = "<time>".into();
    }
    if let Some(annotations) = metadata["annotations"].as_object_mut() {
        annotations.retain(|key, _| {
            !key.starts_with("pilothouse.dev/") && !BY_CLUSTER.iter().any(|prefix| key.starts_with(prefix))
        });
    }
    drop_empty(metadata, "annotations");
    match (referee, metadata["managedFields"].as_array_mut()) {
        (Referee::Helm3, _) => remove(metadata, &["managedFields"]),
        (Referee::Helm4, Some(entries)) => managed_fields(entries),
        (Referee::Helm4, None) => {}
    }
    if object["kind"] == "Service" {
        remove(
            &mut object["spec"],
            &["clusterIP", "clusterIPs", "healthCheckNodePort"],
        );
        for port in object["spec"]["ports"].as_array_mut().into_iter().flatten() {
            remove(port, &["nodePort"]);
        }
    }
    if object["kind"] == "Pod" {
        remove(&mut object["spec"], &["nodeName"]);
        remove(
            &mut object["metadata"]["labels"],
            &["topology.kubernetes.io/zone"],
        );
        drop_empty(&mut object["metadata"], "labels");
    }
    object
}

fn managed_fields(entries: &mut Vec<Value>) {
    entries.retain(|entry| {
        let by_cluster = CONTROLLERS.iter().any(|manager| entry["manager"] == *manager);
        !by_cluster && entry["subresource"] != "status"
    });
    for entry in entries.iter_mut() {
        remove(entry, &["time"]);
        let annotations = &mut entry["fieldsV1"]["f:metadata"]["f:annotations"];
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.retain(|key, _| !key.starts_with("f:pilothouse.dev/"));
        }
    }
    entries.sort_by_key(ToString::to_string);
}

/// The release Secrets by name, decoded.
///
/// # Errors
/// A Secret is not what Helm writes.
pub(crate) fn records(secrets: Vec<Value>, referee: Referee) -> Result<BTreeMap<String, Value>> {
    let mut records = BTreeMap::new();
    for secret in secrets {
        let name = secret["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let payload = decode(&secret["data"]["release"]).with_context(|| format!("decode {name}"))?;
        records.insert(name, (secret, payload));
    }
    // Which revision began the life that each of them belongs to.
    let begun: BTreeMap<String, i64> = records
        .values()
        .rev()
        .filter_map(|(_, payload)| {
            let began = payload["info"]["first_deployed"].as_str()?;
            Some((instant(began), payload["version"].as_i64()?))
        })
        .fold(BTreeMap::new(), |mut begun, (time, revision)| {
            let first = begun.entry(time).or_insert(revision);
            *first = revision.min(*first);
            begun
        });
    records
        .into_iter()
        .map(|(name, (mut secret, payload))| {
            secret["data"] = record(payload, &begun, referee);
            remove(&mut secret, &["apiVersion"]);
            let metadata = &mut secret["metadata"];
            remove(
                metadata,
                &["uid", "resourceVersion", "creationTimestamp", "managedFields"],
            );
            if let Some(annotations) = metadata["annotations"].as_object_mut() {
                annotations.retain(|key, _| !key.starts_with("pilothouse.dev/"));
            }
            drop_empty(metadata, "annotations");
            remove(&mut metadata["labels"], TIME_LABELS);
            Ok((name, secret))
        })
        .collect()
}

fn record(mut record: Value, begun: &BTreeMap<String, i64>, referee: Referee) -> Value {
    let info = &mut record["info"];
    if let Some(time) = info["first_deployed"].as_str() {
        let revision = begun.get(&instant(time)).copied().unwrap_or_default();
        info["first_deployed"] = format!("<time of revision {revision}>").into();
    }
    time(info, "last_deployed");
    time(info, "deleted");
    order_of_runs(&mut record["hooks"]);
    for hook in record["hooks"].as_array_mut().into_iter().flatten() {
        time(&mut hook["last_run"], "started_at");
        time(&mut hook["last_run"], "completed_at");
    }
    for list in ["templates", "files"] {
        for file in record["chart"][list].as_array_mut().into_iter().flatten() {
            file["data"] = plain(&file["data"]);
            if referee == Referee::Helm3 {
                remove(file, &["modtime"]);
            }
        }
        // Neither helm promises an order, and nothing depends on it.
        if let Some(files) = record["chart"][list].as_array_mut() {
            files.sort_by_key(|file| file["name"].to_string());
        }
    }
    record["chart"]["schema"] = plain(&record["chart"]["schema"]);
    if referee == Referee::Helm3 {
        remove(&mut record, &["apply_method"]);
        remove(&mut record["chart"], &["schemamodtime", "modtime"]);
        let (values, config) = (record["chart"]["values"].take(), record["config"].take());
        without_empty(&mut record);
        record["chart"]["values"] = values;
        record["config"] = config;
    }
    record
}

/// Notes the order in which hooks ran, before the times go.
fn order_of_runs(hooks: &mut Value) {
    let hooks = hooks.as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
    let mut runs: Vec<String> = hooks
        .iter()
        .filter_map(|hook| hook["last_run"]["started_at"].as_str())
        .filter(|text| !is_zero(text))
        .map(instant)
        .collect();
    runs.sort();
    for hook in hooks {
        let started = hook["last_run"]["started_at"].as_str().map(instant);
        if let Some(place) = started.and_then(|started| runs.iter().position(|run| *run == started)) {
            hook["last_run"]["place"] = place.into();
        }
    }
}

fn is_zero(time: &str) -> bool {
    time.is_empty() || time.starts_with("0001-01-01")
}

/// A time becomes a word; none stays none, however it is written.
fn time(at: &mut Value, field: &str) {
    match at.get(field).and_then(Value::as_str) {
        Some(text) if !is_zero(text) => at[field] = "<time>".into(),
        Some(_) | None => remove(at, &[field]),
    }
}

/// A time without the way it is written: Helm keeps the offset of the machine.
fn instant(text: &str) -> String {
    text.parse::<k8s_openapi::jiff::Timestamp>().map_or_else(
        |_| text.to_owned(),
        |time| format!("{:020}", time.as_nanosecond()),
    )
}

/// Text in place of base64, where it is text.
fn plain(data: &Value) -> Value {
    data.as_str()
        .and_then(|data| STANDARD.decode(data).ok())
        .and_then(|data| String::from_utf8(data).ok())
        .map_or_else(|| data.clone(), Value::String)
}

fn without_empty(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(without_empty);
            map.retain(|_, value| !is_empty(value));
        }
        Value::Array(list) => list.iter_mut().for_each(without_empty),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The three layers of a release Secret: base64 of the API, base64 of Helm, gzip.
fn decode(data: &Value) -> Result<Value> {
    let outer = STANDARD.decode(data.as_str().context("the key `release` is missing")?)?;
    let inner = STANDARD.decode(outer)?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(inner.as_slice()).read_to_string(&mut text)?;
    Ok(serde_json::from_str(&text)?)
}

/// The words for an object that was not ready in time, without how far it had come.
fn without_progress(text: &str) -> String {
    static PROGRESS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"not ready\. status: (?:InProgress|Unknown), message: .*?(\\n|\n)").unwrap()
    });
    // What helm says when its own limit of requests per second outlasts the deadline.
    static BUSY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"failed to compute object status: ([^_ ]+)_([^_ ]+)_[^_ ]*_(\w+): client rate limiter Wait returned an error: rate: Wait\(n=1\) would exceed context deadline").unwrap()
    });
    let text = BUSY.replace_all(
        text,
        "resource $3/$1/$2 not ready. status: <on the way>\\ncontext deadline exceeded",
    );
    PROGRESS
        .replace_all(&text, "not ready. status: <on the way>$1")
        .into_owned()
}

/// A text, with the names that must differ replaced.
pub(crate) fn text(text: &str, twin: &Twin) -> String {
    static UID: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap());
    static TOKEN: LazyLock<Regex> = LazyLock::new(|| Regex::new("kube-api-access-[a-z0-9]{5}").unwrap());
    let text = text
        .replace(twin.namespace.name(), "NAMESPACE")
        .replace(&twin.mark, "MARK");
    let text = without_progress(&text);
    let text = UID.replace_all(&text, "<uid>");
    TOKEN.replace_all(&text, "kube-api-access-<token>").into_owned()
}

/// JSON with a line for each field, and other text as it is. `status` lists live objects, which are
/// compared on their own.
fn pretty(text: &str) -> String {
    let (json, rest) = text.split_once('\n').unwrap_or((text, ""));
    match serde_json::from_str::<Value>(json) {
        Ok(mut value) => {
            if value["info"].is_object() {
                remove(&mut value["info"], &["resources"]);
            }
            format!("{value:#}\n{rest}").replace("\\n", "\n    ")
        }
        Err(_) => text.to_owned(),
    }
}

/// An answer of `helm`, as JSON where it is JSON.
pub(crate) fn answer(answer: &str, twin: &Twin) -> String {
    static TIME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( (UTC|[A-Z]{3,4}))?",
            r"|(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}"
        ))
        .unwrap()
    });
    static TIME_LABEL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#""(createdAt|modifiedAt)":"\d+",?"#).unwrap());
    let answer = TIME_LABEL.replace_all(answer, "");
    // While a line of a message is still written as `\\n`.
    let answer = pretty(&without_progress(&answer));
    TIME.replace_all(&text(&answer, twin), "<time>").into_owned()
}

fn remove(value: &mut Value, fields: &[&str]) {
    if let Some(map) = value.as_object_mut() {
        for field in fields {
            map.remove(*field);
        }
    }
}

fn drop_empty(value: &mut Value, field: &str) {
    if value[field].as_object().is_none_or(Map::is_empty) {
        remove(value, &[field]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zero_time_of_either_helm_is_no_time() {
        for written in [
            json!({"at": ""}),
            json!({"at": "0001-01-01T00:00:00Z"}),
            json!({}),
        ] {
            let mut written = written;
            time(&mut written, "at");
            assert_eq!(written, json!({}));
        }
        let mut written = json!({"at": "2026-01-02T03:04:05.6+02:00"});
        time(&mut written, "at");
        assert_eq!(written, json!({"at": "<time>"}));
    }
}
