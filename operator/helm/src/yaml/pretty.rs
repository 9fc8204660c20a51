//! `toYamlPretty`: `go.yaml.in/yaml/v3` with an indentation of two, on the values themselves and not on their JSON.
//!
//! So integers and floats keep their own forms, bytes are a list of numbers, and structs have Go's field names.

use std::collections::BTreeSet;

use gotemplate::value::JsonForm;
use gotemplate::{Object, Shape, Value, stack};

use super::emit::Emitter;
use super::error::WriteError;
use super::order::Dialect;
use crate::data::walk::{KeyOrder, WalkError, base64, for_each_in_order};
use crate::json::number::format_g;

/// Characters on one line of base64.
const BASE64_LINE: usize = 70;

/// Writes a live value, as long as its text has no more than `max_bytes`; ends with a line break.
pub(super) fn write_value(value: &Value, max_bytes: usize) -> Result<String, WriteError> {
    let mut writer = Writer {
        emitter: Emitter::new(Dialect::V3),
        max_bytes,
        around: BTreeSet::new(),
    };
    writer
        .value(value)
        .map_err(|error| WriteError::NotJson(error.into()))?;
    Ok(writer.emitter.finish())
}

struct Writer {
    emitter: Emitter,
    max_bytes: usize,
    /// Addresses of the collections around. Go would overflow its stack on one that contains itself.
    around: BTreeSet<usize>,
}

impl Writer {
    fn value(&mut self, value: &Value) -> Result<(), WalkError> {
        if self.emitter.len() > self.max_bytes {
            return Err(WalkError::TooLarge);
        }
        match value {
            Value::Nil => self.emitter.plain("null"),
            Value::Bool(value) => self.emitter.plain(if *value { "true" } else { "false" }),
            Value::Int(kind, bits) if kind.is_signed() => self.emitter.plain(&bits.to_string()),
            Value::Int(_, bits) => self.emitter.plain(&(*bits as u64).to_string()),
            Value::Float(value) => self.emitter.plain(&float_text(*value)),
            Value::Str(text) => self.text(text),
            Value::Bytes(bytes) => {
                self.emitter.begin_sequence(bytes.len());
                bytes
                    .iter()
                    .for_each(|byte| self.emitter.plain(&byte.to_string()));
                self.emitter.end_collection();
            }
            Value::List(list) => {
                self.enter(list.address(), &list.type_name())?;
                self.emitter.begin_sequence(list.len());
                list.into_iter().try_for_each(|item| self.value(item))?;
                self.emitter.end_collection();
                self.around.remove(&list.address());
            }
            Value::Map(map) => {
                self.enter(map.address(), &map.type_name())?;
                let entries = map.snapshot();
                self.emitter.begin_mapping(entries.len());
                for_each_in_order(entries.iter(), KeyOrder::Yaml(Dialect::V3), |key, value| {
                    self.text(key);
                    self.value(value)
                })?;
                self.emitter.end_collection();
                self.around.remove(&map.address());
            }
            Value::Object(object) => self.object(&**object)?,
        }
        Ok(())
    }

    fn object(&mut self, object: &dyn Object) -> Result<(), WalkError> {
        stack::check().map_err(WalkError::TooDeep)?;
        let type_name = object.type_name();
        match (object.shape(), object.json()) {
            (Shape::NilPointer, _) => self.emitter.plain("null"),
            // Times are written unquoted, durations as text.
            (_, JsonForm::Value(Value::Str(text))) if type_name.trim_start_matches('*') == "time.Time" => {
                self.emitter.plain(&text.to_str_lossy());
            }
            (Shape::Named(_), _) if type_name == "time.Duration" => {
                self.text(&object.stringer().unwrap_or_default());
            }
            // A struct whose JSON is text has a method for that, which go-yaml calls too.
            (Shape::Struct | Shape::Pointer, JsonForm::Value(Value::Str(text))) => self.text(&text),
            (Shape::Named(value), _) => self.value(&value)?,
            (Shape::Func(_), _) => {
                return Err(WalkError::Unsupported("cannot marshal type: func()".to_owned()));
            }
            (Shape::Struct | Shape::Pointer, _) => {
                let fields = object.fields();
                self.emitter.begin_mapping(fields.len());
                for (name, value) in fields {
                    self.emitter.string(&name.to_lowercase());
                    self.value(&value)?;
                }
                self.emitter.end_collection();
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &[u8]) {
        match std::str::from_utf8(text) {
            Ok(text) => self.emitter.string(text),
            Err(_) => self.emitter.binary(&base64_lines(text)),
        }
    }

    fn enter(&mut self, address: usize, type_name: &str) -> Result<(), WalkError> {
        stack::check().map_err(WalkError::TooDeep)?;
        if self.around.insert(address) {
            Ok(())
        } else {
            Err(WalkError::Cycle(type_name.to_owned()))
        }
    }
}

fn float_text(value: f64) -> String {
    match format_g(value).as_str() {
        "+Inf" => ".inf".to_owned(),
        "-Inf" => "-.inf".to_owned(),
        "NaN" => ".nan".to_owned(),
        text => text.to_owned(),
    }
}

/// Base64, in lines when it is long; then every line has a break at its end.
fn base64_lines(bytes: &[u8]) -> String {
    let encoded = base64(bytes);
    if encoded.len() < BASE64_LINE {
        return encoded;
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / BASE64_LINE + 1);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(BASE64_LINE.min(rest.len()));
        lines.push_str(line);
        lines.push('\n');
        rest = tail;
    }
    lines
}
