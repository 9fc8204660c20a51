//! Skeleton.

mod builtins;
mod error;
mod exec;
pub mod format;
mod frame;
mod func;
mod limits;
mod parse;
pub mod stack;
pub mod strconv;
mod template;
pub mod unicode;
pub mod value;

pub use error::{ExecError, ExecErrorData, Location};
pub use frame::{Frame, TextError};
pub use func::{
    Args, ArgumentKind, FromArg, FuncError, FuncErrorKind, Function, FunctionTable, IntoFunction, IntoReturn, Method, Param,
    Parameter, Rest, Signature, Typed,
};
pub use parse::ParseError;
pub use template::{Execution, MissingKey, TemplateSet};
pub use limits::{LimitError, LimitKind, Limits};
pub use value::{GoInt, IntKind, Kind, List, Map, Object, Shape, Str, Type, Value};
