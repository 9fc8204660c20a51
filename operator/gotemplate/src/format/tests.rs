//! The Rust side of printing: limits and helpers. The texts are checked against Go in `tests/conformance`.

use super::*;
use crate::value::{List, Map};

#[test]
fn text_is_the_default_format() {
    assert_eq!(text(&Value::Float(1e6)).unwrap(), "1e+06");
    assert_eq!(text(&Value::Nil).unwrap(), "<nil>");
    assert_eq!(
        text(&Value::from(vec![Value::int(1), Value::Nil])).unwrap(),
        "[1 <nil>]"
    );
    assert_eq!(
        sprint(&[Value::int(1), Value::int(2), Value::from("x")]).unwrap(),
        "1 2x"
    );
    assert_eq!(
        sprintf(
            b"%05.1f|%-4s|%q",
            &[Value::Float(2.25), Value::from("a"), Value::from("b")]
        )
        .unwrap(),
        "002.2|a   |\"b\""
    );
}

#[test]
fn width_and_precision_are_bounded_by_the_longest_text() {
    let huge = "%1000000d".repeat(100);
    let args = vec![Value::int(1); 100];
    let error = sprintf(huge.as_bytes(), &args).unwrap_err();
    assert_eq!(error.limit().map(|limit| limit.kind), Some(LimitKind::Bytes));
    assert_eq!(sprintf(b"%1000000d", &args[..1]).unwrap().len(), 1_000_000);
}

#[test]
fn printing_within_a_budget_keeps_what_was_there() {
    let mut out = b"before ".to_vec();
    append(&mut out, &Value::from(vec![Value::int(1)]), 3).unwrap();
    assert_eq!(out, b"before [1]");
    let error = append(&mut out, &Value::from(vec![Value::int(1), Value::int(22)]), 5).unwrap_err();
    assert_eq!(error.kind, LimitKind::Bytes);
    assert!(out.starts_with(b"before [1]"));
}

#[test]
fn maps_in_themselves_end_in_an_error() {
    let map = Map::default();
    assert!(map.insert("self", map.clone()));
    let error = text(&Value::Map(map.clone())).unwrap_err();
    assert_eq!(error.limit().map(|limit| limit.kind), Some(LimitKind::Stack));
    map.clear();
}

#[test]
fn shared_lists_end_in_an_error() {
    let mut value = Value::from(vec![Value::int(1)]);
    for _ in 0..60 {
        value = Value::List(List::new(vec![value.clone(), value]));
    }
    assert_eq!(
        append(&mut Vec::new(), &value, 1 << 20).unwrap_err().kind,
        LimitKind::Bytes
    );
}
