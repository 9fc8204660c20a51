//! Number constants (`parse.NumberNode`): one text under every type that can hold it.

use super::node::Number;
use super::token::{Kind, quoted};
use crate::strconv::{parse_float, parse_int, parse_uint, unquote_char};

/// The value of a constant where no type is asked for (`idealConstant`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ideal {
    Int(i64),
    Float(f64),
    /// Fits only into a `uint64`.
    Overflow,
    /// A complex number, for which there is no value: an error when evaluated.
    Complex,
}

/// Reads a number or character constant. The error is Go's message.
pub(super) fn parse_number(pos: usize, text: &[u8], kind: Kind) -> Result<Number, String> {
    if kind == Kind::CharConstant {
        return char_constant(pos, text);
    }
    if let Some(imaginary) = text.strip_suffix(b"i")
        && let Some(number) = complex(pos, text, imaginary, kind)
    {
        return Ok(number);
    }
    let mut uint = parse_uint(text, 0).ok();
    let mut int = parse_int(text, 0).ok();
    if int == Some(0) {
        // In case of -0.
        uint = Some(0);
    }
    let float = match (int, uint) {
        (Some(n), _) => Some(n as f64),
        (None, Some(n)) => Some(n as f64),
        (None, None) => {
            let float = parse_float(text).ok();
            if let Some(f) = float {
                if !contains_any(text, b".eEpP") {
                    return Err(format!("integer overflow: {}", quoted(text)));
                }
                int = exact_int(f);
                uint = exact_uint(f);
            }
            float
        }
    };
    let ideal = match (float, int) {
        (Some(f), _) if !is_hex_int(text) && contains_any(text, b".eEpP") => Ideal::Float(f),
        (_, Some(n)) => Ideal::Int(n),
        (Some(_), None) => Ideal::Overflow,
        (None, None) => return Err(format!("illegal number syntax: {}", quoted(text))),
    };
    Ok(Number {
        pos,
        text: String::from_utf8_lossy(text).into(),
        int,
        uint,
        float,
        ideal,
    })
}

fn char_constant(pos: usize, text: &[u8]) -> Result<Number, String> {
    let (c, tail) = unquote_char(&text[1..], b'\'').ok_or("invalid syntax")?;
    if tail != b"'" {
        return Err(format!(
            "malformed character constant: {}",
            String::from_utf8_lossy(text)
        ));
    }
    let code = c.code();
    Ok(Number {
        pos,
        text: String::from_utf8_lossy(text).into(),
        int: Some(i64::from(code)),
        uint: Some(u64::from(code)),
        float: Some(f64::from(code)),
        ideal: Ideal::Int(i64::from(code)),
    })
}

/// A complex constant. Without imaginary part it is also every type that holds its real part.
fn complex(pos: usize, text: &[u8], parts: &[u8], kind: Kind) -> Option<Number> {
    let split = if kind == Kind::Complex {
        parts.iter().rposition(|b| matches!(b, b'+' | b'-'))?
    } else {
        0
    };
    // The sign in `1e+2i` belongs to the exponent.
    let split = match split.checked_sub(1).map(|before| parts[before]) {
        Some(b'e' | b'E' | b'p' | b'P') => parts[..split - 1]
            .iter()
            .rposition(|b| matches!(b, b'+' | b'-'))?,
        _ => split,
    };
    let (real, imaginary) = parts.split_at(split);
    let real = if kind == Kind::Complex {
        parse_float(real).ok()?
    } else {
        0.0
    };
    let imaginary = parse_float(imaginary).ok()?;
    let float = (imaginary == 0.0).then_some(real);
    Some(Number {
        pos,
        text: String::from_utf8_lossy(text).into(),
        int: float.and_then(exact_int),
        uint: float.and_then(exact_uint),
        float,
        ideal: Ideal::Complex,
    })
}

fn contains_any(text: &[u8], any: &[u8]) -> bool {
    text.iter().any(|b| any.contains(b))
}

fn is_hex_int(text: &[u8]) -> bool {
    matches!(text, [b'0', b'x' | b'X', _, ..]) && !contains_any(text, b"pP")
}

#[expect(clippy::float_cmp, reason = "asks whether the conversion is exact")]
fn exact_int(f: f64) -> Option<i64> {
    let limit = -(i64::MIN as f64);
    (f >= -limit && f < limit && f.trunc() == f).then_some(f as i64)
}

#[expect(clippy::float_cmp, reason = "asks whether the conversion is exact")]
fn exact_uint(f: f64) -> Option<u64> {
    let limit = 2.0 * -(i64::MIN as f64);
    (f >= 0.0 && f < limit && f.trunc() == f).then_some(f as u64)
}
