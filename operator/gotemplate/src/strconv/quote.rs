//! Quoting and unquoting (`strconv/quote.go`).

use crate::unicode;

/// `strconv.Quote`: a double-quoted Go string literal, printable characters kept.
pub fn quote(s: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len() + 2);
    quote_with(&mut out, s, '"', false);
    out
}

/// `strconv.QuoteToASCII`
pub fn quote_to_ascii(s: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len() + 2);
    quote_with(&mut out, s, '"', true);
    out
}

/// `strconv.QuoteRune`
pub fn quote_char(c: char) -> Vec<u8> {
    let mut out = vec![b'\''];
    escape(&mut out, c, '\'', false);
    out.push(b'\'');
    out
}

/// `strconv.QuoteRuneToASCII`
pub fn quote_char_to_ascii(c: char) -> Vec<u8> {
    let mut out = vec![b'\''];
    escape(&mut out, c, '\'', true);
    out.push(b'\'');
    out
}

/// `strconv.CanBackquote`: whether a raw string literal can hold it on one line.
pub fn can_backquote(s: &[u8]) -> bool {
    unicode::chars(s).all(|(_, c, width)| match c {
        unicode::REPLACEMENT => width > 1,
        '\u{feff}' | '`' | '\u{7f}' => false,
        '\t' => true,
        c => c >= ' ',
    })
}

fn quote_with(out: &mut Vec<u8>, s: &[u8], quote: char, ascii: bool) {
    unicode::push(out, quote);
    for (at, c, width) in unicode::chars(s) {
        if c == unicode::REPLACEMENT && width == 1 {
            out.extend_from_slice(format!("\\x{:02x}", s[at]).as_bytes());
        } else {
            escape(out, c, quote, ascii);
        }
    }
    unicode::push(out, quote);
}

fn escape(out: &mut Vec<u8>, c: char, quote: char, ascii: bool) {
    if c == quote || c == '\\' {
        out.push(b'\\');
        unicode::push(out, c);
        return;
    }
    if unicode::is_print(c) && (!ascii || c.is_ascii()) {
        unicode::push(out, c);
        return;
    }
    let code = u32::from(c);
    let text = match c {
        '\x07' => "\\a".to_owned(),
        '\x08' => "\\b".to_owned(),
        '\x0c' => "\\f".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '\x0b' => "\\v".to_owned(),
        c if c < ' ' || c == '\x7f' => format!("\\x{code:02x}"),
        _ if code < 0x10000 => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    };
    out.extend_from_slice(text.as_bytes());
}

/// `strconv.Unquote` of a whole literal in double quotes, backquotes or single quotes. `None` is Go's
/// `invalid syntax`.
pub fn unquote(literal: &[u8]) -> Option<Vec<u8>> {
    let (&quote, rest) = literal.split_first()?;
    let (&last, body) = rest.split_last()?;
    if last != quote {
        return None;
    }
    match quote {
        b'`' => {
            if body.contains(&b'`') {
                return None;
            }
            Some(body.iter().copied().filter(|&b| b != b'\r').collect())
        }
        b'"' | b'\'' => unquote_escaped(rest, quote),
        _ => None,
    }
}

/// Unquotes what follows the opening quote, up to and including the closing one, which must be the last byte.
fn unquote_escaped(mut rest: &[u8], quote: u8) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(rest.len());
    while rest.first().is_some_and(|&b| b != quote) {
        if rest.first() == Some(&b'\n') {
            return None;
        }
        let (c, tail) = unquote_char(rest, quote)?;
        rest = tail;
        match c {
            Unquoted::Byte(b) => out.push(b),
            Unquoted::Char(c) => unicode::push(&mut out, c),
        }
        if quote == b'\'' {
            break;
        }
    }
    (rest == [quote]).then_some(out)
}

/// One unquoted character or byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unquoted {
    /// A single byte, by `\x` or octal escape or ASCII.
    Byte(u8),
    /// A character.
    Char(char),
}

impl Unquoted {
    /// The number of the character or byte.
    pub fn code(self) -> u32 {
        match self {
            Unquoted::Byte(b) => u32::from(b),
            Unquoted::Char(c) => u32::from(c),
        }
    }
}

/// `strconv.UnquoteChar`: the first character of an escaped string, and the rest.
pub fn unquote_char(s: &[u8], quote: u8) -> Option<(Unquoted, &[u8])> {
    let &first = s.first()?;
    if first == quote && (quote == b'\'' || quote == b'"') {
        return None;
    }
    if first >= 0x80 {
        let (c, width) = unicode::decode(s)?;
        return Some((Unquoted::Char(c), &s[width..]));
    }
    if first != b'\\' {
        return Some((Unquoted::Byte(first), &s[1..]));
    }
    let &escape = s.get(1)?;
    let rest = &s[2..];
    let simple = |b: u8| Some((Unquoted::Byte(b), rest));
    match escape {
        b'a' => simple(7),
        b'b' => simple(8),
        b'f' => simple(12),
        b'n' => simple(b'\n'),
        b'r' => simple(b'\r'),
        b't' => simple(b'\t'),
        b'v' => simple(11),
        b'x' => {
            let code = digits(rest.get(..2)?, 16)?;
            Some((Unquoted::Byte(u8::try_from(code).ok()?), &rest[2..]))
        }
        b'u' | b'U' => {
            let width = if escape == b'u' { 4 } else { 8 };
            let code = digits(rest.get(..width)?, 16)?;
            Some((Unquoted::Char(char::from_u32(code)?), &rest[width..]))
        }
        b'0'..=b'7' => {
            let code = digits(s.get(1..4)?, 8)?;
            Some((Unquoted::Byte(u8::try_from(code).ok()?), &s[4..]))
        }
        b'\\' => simple(b'\\'),
        b'\'' | b'"' if escape == quote => simple(escape),
        _ => None,
    }
}

fn digits(s: &[u8], radix: u32) -> Option<u32> {
    s.iter().try_fold(0_u32, |code, &b| {
        code.checked_mul(radix)?
            .checked_add(char::from(b).to_digit(radix)?)
    })
}
