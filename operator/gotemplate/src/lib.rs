//! Go's `text/template` for Rust: the language, its builtin functions, `printf`, its errors, to the byte.
//!
//! Text between `{{` and `}}` is evaluated against *dot*, the data, and printed as Go prints it:
//!
//! ```
//! use gotemplate::{Map, TemplateSet, Value};
//!
//! let mut set = TemplateSet::new("example");
//! set.parse("hello", "Hello {{ .name }}, {{ range $i, $x := .list }}{{ if $i }} and {{ end }}{{ $x }}{{ end }}!")?;
//!
//! let data: Map = [
//!     ("name", Value::from("World")),
//!     ("list", Value::from(vec![Value::Float(1e6), Value::Bool(true), Value::int(3)])),
//! ]
//! .into_iter()
//! .collect();
//! assert_eq!(set.execute("hello", data.into())?, "Hello World, 1e+06 and true and 3!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The three types to know
//!
//! [`TemplateSet`] holds parsed templates that call each other with `{{ template }}`. It is built once, can be
//! sent between threads and shared, and looks up functions while it parses.
//!
//! [`Value`] is what templates work on: what an `interface{}` holds in Go, with its Go type. A number from
//! YAML is a `float64`, a count is an `int`, and comparing them is an error, as in Go. Maps ([`Map`]) are
//! references: what one holder changes all holders see. Anything with methods or fields is an [`Object`].
//!
//! [`Function`] makes a Rust closure callable. The types of its parameters are its Go types; arguments are
//! counted, converted and refused as Go does, in Go's words:
//!
//! ```
//! use gotemplate::{FuncError, Function, FunctionTable, GoInt, Str, TemplateSet, Value};
//!
//! let trunc = Function::new("trunc", |n: GoInt, s: Str| -> Result<Str, FuncError> {
//!     let n = usize::try_from(n.0).map_err(|_| FuncError::new("negative length"))?;
//!     Ok(Str::from(s.get(..n).unwrap_or(&s)))
//! });
//! let mut set = TemplateSet::new("example").with_functions(FunctionTable::from_iter([trunc]));
//! set.parse("t", r#"{{ "abcdef" | trunc 3 }} {{ trunc 1.5 .x }}"#)?;
//!
//! let error = set.execute("t", Value::Nil).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     r#"template: t:1:34: executing "t" at <1.5>: expected integer; found 1.5"#
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A function may take `&mut` [`Frame`] first: then it can execute other templates (an `include`), parse more
//! text (a `tpl`), see state of its caller, and charge for work.
//!
//! # Errors
//!
//! A [`ParseError`] or [`ExecError`] prints as Go's error does and has its parts as data: template, file,
//! line, column, the node printed back from the parse tree, the message, and the error that a function returned,
//! which can be an [`ExecError`] again.
//!
//! # Hostile templates
//!
//! Everything a template can use up is bounded by [`Limits`]: executed steps, produced bytes, depth. Nested
//! templates and nested values are bounded by the native stack, see [`stack`]: deep recursions
//! are for [`stack::with_stack`], and without it they end in an error early. A limit that was reached is found by
//! [`FuncError::limit`]. Nothing here panics or aborts, whatever the input.
//!
//! # What differs from Go
//!
//! - Complex numbers parse, but evaluating one is an error. `float32` and channels do not exist.
//! - Keys of maps are strings. Functions (`iter.Seq`) cannot be ranged over.
//! - Items of a range over a named integer type, and slices of a named slice type, are of the plain type.
//! - The capacity of a slice is its length. Delimiters are always `{{` and `}}`.
//! - Texts that are not UTF-8 keep their bytes in output; in error messages they become U+FFFD.
//!
//! Each is pinned by a test, and a few thousand cases recorded from Go hold the rest in place (`tests/cases`).

pub mod format;
pub mod stack;
pub mod strconv;
pub mod unicode;
pub mod value;

mod builtins;
mod error;
mod exec;
mod frame;
mod func;
mod limits;
mod parse;
mod template;

pub use error::{ExecError, ExecErrorData, Location};
pub use frame::{Frame, TextError};
pub use func::{
    Args, ArgumentKind, FromArg, FuncError, FuncErrorKind, Function, FunctionTable, IntoFunction, IntoReturn,
    Method, Param, Parameter, Rest, Signature, Typed, WithFrame,
};
pub use limits::{LimitError, LimitKind, Limits};
pub use parse::ParseError;
pub use template::{Execution, MissingKey, TemplateSet};
pub use value::{
    CycleGuard, Entries, GoInt, IntKind, JsonForm, Kind, List, Map, MapType, Object, Shape, Str, Type, Value,
};
