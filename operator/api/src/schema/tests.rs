//! The generated schema: structural, bounded, described, and of one mind with the Rust types.

use serde_json::{Value, json};

use super::*;

/// Schema of the whole object, as the CRD has it.
fn root() -> Value {
    let crd = serde_json::to_value(crate::crd()).unwrap();
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone()
}

/// Calls `visit` with the path and the schema of every node.
fn walk(path: &str, schema: &Value, visit: &mut impl FnMut(&str, &Value)) {
    visit(path, schema);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        walk(&format!("{path}.{name}"), property, visit);
    }
    if let Some(items) = schema.get("items") {
        walk(&format!("{path}[]"), items, visit);
    }
    if let Some(values) = schema
        .get("additionalProperties")
        .filter(|values| values.is_object())
    {
        walk(&format!("{path}{{}}"), values, visit);
    }
}

/// What the API server does with defaults, for one object.
fn fill(schema: &Value, value: &mut Value) {
    if let (Some(properties), Some(object)) = (schema["properties"].as_object(), value.as_object_mut()) {
        for (name, property) in properties {
            if let (false, Some(default)) = (object.contains_key(name), property.get("default")) {
                object.insert(name.clone(), default.clone());
            }
            if let Some(child) = object.get_mut(name) {
                fill(property, child);
            }
        }
    }
    if let (Some(items), Some(list)) = (schema.get("items"), value.as_array_mut()) {
        for item in list {
            fill(items, item);
        }
    }
}

#[test]
fn the_schema_is_structural() {
    walk("", &root(), &mut |path, schema| {
        assert!(schema["type"].is_string(), "{path} has no single type: {schema}");
        for word in [
            "$ref",
            "anyOf",
            "oneOf",
            "allOf",
            "not",
            "nullable",
            "uniqueItems",
            "title",
            "const",
        ] {
            assert!(schema.get(word).is_none(), "{path} has {word}");
        }
        let format = schema.get("format").and_then(Value::as_str);
        assert!(
            matches!(format, None | Some("int32" | "int64" | "date-time")),
            "{path} has format {format:?}"
        );
    });
}

#[test]
fn every_field_is_described() {
    walk("", &root(), &mut |path, schema| {
        if path.ends_with("[]") || path.ends_with("{}") || path == ".metadata" {
            return;
        }
        let text = schema["description"]
            .as_str()
            .unwrap_or_else(|| panic!("{path} has no description"));
        assert!(text.contains('.') || text.contains('`'), "{path}: {text}");
        let stray = text
            .lines()
            .any(|line| line.ends_with(' ') || line.starts_with(' '));
        assert!(!stray, "{path} has stray white space: {text:?}");
    });
}

#[test]
fn lists_and_texts_of_the_spec_are_bounded() {
    walk(
        "spec",
        &root()["properties"]["spec"],
        &mut |path, schema| match schema["type"].as_str() {
            Some("array") => assert!(schema.get("maxItems").is_some(), "{path} has no maxItems"),
            Some("string") => {
                let bounded = schema.get("maxLength").is_some() || schema.get("enum").is_some();
                // Annotation values are as long as the API server lets them be.
                assert!(
                    bounded || path.starts_with("spec.postRender."),
                    "{path} has no maxLength"
                );
            }
            _ => {}
        },
    );
}

#[test]
fn lists_of_the_status_are_bounded() {
    walk("status", &root()["properties"]["status"], &mut |path, schema| {
        assert!(
            schema["type"] != "array" || schema.get("maxItems").is_some(),
            "{path} has no maxItems"
        );
    });
}

#[test]
fn enum_values_are_pascal_case_and_each_is_explained() {
    let mut count = 0;
    walk("", &root(), &mut |path, schema| {
        let Some(values) = schema.get("enum").and_then(Value::as_array) else {
            return;
        };
        count += 1;
        let text = schema["description"].as_str().unwrap();
        for value in values.iter().map(|value| value.as_str().unwrap()) {
            // Helm's own words stay Helm's.
            let helm_word = path.starts_with(".status.") && path.ends_with(".status");
            assert!(
                helm_word || value.starts_with(|first: char| first.is_ascii_uppercase()),
                "{path}: {value}"
            );
            assert!(
                text.contains(&format!("- `{value}`: ")),
                "{path} does not explain {value}: {text}"
            );
        }
    });
    assert!(count > 20, "only {count} enums were found");
}

#[test]
fn every_rule_has_a_message() {
    let mut rules = 0;
    walk("", &root(), &mut |path, schema| {
        for rule in schema
            .get("x-kubernetes-validations")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            rules += 1;
            assert!(
                rule["message"].as_str().is_some_and(|text| !text.is_empty()),
                "{path}: {rule}"
            );
        }
    });
    assert!(rules > 20, "only {rules} rules were found");
}

#[test]
fn the_api_server_fills_the_defaults_that_rust_has() {
    let mut object = json!({
        "spec": {
            "chart": {"repository": "https://example.com", "name": "web"},
            "valuesFrom": [{"kind": "Secret", "name": "db"}],
            "wait": {"checks": [{"kind": "Certificate", "current": "true"}]},
            "kubeConfig": {"secretRef": {"name": "remote"}},
        },
    });
    let parsed: HelmReleaseSpec = serde_json::from_value(object["spec"].clone()).unwrap();
    fill(&root(), &mut object);
    assert_eq!(object["spec"], serde_json::to_value(&parsed).unwrap());
    assert_eq!(
        object["status"],
        serde_json::to_value(HelmReleaseStatus::default()).unwrap()
    );
}

#[test]
fn values_are_not_pruned() {
    let values = &root()["properties"]["spec"]["properties"]["values"];
    assert_eq!(values["x-kubernetes-preserve-unknown-fields"], true);
    assert_eq!(values["type"], "object");
}

#[test]
fn names_and_columns_are_those_of_the_design() {
    let crd = serde_json::to_value(crate::crd()).unwrap();
    assert_eq!(crd["metadata"]["name"], "helmreleases.pilothouse.dev");
    assert_eq!(crd["spec"]["scope"], "Namespaced");
    assert_eq!(crd["spec"]["names"]["shortNames"], json!(["phr"]));
    assert_eq!(crd["spec"]["names"]["categories"], json!(["pilothouse"]));
    let version = &crd["spec"]["versions"][0];
    assert_eq!(version["name"], "v1alpha1");
    assert_eq!(version["subresources"], json!({"status": {}}));
    let columns: Vec<_> = version["additionalPrinterColumns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| {
            (
                column["name"].as_str().unwrap(),
                column["priority"].as_i64().unwrap_or(0),
            )
        })
        .collect();
    assert_eq!(
        columns,
        [
            ("Ready", 0),
            ("Chart", 0),
            ("Version", 0),
            ("Revision", 0),
            ("Status", 0),
            ("Age", 0),
            ("Drift", 1),
            ("Suspended", 1),
            ("Target", 1),
            ("Operation", 1),
        ],
    );
}

#[test]
fn paragraphs_join_lines_and_keep_lists() {
    assert_eq!(
        paragraphs("one\ntwo\n\nthree\n- a\n- b\n"),
        "one two\n\nthree\n- a\n- b"
    );
    assert_eq!(paragraphs(""), "");
    assert_eq!(paragraphs("one\n\ntwo\nthree"), "one\n\ntwo three");
}
