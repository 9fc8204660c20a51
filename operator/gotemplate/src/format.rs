//! Go's `fmt`: `Sprint`, `Sprintln` and `Sprintf` over [`Value`]s, every verb and flag.
//!
//! Output is bounded: over [`MAX_TEXT`] bytes, or values nested deeper than the stack allows, is a limit error.
//! That also ends the printing of a map that contains itself.

mod flags;
mod float;
mod integer;
mod print;
mod printf;
mod text;

#[cfg(test)]
mod tests;

use crate::func::FuncError;
use crate::limits::{LimitError, LimitKind};
use crate::stack::Entered;
use crate::strconv;
use crate::value::{Str, Value};

use flags::Flags;

/// The longest text that one call makes: much more than fits into a Kubernetes object.
pub const MAX_TEXT: usize = 64 << 20;

/// `fmt.Sprintf("%v", value)`
pub fn text(value: &Value) -> Result<Str, FuncError> {
    match value {
        Value::Str(s) => Ok(s.clone()),
        value => Printer::run(|p| p.print_arg(value, 'v')),
    }
}

/// `fmt.Sprint(args...)`: a blank between two operands if neither is a string.
pub fn sprint(args: &[Value]) -> Result<Str, FuncError> {
    Printer::run(|p| p.print(args))
}

/// `fmt.Sprintln(args...)`: blanks between all operands, and a newline.
pub fn sprintln(args: &[Value]) -> Result<Str, FuncError> {
    Printer::run(|p| p.println(args))
}

/// `fmt.Sprintf(format, args...)`
pub fn sprintf(format: &[u8], args: &[Value]) -> Result<Str, FuncError> {
    Printer::run(|p| p.printf(format, args))
}

/// `strconv.Quote`
pub fn quote(s: &[u8]) -> Str {
    Str::from(strconv::quote(s))
}

/// Appends what a template prints for a value (`fmt.Fprint`), at most up to `max` bytes of it.
pub(crate) fn append(out: &mut Vec<u8>, value: &Value, max: usize) -> Result<(), LimitError> {
    let mut printer = Printer {
        out: std::mem::take(out),
        max: 0,
        ..Printer::new()
    };
    printer.max = printer.out.len().saturating_add(max.min(MAX_TEXT));
    printer.print_arg(value, 'v');
    *out = printer.out;
    printer.failed.map_or(Ok(()), Err)
}

/// Go's `pp`: the output and the state of the verb being printed.
struct Printer {
    out: Vec<u8>,
    flags: Flags,
    /// Longest output.
    max: usize,
    /// The limit that was reached. Nothing more is written then, and loops end.
    failed: Option<LimitError>,
    /// Inside of a `%!` error, where methods are not called.
    erroring: bool,
}

impl Printer {
    fn new() -> Self {
        Printer {
            out: Vec::new(),
            flags: Flags::default(),
            max: MAX_TEXT,
            failed: None,
            erroring: false,
        }
    }

    fn run(print: impl FnOnce(&mut Printer)) -> Result<Str, FuncError> {
        let _entered = Entered::here();
        let mut printer = Printer::new();
        print(&mut printer);
        match printer.failed {
            Some(limit) => Err(limit.into()),
            None => Ok(Str::from(printer.out)),
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        if self.reserve(bytes.len()) {
            self.out.extend_from_slice(bytes);
        }
    }

    fn write_repeated(&mut self, byte: u8, n: usize) {
        if self.reserve(n) {
            self.out.resize(self.out.len() + n, byte);
        }
    }

    /// Whether `n` more bytes may be written.
    fn reserve(&mut self, n: usize) -> bool {
        if self.failed.is_none() && self.out.len().saturating_add(n) > self.max {
            self.failed = Some(LimitError {
                kind: LimitKind::Bytes,
                limit: self.max as u64,
            });
        }
        self.failed.is_none()
    }
}
