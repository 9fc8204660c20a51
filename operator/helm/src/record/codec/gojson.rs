//! JSON as Go's `encoding/json` prints it: keys in the order given, HTML characters escaped, `float64` in its own
//! notation.

use serde_json::{Map, Number, Value};

/// A value as Go prints it; the keys of maps are sorted, as Go sorts them.
pub fn to_json(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    put_value(&mut out, value);
    out
}

/// An object under construction.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    /// Opens an object. [`Object::end`] closes it.
    pub(super) fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Writes a key; the caller writes its value into what is returned.
    pub(super) fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        put_string(self.out, key);
        self.out.push(b':');
        self.out
    }

    /// A string, left out when empty (`omitempty`).
    pub(super) fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            put_string(self.key(key), text);
        }
    }

    /// The fields this version does not know.
    pub(super) fn extra(&mut self, extra: &Map<String, Value>) {
        for (key, value) in extra {
            put_value(self.key(key), value);
        }
    }

    /// Closes the object.
    pub(super) fn end(self) {
        self.out.push(b'}');
    }
}

/// An array of what `put` writes for each item.
pub(super) fn put_array<T>(out: &mut Vec<u8>, items: &[T], mut put: impl FnMut(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        put(out, item);
    }
    out.push(b']');
}

/// Any value.
pub(super) fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => put_number(out, number),
        Value::String(text) => put_string(out, text),
        Value::Array(items) => put_array(out, items, put_value),
        Value::Object(map) => {
            let mut object = Object::begin(out);
            object.extra(map);
            object.end();
        }
    }
}

/// A string with Go's escapes, those for HTML among them.
pub(super) fn put_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut plain_from = 0;
    for (at, character) in text.char_indices() {
        let escape = match character {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\u{8}' => "\\b".to_owned(),
            '\u{c}' => "\\f".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                format!("\\u{:04x}", u32::from(character))
            }
            _ => continue,
        };
        out.extend_from_slice(&text.as_bytes()[plain_from..at]);
        out.extend_from_slice(escape.as_bytes());
        plain_from = at + character.len_utf8();
    }
    out.extend_from_slice(&text.as_bytes()[plain_from..]);
    out.push(b'"');
}

/// A number: integers by their digits, floats as `floatEncoder` of Go does, which drops `.0` and uses an exponent
/// only below 1e-6 and from 1e21 on.
fn put_number(out: &mut Vec<u8>, number: &Number) {
    let text = match number.as_f64() {
        Some(float) if number.is_f64() => float_text(float),
        Some(_) | None => number.to_string(),
    };
    out.extend_from_slice(text.as_bytes());
}

fn float_text(float: f64) -> String {
    let size = float.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return float.to_string();
    }
    // Rust prints the shortest digits too; only the sign of the exponent differs.
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        Some(_) | None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(value: &Value, expected: &str) {
        assert_eq!(String::from_utf8(to_json(value)).unwrap(), expected);
    }

    #[test]
    fn floats_are_printed_as_go_prints_float64() {
        check(
            &json!([1.0, -0.5, 1e20, 1e21, 1e-6, 1e-7, 1.5e300, 0.0]),
            "[1,-0.5,100000000000000000000,1e+21,0.000001,1e-7,1.5e+300,0]",
        );
        check(
            &json!([9_007_199_254_740_993_i64, u64::MAX]),
            "[9007199254740993,18446744073709551615]",
        );
    }

    #[test]
    fn strings_carry_gos_escapes() {
        check(
            &json!("<a href=\"x\">&\u{2028}\u{1}\u{8}\u{c}\n\t/é"),
            r#""\u003ca href=\"x\"\u003e\u0026\u2028\u0001\b\f\n\t/é""#,
        );
    }

    #[test]
    fn keys_of_maps_are_sorted() {
        check(
            &json!({"b": 1, "a": {"d": null, "c": [true]}}),
            r#"{"a":{"c":[true],"d":null},"b":1}"#,
        );
    }
}
