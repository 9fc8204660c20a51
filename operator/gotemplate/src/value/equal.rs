//! `reflect.DeepEqual`, without recursion.

use std::collections::HashSet;
use std::rc::Rc;

use super::{Object, Shape, Value};

impl Value {
    /// `reflect.DeepEqual`: type strict, looks into lists and maps, tells nil containers from empty ones.
    ///
    /// As in Go, a pair of containers that is already being compared counts as equal, so that maps may contain themselves.
    pub fn deep_equal(&self, other: &Value) -> bool {
        let mut todo = vec![(self.clone(), other.clone())];
        let mut visited = HashSet::new();
        while let Some((a, b)) = todo.pop() {
            match (&a, &b) {
                (Value::Nil, Value::Nil) => {}
                (Value::Bool(a), Value::Bool(b)) if a == b => {}
                (Value::Int(ka, a), Value::Int(kb, b)) if ka == kb && a == b => {}
                #[expect(clippy::float_cmp, reason = "Go's ==")]
                (Value::Float(a), Value::Float(b)) if a == b => {}
                (Value::Str(a), Value::Str(b)) if a == b => {}
                (Value::Bytes(a), Value::Bytes(b)) if a == b => {}
                (Value::List(a), Value::List(b)) => {
                    if a.item_type() != b.item_type() || a.is_nil() != b.is_nil() || a.len() != b.len() {
                        return false;
                    }
                    if !a.ptr_eq(b) && visited.insert((a.address(), b.address())) {
                        todo.extend(a.iter().cloned().zip(b.iter().cloned()));
                    }
                }
                (Value::Map(a), Value::Map(b)) => {
                    if a.type_name() != b.type_name() || a.is_nil() != b.is_nil() || a.len() != b.len() {
                        return false;
                    }
                    if a.ptr_eq(b) || !visited.insert((a.address(), b.address())) {
                        continue;
                    }
                    let (a, b) = (a.snapshot(), b.snapshot());
                    for ((key_a, value_a), (key_b, value_b)) in a.iter().zip(b.iter()) {
                        if key_a != key_b {
                            return false;
                        }
                        todo.push((value_a.clone(), value_b.clone()));
                    }
                }
                (Value::Object(a), Value::Object(b)) => match object_pair(a, b) {
                    Pair::Equal => {}
                    Pair::Differ => return false,
                    Pair::Compare(more) => todo.extend(more),
                },
                (
                    Value::Nil
                    | Value::Bool(_)
                    | Value::Int(..)
                    | Value::Float(_)
                    | Value::Str(_)
                    | Value::Bytes(_)
                    | Value::List(_)
                    | Value::Map(_)
                    | Value::Object(_),
                    _,
                ) => return false,
            }
        }
        true
    }
}

enum Pair {
    Equal,
    Differ,
    Compare(Vec<(Value, Value)>),
}

fn object_pair(a: &Rc<dyn Object>, b: &Rc<dyn Object>) -> Pair {
    if a.type_name() != b.type_name() {
        return Pair::Differ;
    }
    if Rc::ptr_eq(a, b) {
        return Pair::Equal;
    }
    match (a.shape(), b.shape()) {
        (Shape::Named(a), Shape::Named(b)) => Pair::Compare(vec![(a, b)]),
        (Shape::NilPointer, Shape::NilPointer) => Pair::Equal,
        (Shape::Struct, Shape::Struct) | (Shape::Pointer, Shape::Pointer) => {
            if a.equals(&**b) == Some(true) {
                return Pair::Equal;
            }
            let (a, b) = (a.fields(), b.fields());
            if a.is_empty() || a.len() != b.len() {
                return Pair::Differ;
            }
            Pair::Compare(
                a.into_iter()
                    .map(|(_, value)| value)
                    .zip(b.into_iter().map(|(_, value)| value))
                    .collect(),
            )
        }
        (Shape::Struct | Shape::Pointer | Shape::NilPointer | Shape::Named(_) | Shape::Func(_), _) => {
            Pair::Differ
        }
    }
}
