//! [`Object`]: Go types that are more than plain data.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use super::{Str, Value};
use crate::func::Method;

/// What stands behind the type of an object.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A struct value, such as `time.Time`.
    Struct,
    /// A pointer to a struct, such as `*semver.Version`.
    Pointer,
    /// A nil pointer.
    NilPointer,
    /// A named type over a plain value, such as `type Month int` or `type VersionSet []string`.
    Named(Value),
    /// A function value, for the builtin `call`.
    Func(Method),
}

/// How `encoding/json` (and so sigs.k8s.io/yaml) sees an object.
#[derive(Clone, Debug)]
pub enum JsonForm {
    /// As this value instead: the string of a `MarshalText`, the plain value of a named type.
    Value(Value),
    /// As a JSON object with the fields in this (declaration) order.
    Struct(Vec<(Str, Value)>),
    /// Not at all: the error text, such as `json: unsupported type: func()`.
    Error(String),
}

/// A Go value with methods or fields.
///
/// Only [`Object::type_name`] has to be given; the defaults make an opaque struct without fields.
pub trait Object: fmt::Debug + Any {
    /// Go's text of the type, with the star of a pointer: `time.Time`, `*semver.Version`.
    fn type_name(&self) -> Cow<'static, str>;

    /// What the type is made of.
    fn shape(&self) -> Shape {
        Shape::Struct
    }

    /// The value of an exported field.
    fn field(&self, name: &str) -> Option<Value> {
        let _ = name;
        None
    }

    /// A method with its receiver bound.
    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        let _ = name;
        None
    }

    /// What `Error()` or `String()` says; `None` for types without them.
    fn stringer(&self) -> Option<Str> {
        None
    }

    /// What a `String()` with a pointer receiver says, where the value itself has none. Go finds it only for what it can
    /// take the address of: a field of a struct behind a pointer that is printed by an action, but not an argument.
    fn addressed_stringer(&self) -> Option<Str> {
        None
    }

    /// What `GoString()` says (`%#v`); `None` for types without it.
    fn go_string(&self) -> Option<Str> {
        None
    }

    /// All fields of a struct (or of the struct behind a pointer) in declaration order, for `%v` and `%+v`.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// How `encoding/json` sees it.
    fn json(&self) -> JsonForm {
        match self.shape() {
            Shape::Named(value) => JsonForm::Value(value),
            Shape::NilPointer => JsonForm::Value(Value::Nil),
            Shape::Struct | Shape::Pointer => JsonForm::Struct(
                self.fields()
                    .into_iter()
                    .map(|(name, value)| (Str::from(name), value))
                    .collect(),
            ),
            Shape::Func(_) => JsonForm::Error(format!("json: unsupported type: {}", self.type_name())),
        }
    }

    /// Go's `==` with an object of the same type; `None` if the type is not comparable.
    ///
    /// The default says that a pointer equals only itself and that structs are not comparable.
    fn equals(&self, other: &dyn Object) -> Option<bool> {
        match self.shape() {
            Shape::Pointer | Shape::NilPointer => Some(std::ptr::addr_eq(
                std::ptr::from_ref(self).cast::<()>(),
                std::ptr::from_ref(other).cast::<()>(),
            )),
            Shape::Struct | Shape::Named(_) | Shape::Func(_) => None,
        }
    }
}
