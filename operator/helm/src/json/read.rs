//! Reading JSON with the rules and error texts of `encoding/json`.
//!
//! The reader does not recurse: open collections are kept on a stack of its own. What is built is up to a [`Build`]er.

use std::borrow::Cow;

use super::DecodeError;
use super::utf8::chunks;

/// Collections may be nested this deep. Go allows 10000; what walks the data afterwards recurses.
pub(crate) const MAX_DEPTH: usize = crate::yaml::MAX_DEPTH;

/// Receives the content of a text, inner values first.
pub(crate) trait Build {
    type Value;
    type Map;

    fn null(&mut self) -> Self::Value;
    fn boolean(&mut self, value: bool) -> Self::Value;
    /// The literal as written.
    fn number(&mut self, literal: &str) -> Self::Value;
    fn string(&mut self, text: Cow<'_, str>) -> Self::Value;
    fn list(&mut self, items: Vec<Self::Value>) -> Self::Value;
    fn new_map(&mut self) -> Self::Map;
    /// A later value for the same key replaces the earlier.
    fn insert(&mut self, map: &mut Self::Map, key: Cow<'_, str>, value: Self::Value);
    fn map(&mut self, map: Self::Map) -> Self::Value;
}

/// Reads one value and demands that nothing follows it.
pub(crate) fn read<B: Build>(text: &[u8], build: &mut B) -> Result<B::Value, DecodeError> {
    let (value, end) = read_prefix(text, build)?;
    let mut reader = Reader { text, at: end };
    match reader.next_byte() {
        None => Ok(value),
        Some(byte) => Err(unexpected(byte, "after top-level value")),
    }
}

/// Reads one value; also where it ends.
pub(crate) fn read_prefix<B: Build>(text: &[u8], build: &mut B) -> Result<(B::Value, usize), DecodeError> {
    let mut reader = Reader { text, at: 0 };
    let mut open: Vec<Open<'_, B>> = Vec::new();
    let mut first_in_list = false;
    loop {
        // A value is expected, or, right after `[`, the end of the list.
        let mut value = match reader.next_byte().ok_or(DecodeError::End)? {
            b']' if std::mem::take(&mut first_in_list) => {
                reader.at += 1;
                open.pop();
                build.list(Vec::new())
            }
            opening @ (b'[' | b'{') => {
                if open.len() >= MAX_DEPTH {
                    return Err(unexpected(opening, "exceeded max depth"));
                }
                reader.at += 1;
                if opening == b'[' {
                    open.push(Open::List(Vec::new()));
                    first_in_list = true;
                    continue;
                }
                if reader.next_byte().ok_or(DecodeError::End)? == b'}' {
                    reader.at += 1;
                    let map = build.new_map();
                    build.map(map)
                } else {
                    let key = reader.key()?;
                    open.push(Open::Map(build.new_map(), key));
                    first_in_list = false;
                    continue;
                }
            }
            _ => reader.scalar(build)?,
        };
        first_in_list = false;
        // A value is complete: it goes into the collection around, which may be complete then, too.
        loop {
            let Some(around) = open.pop() else {
                return Ok((value, reader.at));
            };
            match around {
                Open::List(mut items) => {
                    items.push(value);
                    match reader.separator(b']', "after array element")? {
                        Separator::Comma => {
                            open.push(Open::List(items));
                            break;
                        }
                        Separator::End => value = build.list(items),
                    }
                }
                Open::Map(mut map, key) => {
                    build.insert(&mut map, key, value);
                    match reader.separator(b'}', "after object key:value pair")? {
                        Separator::Comma => {
                            reader.next_byte().ok_or(DecodeError::End)?;
                            let key = reader.key()?;
                            open.push(Open::Map(map, key));
                            break;
                        }
                        Separator::End => value = build.map(map),
                    }
                }
            }
        }
    }
}

enum Open<'t, B: Build> {
    List(Vec<B::Value>),
    /// With the key whose value is awaited.
    Map(B::Map, Cow<'t, str>),
}

enum Separator {
    Comma,
    End,
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    /// The next byte that is no blank, left in place.
    fn next_byte(&mut self) -> Option<u8> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let blanks = rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
            .count();
        self.at += blanks;
        rest.get(blanks).copied()
    }

    fn separator(&mut self, end: u8, context: &'static str) -> Result<Separator, DecodeError> {
        let byte = self.next_byte().ok_or(DecodeError::End)?;
        self.at += 1;
        match byte {
            b',' => Ok(Separator::Comma),
            byte if byte == end => Ok(Separator::End),
            byte => Err(unexpected(byte, context)),
        }
    }

    /// A key and the colon after it. The next byte is no blank.
    fn key(&mut self) -> Result<Cow<'t, str>, DecodeError> {
        if self.byte() != b'"' {
            return Err(unexpected(
                self.byte(),
                "looking for beginning of object key string",
            ));
        }
        let key = self.string()?;
        match self.next_byte().ok_or(DecodeError::End)? {
            b':' => {
                self.at += 1;
                Ok(key)
            }
            byte => Err(unexpected(byte, "after object key")),
        }
    }

