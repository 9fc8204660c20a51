//! Handing a value, part by part, to whoever writes it as text.

use gotemplate::value::JsonForm;
use gotemplate::{LimitError, List, Map, Str, Value, stack};

use super::Data;
use crate::yaml::order::{self, Dialect};

/// Receives the parts of a value: a scalar, or the beginning of a collection, its content and its end.
pub(crate) trait Sink {
    fn key_order(&self) -> KeyOrder;
    /// How much was written, in bytes.
    fn written(&self) -> usize;
    fn null(&mut self);
    fn boolean(&mut self, value: bool);
    fn int(&mut self, value: i64);
    fn uint(&mut self, value: u64);
    /// Finite or not: the sink knows what it can write.
    fn float(&mut self, value: f64);
    /// Text that may not be UTF-8.
    fn text(&mut self, value: &[u8]);
    fn begin_list(&mut self, len: usize);
    fn end_list(&mut self);
    fn begin_map(&mut self, len: usize);
    /// A key of the map that was begun last; its value follows.
    fn key(&mut self, key: &[u8]);
    fn end_map(&mut self);
}

/// In which order a [`Sink`] wants the keys of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyOrder {
    /// By bytes, as `encoding/json` writes them. Structs keep the order of their fields.
    Bytes,
    /// As go-yaml writes them.
    Yaml(Dialect),
}

/// Why a value cannot be handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WalkError {
    /// A part has no JSON form; Go's text.
    Unsupported(String),
    /// The map or list contains itself; Go's text of its type.
    Cycle(String),
    /// More than the allowed number of bytes would be written.
    TooLarge,
    /// Nested deeper than the stack allows.
    TooDeep(LimitError),
}

/// Hands all parts of `data` to the sink.
pub(crate) fn walk_data(data: &Data, sink: &mut impl Sink) {
    match data {
        Data::Null => sink.null(),
        Data::Bool(value) => sink.boolean(*value),
        Data::Number(number) => {
            if let Some(value) = number.as_i64() {
                sink.int(value);
            } else if let Some(value) = number.as_u64() {
                sink.uint(value);
            } else {
                sink.float(number.as_f64().unwrap_or(f64::NAN));
            }
        }
        Data::String(text) => sink.text(text.as_bytes()),
        Data::Array(items) => {
            sink.begin_list(items.len());
            for item in items {
                walk_data(item, sink);
            }
            sink.end_list();
        }
        Data::Object(entries) => {
            sink.begin_map(entries.len());
            let order = sink.key_order();
            let visited = for_each_in_order(entries, order, |key, value| {
                sink.key(key.as_bytes());
                walk_data(value, sink);
                Ok::<(), std::convert::Infallible>(())
            });
            match visited {
                Ok(()) => {}
            }
            sink.end_map();
        }
    }
}

/// Go's JSON encoder begins to look for cycles at this depth.
const CYCLE_CHECK_DEPTH: usize = 1000;

/// Hands a value to sinks as `encoding/json` sees it, up to a size.
pub(crate) struct JsonWalk {
    max_bytes: usize,
    /// Addresses of the collections around, beyond [`CYCLE_CHECK_DEPTH`].
    around: Vec<usize>,
    depth: usize,
}

impl JsonWalk {
    /// Writing more than `max_bytes` is an error. Shared maps make values whose text is exponentially larger than they.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            around: Vec::new(),
            depth: 0,
        }
    }

    pub(crate) fn value(&mut self, value: &Value, sink: &mut impl Sink) -> Result<(), WalkError> {
        if sink.written() > self.max_bytes {
            return Err(WalkError::TooLarge);
        }
        match value {
            Value::Nil => sink.null(),
            Value::Bool(value) => sink.boolean(*value),
            Value::Int(kind, bits) if kind.is_signed() => sink.int(*bits),
            Value::Int(_, bits) => sink.uint(*bits as u64),
            Value::Float(value) => sink.float(*value),
            Value::Str(text) => sink.text(text),
            Value::Bytes(bytes) => sink.text(base64(bytes).as_bytes()),
            Value::List(list) => self.list(list, sink)?,
            Value::Map(map) => self.map(map, sink)?,
            Value::Object(object) => match object.json() {
                JsonForm::Value(value) => self.value(&value, sink)?,
                JsonForm::Struct(fields) => self.fields(&fields, sink)?,
                JsonForm::Error(text) => return Err(WalkError::Unsupported(text)),
            },
        }
        Ok(())
    }

    fn list(&mut self, list: &List, sink: &mut impl Sink) -> Result<(), WalkError> {
        if list.is_nil() {
            sink.null();
            return Ok(());
        }
        self.enter(list.address(), || list.type_name().into_owned())?;
        sink.begin_list(list.len());
        for item in list {
            self.value(item, sink)?;
        }
        sink.end_list();
        self.leave();
        Ok(())
    }

    fn map(&mut self, map: &Map, sink: &mut impl Sink) -> Result<(), WalkError> {
        if map.is_nil() {
            sink.null();
            return Ok(());
        }
        self.enter(map.address(), || map.type_name().into_owned())?;
        let entries = map.snapshot();
        sink.begin_map(entries.len());
        for_each_in_order(entries.iter(), sink.key_order(), |key, value| {
            sink.key(key);
            self.value(value, sink)
        })?;
        sink.end_map();
        self.leave();
        Ok(())
    }

    fn fields(&mut self, fields: &[(Str, Value)], sink: &mut impl Sink) -> Result<(), WalkError> {
        stack::check().map_err(WalkError::TooDeep)?;
        sink.begin_map(fields.len());
        let mut fields: Vec<_> = fields.iter().map(|(name, value)| (name, value)).collect();
        if let KeyOrder::Yaml(dialect) = sink.key_order() {
            fields = order::sort(fields, |(name, _)| name.as_bytes(), dialect);
        }
        for (name, value) in fields {
            sink.key(name);
            self.value(value, sink)?;
        }
        sink.end_map();
        Ok(())
    }

    fn enter(&mut self, address: usize, type_name: impl Fn() -> String) -> Result<(), WalkError> {
        stack::check().map_err(WalkError::TooDeep)?;
        self.depth += 1;
        if self.depth > CYCLE_CHECK_DEPTH {
            if self.around.contains(&address) {
                return Err(WalkError::Cycle(type_name()));
            }
            self.around.push(address);
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
        if self.depth >= CYCLE_CHECK_DEPTH {
            self.around.pop();
        }
    }
}

/// `[]byte` in JSON.
pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Visits entries in the wanted order; they come in bytewise order.
pub(crate) fn for_each_in_order<K, V, E>(
    entries: impl IntoIterator<Item = (K, V), IntoIter: Clone>,
    order: KeyOrder,
    mut visit: impl FnMut(K, V) -> Result<(), E>,
) -> Result<(), E>
where
    K: AsRef<[u8]>,
{
    let mut entries = entries.into_iter();
    match order {
        KeyOrder::Yaml(dialect) if !order::is_sorted(entries.clone().map(|(key, _)| key), dialect) => {
            let sorted = order::sort(entries.collect(), |(key, _)| key.as_ref(), dialect);
            sorted.into_iter().try_for_each(|(key, value)| visit(key, value))
        }
        KeyOrder::Yaml(_) | KeyOrder::Bytes => entries.try_for_each(|(key, value)| visit(key, value)),
    }
}
