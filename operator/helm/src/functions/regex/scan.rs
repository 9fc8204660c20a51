//! The smallest parts of Go's regular expression syntax: runes, escapes and counts, and the error of all of it.

use crate::functions::unicode::{RUNE_ERROR, decode};

/// Go's `syntax.Error`: a code and the offending part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError {
    code: &'static str,
    part: Vec<u8>,
}

impl SyntaxError {
    pub(super) fn new(code: &'static str, part: &[u8]) -> SyntaxError {
        SyntaxError {
            code,
            part: part.to_vec(),
        }
    }

    /// `Error.Error`.
    pub(super) fn message(&self) -> Vec<u8> {
        let mut out = format!("error parsing regexp: {}: `", self.code).into_bytes();
        out.extend_from_slice(&self.part);
        out.push(b'`');
        out
    }
}

pub(super) type Res<T> = Result<T, SyntaxError>;

pub(super) const INVALID_ESCAPE: &str = "invalid escape sequence";

/// `syntax.nextRune`: the first rune, which must be valid UTF-8.
pub(super) fn next_rune(text: &[u8]) -> Res<(u32, &[u8])> {
    let (rune, width) = decode(text);
    if width == 1 && rune == RUNE_ERROR {
        return Err(SyntaxError::new("invalid UTF-8", text));
    }
    Ok((rune as u32, &text[width..]))
}

pub(super) fn check_utf8(text: &[u8]) -> Res<()> {
    let mut rest = text;
    while !rest.is_empty() {
        rest = next_rune(rest)?.1;
    }
    Ok(())
}

/// `parser.parseRepeat`: `{min}`, `{min,}` or `{min,max}`; too large a number becomes `u32::MAX`.
pub(super) fn counts(text: &[u8]) -> Option<(u32, Option<u32>, &[u8])> {
    let (min, rest) = integer(text.strip_prefix(b"{")?)?;
    let (max, rest) = match rest {
        [b',', b'}', ..] => (None, &rest[1..]),
        [b',', after @ ..] => {
            let (max, rest) = integer(after)?;
            (Some(max), rest)
        }
        _ => (Some(min), rest),
    };
    Some((min, max, rest.strip_prefix(b"}")?))
}

fn integer(text: &[u8]) -> Option<(u32, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    // Leading zeros make it no number.
    if digits == 0 || digits > 1 && text[0] == b'0' {
        return None;
    }
    let value = text[..digits].iter().try_fold(0_u32, |value, digit| {
        value
            .checked_mul(10)?
            .checked_add(u32::from(digit - b'0'))
            .filter(|value| *value < 1_000_000_000)
    });
    Some((value.unwrap_or(u32::MAX), &text[digits..]))
}

pub(super) fn class_rune<'a>(text: &'a [u8], whole: &[u8]) -> Res<(u32, &'a [u8])> {
    match text.first() {
        None => Err(SyntaxError::new("missing closing ]", whole)),
        Some(b'\\') => escaped_rune(text),
        Some(_) => next_rune(text),
    }
}

/// `parser.parseEscape`.
pub(super) fn escaped_rune(text: &[u8]) -> Res<(u32, &[u8])> {
    let rest = &text[1..];
    if rest.is_empty() {
        return Err(SyntaxError::new("trailing backslash at end of expression", b""));
    }
    let (rune, mut rest) = next_rune(rest)?;
    let invalid = |rest: &[u8]| SyntaxError::new(INVALID_ESCAPE, &text[..text.len() - rest.len()]);
    let octal = |text: &[u8]| {
        text.first()
            .filter(|digit| (b'0'..=b'7').contains(digit))
            .map(|digit| u32::from(digit - b'0'))
    };
    match char::from_u32(rune).unwrap_or('\u{FFFD}') {
        '1'..='7' if octal(rest).is_none() => Err(invalid(rest)),
        '0'..='7' => {
            let mut value = rune - u32::from(b'0');
            for _ in 0..2 {
                let Some(digit) = octal(rest) else { break };
                value = value * 8 + digit;
                rest = &rest[1..];
            }
            Ok((value, rest))
        }
        'x' => hexadecimal(rest, &invalid),
        'a' => Ok((0x07, rest)),
        'f' => Ok((0x0C, rest)),
        'n' => Ok((0x0A, rest)),
        'r' => Ok((0x0D, rest)),
        't' => Ok((0x09, rest)),
        'v' => Ok((0x0B, rest)),
        other if other.is_ascii() && !other.is_ascii_alphanumeric() => Ok((rune, rest)),
        _ => Err(invalid(rest)),
    }
}

fn hexadecimal<'a>(text: &'a [u8], invalid: &dyn Fn(&[u8]) -> SyntaxError) -> Res<(u32, &'a [u8])> {
    if text.is_empty() {
        return Err(invalid(text));
    }
    let digit = |rune: u32| char::from_u32(rune).and_then(|digit| digit.to_digit(16));
    let (first, mut rest) = next_rune(text)?;
    if first != u32::from(b'{') {
        let (second, rest) = next_rune(rest)?;
        return match (digit(first), digit(second)) {
            (Some(high), Some(low)) => Ok((high * 16 + low, rest)),
            (_, _) => Err(invalid(rest)),
        };
    }
    let mut value: Option<u32> = None;
    loop {
        if rest.is_empty() {
            return Err(invalid(rest));
        }
        let (rune, after) = next_rune(rest)?;
        rest = after;
        if rune == u32::from(b'}') {
            return value.map(|value| (value, rest)).ok_or_else(|| invalid(rest));
        }
        let next = digit(rune)
            .map(|digit| value.unwrap_or(0) * 16 + digit)
            .filter(|next| *next <= 0x10_FFFF);
        value = Some(next.ok_or_else(|| invalid(rest))?);
    }
}
