//! Functions that templates call.
//!
//! A function is a plain Rust closure with typed parameters. The types give what Go's reflection gives
//! `text/template`: the number of arguments, the conversion of constants, the type checks and their texts.
//!
//! ```
//! use gotemplate::{FuncError, Function, FunctionTable, GoInt, Rest, Str, Value};
//!
//! let table: FunctionTable = [
//!     Function::new("double", |n: GoInt| GoInt(n.0.wrapping_mul(2))),
//!     Function::new("count", |first: Value, rest: Rest<Value>| GoInt(1 + rest.len() as i64)),
//!     Function::new("fail", |message: Str| -> Result<Str, FuncError> { Err(FuncError::new(message.to_string())) }),
//! ]
//! .into_iter()
//! .collect();
//! assert!(table.get("double").is_some());
//! ```
//!
//! The first parameter may be `&mut Frame<'_>`, for functions that execute templates, keep state of the
//! rendering ([`Frame::host`]) or build results whose size must be charged against the limits.

mod args;
mod error;
mod returns;
mod table;

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

pub use args::{Args, ArgumentKind, FromArg, Param, Parameter, Rest};
pub use error::{FuncError, FuncErrorKind};
pub use returns::{IntoReturn, Typed};
pub use table::FunctionTable;

use crate::frame::Frame;
use crate::value::Value;

/// The parameters and the result of a function, as far as the executor needs them.
#[derive(Clone, Debug, Default)]
pub struct Signature {
    /// The fixed parameters.
    pub params: Vec<Param>,
    /// The item type of a trailing [`Rest`].
    pub rest: Option<Param>,
    /// Whether Go's result type is `interface {}` (and so may be nil).
    pub returns_interface: bool,
}

type Call = dyn Fn(&mut Frame<'_>, Args) -> Result<Value, FuncError>;
type SharedCall = dyn Fn(&mut Frame<'_>, Args) -> Result<Value, FuncError> + Send + Sync;

/// A named function of a [`FunctionTable`]. Clones share it.
#[derive(Clone)]
pub struct Function(Arc<FunctionInner>);

struct FunctionInner {
    name: String,
    signature: Signature,
    call: Box<SharedCall>,
}

impl Function {
    /// A function from a closure of up to six typed parameters.
    pub fn new<M, F>(name: impl Into<String>, f: F) -> Self
    where
        F: IntoFunction<M> + Send + Sync,
    {
        let signature = F::signature();
        Function(Arc::new(FunctionInner {
            name: name.into(),
            signature,
            call: Box::new(move |frame, args| f.invoke(frame, args)),
        }))
    }

    /// The same function under another name.
    #[must_use]
    pub fn alias(&self, name: impl Into<String>) -> Self {
        let original = self.clone();
        Function(Arc::new(FunctionInner {
            name: name.into(),
            signature: self.0.signature.clone(),
            call: Box::new(move |frame, args| original.call(frame, args)),
        }))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The parameters and the result.
    pub fn signature(&self) -> &Signature {
        &self.0.signature
    }

    /// Calls it with arguments that were checked against the signature.
    pub fn call(&self, frame: &mut Frame<'_>, args: Args) -> Result<Value, FuncError> {
        (self.0.call)(frame, args)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({})", self.0.name)
    }
}

/// A method with its receiver bound, or a function value. Unlike [`Function`] it may hold values.
#[derive(Clone)]
pub struct Method(Rc<MethodInner>);

struct MethodInner {
    signature: Signature,
    call: Box<Call>,
}

impl Method {
    /// A method from a closure of up to six typed parameters.
    pub fn new<M, F: IntoFunction<M>>(f: F) -> Self {
        let signature = F::signature();
        Method(Rc::new(MethodInner {
            signature,
            call: Box::new(move |frame, args| f.invoke(frame, args)),
        }))
    }

    /// The parameters and the result.
    pub fn signature(&self) -> &Signature {
        &self.0.signature
    }

    /// Calls it with arguments that were checked against the signature.
    pub fn call(&self, frame: &mut Frame<'_>, args: Args) -> Result<Value, FuncError> {
        (self.0.call)(frame, args)
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Method")
    }
}

/// Closures that can be functions. `M` tells their shapes apart and is always inferred.
pub trait IntoFunction<M>: 'static {
    /// The parameters and the result.
    fn signature() -> Signature;

    /// Converts the arguments and calls the closure.
    fn invoke(&self, frame: &mut Frame<'_>, args: Args) -> Result<Value, FuncError>;
}

/// Marks closures whose first parameter is the frame.
#[derive(Debug)]
pub struct WithFrame;

macro_rules! closures {
    ($($param:ident),*) => {
        impl<F, R, $($param),*> IntoFunction<fn($($param),*) -> R> for F
        where
            F: Fn($($param),*) -> R + 'static,
            R: IntoReturn,
            $($param: Parameter,)*
        {
            fn signature() -> Signature {
                #[allow(unused_mut, reason = "unused where there are no parameters")]
                let mut signature = Signature { returns_interface: R::IS_INTERFACE, ..Signature::default() };
                $($param::describe(&mut signature);)*
                signature
            }

            #[allow(non_snake_case, unused_mut, unused_variables, reason = "one body for any number of parameters")]
            fn invoke(&self, frame: &mut Frame<'_>, mut args: Args) -> Result<Value, FuncError> {
                $(let $param = $param::take(&mut args)?;)*
                self($($param),*).into_return()
            }
        }

        impl<F, R, $($param),*> IntoFunction<(WithFrame, fn($($param),*) -> R)> for F
        where
            F: Fn(&mut Frame<'_>, $($param),*) -> R + 'static,
            R: IntoReturn,
            $($param: Parameter,)*
        {
            fn signature() -> Signature {
                #[allow(unused_mut, reason = "unused where there are no parameters")]
                let mut signature = Signature { returns_interface: R::IS_INTERFACE, ..Signature::default() };
                $($param::describe(&mut signature);)*
                signature
            }

            #[allow(non_snake_case, unused_mut, unused_variables, reason = "one body for any number of parameters")]
            fn invoke(&self, frame: &mut Frame<'_>, mut args: Args) -> Result<Value, FuncError> {
                $(let $param = $param::take(&mut args)?;)*
                self(frame, $($param),*).into_return()
            }
        }
    };
}

closures!();
closures!(A);
closures!(A, B);
closures!(A, B, C);
closures!(A, B, C, D);
closures!(A, B, C, D, E);
closures!(A, B, C, D, E, G);

#[cfg(test)]
mod tests;
