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
    let drift = compare(&reference(api_version, kind), manifest, Some(live), &[]);
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
    let drift = compare(&reference("v1", "ConfigMap"), &json!({}), None, &[]).unwrap();
    assert_eq!(drift.fields, [""; 0]);
}

#[test]
fn no_more_than_a_few_fields_are_named() {
    let many = |value: i64| json!({"data": (0..30).map(|key| (key.to_string(), json!(value))).collect::<Map<_, _>>()});
    let drift = compare(&reference("v1", "ConfigMap"), &many(1), Some(&many(2)), &[]).unwrap();
    assert_eq!(drift.fields.len(), ObjectDrift::MAX_FIELDS);
}

#[track_caller]
fn check_ignored(paths: &[&str], manifest: &Value, live: Option<&Value>, expected: Option<&[&str]>) {
    let rule = Ignore {
        target: None,
        paths: paths.iter().map(|path| Pointer::parse(path).unwrap()).collect(),
    };
    let drift = compare(&reference("v1", "Thing"), manifest, live, &[rule]);
    let fields = drift.map(|drift| drift.fields);
    let expected = expected.map(|fields| fields.iter().map(|&field| field.to_owned()).collect::<Vec<_>>());
    assert_eq!(fields, expected, "{paths:?}");
}

#[test]
fn what_a_rule_names_is_not_compared_nor_what_lies_below_it() {
    let manifest = json!({
        "metadata": {"annotations": {"a/b": "1", "c~d": "1"}},
        "spec": {"replicas": 1, "deep": {"x": 1, "y": 1}},
    });
    let live = json!({
        "metadata": {"annotations": {"a/b": "2", "c~d": "2"}},
        "spec": {"replicas": 2, "deep": {"x": 2, "y": 2}},
    });
    let live = Some(&live);
    check_ignored(
        &[
            "/spec/replicas",
            "/metadata/annotations/a~1b",
            "/metadata/annotations/c~0d",
        ],
        &manifest,
        live,
        Some(&["spec.deep.x", "spec.deep.y"]),
    );
    check_ignored(&["/spec", "/metadata/annotations"], &manifest, live, None);
    check_ignored(
        &["/spec/deep", "/metadata", "/spec/replicas"],
        &manifest,
        live,
        None,
    );
    check_ignored(
        &["/spec/dee", "/metadata", "/spec/replicas/"],
        &manifest,
        live,
        Some(&["spec.deep.x", "spec.deep.y", "spec.replicas"]),
    );
}

#[test]
fn a_field_that_is_gone_with_nothing_but_ignored_ones_in_it_is_no_difference() {
    let manifest = json!({"spec": {"deep": {"x": 1, "list": [{"y": 1}]}}});
    let live = json!({"spec": {}});
    check_ignored(
        &["/spec/deep/x", "/spec/deep/list/0/y"],
        &manifest,
        Some(&live),
        None,
    );
    check_ignored(&["/spec/deep/x"], &manifest, Some(&live), Some(&["spec.deep"]));
}

#[test]
fn items_of_lists_are_ignored_by_their_place_in_the_manifest() {
    let manifest = json!({"spec": {"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}], "args": ["x"]}});
    let live = json!({"spec": {"containers": [{"name": "b", "image": "2"}, {"name": "a", "image": "2"}], "args": ["x", "y", "z"]}});
    let live = Some(&live);
    check_ignored(
        &["/spec/containers/0/image", "/spec/args/-"],
        &manifest,
        live,
        Some(&["spec.containers[b].image"]),
    );
    check_ignored(
        &["/spec/containers", "/spec/args/1"],
        &manifest,
        live,
        Some(&["spec.args"]),
    );
    check_ignored(
        &["/spec/containers", "/spec/args/1", "/spec/args/2"],
        &manifest,
        live,
        None,
    );
}

#[test]
fn plain_text_of_a_secret_is_ignored_under_either_name() {
    let (manifest, live) = (json!({"stringData": {"k": "a"}}), json!({"data": {"k": "Yg=="}}));
    for path in ["/data/k", "/stringData/k", "/stringData", "/data"] {
        let rule = Ignore {
            target: None,
            paths: vec![Pointer::parse(path).unwrap()],
        };
        assert_eq!(
            compare(&reference("v1", "Secret"), &manifest, Some(&live), &[rule]),
            None,
            "{path}"
        );
    }
}

#[test]
fn a_rule_is_about_its_target_only() {
    use crate::{Selector, SelectorText};
    let (manifest, live) = (json!({"spec": {"a": 1}}), json!({"spec": {"a": 2}}));
    for (kind, expected) in [("Thing", 0), ("Other", 1)] {
        let target = Selector::parse(&SelectorText {
            kind: Some(kind),
            ..SelectorText::default()
        })
        .unwrap();
        let rule = Ignore {
            target: Some(target),
            paths: vec![Pointer::parse("/spec/a").unwrap()],
        };
        let drift = compare(&reference("v1", "Thing"), &manifest, Some(&live), &[rule]);
        assert_eq!(drift.map_or(0, |drift| drift.fields.len()), expected, "{kind}");
    }
}

#[test]
fn a_missing_object_is_a_difference_unless_all_of_it_is_ignored() {
    let manifest = json!({"spec": {"a": 1}});
    check_ignored(&["/spec/a"], &manifest, None, Some(&[]));
    check_ignored(&[""], &manifest, None, None);
}

#[test]
fn pointers_are_read_as_the_rfc_says() {
    assert_eq!(
        Pointer::parse("spec"),
        Err(PointerError::Start("spec".to_owned()))
    );
    assert_eq!(
        Pointer::parse("/a~2"),
        Err(PointerError::Escape("/a~2".to_owned()))
    );
    assert_eq!(
        Pointer::parse("/~~01"),
        Err(PointerError::Escape("/~~01".to_owned()))
    );
    assert_eq!(Pointer::parse("/a~"), Err(PointerError::Escape("/a~".to_owned())));
    assert_ne!(Pointer::parse("/a~01"), Pointer::parse("/a~1"));
}
