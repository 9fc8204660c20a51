//! Bounds of parsing. What parses and what errors say is checked against Go in `tests/conformance`.

use super::{ParseError, parse};
use crate::func::FunctionTable;
use crate::limits::{LimitKind, Limits};
use crate::stack::{DEEP_STACK, with_stack};
use crate::value::Str;

fn parse_with(limits: &Limits, text: &str) -> Result<usize, ParseError> {
    parse(&Str::from("t"), &Str::from(text), &FunctionTable::new(), limits).map(|trees| trees.len())
}

fn limit_of(result: Result<usize, ParseError>) -> Option<LimitKind> {
    result.err().and_then(|error| error.limit).map(|limit| limit.kind)
}

#[test]
fn nesting_is_bounded() {
    let deep = |n: usize| {
        [
            format!("{{{{ {}1{} }}}}", "(".repeat(n), ")".repeat(n)),
            format!("{}{}", "{{ if 1 }}".repeat(n), "{{ end }}".repeat(n)),
            format!("{}{}", "{{ range 1 }}".repeat(n), "{{ end }}".repeat(n)),
            format!("{{{{ if 1 }}}}{}{{{{ end }}}}", "{{ else if 1 }}".repeat(n)),
            (0..n)
                .map(|i| format!("{{{{ block \"b{i}\" . }}}}"))
                .chain((0..n).map(|_| "{{ end }}".to_owned()))
                .collect(),
        ]
    };
    for text in deep(100) {
        assert!(parse_with(&Limits::default(), &text).is_ok(), "{}", &text[..40]);
    }
    for text in deep(900) {
        let result = with_stack(DEEP_STACK, || parse_with(&Limits::default(), &text));
        assert!(result.is_ok(), "{}: {result:?}", &text[..40]);
    }
    for text in deep(50_000) {
        let result = with_stack(DEEP_STACK, || parse_with(&Limits::default(), &text));
        assert_eq!(limit_of(result), Some(LimitKind::ParseDepth), "{}", &text[..40]);
        // On a small stack it may be the stack that ends first.
        assert!(limit_of(parse_with(&Limits::default(), &text)).is_some());
    }
}

#[test]
fn nodes_are_bounded() {
    let limits = Limits {
        parse_nodes: 1000,
        ..Limits::default()
    };
    assert_eq!(
        limit_of(parse_with(&limits, &"{{ 1 }}".repeat(1000))),
        Some(LimitKind::ParseNodes)
    );
    assert_eq!(
        limit_of(parse_with(
            &limits,
            &format!("{{{{ print{} }}}}", " 1".repeat(1000))
        )),
        Some(LimitKind::ParseNodes)
    );
    let error = parse_with(&limits, &"{{ 1 }}\n".repeat(1000)).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("exceeded maximum number of template nodes (1000)"),
        "{error}"
    );
    assert!(error.line > 100);
}

#[test]
fn a_megabyte_of_template_is_fine() {
    let text = "{{ if .Values.enabled }}name: {{ .Values.name | printf \"%s\" }}{{ end }}\n".repeat(15_000);
    assert_eq!(parse_with(&Limits::default(), &text), Ok(1));
}
