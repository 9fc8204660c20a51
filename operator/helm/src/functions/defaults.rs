//! Emptiness and choice (`defaults.go` of sprig without its JSON functions).

use gotemplate::{Function, Rest, Value};

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("default", |default: Value, given: Rest<Value>| {
            match given.0.into_iter().next() {
                Some(given) if !empty(&given) => given,
                _ => default,
            }
        }),
        Function::new("empty", |value: Value| empty(&value)),
        Function::new("coalesce", |values: Rest<Value>| {
            values
                .0
                .into_iter()
                .find(|value| !empty(value))
                .unwrap_or_default()
        }),
        Function::new("all", |values: Rest<Value>| !values.iter().any(empty)),
        Function::new("any", |values: Rest<Value>| {
            values.iter().any(|value| !empty(value))
        }),
        Function::new(
            "ternary",
            |yes: Value, no: Value, test: bool| if test { yes } else { no },
        ),
        Function::new("hello", || "Hello!"),
    ]
}

/// sprig's `empty`: what is false to a template is empty, and structs never are.
pub(super) fn empty(value: &Value) -> bool {
    !value.truth()
}
