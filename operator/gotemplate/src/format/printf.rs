//! Format strings: flags, width, precision, argument numbers (`fmt.Printf`).

use super::{Flags, Printer};
use crate::unicode;
use crate::value::Value;

/// Go's bound for widths and precisions.
const MAX_NUMBER: i64 = 1_000_000;

/// The place in the format and the operand that comes next.
struct Cursor<'f> {
    format: &'f [u8],
    at: usize,
    arg: usize,
    args: usize,
    /// An argument number such as `[2]` was used somewhere.
    reordered: bool,
    /// The current verb's argument numbers were all good.
    good: bool,
    /// The item before was an argument number.
    after_index: bool,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    /// A decimal number. A crazy one ends the format.
    fn number(&mut self) -> Option<usize> {
        let (number, end) = parse_number(self.format, self.at, self.format.len());
        self.at = end;
        number
    }

    /// An argument number `[n]`, if there is one.
    fn index(&mut self) {
        if self.peek() != Some(b'[') {
            self.after_index = false;
            return;
        }
        self.reordered = true;
        let (index, width) = parse_index(&self.format[self.at..]);
        self.at += width;
        match index {
            Some(index) if (1..=self.args).contains(&index) => {
                self.arg = index - 1;
                self.after_index = true;
            }
            index => {
                self.good = false;
                self.after_index = index.is_some();
            }
        }
    }

    /// The value of a `*`: an integer operand in bounds.
    fn star(&mut self, args: &[Value]) -> Option<i64> {
        self.at += 1;
        let value = args.get(self.arg)?;
        self.arg += 1;
        let value = value.underlying();
        value.as_i64().filter(|n| n.abs() <= MAX_NUMBER)
    }
}

impl Printer {
    pub(super) fn printf(&mut self, format: &[u8], args: &[Value]) {
        let mut cursor = Cursor {
            format,
            at: 0,
            arg: 0,
            args: args.len(),
            reordered: false,
            good: true,
            after_index: false,
        };
        while cursor.at < format.len() && self.failed.is_none() {
            cursor.good = true;
            let plain = format[cursor.at..]
                .iter()
                .position(|&b| b == b'%')
                .unwrap_or(format.len() - cursor.at);
            self.write(&format[cursor.at..cursor.at + plain]);
            cursor.at += plain;
            if cursor.at >= format.len() {
                break;
            }
            cursor.at += 1;
            self.verb(&mut cursor, args);
        }
        if !cursor.reordered && cursor.arg < args.len() && self.failed.is_none() {
            self.extra(&args[cursor.arg..]);
        }
    }

    /// One verb, from behind its `%`.
    fn verb(&mut self, cursor: &mut Cursor<'_>, args: &[Value]) {
        self.flags = Flags::default();
        while let Some(b) = cursor.peek() {
            match b {
                b'#' => self.flags.sharp = true,
                b'0' => self.flags.zero = true,
                b'+' => self.flags.plus = true,
                b'-' => self.flags.minus = true,
                b' ' => self.flags.space = true,
                _ => break,
            }
            cursor.at += 1;
        }
        cursor.index();
        self.width(cursor, args);
        self.precision(cursor, args);
        if !cursor.after_index {
            cursor.index();
        }
        let Some((verb, width)) = unicode::decode(&cursor.format[cursor.at..]) else {
            self.write(b"%!(NOVERB)");
            return;
        };
        cursor.at += width;
        if verb == '%' {
            self.write(b"%");
        } else if !cursor.good {
            self.verb_error(verb, b"(BADINDEX)");
        } else if let Some(arg) = args.get(cursor.arg) {
            if matches!(verb, 'v' | 'w') {
                self.flags.sharp_v = std::mem::replace(&mut self.flags.sharp, false);
                self.flags.plus_v = std::mem::replace(&mut self.flags.plus, false);
            }
            self.print_arg(arg, verb);
            cursor.arg += 1;
        } else {
            self.verb_error(verb, b"(MISSING)");
        }
    }

    fn width(&mut self, cursor: &mut Cursor<'_>, args: &[Value]) {
        if cursor.peek() == Some(b'*') {
            match cursor.star(args) {
                Some(width) => {
                    self.flags.width = usize::try_from(width.unsigned_abs()).ok();
                    if width < 0 {
                        self.flags.minus = true;
                        self.flags.zero = false;
                    }
                }
                None => self.write(b"%!(BADWIDTH)"),
            }
            cursor.after_index = false;
        } else {
            self.flags.width = cursor.number();
            if cursor.after_index && self.flags.width.is_some() {
                cursor.good = false;
            }
        }
    }

    fn precision(&mut self, cursor: &mut Cursor<'_>, args: &[Value]) {
        if cursor.peek() != Some(b'.') || cursor.at + 1 >= cursor.format.len() {
            return;
        }
        cursor.at += 1;
        if cursor.after_index {
            cursor.good = false;
        }
        cursor.index();
        if cursor.peek() == Some(b'*') {
            match cursor.star(args).map(usize::try_from) {
                Some(Ok(precision)) => self.flags.precision = Some(precision),
                // A negative precision is as good as none, but still reported.
                Some(Err(_)) | None => self.write(b"%!(BADPREC)"),
            }
            cursor.after_index = false;
        } else {
            self.flags.precision = Some(cursor.number().unwrap_or(0));
        }
    }

    fn verb_error(&mut self, verb: char, what: &[u8]) {
        self.write(b"%!");
        self.write(verb.encode_utf8(&mut [0; 4]).as_bytes());
        self.write(what);
    }

    /// Operands that no verb has used.
    fn extra(&mut self, args: &[Value]) {
        self.flags = Flags::default();
        self.write(b"%!(EXTRA ");
        for (i, arg) in args.iter().enumerate() {
            if i > 0 {
                self.write(b", ");
            }
            if matches!(arg, Value::Nil) {
                self.write(b"<nil>");
            } else {
                self.write(arg.type_name().as_bytes());
                self.write(b"=");
                self.print_arg(arg, 'v');
            }
        }
        self.write(b")");
    }
}

/// The number at `start` and where it ends; beyond the bound there is no number and all is consumed.
fn parse_number(s: &[u8], start: usize, end: usize) -> (Option<usize>, usize) {
    let mut number = None;
    let mut at = start;
    while at < end && s[at].is_ascii_digit() {
        let so_far = number.unwrap_or(0);
        if so_far as i64 > MAX_NUMBER {
            return (None, end);
        }
        number = Some(so_far * 10 + usize::from(s[at] - b'0'));
        at += 1;
    }
    (number, at)
}

/// `[n]` at the start of `s`: the number, if it is one, and the bytes to step over. Zero is a number too,
/// only never a good one.
fn parse_index(s: &[u8]) -> (Option<usize>, usize) {
    if s.len() < 3 {
        return (None, 1);
    }
    let Some(close) = s.iter().position(|&b| b == b']') else {
        return (None, 1);
    };
    let (number, end) = parse_number(s, 1, close);
    (number.filter(|_| end == close), close + 1)
}
