//! Result types: how a Rust result becomes a value, and whether Go would call it `interface {}`.

use std::sync::Arc;

use super::FuncError;
use crate::value::{GoInt, List, Map, Object, Str, Value};

/// What a function may return: these types, or a `Result` of one with [`FuncError`].
pub trait IntoReturn {
    /// Whether Go's result type is `interface {}`. It shows where nil is passed on.
    const IS_INTERFACE: bool;

    /// The value.
    fn into_return(self) -> Result<Value, FuncError>;
}

/// A [`Value`] returned as its own concrete Go type instead of as `interface {}`.
#[derive(Clone, Debug)]
pub struct Typed(pub Value);

impl Typed {
    /// An object returned as its own type.
    pub fn object(object: impl Object) -> Self {
        Typed(Value::object(object))
    }
}

impl<T: IntoReturn, E: Into<FuncError>> IntoReturn for Result<T, E> {
    const IS_INTERFACE: bool = T::IS_INTERFACE;

    fn into_return(self) -> Result<Value, FuncError> {
        self.map_err(Into::into)?.into_return()
    }
}

impl IntoReturn for Value {
    const IS_INTERFACE: bool = true;

    fn into_return(self) -> Result<Value, FuncError> {
        Ok(self)
    }
}

impl IntoReturn for Typed {
    const IS_INTERFACE: bool = false;

    fn into_return(self) -> Result<Value, FuncError> {
        Ok(self.0)
    }
}

impl IntoReturn for Vec<Str> {
    /// `[]string`
    const IS_INTERFACE: bool = false;

    fn into_return(self) -> Result<Value, FuncError> {
        Ok(Value::List(List::strings(self)))
    }
}

impl IntoReturn for Arc<[u8]> {
    /// `[]byte`
    const IS_INTERFACE: bool = false;

    fn into_return(self) -> Result<Value, FuncError> {
        Ok(Value::Bytes(self))
    }
}

macro_rules! concrete {
    ($($ty:ty),* $(,)?) => {$(
        impl IntoReturn for $ty {
            const IS_INTERFACE: bool = false;

            fn into_return(self) -> Result<Value, FuncError> {
                Ok(Value::from(self))
            }
        }
    )*};
}

concrete!(
    bool,
    GoInt,
    i32,
    i64,
    u8,
    u32,
    u64,
    f64,
    Str,
    &'static str,
    String,
    List,
    Map
);
