//! A template cannot use functions to fill the memory or to run for ever: each of these would in Go.

#![expect(clippy::expect_used, reason = "a test")]

use std::rc::Rc;

use gotemplate::stack::{DEEP_STACK, with_stack};
use gotemplate::value::CycleGuard;
use gotemplate::{Limits, MissingKey, TemplateSet, Value};
use helm::facts::FixedFacts;
use helm::functions::{Host, HostOptions, table};

/// A megabyte and a million steps.
fn small() -> Limits {
    Limits {
        bytes: 1 << 20,
        steps: 1_000_000,
        ..Limits::default()
    }
}

fn error_of(template: &str, limits: &Limits) -> String {
    with_stack(DEEP_STACK, || {
        let _guard = CycleGuard::new();
        let set = TemplateSet::new("gotpl")
            .with_functions(table())
            .with_missing_key(MissingKey::Zero);
        let mut set = set.with_limits(limits.clone());
        set.parse("t", template).expect("the template parses");
        let now = "2024-02-29T12:34:56[UTC]".parse().expect("a time");
        let host = Host::new(Rc::new(FixedFacts::at(now)), HostOptions::default());
        set.execution(&host)
            .execute("t", Value::Nil)
            .map(|text| text.to_string())
            .expect_err(template)
            .to_string()
    })
}

const BYTES: &str = "exceeded maximum size of produced text (1048576 bytes)";
const STEPS: &str = "exceeded maximum number of execution steps (1000000)";

#[test]
fn large_texts_are_charged_before_they_are_made() {
    for template in [
        r#"{{ repeat 1000000000000 "ab" | len }}"#,
        r#"{{ indent 1000000000 "a" | len }}"#,
        r#"{{ nindent 100 (repeat 100000 "\n") | len }}"#,
        r#"{{ replace "" (repeat 10000 "x") (repeat 1000 "y") | len }}"#,
        r#"{{ wrapWith 1 (repeat 10000 "x") (repeat 1000 "y") | len }}"#,
        r#"{{ wrap 1 (repeat 600000 "y ") | len }}"#,
        "{{ randAlphaNum 100000000000 | len }}",
        "{{ randBytes 100000000000 | len }}",
        r#"{{ regexReplaceAll "" (repeat 1000 "y") (repeat 10000 "x") | len }}"#,
        r#"{{ regexReplaceAll "(y+)" (repeat 1000 "y") (repeat 10000 "$1") | len }}"#,
        r#"{{ join (repeat 10000 "x") (until 1000) | len }}"#,
        r#"{{ repeat 900000 "x" | b64enc | len }}"#,
        r#"{{ range until 1000 }}{{ $x := repeat 10000 "x" | upper }}{{ end }}"#,
        r#"{{ range until 1000 }}{{ $x := repeat 10000 "x" | quote }}{{ end }}"#,
        r#"{{ range until 1000 }}{{ $x := repeat 10000 "x" | toJson }}{{ end }}"#,
        r#"{{ range until 1000 }}{{ $x := repeat 10000 "x" | sha256sum }}{{ end }}"#,
    ] {
        assert!(error_of(template, &small()).ends_with(BYTES), "{template}");
    }
}

#[test]
fn large_lists_are_charged_before_they_are_made() {
    for template in [
        "{{ until 100000000000 | len }}",
        "{{ untilStep 0 9223372036854775807 1 | len }}",
        "{{ untilStep -9223372036854775808 9223372036854775807 2 | len }}",
        "{{ seq 100000000000 | len }}",
        "{{ seq 0 1 9223372036854775800 | len }}",
    ] {
        let error = error_of(template, &small());
        assert!(
            error.ends_with(BYTES) || error.ends_with(STEPS),
            "{template}: {error}"
        );
    }
    for template in [
        "{{ $l := list 1 }}{{ range until 1000 }}{{ $l = concat $l $l }}{{ end }}",
        "{{ $l := list }}{{ range until 10000 }}{{ $l = append $l . }}{{ end }}",
        r#"{{ splitList "" (repeat 500000 "x") | len }}"#,
        r#"{{ regexSplit "" (repeat 500000 "x") -1 | len }}"#,
        r#"{{ regexFindAll "" (repeat 500000 "x") -1 | len }}"#,
    ] {
        assert!(error_of(template, &small()).ends_with(BYTES), "{template}");
    }
}

#[test]
fn work_that_grows_faster_than_its_text_is_charged() {
    // Lists that share their parts: comparing and copying them takes twice the time for each level.
    let build = "{{ $l := list 1 }}{{ $m := list 1 }}{{ range until 60 }}{{ $l = list $l $l }}{{ $m = list $m $m }}{{ end }}";
    for (call, expected) in [
        ("{{ deepEqual $l $m }}", STEPS),
        ("{{ has $l (list $m) }}", STEPS),
        ("{{ deepCopy $l | len }}", BYTES),
        ("{{ $l | toJson | len }}", "(67108864 bytes)"),
    ] {
        assert!(
            error_of(&format!("{build}{call}"), &small()).ends_with(expected),
            "{call}"
        );
    }
}

#[test]
fn maps_that_contain_themselves_end() {
    let build =
        r#"{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $e := dict "d" (dict) }}{{ $_ := set $e.d "d" $e }}"#;
    for (call, expected) in [
        ("{{ deepCopy $d | len }}", "exceeded maximum"),
        ("{{ merge $d $e | len }}", "exceeded maximum"),
        ("{{ mergeOverwrite $e $d | len }}", "exceeded maximum"),
        (
            "{{ mustToJson $d }}",
            "encountered a cycle via map[string]interface {}",
        ),
    ] {
        let error = error_of(&format!("{build}{call}"), &small());
        assert!(error.contains(expected), "{call}: {error}");
    }
}

#[test]
fn slow_functions_are_charged_by_the_call() {
    for template in [
        r#"{{ range until 1000 }}{{ $x := genCA "x" 1 }}{{ end }}"#,
        r#"{{ genPrivateKey "rsa" }}"#,
        r#"{{ genPrivateKey "dsa" }}"#,
        r#"{{ range until 1000 }}{{ $x := bcrypt "x" }}{{ end }}"#,
        r#"{{ range until 1000 }}{{ $x := derivePassword 1 "pin" "a" "b" "c" }}{{ end }}"#,
        r#"{{ range until 1000 }}{{ $x := genCAWithKey "x" 1 (genPrivateKey "ecdsa") }}{{ end }}"#,
    ] {
        assert!(error_of(template, &small()).ends_with(STEPS), "{template}");
    }
}

#[test]
fn compiled_expressions_are_bounded() {
    let error = error_of(
        r#"{{ regexMatch "(\\pL{100}){10}(\\pL{100}){10}(\\pN{100}){10}" "x" }}"#,
        &Limits::default(),
    );
    assert!(
        error.ends_with("exceeded maximum size of a compiled regular expression (16777216 bytes)"),
        "{error}"
    );
    let error = error_of(
        r#"{{ range until 1000 }}{{ $x := regexMatch (printf "\\pL{%d}" .) "x" }}{{ end }}"#,
        &small(),
    );
    assert!(error.ends_with(BYTES), "{error}");
}

#[test]
fn an_include_of_itself_ends_after_a_thousand() {
    let error = error_of(
        r#"{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}"#,
        &Limits::default(),
    );
    assert!(
        error.ends_with("rendering template has a nested reference name: x: unable to execute template"),
        "{error}"
    );
}
