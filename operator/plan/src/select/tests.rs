//! Selectors, one question a test.

use serde_json::json;

use super::*;

fn web() -> (ObjectRef, Value) {
    let object = ObjectRef {
        api_version: "apps/v1".to_owned(),
        kind: "Deployment".to_owned(),
        namespace: "apps".to_owned(),
        name: "web-server".to_owned(),
    };
    let manifest = json!({"metadata": {
        "labels": {"app": "web", "tier": "front"},
        "annotations": {"example.org/optional": "true"},
    }});
    (object, manifest)
}

#[track_caller]
fn check(text: &SelectorText<'_>, expected: bool) {
    let (object, manifest) = web();
    let selector = Selector::parse(text).unwrap();
    assert_eq!(selector.matches(&object, &manifest), expected, "{text:?}");
}

#[test]
fn all_that_is_given_must_match() {
    let none = SelectorText::default();
    check(&none, true);
    check(
        &SelectorText {
            group: Some("apps"),
            version: Some("v1"),
            kind: Some("Deployment"),
            ..none
        },
        true,
    );
    check(
        &SelectorText {
            group: Some(""),
            ..none
        },
        false,
    );
    check(
        &SelectorText {
            version: Some("v1beta1"),
            ..none
        },
        false,
    );
    check(
        &SelectorText {
            kind: Some("Deployment"),
            namespace: Some("other"),
            ..none
        },
        false,
    );
}

#[test]
fn expressions_match_whole_names() {
    let name = |name| SelectorText {
        name: Some(name),
        ..SelectorText::default()
    };
    check(&name("web-server"), true);
    check(&name("web-.*"), true);
    check(&name("web"), false);
    check(&name("web|web-server"), true);
    check(
        &SelectorText {
            namespace: Some("app[st]"),
            ..SelectorText::default()
        },
        true,
    );
}

#[test]
fn labels_are_chosen_as_kubectl_does() {
    for (text, expected) in [
        ("app=web", true),
        ("app==web", true),
        ("app = web , tier = front", true),
        ("app=web,tier=back", false),
        ("app!=db", true),
        ("absent!=x", true),
        ("app", true),
        ("absent", false),
        ("!absent", true),
        ("!app", false),
        ("app in (db, web)", true),
        ("app in(db)", false),
        ("app notin (db),tier", true),
        ("absent notin (db)", true),
        ("app notin (web)", false),
        ("app=", false),
        ("", true),
    ] {
        check(
            &SelectorText {
                labels: Some(text),
                ..SelectorText::default()
            },
            expected,
        );
    }
    check(
        &SelectorText {
            annotations: Some("example.org/optional=true"),
            ..SelectorText::default()
        },
        true,
    );
}

#[test]
fn an_object_without_labels_is_chosen_by_what_it_lacks_only() {
    let (object, _) = web();
    let choose = |labels| {
        let text = SelectorText {
            labels: Some(labels),
            ..SelectorText::default()
        };
        Selector::parse(&text).unwrap().matches(&object, &Value::Null)
    };
    assert!(!choose("app"));
    assert!(choose("!app"));
}

#[test]
fn what_cannot_be_read_says_where() {
    let error = |text: SelectorText<'_>| Selector::parse(&text).unwrap_err().to_string();
    let none = SelectorText::default();
    assert!(
        error(SelectorText {
            name: Some("("),
            ..none
        })
        .starts_with("read name: ")
    );
    assert!(
        error(SelectorText {
            namespace: Some("["),
            ..none
        })
        .starts_with("read namespace: ")
    );
    for text in [
        "=x",
        ",",
        "a,,b",
        "a b",
        "a in b",
        "a in (b",
        "a (b)",
        "a=b=c",
        "a=(b)",
        "a in (b)c",
    ] {
        let words = error(SelectorText {
            labels: Some(text),
            ..none
        });
        assert!(words.starts_with("read labelSelector: "), "{text}: {words}");
    }
    assert!(
        error(SelectorText {
            annotations: Some("="),
            ..none
        })
        .starts_with("read annotationSelector: ")
    );
}

#[test]
fn an_expression_that_would_take_much_memory_is_refused() {
    let text = SelectorText {
        name: Some(r"(\w{1000}){1000}"),
        ..SelectorText::default()
    };
    assert!(matches!(Selector::parse(&text), Err(SelectorError::Name(_))));
}