    fn scalar<B: Build>(&mut self, build: &mut B) -> Result<B::Value, DecodeError> {
        match self.byte() {
            b'"' => {
                let text = self.string()?;
                Ok(build.string(text))
            }
            b't' => {
                self.literal("true", "in literal true (expecting ")?;
                Ok(build.boolean(true))
            }
            b'f' => {
                self.literal("false", "in literal false (expecting ")?;
                Ok(build.boolean(false))
            }
            b'n' => {
                self.literal("null", "in literal null (expecting ")?;
                Ok(build.null())
            }
            b'-' | b'0'..=b'9' => {
                let literal = self.number()?;
                Ok(build.number(literal))
            }
            byte => Err(unexpected(byte, "looking for beginning of value")),
        }
    }

    /// The byte at the current place; a blank at the end, which is what Go's scanner is fed there.
    fn byte(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(b' ')
    }

    /// The current byte is out of place, or the text ends here.
    fn unexpected(&self, context: &str) -> DecodeError {
        match unexpected(self.byte(), context) {
            DecodeError::Syntax(text) if self.at >= self.text.len() => DecodeError::Truncated(text),
            error => error,
        }
    }

    fn literal(&mut self, word: &str, context: &str) -> Result<(), DecodeError> {
        for &wanted in word.as_bytes() {
            if self.byte() != wanted {
                return Err(self.unexpected(&format!("{context}'{}')", char::from(wanted))));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<&'t str, DecodeError> {
        let from = self.at;
        if self.byte() == b'-' {
            self.at += 1;
        }
        match self.byte() {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits(),
            _ => return Err(self.unexpected("in numeric literal")),
        }
        if self.byte() == b'.' {
            self.at += 1;
            if !self.byte().is_ascii_digit() {
                return Err(self.unexpected("after decimal point in numeric literal"));
            }
            self.digits();
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.byte(), b'+' | b'-') {
                self.at += 1;
            }
            if !self.byte().is_ascii_digit() {
                return Err(self.unexpected("in exponent of numeric literal"));
            }
            self.digits();
        }
        let literal = self.text.get(from..self.at).unwrap_or_default();
        Ok(std::str::from_utf8(literal).unwrap_or_default())
    }

    fn digits(&mut self) {
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
    }

    /// A string; the current byte is its opening quote.
    fn string(&mut self) -> Result<Cow<'t, str>, DecodeError> {
        self.at += 1;
        let from = self.at;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = rest
                .iter()
                .position(|&byte| matches!(byte, b'"' | b'\\' | 0x00..0x20))
                .ok_or(DecodeError::End)?;
            self.at += plain;
            match self.byte() {
                b'"' => break,
                b'\\' => self.skip_escape()?,
                byte => return Err(unexpected(byte, "in string literal")),
            }
        }
        let content = self.text.get(from..self.at).unwrap_or_default();
        self.at += 1;
        if !content.contains(&b'\\') {
            return Ok(super::go_lossy(content));
        }
        Ok(Cow::Owned(unescape(content)))
    }

    fn skip_escape(&mut self) -> Result<(), DecodeError> {
        self.at += 1;
        match self.byte() {
            b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => self.at += 1,
            b'u' => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.byte().is_ascii_hexdigit() {
                        return Err(self.unexpected("in \\u hexadecimal character escape"));
                    }
                    self.at += 1;
                }
            }
            _ => return Err(self.unexpected("in string escape code")),
        }
        Ok(())
    }
}

/// Resolves escapes, which are well-formed. Half surrogate pairs and bad bytes become U+FFFD.
fn unescape(content: &[u8]) -> String {
    let mut out = String::with_capacity(content.len());
    let mut rest = content;
    loop {
        let plain = rest.iter().position(|&byte| byte == b'\\').unwrap_or(rest.len());
        let (before, after) = rest.split_at(plain);
        out.extend(chunks(before).map(|chunk| chunk.unwrap_or("\u{FFFD}")));
        let [b'\\', code, tail @ ..] = after else {
            return out;
        };
        rest = tail;
        match code {
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{C}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let (unit, tail) = hex4(tail);
                rest = tail;
                let low = match tail {
                    [b'\\', b'u', low @ ..] if (0xD800..0xDC00).contains(&unit) => Some(hex4(low)),
                    _ => None,
                };
                match low {
                    Some((low, tail)) if (0xDC00..0xE000).contains(&low) => {
                        rest = tail;
                        let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                        out.push(char::from_u32(code).unwrap_or('\u{FFFD}'));
                    }
                    _ => out.push(char::from_u32(unit).unwrap_or('\u{FFFD}')),
                }
            }
            other => out.push(char::from(*other)),
        }
    }
}

fn hex4(text: &[u8]) -> (u32, &[u8]) {
    let (digits, tail) = text.split_at(4.min(text.len()));
    let value = digits.iter().fold(0, |value, &digit| {
        value << 4 | char::from(digit).to_digit(16).unwrap_or(0)
    });
    (value, tail)
}

fn unexpected(byte: u8, context: &str) -> DecodeError {
    let shown = match byte {
        b'\'' => "'\\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        _ => {
            let mut buffer = [0; 4];
            let quoted = gotemplate::strconv::quote(char::from(byte).encode_utf8(&mut buffer).as_bytes());
            let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
            format!("'{}'", super::go_lossy(inner))
        }
    };
    DecodeError::Syntax(format!("invalid character {shown} {context}"))
}
