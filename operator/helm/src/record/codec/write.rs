//! A record to JSON, field by field in the order of Helm's Go structs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::gojson::{Object, put_array, put_string, put_value};
use crate::record::{ChartRecord, FileRecord, GoTime, HookExecution, HookRecord, Info, Release};

/// The JSON of a record.
pub(super) fn release(release: &Release) -> Vec<u8> {
    let Release {
        name,
        info,
        chart,
        config,
        manifest,
        hooks,
        version,
        namespace,
        labels: _,
        apply_method,
        extra,
    } = release;
    let mut out = Vec::with_capacity(manifest.len() * 2);
    let mut object = Object::begin(&mut out);
    object.text("name", name);
    put_info(object.key("info"), info);
    if let Some(chart) = chart {
        put_chart(object.key("chart"), chart);
    }
    if !config.is_empty() {
        put_map(object.key("config"), config);
    }
    object.text("manifest", manifest);
    if !hooks.is_empty() {
        put_array(object.key("hooks"), hooks, put_hook);
    }
    if version.0 != 0 {
        object
            .key("version")
            .extend_from_slice(version.to_string().as_bytes());
    }
    object.text("namespace", namespace);
    object.text("apply_method", apply_method.map_or("", |method| method.as_str()));
    object.extra(extra);
    object.end();
    out
}

fn put_info(out: &mut Vec<u8>, info: &Info) {
    let Info {
        first_deployed,
        last_deployed,
        deleted,
        description,
        status,
        notes,
        extra,
    } = info;
    let mut object = Object::begin(out);
    put_time(&mut object, "first_deployed", first_deployed.as_ref());
    put_time(&mut object, "last_deployed", last_deployed.as_ref());
    put_time(&mut object, "deleted", deleted.as_ref());
    object.text("description", description);
    object.text("status", status.as_str());
    object.text("notes", notes);
    object.extra(extra);
    object.end();
}

fn put_hook(out: &mut Vec<u8>, record: &HookRecord) {
    let HookRecord {
        hook,
        last_run,
        unknown_events,
        extra,
    } = record;
    let events: Vec<&str> = hook
        .events
        .iter()
        .map(|event| event.as_str())
        .chain(unknown_events.iter().map(String::as_str))
        .collect();
    let mut object = Object::begin(out);
    object.text("name", &hook.name);
    object.text("kind", &hook.kind);
    object.text("path", &hook.path);
    object.text("manifest", &hook.manifest);
    if !events.is_empty() {
        put_array(object.key("events"), &events, |out, word| put_string(out, word));
    }
    put_execution(object.key("last_run"), last_run);
    if hook.weight != 0 {
        object
            .key("weight")
            .extend_from_slice(hook.weight.to_string().as_bytes());
    }
    if !hook.delete_policies.is_empty() {
        put_array(
            object.key("delete_policies"),
            &hook.delete_policies,
            |out, policy| {
                put_string(out, &String::from(policy.clone()));
            },
        );
    }
    if !hook.output_log_policies.is_empty() {
        put_array(
            object.key("output_log_policies"),
            &hook.output_log_policies,
            |out, policy| {
                put_string(out, &String::from(policy.clone()));
            },
        );
    }
    object.extra(extra);
    object.end();
}

fn put_execution(out: &mut Vec<u8>, run: &HookExecution) {
    let HookExecution {
        started_at,
        completed_at,
        phase,
        extra,
    } = run;
    let mut object = Object::begin(out);
    put_time(&mut object, "started_at", started_at.as_ref());
    put_time(&mut object, "completed_at", completed_at.as_ref());
    put_string(object.key("phase"), phase.as_str());
    object.extra(extra);
    object.end();
}

fn put_chart(out: &mut Vec<u8>, chart: &ChartRecord) {
    let ChartRecord {
        metadata,
        lock,
        templates,
        values,
        schema,
        schema_mod_time,
        files,
        mod_time,
        extra,
    } = chart;
    let mut object = Object::begin(out);
    put_shaped(object.key("metadata"), metadata, METADATA);
    put_shaped(object.key("lock"), lock, LOCK);
    put_files(object.key("templates"), templates);
    put_value(object.key("values"), values);
    match schema {
        Some(bytes) => put_string(object.key("schema"), &STANDARD.encode(bytes)),
        None => object.key("schema").extend_from_slice(b"null"),
    }
    put_string(
        object.key("schemamodtime"),
        &GoTime::or_zero(schema_mod_time.as_ref()),
    );
    put_files(object.key("files"), files);
    put_time(&mut object, "modtime", mod_time.as_ref());
    object.extra(extra);
    object.end();
}

/// A Go slice that was never filled is `null`.
fn put_files(out: &mut Vec<u8>, files: &[FileRecord]) {
    if files.is_empty() {
        out.extend_from_slice(b"null");
        return;
    }
    put_array(
        out,
        files,
        |out,
         FileRecord {
             name,
             data,
             mod_time,
             extra,
         }| {
            let mut object = Object::begin(out);
            put_string(object.key("name"), name);
            put_string(object.key("data"), &STANDARD.encode(data));
            put_time(&mut object, "modtime", mod_time.as_ref());
            object.extra(extra);
            object.end();
        },
    );
}

fn put_time(object: &mut Object<'_>, key: &str, time: Option<&GoTime>) {
    if let Some(time) = time {
        put_string(object.key(key), &time.to_string());
    }
}

fn put_map(out: &mut Vec<u8>, map: &Map<String, Value>) {
    let mut object = Object::begin(out);
    object.extra(map);
    object.end();
}

/// The order of a Go struct's fields, and that of the structs inside it. Keys it does not name follow, sorted.
struct Shape {
    order: &'static [&'static str],
    inner: &'static [(&'static str, &'static Shape)],
}

const MAINTAINER: &Shape = &Shape {
    order: &["name", "email", "url"],
    inner: &[],
};

const DEPENDENCY: &Shape = &Shape {
    order: &[
        "name",
        "version",
        "repository",
        "condition",
        "tags",
        "enabled",
        "import-values",
        "alias",
    ],
    inner: &[],
};

const METADATA: &Shape = &Shape {
    order: &[
        "name",
        "home",
        "sources",
        "version",
        "description",
        "keywords",
        "maintainers",
        "icon",
        "apiVersion",
        "condition",
        "tags",
        "appVersion",
        "deprecated",
        "annotations",
        "kubeVersion",
        "dependencies",
        "type",
    ],
    inner: &[("maintainers", MAINTAINER), ("dependencies", DEPENDENCY)],
};

const LOCK: &Shape = &Shape {
    order: &["generated", "digest", "dependencies"],
    inner: &[("dependencies", DEPENDENCY)],
};

fn put_shaped(out: &mut Vec<u8>, value: &Value, shape: &Shape) {
    match value {
        Value::Object(map) => {
            let known = shape.order.iter().filter_map(|key| map.get_key_value(*key));
            let unknown = map.iter().filter(|(key, _)| !shape.order.contains(&key.as_str()));
            let mut object = Object::begin(out);
            for (key, value) in known.chain(unknown) {
                let inner = shape.inner.iter().find(|(name, _)| name == key);
                match inner {
                    Some((_, shape)) => put_shaped(object.key(key), value, shape),
                    None => put_value(object.key(key), value),
                }
            }
            object.end();
        }
        Value::Array(items) => put_array(out, items, |out, item| put_shaped(out, item, shape)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => put_value(out, value),
    }
}
