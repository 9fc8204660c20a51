//! Parameter types: what an argument must be, and how it becomes a Rust value.

use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use super::{FuncError, Signature};
use crate::value::{GoInt, IntKind, List, Map, Object, Str, Type, Value};

/// How a parameter takes constants and nil (the kind of its Go type).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// `interface {}`: takes anything, nil too.
    Interface,
    /// `bool`
    Bool,
    /// `string`
    String,
    /// A signed integer type: takes integer constants.
    Int,
    /// An unsigned integer type: takes non-negative integer constants.
    Uint,
    /// `float64`: takes number constants.
    Float,
    /// Maps, slices, pointers, funcs: take nil but no other constant.
    Nilable,
    /// Structs: take no constant.
    Struct,
}

/// One parameter as the executor sees it.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Go's text of the type.
    pub type_name: &'static str,
    /// How it takes constants and nil.
    pub kind: ArgumentKind,
    /// Whether a value is assignable to the type. Never asked for nil interfaces.
    pub accepts: fn(&Value) -> bool,
}

/// A Rust type that stands for a Go parameter type. Implement it for own types to take objects:
///
/// ```
/// use std::borrow::Cow;
/// use std::rc::Rc;
/// use gotemplate::{ArgumentKind, FromArg, Function, Object, Param, Value};
///
/// #[derive(Debug)]
/// struct Time(i64);
///
/// impl Object for Time {
///     fn type_name(&self) -> Cow<'static, str> {
///         Cow::Borrowed("time.Time")
///     }
/// }
///
/// struct TimeArg(Rc<Time>);
///
/// impl FromArg for TimeArg {
///     const PARAM: Param = Param {
///         type_name: "time.Time",
///         kind: ArgumentKind::Struct,
///         accepts: |value| value.downcast::<Time>().is_some(),
///     };
///
///     fn from_arg(value: Value) -> Option<Self> {
///         value.downcast().map(TimeArg)
///     }
/// }
///
/// let unix = Function::new("unixEpoch", |time: TimeArg| time.0.0.to_string());
/// # let _ = unix;
/// ```
pub trait FromArg: Sized {
    /// The Go type.
    const PARAM: Param;

    /// Converts an argument that [`Param::accepts`] let through; [`Value::Nil`] stands for the nil of a
    /// nilable type.
    fn from_arg(value: Value) -> Option<Self>;
}

/// The arguments of one call, taken from the front.
#[derive(Debug)]
pub struct Args(std::vec::IntoIter<Value>);

impl Args {
    /// Arguments in order.
    pub fn new(values: Vec<Value>) -> Self {
        Args(values.into_iter())
    }

    /// Takes the next argument.
    pub fn next_value(&mut self) -> Option<Value> {
        self.0.next()
    }

    /// How many are left.
    pub fn remaining(&self) -> usize {
        self.0.len()
    }
}

/// A parameter of a function: any [`FromArg`] type, or [`Rest`] as the last one.
pub trait Parameter: Sized {
    /// Adds itself to the signature.
    fn describe(signature: &mut Signature);

    /// Takes itself from the arguments.
    fn take(args: &mut Args) -> Result<Self, FuncError>;
}

impl<T: FromArg> Parameter for T {
    fn describe(signature: &mut Signature) {
        signature.params.push(T::PARAM);
    }

    fn take(args: &mut Args) -> Result<Self, FuncError> {
        args.next_value().and_then(T::from_arg).ok_or_else(|| {
            FuncError::new(format!(
                "reflect: Call using wrong argument for {}",
                T::PARAM.type_name
            ))
        })
    }
}

/// The variadic last parameter (`...T`). Derefs to a slice.
#[derive(Debug)]
pub struct Rest<T>(pub Vec<T>);

impl<T> Deref for Rest<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> IntoIterator for Rest<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T: FromArg> Parameter for Rest<T> {
    fn describe(signature: &mut Signature) {
        signature.rest = Some(T::PARAM);
    }

    fn take(args: &mut Args) -> Result<Self, FuncError> {
        let mut rest = Vec::with_capacity(args.remaining());
        while args.remaining() > 0 {
            rest.push(T::take(args)?);
        }
        Ok(Rest(rest))
    }
}

impl FromArg for Value {
    const PARAM: Param = Param {
        type_name: "interface {}",
        kind: ArgumentKind::Interface,
        accepts: |_| true,
    };

    fn from_arg(value: Value) -> Option<Self> {
        Some(value)
    }
}

impl FromArg for bool {
    const PARAM: Param = Param {
        type_name: "bool",
        kind: ArgumentKind::Bool,
        accepts: |value| matches!(value, Value::Bool(_)),
    };

