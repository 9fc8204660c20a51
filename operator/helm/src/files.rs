//! The object templates see as `.Files`: the chart's files that are neither templates nor values.
//!
//! A named Go map from name to bytes with methods. Mirrors `pkg/engine/files.go`, including that `Lines` panics on an
//! empty file in 4.2.4. File contents are shared with the chart, not copied.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::format::MAX_TEXT;
use gotemplate::value::Entries;
use gotemplate::{Frame, FuncError, IntKind, List, Map, Method, Object, Shape, Str, Type, Value};

use crate::chart::File;
use crate::glob::Glob;
use crate::text::base_name;

/// Makes the object for a chart's files.
pub(crate) fn to_value(files: &[Arc<File>]) -> Value {
    let entries = files.iter().map(|file| {
        (
            Str::from(file.name.as_str()),
            Value::Bytes(Arc::clone(&file.data)),
        )
    });
    Value::object(Files::new(entries.collect()))
}

/// `engine.files`
#[derive(Debug)]
struct Files(Map);

impl Files {
    fn new(entries: Entries) -> Self {
        Self(Map::typed(
            Type::List(Rc::new(Type::Int(IntKind::Uint8))),
            entries,
        ))
    }

    fn bytes(&self, name: &Str) -> Option<Arc<[u8]>> {
        match self.0.get(name) {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    fn glob(&self, pattern: &Str) -> Result<Value, FuncError> {
        // A pattern that is not UTF-8 is malformed, and a malformed pattern matches everything.
        let glob = Glob::lenient(pattern.as_str().unwrap_or("\u{FFFD}"));
        let mut found = Entries::new();
        for (name, content) in self.0.snapshot().iter() {
            if glob
                .matches(&name.to_str_lossy())
                .map_err(|error| FuncError::new(error.to_string()))?
            {
                found.insert(name.clone(), content.clone());
            }
        }
        Ok(Value::object(Self::new(found)))
    }

    /// A YAML map from the last element of each name to its content.
    fn as_yaml(&self, frame: &mut Frame<'_>, encode: fn(&[u8]) -> Str) -> Result<Str, FuncError> {
        let mut contents: BTreeMap<Str, Value> = BTreeMap::new();
        for (name, content) in self.0.snapshot().iter() {
            let Value::Bytes(content) = content else { continue };
            // Escapes and base64 grow the text at most fourfold.
            frame.charge_bytes(content.len().saturating_mul(4))?;
            let name = name.to_str_lossy();
            contents.insert(Str::from(base_name(&name)), Value::Str(encode(content)));
        }
        let map = Value::Map(Map::typed(Type::Str, contents));
        match crate::yaml::value_to_string(&map, MAX_TEXT) {
            Ok(text) => Ok(Str::from(text.strip_suffix('\n').unwrap_or(&text))),
            // `toYAML` of upstream swallows errors.
            Err(_) => Ok(Str::from("")),
        }
    }

    fn lines(&self, name: &Str) -> Result<List, FuncError> {
        let Some(content) = self.bytes(name) else {
            return Ok(List::strings::<Str>([]));
        };
        let Some((last, rest)) = content.split_last() else {
            return Err(FuncError::panic("runtime error: index out of range [-1]"));
        };
        let text = if *last == b'\n' { rest } else { &*content };
        Ok(List::strings(text.split(|byte| *byte == b'\n').map(Str::from)))
    }
}

impl Object for Files {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("engine.files")
    }

    fn shape(&self) -> Shape {
        Shape::Named(Value::Map(self.0.clone()))
    }

    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        Some(match name {
            "Get" => Method::new(move |name: Str| Str::from(&*self.bytes(&name).unwrap_or_default())),
            "GetBytes" => Method::new(move |name: Str| Value::Bytes(self.bytes(&name).unwrap_or_default())),
            "Glob" => Method::new(move |pattern: Str| self.glob(&pattern)),
            "AsConfig" => {
                Method::new(move |frame: &mut Frame<'_>| self.as_yaml(frame, |content| Str::from(content)))
            }
            "AsSecrets" => Method::new(move |frame: &mut Frame<'_>| {
                self.as_yaml(frame, |content| Str::from(STANDARD.encode(content)))
            }),
            "Lines" => Method::new(move |name: Str| self.lines(&name)),
            _ => return None,
        })
    }
}
