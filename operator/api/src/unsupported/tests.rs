//! Every row of the table triggers on a spec that sets its field, alone; a default spec triggers none.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

/// One spec fragment for each use of a row. A row that is deleted from the table may leave its
/// fragments here until somebody tidies up: they are checked to trigger at most their own row.
fn fragments() -> Vec<(&'static str, Value)> {
    vec![
        (
            "chart.verify",
            json!({"chart": {"verify": {"provider": "PGP", "secretRef": {"name": "keys"}}}}),
        ),
        ("onTargetChange", json!({"onTargetChange": "Replace"})),
        ("valuesPolicy", json!({"valuesPolicy": "Reuse"})),
        ("valuesPolicy", json!({"valuesPolicy": "ResetThenReuse"})),
        ("deadline", json!({"deadline": "20m"})),
        ("wait.stableFor", json!({"wait": {"stableFor": "10s"}})),
        ("wait.noProgress", json!({"wait": {"noProgress": "1m"}})),
        (
            "wait.checks",
            json!({"wait": {"checks": [{"kind": "Certificate", "current": "true"}]}}),
        ),
        ("apply.method", json!({"apply": {"method": "ClientSide"}})),
        ("apply.replace", json!({"apply": {"replace": "Always"}})),
        ("install.crds", json!({"install": {"crds": "CreateReplace"}})),
        ("install.replace", json!({"install": {"replace": true}})),
        ("upgrade.crds", json!({"upgrade": {"crds": "Create"}})),
        ("upgrade.crds", json!({"upgrade": {"crds": "CreateReplace"}})),
        ("test.when", json!({"test": {"when": "AfterRelease"}})),
        ("drift.mode", json!({"drift": {"mode": "Correct"}})),
        ("postRender.labels", json!({"postRender": {"labels": {"a": "b"}}})),
        (
            "postRender.annotations",
            json!({"postRender": {"annotations": {"a": "b"}}}),
        ),
        (
            "postRender.patches",
            json!({"postRender": {"patches": [{"patch": "kind: Job"}]}}),
        ),
        (
            "postRender.images",
            json!({"postRender": {"images": [{"name": "nginx", "newTag": "2"}]}}),
        ),
        ("foreignChanges", json!({"foreignChanges": "Revert"})),
        ("foreignChanges", json!({"foreignChanges": "Adopt"})),
        ("dependsOn", json!({"dependsOn": [{"name": "database"}]})),
        ("serviceAccountName", json!({"serviceAccountName": "deployer"})),
        (
            "kubeConfig",
            json!({"kubeConfig": {"secretRef": {"name": "remote"}}}),
        ),
    ]
}

fn spec(fragment: &Value) -> HelmReleaseSpec {
    let mut object = json!({"chart": {"repository": "https://example.com", "name": "web"}});
    for (key, value) in fragment.as_object().unwrap() {
        match (object.get_mut(key).and_then(Value::as_object_mut), value) {
            (Some(present), Value::Object(more)) => present.extend(more.clone()),
            _ => object[key] = value.clone(),
        }
    }
    serde_json::from_value(object).unwrap()
}

#[test]
fn a_spec_of_defaults_asks_for_nothing_unsupported() {
    assert_eq!(unsupported(&spec(&json!({}))), []);
}

#[test]
fn each_row_triggers_alone_on_its_field() {
    let mut seen = std::collections::BTreeSet::new();
    for (field, fragment) in fragments() {
        let found: Vec<_> = unsupported(&spec(&fragment))
            .iter()
            .map(|entry| entry.field)
            .collect();
        if SPEC.iter().any(|row| row.0 == field) {
            assert_eq!(found, [field], "{fragment}");
            seen.insert(field);
        } else {
            assert_eq!(found, Vec::<&str>::new(), "{fragment}");
        }
    }
    for (field, _, _) in SPEC {
        assert!(seen.contains(field), "row {field} has no fragment in this test");
    }
}

#[test]
fn a_spec_with_everything_names_every_row_once() {
    let mut all = json!({});
    for (_, fragment) in fragments() {
        for (key, value) in fragment.as_object().unwrap() {
            match (all.get_mut(key).and_then(Value::as_object_mut), value) {
                (Some(present), Value::Object(more)) => present.extend(more.clone()),
                _ => all[key] = value.clone(),
            }
        }
    }
    let found: Vec<_> = unsupported(&spec(&all)).iter().map(|entry| entry.field).collect();
    let rows: Vec<_> = SPEC.iter().map(|row| row.0).collect();
    assert_eq!(found, rows);
}

#[test]
fn unsupported_requests_are_told_and_supported_ones_are_not() {
    let annotations = BTreeMap::from(
        [
            (crate::requests::RECONCILE_ANNOTATION, "a"),
            (crate::requests::RETRY_ANNOTATION, "a"),
            (crate::requests::ROLLBACK_ANNOTATION, "previous@a"),
            (crate::requests::TEST_ANNOTATION, "a"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    let found: Vec<_> = unsupported_requests(&annotations, &BTreeMap::new())
        .iter()
        .map(|entry| entry.field)
        .collect();
    let rows: Vec<_> = REQUESTS.iter().map(|row| row.0).collect();
    assert_eq!(found, rows);
    let handled = BTreeMap::from(
        [("rollback", "previous@a"), ("test", "a")].map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    assert_eq!(unsupported_requests(&annotations, &handled), []);
}

#[test]
fn the_text_names_field_and_consequence() {
    let entry = Unsupported {
        field: "chart.verify",
        message: "signatures are not verified",
    };
    assert_eq!(
        entry.to_string(),
        "check spec: chart.verify is not supported yet: signatures are not verified"
    );
}