    fn from_arg(value: Value) -> Option<Self> {
        if let Value::Bool(b) = value { Some(b) } else { None }
    }
}

impl FromArg for f64 {
    const PARAM: Param = Param {
        type_name: "float64",
        kind: ArgumentKind::Float,
        accepts: |value| matches!(value, Value::Float(_)),
    };

    fn from_arg(value: Value) -> Option<Self> {
        if let Value::Float(f) = value {
            Some(f)
        } else {
            None
        }
    }
}

impl FromArg for Str {
    const PARAM: Param = Param {
        type_name: "string",
        kind: ArgumentKind::String,
        accepts: |value| matches!(value, Value::Str(_)),
    };

    fn from_arg(value: Value) -> Option<Self> {
        if let Value::Str(s) = value { Some(s) } else { None }
    }
}

impl FromArg for GoInt {
    const PARAM: Param = Param {
        type_name: "int",
        kind: ArgumentKind::Int,
        accepts: |value| matches!(value, Value::Int(IntKind::Int, _)),
    };

    fn from_arg(value: Value) -> Option<Self> {
        if let Value::Int(IntKind::Int, n) = value {
            Some(GoInt(n))
        } else {
            None
        }
    }
}

macro_rules! integers {
    ($($rust:ty => $kind:ident, $name:literal, $class:ident);* $(;)?) => {$(
        impl FromArg for $rust {
            const PARAM: Param = Param {
                type_name: $name,
                kind: ArgumentKind::$class,
                accepts: |value| matches!(value, Value::Int(IntKind::$kind, _)),
            };

            fn from_arg(value: Value) -> Option<Self> {
                if let Value::Int(IntKind::$kind, n) = value { Some(n as $rust) } else { None }
            }
        }
    )*};
}

integers! {
    i64 => Int64, "int64", Int;
    i32 => Int32, "int32", Int;
    u8 => Uint8, "uint8", Uint;
    u32 => Uint32, "uint32", Uint;
    u64 => Uint64, "uint64", Uint;
}

impl FromArg for Map {
    /// `map[string]interface {}`. Maps of named types over it can be assigned to it, and lose their name.
    const PARAM: Param = Param {
        type_name: "map[string]interface {}",
        kind: ArgumentKind::Nilable,
        accepts: |value| matches!(value.underlying().as_map(), Some(map) if *map.entry_type() == Type::Any),
    };

    fn from_arg(value: Value) -> Option<Self> {
        match value.underlying().into_owned() {
            Value::Map(map) => Some(map.plain()),
            Value::Nil => Some(Map::nil(Type::Any)),
            _ => None,
        }
    }
}

impl FromArg for List {
    /// `[]interface {}`, and named types over it.
    const PARAM: Param = Param {
        type_name: "[]interface {}",
        kind: ArgumentKind::Nilable,
        accepts: |value| matches!(value.underlying().as_list(), Some(list) if *list.item_type() == Type::Any),
    };

    fn from_arg(value: Value) -> Option<Self> {
        match value.underlying().into_owned() {
            Value::List(list) => Some(list),
            Value::Nil => Some(List::nil(Type::Any)),
            _ => None,
        }
    }
}

impl FromArg for Vec<Str> {
    /// `[]string`, and named types over it.
    const PARAM: Param = Param {
        type_name: "[]string",
        kind: ArgumentKind::Nilable,
        accepts: |value| matches!(value.underlying().as_list(), Some(list) if *list.item_type() == Type::Str),
    };

    fn from_arg(value: Value) -> Option<Self> {
        match value.underlying().as_ref() {
            Value::List(list) => Some(list.iter().filter_map(|item| item.as_str().cloned()).collect()),
            Value::Nil => Some(Vec::new()),
            _ => None,
        }
    }
}

impl FromArg for Arc<[u8]> {
    /// `[]byte`
    const PARAM: Param = Param {
        type_name: "[]uint8",
        kind: ArgumentKind::Nilable,
        accepts: |value| matches!(value, Value::Bytes(_)),
    };

    fn from_arg(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes),
            Value::Nil => Some(Arc::default()),
            _ => None,
        }
    }
}

impl FromArg for Rc<dyn Object> {
    /// Any object. Go has no such type; for methods that compare receivers of their own type, implement
    /// [`FromArg`] for a wrapper instead.
    const PARAM: Param = Param {
        type_name: "interface {}",
        kind: ArgumentKind::Nilable,
        accepts: |value| matches!(value, Value::Object(_)),
    };

    fn from_arg(value: Value) -> Option<Self> {
        if let Value::Object(object) = value {
            Some(object)
        } else {
            None
        }
    }
}
