//! The parser behind the five dialects. One pass over the line, writing into the values as it goes.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Map, Number};

use super::{MAX_INDEX, MAX_NESTED_NAME_LEVEL, StrvalsError};
use crate::Data;

/// What stands after `=`, and how names are read.
pub(super) enum Dialect<'r> {
    Typed,
    Strings,
    Json,
    Literal,
    Files(&'r mut dyn FnMut(&str) -> Result<String, String>),
}

pub(super) struct Parser<'l, 'r> {
    rest: Peekable<Chars<'l>>,
    dialect: Dialect<'r>,
}

type Outcome<T> = Result<T, StrvalsError>;

impl<'l, 'r> Parser<'l, 'r> {
    pub(super) fn new(line: &'l str, dialect: Dialect<'r>) -> Self {
        Self {
            rest: line.chars().peekable(),
            dialect,
        }
    }

    pub(super) fn run(mut self, values: &mut Map<String, Data>) -> Outcome<()> {
        loop {
            match self.key(values, 0) {
                Ok(()) => {}
                Err(StrvalsError::End) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// One `name=value`, or the part of it below a dot.
    fn key(&mut self, values: &mut Map<String, Data>, level: usize) -> Outcome<()> {
        let stop: &[char] = if matches!(self.dialect, Dialect::Literal) {
            &['=', '[', '.']
        } else {
            &['=', '[', ',', '.']
        };
        let (key, last) = self.runes_until(stop);
        match last {
            None if key.is_empty() => Err(StrvalsError::End),
            None => Err(StrvalsError::NoValue(key)),
            Some('[') => {
                let index = self.key_index()?;
                match values.get_mut(&key) {
                    Some(Data::Array(list)) => self.list_item(list, index, level),
                    Some(other) => Err(StrvalsError::WrongKind {
                        found: go_type(other),
                        wanted: "[]interface {}",
                    }),
                    None => {
                        let mut list = Vec::new();
                        let outcome = self.list_item(&mut list, index, level);
                        set(values, key, Data::Array(list));
                        outcome
                    }
                }
            }
            Some('=') => self.value_of_key(values, key),
            Some(',') => Err(StrvalsError::EndsWithComma(key)),
            Some(_) => {
                let level = level + 1;
                if level > MAX_NESTED_NAME_LEVEL {
                    return Err(StrvalsError::TooDeep);
                }
                match values.get_mut(&key) {
                    Some(Data::Object(inner)) => {
                        self.key(inner, level)?;
                        if inner.is_empty() {
                            Err(StrvalsError::MapHasNoValue(key))
                        } else {
                            Ok(())
                        }
                    }
                    Some(other) => Err(StrvalsError::WrongKind {
                        found: go_type(other),
                        wanted: "map[string]interface {}",
                    }),
                    None => {
                        let mut inner = Map::new();
                        let outcome = self.key(&mut inner, level);
                        if inner.is_empty() {
                            return outcome.and(Err(StrvalsError::MapHasNoValue(key)));
                        }
                        set(values, key, Data::Object(inner));
                        outcome
                    }
                }
            }
        }
    }

    fn value_of_key(&mut self, values: &mut Map<String, Data>, key: String) -> Outcome<()> {
        if let Some(value) = self.value()? {
            set(values, key, value);
            Ok(())
        } else {
            set(values, key, Data::String(String::new()));
            Err(StrvalsError::End)
        }
    }

    /// What stands after `=`. `None`: nothing at all.
    fn value(&mut self) -> Outcome<Option<Data>> {
        match self.dialect {
            Dialect::Literal => Ok(Some(Data::String(self.rest.by_ref().collect()))),
            Dialect::Json => self.json_value().map(Some),
            Dialect::Typed | Dialect::Strings | Dialect::Files(_) => match self.rest.peek() {
                None => Ok(None),
                Some('{') => {
                    self.rest.next();
                    self.list().map(Some)
                }
                Some(_) => {
                    let (text, _) = self.runes_until(&[',']);
                    self.convert(text).map(Some)
                }
            },
        }
    }

    /// The items of `{a,b}`, whose opening brace is read.
    fn list(&mut self) -> Outcome<Data> {
        let mut items = Vec::new();
        loop {
            let (text, last) = self.runes_until(&[',', '}']);
            match last {
                None => return Err(StrvalsError::UnterminatedList),
                Some(',') => items.push(self.convert(text)?),
                Some(_) => {
                    self.rest.next_if_eq(&',');
                    items.push(self.convert(text)?);
                    return Ok(Data::Array(items));
                }
            }
        }
    }

    fn convert(&mut self, text: String) -> Outcome<Data> {
        match &mut self.dialect {
            Dialect::Typed => Ok(typed(text)),
            Dialect::Strings | Dialect::Literal | Dialect::Json => Ok(Data::String(text)),
            Dialect::Files(read) => read(&text).map(Data::String).map_err(StrvalsError::File),
        }
    }

    /// A JSON value and the comma after it; an empty one is null.
    fn json_value(&mut self) -> Outcome<Data> {
        if self.empty_value() {
            return Ok(Data::Null);
        }
        let rest: String = self.rest.clone().collect();
        let (value, used) = crate::json::decode_prefix(rest.as_bytes())
            .map_err(|error| StrvalsError::Json(error.to_string()))?;
        // The rest is text, and a JSON value ends at a character boundary.
        let characters = rest.get(..used).map_or(0, |used| used.chars().count());
        for _ in 0..characters {
            self.rest.next();
        }
        self.empty_value();
        Ok(value)
    }

    /// Skips blanks; true when a comma, which is taken too, or the end follows.
    fn empty_value(&mut self) -> bool {
        while self.rest.next_if(|character| character.is_whitespace()).is_some() {}
        self.rest.peek().is_none() || self.rest.next_if_eq(&',').is_some()
    }

    fn key_index(&mut self) -> Outcome<i64> {
        let (text, last) = self.runes_until(&[']']);
        if last.is_none() {
            return Err(StrvalsError::End);
        }
        text.parse::<i64>().map_err(|error| {
            use std::num::IntErrorKind::{NegOverflow, PosOverflow};
            let why = match error.kind() {
                PosOverflow | NegOverflow => "value out of range",
                _ => "invalid syntax",
            };
            StrvalsError::Index(format!("strconv.Atoi: parsing {}: {why}", super::quote(&text)))
        })
    }

    /// What follows `name[index]`: a value, another index, or a name below a dot.
    fn list_item(&mut self, list: &mut Vec<Data>, index: i64, level: usize) -> Outcome<()> {
        let index_number = index;
        let Ok(index) = usize::try_from(index) else {
            return Err(StrvalsError::NegativeIndex(index));
        };
        let (between, last) = self.runes_until(&['[', '.', '=']);
        if !between.is_empty() {
            return Err(StrvalsError::AfterIndex(between));
        }
        let too_high = if index > MAX_INDEX {
            Err(StrvalsError::IndexTooHigh(index_number))
        } else {
            Ok(())
        };
        match last {
            None => Err(StrvalsError::End),
            Some('=') => {
                let value = self.value()?.unwrap_or_else(|| Data::String(String::new()));
                too_high?;
                set_index(list, index, value);
                Ok(())
            }
            Some('[') => {
                let next = self.key_index()?;
                match list.get_mut(index) {
                    Some(Data::Array(inner)) => self.list_item(inner, next, level),
                    None | Some(Data::Null) => {
                        let mut inner = Vec::new();
                        self.list_item(&mut inner, next, level)?;
                        too_high?;
                        set_index(list, index, Data::Array(inner));
                        Ok(())
                    }
                    Some(other) => Err(StrvalsError::WrongKind {
                        found: go_type(other),
                        wanted: "[]interface {}",
                    }),
                }
            }
            Some(_) => {
                if let Some(slot) = list.get_mut(index) {
                    if !slot.is_object() {
                        *slot = Data::Object(Map::new());
                    }
                    if let Data::Object(inner) = slot {
                        return self.key(inner, level);
                    }
                }
                let mut inner = Map::new();
                self.key(&mut inner, level)?;
                too_high?;
                set_index(list, index, Data::Object(inner));
                Ok(())
            }
        }
    }

    /// Reads up to one of `stop`, which is taken too. A backslash takes the next character as it is, except in the
    /// literal dialect.
    fn runes_until(&mut self, stop: &[char]) -> (String, Option<char>) {
        let escapes = !matches!(self.dialect, Dialect::Literal);
        let mut text = String::new();
        while let Some(character) = self.rest.next() {
            if stop.contains(&character) {
                return (text, Some(character));
            }
            if character == '\\' && escapes {
                match self.rest.next() {
                    Some(escaped) => text.push(escaped),
                    None => break,
                }
            } else {
                text.push(character);
            }
        }
        (text, None)
    }
}

/// An empty name sets nothing.
fn set(values: &mut Map<String, Data>, key: String, value: Data) {
    if !key.is_empty() {
        values.insert(key, value);
    }
}

/// Holes become null. The caller has checked the index.
fn set_index(list: &mut Vec<Data>, index: usize, value: Data) {
    if list.len() <= index {
        list.resize(index + 1, Data::Null);
    }
    list[index] = value;
}

/// Booleans, null and decimal 64-bit integers without leading zero; all else is a string.
fn typed(text: String) -> Data {
    // Go folds the long s to s here.
    let is = |word: &str| text.replace('ſ', "s").eq_ignore_ascii_case(word);
    if is("true") {
        return Data::Bool(true);
    }
    if is("false") {
        return Data::Bool(false);
    }
    if is("null") {
        return Data::Null;
    }
    if (text == "0" || !text.starts_with('0'))
        && let Ok(number) = text.parse::<i64>()
    {
        return Data::Number(Number::from(number));
    }
    Data::String(text)
}

/// The name Go gives to the type of a value in an `interface {}`.
fn go_type(value: &Data) -> &'static str {
    match value {
        Data::Null => "nil",
        Data::Bool(_) => "bool",
        Data::Number(number) if number.is_f64() => "float64",
        Data::Number(_) => "int64",
        Data::String(_) => "string",
        Data::Array(_) => "[]interface {}",
        Data::Object(_) => "map[string]interface {}",
    }
}
