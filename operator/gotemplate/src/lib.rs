//! Skeleton.

mod error;
pub mod format;
mod frame;
mod func;
mod limits;
pub mod stack;
pub mod strconv;
pub mod unicode;
pub mod value;

pub use error::ExecError;
pub use frame::Frame;
pub use func::{
    Args, ArgumentKind, FromArg, FuncError, FuncErrorKind, Function, FunctionTable, IntoFunction, IntoReturn, Method, Param,
    Parameter, Rest, Signature, Typed,
};
pub use limits::{LimitError, LimitKind, Limits};
pub use value::{GoInt, IntKind, Kind, List, Map, Object, Shape, Str, Type, Value};
