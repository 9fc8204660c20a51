//! A manifest, a live object, and the paths that differ.

use serde_json::json;

use super::*;

fn reference(api_version: &str, kind: &str) -> ObjectRef {
    ObjectRef {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: "apps".to_owned(),
        name: "web".to_owned(),
    }
}

#[track_caller]
fn check_kind(api_version: &str, kind: &str, manifest: &Value, live: &Value, expected: &[&str]) {
    let drift = compare(&reference(api_version, kind), manifest, Some(live));
    assert_eq!(drift.map(|drift| drift.fields).unwrap_or_default(), expected);
}

#[track_caller]
fn check(manifest: &Value, live: &Value, expected: &[&str]) {
    check_kind("apps/v1", "Deployment", manifest, live, expected);
}

#[test]
fn only_what_the_manifest_says_is_compared() {
    let manifest = json!({"metadata": {"name": "web", "labels": {"a": "1"}}, "spec": {"replicas": 1}});
    let live = json!({"metadata": {"name": "web", "uid": "x", "labels": {"a": "1", "b": "2"}},
        "spec": {"replicas": 1, "strategy": {}}, "status": {"replicas": 7}});
    check(&manifest, &live, &[]);
    let other = json!({"metadata": {"labels": {"a": "2"}}, "spec": {"replicas": 3}});
    check(&manifest, &other, &["metadata.labels.a", "spec.replicas"]);
}

#[test]
fn quantities_and_dropped_empty_values_are_equal() {
    let manifest =
        json!({"spec": {"cpu": "1000m", "memory": "1024Mi", "empty": {}, "off": false, "n": null}});
    check(&manifest, &json!({"spec": {"cpu": "1", "memory": "1Gi"}}), &[]);
    check(
        &json!({"spec": {"cpu": "500m"}}),
        &json!({"spec": {"cpu": "1"}}),
        &["spec.cpu"],
    );
    check(
        &json!({"spec": {"limits": {"cpu": "1.0"}}}),
        &json!({"spec": {"limits": {"cpu": "1"}}}),
        &[],
    );
}

#[test]
fn texts_that_look_like_numbers_are_texts() {
    let labels = |text: &str| json!({"metadata": {"labels": {"version": text}}});
    check(&labels("1.10"), &labels("1.1"), &["metadata.labels.version"]);
}

#[test]
fn named_items_are_matched_by_name_and_injected_ones_are_fine() {
    let manifest = json!({"spec": {"containers": [{"name": "web", "image": "a"}], "args": ["x"]}});
    let live =
        json!({"spec": {"containers": [{"name": "sidecar"}, {"name": "web", "image": "b"}], "args": ["x"]}});
    check(&manifest, &live, &["spec.containers[web].image"]);
    check(
        &json!({"spec": {"args": ["x"]}}),
        &json!({"spec": {"args": ["x", "y"]}}),
        &["spec.args"],
    );
}

#[test]
fn mounts_are_told_apart_by_path_and_ports_by_number_and_protocol() {
    let mounts = json!([{"name": "v", "mountPath": "/a", "subPath": "a"}, {"name": "v", "mountPath": "/b", "subPath": "b"}]);
    let turned = json!([mounts[1], mounts[0]]);
    check(
        &json!({"spec": {"volumeMounts": mounts}}),
        &json!({"spec": {"volumeMounts": turned}}),
        &[],
    );
    let ports = |tcp: i64, udp: i64| json!({"spec": {"ports": [{"port": 53, "targetPort": tcp}, {"port": 53, "protocol": "UDP", "targetPort": udp}]}});
    check(&ports(1, 2), &ports(1, 3), &["spec.ports[53].targetPort"]);
}

#[test]
fn an_added_subject_or_rule_is_a_difference() {
    let with = |names: &[&str]| {
        let subjects: Vec<Value> = names
            .iter()
            .map(|name| json!({"kind": "User", "name": name}))
            .collect();
        json!({"subjects": subjects})
    };
    let check = |api_version: &str, expected: &[&str]| {
        check_kind(
            api_version,
            "RoleBinding",
            &with(&["a"]),
            &with(&["a", "b"]),
            expected,
        );
    };
    check("rbac.authorization.k8s.io/v1", &["subjects"]);
    // Of other people's kinds nobody knows which lists grow by themselves.
    check("example.com/v1", &[]);
}

#[test]
fn replicas_of_an_autoscaler_are_its_own() {
    let manifest = json!({"spec": {"replicas": 1}});
    let scaled = json!({"metadata": {"managedFields": [{"subresource": "scale"}]}, "spec": {"replicas": 5}});
    check(&manifest, &scaled, &[]);
    check(&manifest, &json!({"spec": {"replicas": 5}}), &["spec.replicas"]);
}

#[test]
fn plain_secret_data_is_compared_with_its_encoded_form() {
    let manifest = json!({"stringData": {"a": "x", "b": "y"}});
    let live = json!({"data": {"a": "eA==", "b": "eA=="}});
    check_kind("v1", "Secret", &manifest, &live, &["stringData.b"]);
}

#[test]
fn a_missing_object_differs_as_a_whole() {
    let drift = compare(&reference("v1", "ConfigMap"), &json!({}), None).unwrap();
    assert_eq!(drift.fields, [""; 0]);
}

#[test]
fn no_more_than_a_few_fields_are_named() {
    let many = |value: i64| json!({"data": (0..30).map(|key| (key.to_string(), json!(value))).collect::<Map<_, _>>()});
    let drift = compare(&reference("v1", "ConfigMap"), &many(1), Some(&many(2))).unwrap();
    assert_eq!(drift.fields.len(), ObjectDrift::MAX_FIELDS);
}
