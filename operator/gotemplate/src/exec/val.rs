//! [`Val`]: Go's `reflect.Value` as far as templates can tell.

use std::borrow::Cow;
use std::rc::Rc;

use crate::value::{List, Map, Object, Shape, Str, Type, Value};

/// A value during evaluation.
#[derive(Clone, Debug, Default)]
pub(crate) enum Val {
    /// The zero `reflect.Value`: no value.
    #[default]
    Invalid,
    /// A value whose static type is `interface {}`, possibly nil: an entry of a map, an item of a list.
    Interface(Value),
    /// A value of its own type. Never [`Value::Nil`].
    Concrete(Value),
}

impl Val {
    /// Whether this can be the field of a struct behind a pointer. What functions return are interfaces, and what they
    /// return as objects has no such fields.
    pub(crate) fn is_addressable(&self) -> bool {
        matches!(self, Val::Concrete(_))
    }

    /// A value of a container whose items have type `item`.
    pub(crate) fn item(value: Value, item: &Type) -> Self {
        match (item, value) {
            (Type::Any, value) | (_, value @ Value::Nil) => Val::Interface(value),
            (_, value) => Val::Concrete(value),
        }
    }

    /// `indirectInterface`: what is inside of an interface, or no value.
    pub(crate) fn unpacked(self) -> Self {
        match self {
            Val::Interface(Value::Nil) => Val::Invalid,
            Val::Interface(value) => Val::Concrete(value),
            other => other,
        }
    }

    /// The value as an `interface {}`: nil if there is none.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Val::Invalid => Value::Nil,
            Val::Interface(value) | Val::Concrete(value) => value,
        }
    }

    /// The concrete value inside, if there is one.
    pub(crate) fn concrete(&self) -> Option<&Value> {
        match self {
            Val::Invalid | Val::Interface(Value::Nil) => None,
            Val::Interface(value) | Val::Concrete(value) => Some(value),
        }
    }

    pub(crate) fn truth(&self) -> bool {
        self.concrete().is_some_and(Value::truth)
    }

    /// Whether following interfaces and pointers ends at nil (`indirect`).
    pub(crate) fn indirect_is_nil(&self) -> bool {
        match self {
            Val::Interface(Value::Nil) => true,
            Val::Interface(Value::Object(object)) | Val::Concrete(Value::Object(object)) => {
                matches!(object.shape(), Shape::NilPointer)
            }
            Val::Invalid | Val::Interface(_) | Val::Concrete(_) => false,
        }
    }

    /// Go's text of the static type; empty for no value.
    pub(crate) fn type_name(&self) -> Cow<'static, str> {
        match self {
            Val::Invalid => Cow::Borrowed(""),
            Val::Interface(_) => Cow::Borrowed("interface {}"),
            Val::Concrete(value) => value.type_name(),
        }
    }
}

/// `reflect.Zero` of an entry type.
pub(crate) fn zero(ty: &Type) -> Val {
    let value = match ty {
        Type::Any => return Val::Interface(Value::Nil),
        Type::Bool => Value::Bool(false),
        Type::Int(kind) => Value::Int(*kind, 0),
        Type::Float => Value::Float(0.0),
        Type::Str => Value::Str(Str::default()),
        Type::List(item) => Value::List(List::nil((**item).clone())),
        Type::Map(entry) => Value::Map(Map::nil((**entry).clone())),
        Type::Named(_) => return Val::Invalid,
    };
    Val::Concrete(value)
}

/// The type of what a pointer points to, the type of anything else.
pub(crate) fn pointed_type_name(value: &Value) -> Cow<'static, str> {
    let name = value.type_name();
    match value {
        Value::Object(object) if matches!(object.shape(), Shape::Pointer) => match name {
            Cow::Borrowed(name) => Cow::Borrowed(name.strip_prefix('*').unwrap_or(name)),
            Cow::Owned(name) => Cow::Owned(name.strip_prefix('*').map(str::to_owned).unwrap_or(name)),
        },
        _ => name,
    }
}

/// Whether an object has a field of that name that may not be used.
pub(crate) fn has_hidden_field(object: &dyn Object, name: &str) -> bool {
    object.field(name).is_none() && object.fields().iter().any(|(field, _)| *field == name)
}

/// What a pointer without methods of its own prints as: the struct behind it.
pub(crate) fn pointed(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::Object(object) if matches!(object.shape(), Shape::Pointer) && object.stringer().is_none() => {
            Cow::Owned(Value::object(Pointed(Rc::clone(object))))
        }
        value => Cow::Borrowed(value),
    }
}

/// The struct behind a pointer, for printing.
#[derive(Debug)]
struct Pointed(Rc<dyn Object>);

impl Object for Pointed {
    fn type_name(&self) -> Cow<'static, str> {
        pointed_type_name(&Value::Object(Rc::clone(&self.0)))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        self.0.fields()
    }
}
