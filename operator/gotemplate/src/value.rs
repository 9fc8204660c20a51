//! The values a template works on, shaped like Go's.
//!
//! [`Value`] is what Go keeps in an `interface{}`: a concrete value together with its Go type, or nil.
//! It is not a data format: nothing here reads or writes YAML or JSON. Maps have reference semantics,
//! as in Go: a clone of a [`Map`] is the same map. Values are cheap to clone and belong to one thread.
//!
//! Left out on purpose, because no template data holds them: `float32`, complex numbers, channels, maps
//! whose keys are not strings, and plain pointers (an [`Object`] can stand for a pointer to a struct).

mod cycles;
mod equal;
mod list;
mod map;
mod number;
mod object;
mod string;
mod types;

use std::any::Any;
use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

pub use cycles::CycleGuard;
pub use list::List;
pub use map::{Entries, Map, MapType};
pub use number::{GoInt, IntKind};
pub use object::{JsonForm, Object, Shape};
pub use string::Str;
pub use types::{Kind, Type};

/// One Go value, as an `interface{}` would hold it.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// The nil interface.
    #[default]
    Nil,
    /// `bool`
    Bool(bool),
    /// Any integer type. Unsigned kinds keep their bits: see [`Value::as_u64`].
    Int(IntKind, i64),
    /// `float64`
    Float(f64),
    /// `string`: bytes, usually but not necessarily UTF-8.
    Str(Str),
    /// `[]uint8`, the type that `[]byte` prints as.
    Bytes(Arc<[u8]>),
    /// Any other slice.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// Anything with methods or fields: times, versions, file sets, certificates.
    Object(Rc<dyn Object>),
}

impl Value {
    /// Wraps an object.
    pub fn object(object: impl Object) -> Self {
        Value::Object(Rc::new(object))
    }

    /// An `int`, Go's default integer type.
    pub const fn int(n: i64) -> Self {
        Value::Int(IntKind::Int, n)
    }

