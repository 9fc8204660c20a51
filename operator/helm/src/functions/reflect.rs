//! Types and equality (`reflect.go` of sprig): `typeOf`, `kindOf`, `deepEqual` and friends.

use gotemplate::{Frame, FuncError, Function, Str, Value};

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("typeOf", |value: Value| Str::from(value.type_name())),
        Function::new("typeIs", |target: Str, value: Value| {
            target.as_bytes() == value.type_name().as_bytes()
        }),
        Function::new("typeIsLike", |target: Str, value: Value| {
            let name = value.type_name();
            target.as_bytes() == name.as_bytes()
                || name
                    .strip_prefix('*')
                    .is_some_and(|name| target.as_bytes() == name.as_bytes())
        }),
        Function::new("kindOf", |value: Value| Str::from(value.kind().name())),
        Function::new("kindIs", |target: Str, value: Value| {
            target.as_bytes() == value.kind().name().as_bytes()
        }),
        Function::new("deepEqual", |frame: &mut Frame<'_>, left: Value, right: Value| {
            deep_equal(frame, &left, &right)
        }),
    ]
}

/// `reflect.DeepEqual`, charging a step for every pair: values can share parts, so that comparing takes far longer
/// than building did.
pub(super) fn deep_equal(frame: &mut Frame<'_>, left: &Value, right: &Value) -> Result<bool, FuncError> {
    let mut pairs = vec![(left.clone(), right.clone())];
    while let Some((left, right)) = pairs.pop() {
        frame.charge_steps(1)?;
        match (&left, &right) {
            (Value::List(left), Value::List(right)) => {
                if left.item_type() != right.item_type()
                    || left.is_nil() != right.is_nil()
                    || left.len() != right.len()
                {
                    return Ok(false);
                }
                if !left.ptr_eq(right) {
                    pairs.extend(left.iter().cloned().zip(right.iter().cloned()).rev());
                }
            }
            (Value::Map(left), Value::Map(right)) => {
                if left.type_name() != right.type_name()
                    || left.is_nil() != right.is_nil()
                    || left.len() != right.len()
                {
                    return Ok(false);
                }
                if left.ptr_eq(right) {
                    continue;
                }
                let (left, right) = (left.snapshot(), right.snapshot());
                for ((left_key, left), (right_key, right)) in left.iter().zip(right.iter()) {
                    if left_key != right_key {
                        return Ok(false);
                    }
                    pairs.push((left.clone(), right.clone()));
                }
            }
            (left, right) => {
                if !left.deep_equal(right) {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}
