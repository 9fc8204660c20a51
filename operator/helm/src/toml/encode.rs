//! Writing TOML: `encode.go` of the library, on live values instead of reflection.

use gotemplate::value::JsonForm;
use gotemplate::{List, Map, Object, Shape, Str, Value, stack};

use super::EncodeError;
use super::key::{join, push_part, push_quoted};
use crate::functions::dates::{self, TimeObject, Zone};
use crate::json::number::format_g;

/// Values that may be looked at for one document. Lists can hold each other so often that looking takes forever without
/// anything being written.
const MAX_VISITS: usize = 20_000_000;

type Outcome<T = ()> = Result<T, EncodeError>;

pub(super) fn document(value: &Value, max_bytes: usize) -> Outcome<Vec<u8>> {
    if let Value::Nil = value {
        return Err(EncodeError::Panic(
            "reflect: call of reflect.Value.Type on zero Value",
        ));
    }
    let mut encoder = Encoder {
        out: Vec::new(),
        max_bytes,
        visits: 0,
    };
    encoder.value(&mut Vec::new(), value)?;
    Ok(encoder.out)
}

/// What TOML calls the type of a value, as far as the layout depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nil, or a nil map or list.
    Nothing,
    Table,
    /// A list of nothing but tables.
    Tables,
    Plain,
}

struct Encoder {
    out: Vec<u8>,
    max_bytes: usize,
    /// Values looked at so far.
    visits: usize,
}

/// A struct: its fields in their order.
type Fields = Vec<(Str, Value)>;

/// What is left of a value when names and pointers are taken off.
enum Bare {
    Value(Value),
    Struct(Fields),
    /// Text that a `MarshalText` method gave.
    Text(Str),
    Time(std::rc::Rc<TimeObject>),
    Func,
}

impl Encoder {
    fn visit(&mut self) -> Outcome {
        self.visits += 1;
        if self.out.len() > self.max_bytes || self.visits > MAX_VISITS {
            return Err(EncodeError::TooLarge);
        }
        stack::check().map_err(EncodeError::TooDeep)
    }

    fn bare(value: &Value) -> Bare {
        let Value::Object(object) = value else {
            return Bare::Value(value.clone());
        };
        if let Some(time) = value.downcast::<TimeObject>() {
            return Bare::Time(time);
        }
        match (object.shape(), object.json()) {
            (Shape::NilPointer, _) => Bare::Value(Value::Nil),
            (Shape::Func(_), _) => Bare::Func,
            (Shape::Named(_), _) if object.type_name() == "time.Duration" => {
                Bare::Value(Value::Str(object.stringer().unwrap_or_default()))
            }
            (Shape::Named(value), _) => Self::bare(&value),
            (Shape::Struct | Shape::Pointer, JsonForm::Value(Value::Str(text))) => Bare::Text(text),
            (Shape::Struct | Shape::Pointer, _) => Bare::Struct(fields(&**object)),
        }
    }

    fn kind(&mut self, value: &Value) -> Outcome<Kind> {
        self.visit()?;
        Ok(match Self::bare(value) {
            Bare::Value(Value::Nil) => Kind::Nothing,
            Bare::Value(Value::Map(map)) if map.is_nil() => Kind::Nothing,
            Bare::Value(Value::Map(_)) | Bare::Struct(_) => Kind::Table,
            Bare::Value(Value::List(list)) if list.is_nil() => Kind::Nothing,
            Bare::Value(Value::List(list)) => self.list_kind(&list)?,
            Bare::Func => return Err(EncodeError::Unsupported("unsupported type: func".to_owned())),
            Bare::Value(_) | Bare::Text(_) | Bare::Time(_) => Kind::Plain,
        })
    }

    fn list_kind(&mut self, list: &List) -> Outcome<Kind> {
        let mut tables = !list.is_empty();
        for item in list {
            match self.kind(item)? {
                Kind::Nothing => {
                    return Err(EncodeError::Unsupported(
                        "toml: cannot encode array with nil element".to_owned(),
                    ));
                }
                Kind::Table => {}
                Kind::Tables | Kind::Plain => tables = false,
            }
        }
        Ok(if tables { Kind::Tables } else { Kind::Plain })
    }

    /// Writes a value under its key; `key` is empty for the document itself.
    fn value(&mut self, key: &mut Vec<Str>, value: &Value) -> Outcome {
        match self.kind(value)? {
            Kind::Nothing => Ok(()),
            Kind::Plain => self.key_value(key, value),
            Kind::Table => self.table(key, value),
            Kind::Tables => self.tables(key, value),
        }
    }

    fn tables(&mut self, key: &mut Vec<Str>, value: &Value) -> Outcome {
        if key.is_empty() {
            return Err(EncodeError::Unsupported(
                "toml: top-level values must be Go maps or structs".to_owned(),
            ));
        }
        let Bare::Value(Value::List(list)) = Self::bare(value) else {
            return Ok(());
        };
        for item in &list {
            self.new_line();
            self.header(key, "[[", "]]");
            self.entries(key, item)?;
        }
        Ok(())
    }

    fn table(&mut self, key: &mut Vec<Str>, value: &Value) -> Outcome {
        if key.len() == 1 {
            self.new_line();
        }
        if !key.is_empty() {
            self.header(key, "[", "]");
        }
        self.entries(key, value)
    }

    fn header(&mut self, key: &[Str], open: &str, close: &str) {
        self.indent(key.len());
        self.write(open);
        self.out.extend_from_slice(&join(key));
        self.write(close);
        self.new_line();
    }

