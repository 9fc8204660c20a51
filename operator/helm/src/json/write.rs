//! Writing JSON as `encoding/json` does.

use super::EncodeError;
use super::number::format_json;
use super::utf8::chunks;
use crate::data::walk::{KeyOrder, Sink};

/// Whether `<`, `>` and `&` are written as escapes, which Go does unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Html {
    Escape,
    Keep,
}

/// Collects JSON text.
pub(super) struct Writer {
    out: Vec<u8>,
    html: Html,
    /// Blanks for one level; `None` for compact text.
    indent: Option<&'static str>,
    depth: usize,
    /// Something stands before the next value or key of the collection.
    needs_comma: bool,
    /// The next value belongs to a key.
    after_key: bool,
    /// Go's text for the first number that JSON does not have.
    unsupported: Option<String>,
}

impl Writer {
    pub(super) fn new(html: Html, indent: Option<&'static str>) -> Self {
        Self {
            out: Vec::new(),
            html,
            indent,
            depth: 0,
            needs_comma: false,
            after_key: false,
            unsupported: None,
        }
    }

    /// The text, or why there is none.
    pub(super) fn finish(self) -> Result<Vec<u8>, EncodeError> {
        match self.unsupported {
            Some(value) => Err(EncodeError::UnsupportedValue(value)),
            None => Ok(self.out),
        }
    }

    /// Appends JSON text that is already well-formed and compact.
    pub(super) fn raw(&mut self, text: &str) {
        self.begin_value();
        self.out.extend_from_slice(text.as_bytes());
    }

    fn begin_value(&mut self) {
        if std::mem::take(&mut self.after_key) {
            return;
        }
        if self.needs_comma {
            self.out.push(b',');
        }
        if self.depth > 0 {
            self.new_line();
        }
        self.needs_comma = true;
    }

    fn new_line(&mut self) {
        if let Some(indent) = self.indent {
            self.out.push(b'\n');
            for _ in 0..self.depth {
                self.out.extend_from_slice(indent.as_bytes());
            }
        }
    }

    fn begin(&mut self, open: u8) {
        self.begin_value();
        self.out.push(open);
        self.depth += 1;
        self.needs_comma = false;
    }

    fn end(&mut self, close: u8) {
        self.depth -= 1;
        if self.needs_comma {
            self.new_line();
        }
        self.out.push(close);
        self.needs_comma = true;
    }

    fn string(&mut self, text: &[u8]) {
        self.out.push(b'"');
        for chunk in chunks(text) {
            match chunk {
                Ok(valid) => self.valid_text(valid),
                Err(_) => self.out.extend_from_slice(b"\\ufffd"),
            }
        }
        self.out.push(b'"');
    }

    fn valid_text(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut from = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            let (escape, len): (&[u8], usize) = match byte {
                b'"' => (b"\\\"", 1),
                b'\\' => (b"\\\\", 1),
                0x08 => (b"\\b", 1),
                0x0C => (b"\\f", 1),
                b'\n' => (b"\\n", 1),
                b'\r' => (b"\\r", 1),
                b'\t' => (b"\\t", 1),
                b'<' if self.html == Html::Escape => (b"\\u003c", 1),
                b'>' if self.html == Html::Escape => (b"\\u003e", 1),
                b'&' if self.html == Html::Escape => (b"\\u0026", 1),
                0x00..0x20 => (b"", 1),
                0xE2 => match bytes.get(at + 1..at + 3) {
                    Some([0x80, 0xA8]) => (b"\\u2028", 3),
                    Some([0x80, 0xA9]) => (b"\\u2029", 3),
                    _ => continue,
                },
                _ => continue,
            };
            self.out
                .extend_from_slice(bytes.get(from..at).unwrap_or_default());
            if escape.is_empty() {
                self.out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
            } else {
                self.out.extend_from_slice(escape);
            }
            from = at + len;
        }
        self.out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    }
}

impl Sink for Writer {
    fn key_order(&self) -> KeyOrder {
        KeyOrder::Bytes
    }

    fn written(&self) -> usize {
        self.out.len()
    }

    fn null(&mut self) {
        self.raw("null");
    }

    fn boolean(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    fn int(&mut self, value: i64) {
        self.raw(&value.to_string());
    }

    fn uint(&mut self, value: u64) {
        self.raw(&value.to_string());
    }

    fn float(&mut self, value: f64) {
        if value.is_finite() {
            self.raw(&format_json(value));
        } else {
            self.unsupported
                .get_or_insert_with(|| super::number::format_g(value));
        }
    }

    fn text(&mut self, value: &[u8]) {
        self.begin_value();
        self.string(value);
    }

    fn begin_list(&mut self, _len: usize) {
        self.begin(b'[');
    }

    fn begin_map(&mut self, _len: usize) {
        self.begin(b'{');
    }

    fn key(&mut self, key: &[u8]) {
        self.begin_value();
        self.string(key);
        self.out.push(b':');
        if self.indent.is_some() {
            self.out.push(b' ');
        }
        self.after_key = true;
    }

    fn end_list(&mut self) {
        self.end(b']');
    }

    fn end_map(&mut self) {
        self.end(b'}');
    }
}
