//! Closures of every shape become functions with Go's signature.

use super::*;
use crate::value::{GoInt, Map, Str};

fn signature_of(function: &Function) -> (Vec<&'static str>, Option<&'static str>, bool) {
    let signature = function.signature();
    (
        signature.params.iter().map(|param| param.type_name).collect(),
        signature.rest.map(|param| param.type_name),
        signature.returns_interface,
    )
}

fn charge(frame: &mut Frame<'_>, n: GoInt, text: Str) -> Result<Str, FuncError> {
    frame.charge_bytes(text.len() * n.0 as usize)?;
    Ok(text)
}

#[test]
fn plain_closure_has_its_parameter_types() {
    let function = Function::new("trunc", |n: GoInt, s: Str| -> Result<Str, FuncError> {
        s.get(..n.0 as usize)
            .map(Str::from)
            .ok_or_else(|| FuncError::new("out of range"))
    });
    assert_eq!(signature_of(&function), (vec!["int", "string"], None, false));
}

#[test]
fn frame_comes_first_and_is_no_parameter() {
    let function = Function::new("repeat", charge);
    assert_eq!(signature_of(&function), (vec!["int", "string"], None, false));
    let function = Function::new("later", |_: &mut Frame<'_>, value: Value| value);
    assert_eq!(signature_of(&function), (vec!["interface {}"], None, true));
}

#[test]
fn rest_is_variadic() {
    let function = Function::new("set", |_: Map, rest: Rest<Value>| GoInt(rest.len() as i64));
    assert_eq!(
        signature_of(&function),
        (vec!["map[string]interface {}"], Some("interface {}"), false)
    );
    let function = Function::new("now", || "then");
    assert_eq!(signature_of(&function), (vec![], None, false));
}