    /// The entries of a table: plain ones first, then tables.
    fn entries(&mut self, key: &mut Vec<Str>, table: &Value) -> Outcome {
        let (direct, tables) = self.sorted_entries(table)?;
        for (name, value) in direct.into_iter().chain(tables) {
            key.push(name);
            self.value(key, &value)?;
            key.pop();
        }
        Ok(())
    }

    fn sorted_entries(&mut self, table: &Value) -> Outcome<(Fields, Fields)> {
        let entries: Fields = match Self::bare(table) {
            Bare::Struct(fields) => fields,
            Bare::Value(Value::Map(map)) => map_entries(&map),
            Bare::Value(_) | Bare::Text(_) | Bare::Time(_) | Bare::Func => Vec::new(),
        };
        let mut direct = Vec::new();
        let mut tables = Vec::new();
        for entry in entries {
            match self.kind(&entry.1)? {
                Kind::Table | Kind::Tables => tables.push(entry),
                Kind::Nothing | Kind::Plain => direct.push(entry),
            }
        }
        Ok((direct, tables))
    }

    fn key_value(&mut self, key: &[Str], value: &Value) -> Outcome {
        let Some(name) = key.last() else {
            return self.element(value);
        };
        self.indent(key.len());
        push_part(&mut self.out, name);
        self.write(" = ");
        self.element(value)?;
        self.new_line();
        Ok(())
    }

    /// A value within a line.
    fn element(&mut self, value: &Value) -> Outcome {
        self.visit()?;
        match Self::bare(value) {
            Bare::Text(text) | Bare::Value(Value::Str(text)) => push_quoted(&mut self.out, &text),
            Bare::Time(time) => self.out.extend_from_slice(&time_text(&time)),
            Bare::Func => return Err(EncodeError::Unsupported("unexpected type: func".to_owned())),
            Bare::Struct(_) | Bare::Value(Value::Map(_)) => self.inline_table(value)?,
            Bare::Value(Value::Bool(value)) => self.write(if value { "true" } else { "false" }),
            Bare::Value(Value::Int(kind, bits)) if kind.is_signed() => self.write(&bits.to_string()),
            Bare::Value(Value::Int(_, bits)) => self.write(&(bits as u64).to_string()),
            Bare::Value(Value::Float(value)) => self.write(&float_text(value)),
            Bare::Value(Value::Bytes(bytes)) => {
                self.list(bytes.len(), bytes.iter().map(|&byte| Value::from(byte)))?;
            }
            Bare::Value(Value::List(list)) => self.list(list.len(), list.iter().cloned())?,
            // Nil was refused when the list around was looked at, and left out of tables.
            Bare::Value(Value::Nil | Value::Object(_)) => {}
        }
        Ok(())
    }

    fn list(&mut self, len: usize, items: impl Iterator<Item = Value>) -> Outcome {
        self.write("[");
        for (index, item) in items.enumerate() {
            self.element(&item)?;
            if index + 1 != len {
                self.write(", ");
            }
        }
        self.write("]");
        Ok(())
    }

    fn inline_table(&mut self, table: &Value) -> Outcome {
        let (direct, tables) = self.sorted_entries(table)?;
        self.write("{");
        let direct_is_last = tables.is_empty();
        for (part, is_last_part) in [(direct, direct_is_last), (tables, true)] {
            let len = part.len();
            for (index, (name, value)) in part.into_iter().enumerate() {
                // Nil is left out, but the comma before it stays.
                if self.kind(&value)? == Kind::Nothing {
                    continue;
                }
                push_part(&mut self.out, &name);
                self.write(" = ");
                self.element(&value)?;
                if !is_last_part || index + 1 != len {
                    self.write(", ");
                }
            }
        }
        self.write("}");
        Ok(())
    }

    fn indent(&mut self, levels: usize) {
        for _ in 1..levels {
            self.write("  ");
        }
    }

    /// A line break, unless nothing was written yet.
    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    fn write(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}

fn fields(object: &dyn Object) -> Fields {
    object
        .fields()
        .into_iter()
        .map(|(name, value)| (Str::from(name), value))
        .collect()
}

fn map_entries(map: &Map) -> Fields {
    map.snapshot()
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn float_text(value: f64) -> String {
    if value.is_nan() {
        return if value.is_sign_negative() { "-nan" } else { "nan" }.to_owned();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let text = format_g(value);
    if text.contains(['e', '.']) {
        text
    } else {
        text + ".0"
    }
}

/// Times that were read without an offset or date are written without.
fn time_text(object: &TimeObject) -> Vec<u8> {
    let time = &object.time;
    let layout: &[u8] = match time.zone() {
        Zone::Fixed { name, .. } => match name.as_str() {
            LOCAL_DATETIME => b"2006-01-02T15:04:05.999999999",
            LOCAL_DATE => b"2006-01-02",
            LOCAL_TIME => b"15:04:05.999999999",
            _ => return dates::format(time, RFC_3339),
        },
        Zone::Utc | Zone::Local(_) | Zone::Named { .. } => return dates::format(time, RFC_3339),
    };
    dates::format(&time.in_zone(Zone::Utc), layout)
}

const RFC_3339: &[u8] = b"2006-01-02T15:04:05.999999999Z07:00";
/// Zone of a date and time that was written without an offset.
pub(super) const LOCAL_DATETIME: &str = "datetime-local";
/// Zone of a date that was written without a time.
pub(super) const LOCAL_DATE: &str = "date-local";
/// Zone of a time that was written without a date.
pub(super) const LOCAL_TIME: &str = "time-local";
