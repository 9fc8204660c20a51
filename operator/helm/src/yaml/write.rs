//! Writing values as YAML, with the detour that `sigs.k8s.io/yaml` takes: it writes JSON, reads that as YAML, and writes
//! what it got.
//!
//! The detour shows. Numbers change their form, and some characters are errors or line breaks. So ordinary values are
//! written directly by the rules that follow from it; a value with unusual characters really goes through JSON.

use gotemplate::Value;

use super::decode::Duplicates;
use super::emit::Emitter;
use super::error::WriteError;
use super::go_tree::GoTree;
use super::order::Dialect;
use super::{build, with_document};
use crate::data::Data;
use crate::data::walk::{JsonWalk, KeyOrder, Sink, for_each_in_order, walk_data};
use crate::json::number::{format_g, format_json};
use crate::json::{self, go_lossy};

/// A longer key could, escaped as JSON, exceed what the scanner takes for a key.
const MAX_DIRECT_KEY: usize = 128;

/// Writes plain data.
pub(super) fn write_data(data: &Data) -> Result<String, WriteError> {
    let mut direct = Direct::new();
    walk_data(data, &mut direct);
    if !direct.unusual {
        return Ok(direct.emitter.finish());
    }
    through_json(&json::encode_data(data).map_err(WriteError::NotJson)?)
}

/// Writes a live value, as long as its text has no more than `max_bytes`.
pub(super) fn write_value(value: &Value, max_bytes: usize) -> Result<String, WriteError> {
    let mut direct = Direct::new();
    JsonWalk::new(max_bytes)
        .value(value, &mut direct)
        .map_err(|error| WriteError::NotJson(error.into()))?;
    if !direct.unusual {
        return Ok(direct.emitter.finish());
    }
    through_json(&json::encode_value(value, max_bytes).map_err(WriteError::NotJson)?)
}

/// Reads JSON as YAML 1.1 and writes it again.
fn through_json(json: &[u8]) -> Result<String, WriteError> {
    let tree = with_document(json, |document| build::go_tree(document, Duplicates::LastWins))
        .map_err(|error| WriteError::Unreadable(error.inner_text()))?;
    let mut emitter = Emitter::new(Dialect::V2);
    emit_tree(&mut emitter, &tree);
    Ok(emitter.finish())
}

fn emit_tree(emitter: &mut Emitter, tree: &GoTree) {
    match tree {
        GoTree::Nil => emitter.plain("null"),
        GoTree::Bool(value) => emitter.plain(if *value { "true" } else { "false" }),
        GoTree::Int(value) => emitter.plain(&value.to_string()),
        GoTree::Uint(value) => emitter.plain(&value.to_string()),
        GoTree::Float(value) => emitter.plain(&format_g(*value)),
        GoTree::Str(text) => emitter.string(&go_lossy(text)),
        GoTree::List(items) => {
            emitter.begin_sequence(items.len());
            for item in items {
                emit_tree(emitter, item);
            }
            emitter.end_collection();
        }
        GoTree::Map(entries) => {
            emitter.begin_mapping(entries.len());
            // JSON has text keys only.
            let by_text: Vec<_> = entries
                .iter()
                .filter_map(|(key, value)| Some((key.key_text(value).ok()?, value)))
                .collect();
            let entries = by_text.iter().map(|(key, value)| (key, *value));
            let emitted = for_each_in_order(entries, KeyOrder::Yaml(Dialect::V2), |key, value| {
                emitter.string(key);
                emit_tree(emitter, value);
                Ok::<(), std::convert::Infallible>(())
            });
            match emitted {
                Ok(()) => {}
            }
            emitter.end_collection();
        }
    }
}

/// Writes ordinary values, and notes unusual ones.
struct Direct {
    emitter: Emitter,
    unusual: bool,
}

impl Direct {
    fn new() -> Self {
        Self {
            emitter: Emitter::new(Dialect::V2),
            unusual: false,
        }
    }
}

impl Sink for Direct {
    fn written(&self) -> usize {
        self.emitter.len()
    }

    fn key_order(&self) -> KeyOrder {
        KeyOrder::Yaml(Dialect::V2)
    }

    fn null(&mut self) {
        self.emitter.plain("null");
    }

    fn boolean(&mut self, value: bool) {
        self.emitter.plain(if value { "true" } else { "false" });
    }

    fn int(&mut self, value: i64) {
        self.emitter.plain(&value.to_string());
    }

    fn uint(&mut self, value: u64) {
        self.emitter.plain(&value.to_string());
    }

    fn float(&mut self, value: f64) {
        if !value.is_finite() {
            self.unusual = true;
            return;
        }
        if value == 0.0 {
            // JSON has `-0`, which YAML reads as an integer.
            return self.emitter.plain("0");
        }
        let json = if value.fract() == 0.0 {
            format_json(value)
        } else {
            String::new()
        };
        if json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok() {
            self.emitter.plain(&json);
        } else {
            self.emitter.plain(&format_g(value));
        }
    }

    fn text(&mut self, value: &[u8]) {
        match std::str::from_utf8(value) {
            Ok(text) if is_ordinary(value) => self.emitter.string(text),
            Ok(_) | Err(_) => self.unusual = true,
        }
    }

    fn begin_list(&mut self, len: usize) {
        self.emitter.begin_sequence(len);
    }

    fn begin_map(&mut self, len: usize) {
        self.emitter.begin_mapping(len);
    }

    fn key(&mut self, key: &[u8]) {
        self.unusual |= key.len() > MAX_DIRECT_KEY;
        self.text(key);
    }

    fn end_list(&mut self) {
        self.emitter.end_collection();
    }

    fn end_map(&mut self) {
        self.emitter.end_collection();
    }
}

/// No character that JSON writes as it is and YAML would not read back as it is: DEL, the controls U+0080 to U+009F
/// (among them NEL, a line break), U+FFFE and U+FFFF.
fn is_ordinary(text: &[u8]) -> bool {
    let suspicious = text.iter().fold(false, |found, &byte| {
        found || (byte == 0x7F) || (byte == 0xC2) || (byte == 0xEF)
    });
    !suspicious
        || !text.iter().enumerate().any(|(at, &byte)| match byte {
            0x7F => true,
            0xC2 => text.get(at + 1).is_some_and(|&next| next < 0xA0),
            0xEF => matches!(text.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])),
            _ => false,
        })
}