    /// Go's name of the dynamic type (`%T`, sprig's `typeOf`): `[]interface {}`, `float64`, `<nil>`.
    pub fn type_name(&self) -> Cow<'static, str> {
        match self {
            Value::Nil => Cow::Borrowed("<nil>"),
            Value::Bool(_) => Cow::Borrowed("bool"),
            Value::Int(kind, _) => Cow::Borrowed(kind.name()),
            Value::Float(_) => Cow::Borrowed("float64"),
            Value::Str(_) => Cow::Borrowed("string"),
            Value::Bytes(_) => Cow::Borrowed("[]uint8"),
            Value::List(list) => list.type_name(),
            Value::Map(map) => map.type_name(),
            Value::Object(object) => object.type_name(),
        }
    }

    /// The kind behind the type (`reflect.Kind`): a named integer type such as `time.Month` has kind `int`.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Nil => Kind::Invalid,
            Value::Bool(_) => Kind::Bool,
            Value::Int(kind, _) => Kind::Int(*kind),
            Value::Float(_) => Kind::Float64,
            Value::Str(_) => Kind::String,
            Value::Bytes(_) | Value::List(_) => Kind::Slice,
            Value::Map(_) => Kind::Map,
            Value::Object(object) => match object.shape() {
                Shape::Struct => Kind::Struct,
                Shape::Pointer | Shape::NilPointer => Kind::Ptr,
                Shape::Func(_) => Kind::Func,
                Shape::Named(value) => value.kind(),
            },
        }
    }

    /// Replaces a named non-struct object (`type Month int`) by the plain value under its name.
    ///
    /// Everything that works on kinds instead of types (comparison, `len`, `range`, printing, casts)
    /// looks at this value.
    pub fn underlying(&self) -> Cow<'_, Value> {
        if let Value::Object(object) = self
            && let Shape::Named(value) = object.shape()
        {
            return Cow::Owned(value);
        }
        Cow::Borrowed(self)
    }

    /// Whether this is the nil interface or a nil map, slice, pointer or func.
    pub fn is_nil(&self) -> bool {
        match self {
            Value::Nil => true,
            Value::List(list) => list.is_nil(),
            Value::Map(map) => map.is_nil(),
            Value::Object(object) => match object.shape() {
                Shape::NilPointer => true,
                Shape::Struct | Shape::Pointer | Shape::Func(_) => false,
                Shape::Named(value) => value.is_nil(),
            },
            Value::Bool(_) | Value::Int(..) | Value::Float(_) | Value::Str(_) | Value::Bytes(_) => false,
        }
    }

    /// Truth as `if` sees it: false, 0, nil and empty strings, lists and maps are false; structs are true.
    pub fn truth(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(b) => *b,
            Value::Int(_, n) => *n != 0,
            Value::Float(f) => *f != 0.0,
            Value::Str(s) => !s.is_empty(),
            Value::Bytes(b) => !b.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(object) => match object.shape() {
                Shape::Struct | Shape::Pointer | Shape::Func(_) => true,
                Shape::NilPointer => false,
                Shape::Named(value) => value.truth(),
            },
        }
    }

    /// The number of bytes, items or entries; `None` where Go's `len` refuses the type.
    pub fn len(&self) -> Option<usize> {
        match self {
            Value::Str(s) => Some(s.len()),
            Value::Bytes(b) => Some(b.len()),
            Value::List(list) => Some(list.len()),
            Value::Map(map) => Some(map.len()),
            Value::Object(object) => match object.shape() {
                Shape::Named(value) => value.len(),
                Shape::Struct | Shape::Pointer | Shape::NilPointer | Shape::Func(_) => None,
            },
            Value::Nil | Value::Bool(_) | Value::Int(..) | Value::Float(_) => None,
        }
    }

    /// Whether [`Value::len`] is zero; false for values without a length.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The string, if this is a plain `string`.
    pub fn as_str(&self) -> Option<&Str> {
        if let Value::Str(s) = self { Some(s) } else { None }
    }

    /// The list, if this is a plain slice.
    pub fn as_list(&self) -> Option<&List> {
        if let Value::List(list) = self {
            Some(list)
        } else {
            None
        }
    }

    /// The map, if this is a map (of any element type).
    pub fn as_map(&self) -> Option<&Map> {
        if let Value::Map(map) = self {
            Some(map)
        } else {
            None
        }
    }

    /// The object, if it is of type `T`.
    pub fn downcast<T: Object>(&self) -> Option<Rc<T>> {
        let Value::Object(object) = self else { return None };
        let any: Rc<dyn Any> = Rc::<dyn Object>::clone(object);
        any.downcast::<T>().ok()
    }

    /// The value of a signed or unsigned integer that fits into an `i64`.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(kind, n) if kind.is_signed() || *n >= 0 => Some(*n),
            _ => None,
        }
    }

    /// The value of a non-negative integer of any kind.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Value::Int(kind, n) if !kind.is_signed() || *n >= 0 => Some(*n as u64),
            _ => None,
        }
    }
}

macro_rules! from_integers {
    ($($rust:ty => $kind:ident),* $(,)?) => {$(
        impl From<$rust> for Value {
            fn from(n: $rust) -> Self {
                Value::Int(IntKind::$kind, i64::from(n))
            }
        }
    )*};
}

from_integers! { i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64, u8 => Uint8, u16 => Uint16, u32 => Uint32 }

impl From<u64> for Value {
    fn from(n: u64) -> Self {
        Value::Int(IntKind::Uint64, n as i64)
    }
}

impl From<GoInt> for Value {
    fn from(n: GoInt) -> Self {
        Value::Int(IntKind::Int, n.0)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Value::Bool(b)
    }
}

impl From<f64> for Value {
    fn from(f: f64) -> Self {
        Value::Float(f)
    }
}

impl From<Str> for Value {
    fn from(s: Str) -> Self {
        Value::Str(s)
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Value::Str(Str::from(s))
    }
}

impl From<String> for Value {
    fn from(s: String) -> Self {
        Value::Str(Str::from(s))
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Value::List(list)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Value::Map(map)
    }
}

impl From<Vec<Value>> for Value {
    /// A `[]interface {}`.
    fn from(items: Vec<Value>) -> Self {
        Value::List(List::new(items))
    }
}
