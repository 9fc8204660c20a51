//! The manifests of `tests/crd` are what they claim, as far as that can be told without an API
//! server: they parse, they use every field, and every rule has a case. The end-to-end tests show
//! them to a real API server.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't read its input must fail"
)]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use api::HelmRelease;
use serde_json::Value;
use xtask::workspace_root;

/// The first line of an invalid case: what the API server must say.
const ERROR: &str = "# error: ";

struct Case {
    name: String,
    text: String,
}

fn cases(kind: &str) -> Vec<Case> {
    let folder: PathBuf = workspace_root().unwrap().join("tests/crd").join(kind);
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let cases: Vec<_> = paths.iter().map(|path| case(path)).collect();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    cases
}

fn case(path: &Path) -> Case {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    assert!(
        path.extension().is_some_and(|extension| extension == "yaml"),
        "{name} is no case"
    );
    Case {
        name,
        text: std::fs::read_to_string(path).unwrap(),
    }
}

fn yaml(case: &Case) -> Value {
    serde_yaml::from_str(&case.text).unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

fn schema() -> Value {
    let crd = serde_json::to_value(api::crd()).unwrap();
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone()
}

/// Paths of all fields that a schema has.
fn declared(path: &str, schema: &Value, found: &mut BTreeSet<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        declared(&path, property, found);
        found.insert(path);
    }
    if schema["items"].is_object() {
        declared(path, &schema["items"], found);
    }
}

/// Paths of all declared fields that a value sets.
fn used(path: &str, schema: &Value, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, child) in object {
                let path = format!("{path}.{name}");
                let property = &schema["properties"][name];
                used(&path, property, child, found);
                found.insert(path);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| used(path, &schema["items"], item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[track_caller]
fn assert_covers(part: &str, cases: &[Case]) {
    let schema = &schema()["properties"][part];
    let (mut declared_fields, mut used_fields) = (BTreeSet::new(), BTreeSet::new());
    declared(part, schema, &mut declared_fields);
    for case in cases {
        used(part, schema, &yaml(case)[part], &mut used_fields);
    }
    let missing: Vec<_> = declared_fields.difference(&used_fields).collect();
    assert!(missing.is_empty(), "no case sets {missing:?}");
}

#[test]
fn valid_cases_parse_and_come_back_the_same() {
    for case in cases("valid") {
        let value = yaml(&case);
        // Nulls in place of defaults are filled by the API server, which is not here.
        if case.name == "nulls.yaml" {
            continue;
        }
        let release: HelmRelease =
            serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let written = serde_json::to_value(&release).unwrap();
        let again: HelmRelease = serde_json::from_value(written).unwrap();
        assert_eq!(again, release, "{}", case.name);
    }
}

#[test]
fn valid_cases_use_every_field_of_the_spec() {
    assert_covers("spec", &cases("valid"));
}

#[test]
fn status_cases_use_every_field_of_the_status_and_come_back_the_same() {
    let cases = cases("status");
    assert_covers("status", &cases);
    for case in &cases {
        let value = yaml(case);
        let release: HelmRelease =
            serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let written = serde_json::to_value(&release).unwrap();
        assert_eq!(written["status"], value["status"], "{}", case.name);
    }
}

#[test]
fn invalid_cases_say_what_is_wrong_and_every_rule_has_one() {
    let cases = cases("invalid");
    let mut expected = Vec::new();
    for case in &cases {
        let first = case.text.lines().next().unwrap_or_default();
        let error = first
            .strip_prefix(ERROR)
            .unwrap_or_else(|| panic!("{} has no `{ERROR}` line", case.name));
        expected.push(error);
        let value = yaml(case);
        assert_eq!(value["kind"], "HelmRelease", "{}", case.name);
    }
    let mut messages = BTreeSet::new();
    rules(&schema(), &mut messages);
    assert!(messages.len() > 10, "only {} rules were found", messages.len());
    for message in messages {
        // A case may quote the part of the message that matters.
        let has_case = expected.iter().any(|error| {
            error.contains(&message)
                || error
                    .split(": ")
                    .any(|part| part.len() > 8 && message.contains(part))
        });
        assert!(
            has_case,
            "no case of tests/crd/invalid is refused with {message:?}"
        );
    }
}

fn rules(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            for rule in object
                .get("x-kubernetes-validations")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                found.insert(rule["message"].as_str().unwrap().to_owned());
            }
            object.values().for_each(|child| rules(child, found));
        }
        Value::Array(items) => items.iter().for_each(|item| rules(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
