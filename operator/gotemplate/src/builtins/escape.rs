//! `html`, `js`, `urlquery`.

use std::borrow::Cow;

use crate::exec::pointed;
use crate::format;
use crate::func::FuncError;
use crate::unicode;
use crate::value::{Str, Value};

/// The arguments as text, as `print` would write them; nil is `<no value>` here.
pub(super) fn text_of_args(mut args: Vec<Value>) -> Result<Str, FuncError> {
    if let [Value::Str(s)] = args.as_slice() {
        return Ok(s.clone());
    }
    for arg in &mut args {
        if matches!(arg, Value::Nil) {
            *arg = Value::from("<no value>");
        } else if let Cow::Owned(target) = pointed(arg) {
            *arg = target;
        }
    }
    format::sprint(&args)
}

/// Escapes for HTML text and attributes.
pub(super) fn html(text: &[u8]) -> Str {
    let mut out = Vec::with_capacity(text.len());
    for &b in text {
        match b {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b => out.push(b),
        }
    }
    Str::from(out)
}

/// Escapes for JavaScript strings.
pub(super) fn js(text: &[u8]) -> Str {
    let mut out = Vec::with_capacity(text.len());
    for (at, c, width) in unicode::chars(text) {
        match c {
            '\\' => out.extend_from_slice(br"\\"),
            '\'' => out.extend_from_slice(br"\'"),
            '"' => out.extend_from_slice(br#"\""#),
            '<' | '>' | '&' | '=' | '\0'..='\x1f' => code(&mut out, c),
            c if !c.is_ascii() && !unicode::is_print(c) => code(&mut out, c),
            _ => out.extend_from_slice(&text[at..at + width]),
        }
    }
    Str::from(out)
}

fn code(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(format!("\\u{:04X}", u32::from(c)).as_bytes());
}

/// `url.QueryEscape`
pub(super) fn url_query(text: &[u8]) -> Str {
    let mut out = Vec::with_capacity(text.len());
    for &b in text {
        match b {
            b' ' => out.push(b'+'),
            b'-' | b'_' | b'.' | b'~' => out.push(b),
            b if b.is_ascii_alphanumeric() => out.push(b),
            b => out.extend_from_slice(format!("%{b:02X}").as_bytes()),
        }
    }
    Str::from(out)
}
