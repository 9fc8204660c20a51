//! From text to tables: `parse.go` and the upper half of `lex.go`.

use std::collections::BTreeMap;

use gotemplate::unicode::is_letter;
use gotemplate::value::Entries;
use gotemplate::{List, Map, Str, Value};

use super::DecodeError;
use super::key::{is_bare, join};
use super::lex::{Cursor, Lex, Problem, quoted, quoted_text, shown};
use super::number::{Literal, datetime, float, integer, scan_number, scan_signed};
use super::string;
use super::table::{Node, Opens, Tables};
use crate::json::go_lossy;

/// Arrays and inline tables may be nested this deep, and keys have this many parts. Go has no limit.
const MAX_DEPTH: usize = crate::yaml::MAX_DEPTH;

pub(super) fn document(text: &[u8], now: &jiff::ZonedDateTime) -> Result<Map, DecodeError> {
    let text = [&b"\xFF\xFE"[..], b"\xFE\xFF", b"\xEF\xBB\xBF"]
        .into_iter()
        .find_map(|mark| text.strip_prefix(mark))
        .unwrap_or(text);
    if text.iter().take(6).any(|&byte| byte == 0) {
        let message =
            "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8".to_owned();
        return Err(DecodeError {
            line: 1,
            last_key: String::new(),
            message,
        });
    }
    let mut parser = Parser {
        cursor: Cursor::new(text),
        now,
        tables: Tables::default(),
        context: Vec::new(),
        current_key: String::new(),
        key_line: 0,
        depth: 0,
    };
    match parser.top() {
        Ok(()) => Ok(parser.tables.finish()),
        Err(Problem { line, message }) => Err(DecodeError {
            line,
            last_key: parser.last_key(),
            message,
        }),
    }
}

struct Parser<'t, 'n> {
    cursor: Cursor<'t>,
    now: &'n jiff::ZonedDateTime,
    tables: Tables,
    /// Key of the current table.
    context: Vec<String>,
    /// Last part of the key whose value is being read.
    current_key: String,
    /// Where the last key or header began: errors about keys are there.
    key_line: i64,
    depth: usize,
}

/// A value, whether it is an array, and, for an inline table, its entries by name.
enum Found {
    Value(Value),
    Array(Vec<Value>),
    Inline(Inline),
}

/// The entries of an inline table; dotted keys make tables in it.
type Inline = BTreeMap<String, InlineNode>;

enum InlineNode {
    Table(Inline),
    Value(Value),
}

impl Parser<'_, '_> {
    fn last_key(&self) -> String {
        let context = go_lossy(&join(&self.context)).into_owned();
        match (self.context.is_empty(), self.current_key.is_empty()) {
            (_, true) => context,
            (true, false) => self.current_key.clone(),
            (false, false) => format!("{context}.{}", self.current_key),
        }
    }

    fn key_problem<T>(&self, message: String) -> Lex<T> {
        Err(Problem {
            line: self.key_line,
            message,
        })
    }

    // --- lines -------------------------------------------------------------------------------------------------

    fn top(&mut self) -> Lex<()> {
        loop {
            match self.cursor.next()? {
                Some(' ' | '\t' | '\n' | '\r') => {}
                Some('#') => self.cursor.skip_comment()?,
                None => return Ok(()),
                Some('[') => {
                    self.header()?;
                    if self.line_end()? {
                        return Ok(());
                    }
                }
                Some(character) => {
                    // Characters of more than a byte are no part of a key; the error is found again.
                    for _ in 0..character.len_utf8() {
                        self.cursor.back();
                    }
                    self.key_value_line()?;
                    if self.line_end()? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// What may follow a header or value; true at the end of the text.
    fn line_end(&mut self) -> Lex<bool> {
        loop {
            match self.cursor.next()? {
                Some(' ' | '\t') => {}
                Some('\n' | '\r') => return Ok(false),
                Some('#') => {
                    self.cursor.skip_comment()?;
                    return Ok(false);
                }
                None => return Ok(true),
                other => {
                    let message = format!(
                        "expected a top-level item to end with a newline, comment, or EOF, but got {} instead",
                        quoted(other)
                    );
                    return Err(self.cursor.problem(message));
                }
            }
        }
    }

    /// `[a.b]` or `[[a.b]]`; the first bracket is behind.
    fn header(&mut self) -> Lex<()> {
        let opens = if self.cursor.accept('[')? {
            Opens::ArrayItem
        } else {
            Opens::Table
        };
        let mut key = Vec::new();
        loop {
            self.cursor.skip_blanks()?;
            match self.cursor.peek()? {
                Some(']') | None => {
                    return Err(self
                        .cursor
                        .problem("unexpected end of table name (table names cannot be empty)"));
                }
                Some('.') => {
                    return Err(self
                        .cursor
                        .problem("unexpected table separator (table names cannot be empty)"));
                }
                Some(_) => self.key_part(&mut key)?,
            }
            self.cursor.skip_blanks()?;
            match self.cursor.next()? {
                Some('.') => {}
                Some(']') => break,
                other => {
                    let message = format!(
                        "expected '.' or ']' to end table name, but got {} instead",
                        quoted(other)
                    );
                    return Err(self.cursor.problem(message));
                }
            }
        }
        if opens == Opens::ArrayItem {
            match self.cursor.next()? {
                Some(']') => {}
                other => {
                    let message = format!(
                        "expected end of table array name delimiter ']', but got {} instead",
                        quoted(other)
                    );
                    return Err(self.cursor.problem(message));
                }
            }
        }
        if let Err(message) = self.tables.open(&mut self.context, &key, opens) {
            return self.key_problem(message);
        }
        self.tables.note_kind(&self.context, "", false);
        Ok(())
    }

    fn key_value_line(&mut self) -> Lex<()> {
        let outer = self.context.clone();
        let key = self.key()?;
        let found = self.keyed_value(&key)?;
        self.define(found)?;
        self.context = outer;
        self.current_key.clear();
        Ok(())
    }

    // --- keys --------------------------------------------------------------------------------------------------

    /// A key and the `=` after it.
    fn key(&mut self) -> Lex<Vec<String>> {
        self.cursor.skip_blanks()?;
        match self.cursor.peek()? {
            Some('=') | None => return Err(self.cursor.problem("unexpected '=': key name appears blank")),
            Some('.') => {
                return Err(self
                    .cursor
                    .problem("unexpected '.': keys cannot start with a '.'"));
            }
            Some(_) => {}
        }
        let mut key = Vec::new();
        loop {
            self.cursor.skip_blanks()?;
            match self.cursor.peek()? {
                Some('=') | None => return Err(self.cursor.problem("unexpected '='")),
                Some('.') => return Err(self.cursor.problem("unexpected '.'")),
                Some(_) => self.key_part(&mut key)?,
            }
            self.cursor.skip_blanks()?;
            match self.cursor.next()? {
                Some('.') => {}
                Some('=') => return Ok(key),
                None => return Err(self.cursor.problem("unexpected EOF; expected key separator '='")),
                other => {
                    let message = format!("expected '.' or '=', but got {} instead", quoted(other));
                    let above = other == Some('\n');
                    return Err(if above {
                        self.cursor.problem_above(message)
                    } else {
                        self.cursor.problem(message)
                    });
                }
            }
        }
    }

    /// One part of a key; a bare one may turn out to be empty, which what follows makes an error.
    fn key_part(&mut self, key: &mut Vec<String>) -> Lex<()> {
        let line = self.cursor.line;
        let part = match self.cursor.peek()? {
            Some('"') => {
                self.cursor.next()?;
                string::basic(&mut self.cursor)?
            }
            Some('\'') => {
                self.cursor.next()?;
                string::raw(&mut self.cursor)?
            }
            _ => {
                let start = self.cursor.pos;
                while self
                    .cursor
                    .peek()?
                    .is_some_and(|character| u8::try_from(character).is_ok_and(is_bare))
                {
                    self.cursor.next()?;
                }
                go_lossy(self.cursor.since(start)).into_owned()
            }
        };
        if key.is_empty() {
            self.key_line = line;
        }
        key.push(part);
        if key.len() + self.context.len() > MAX_DEPTH {
            return Err(self.cursor.problem(format!("exceeded max depth of {MAX_DEPTH}")));
        }
        Ok(())
    }

    /// Makes the tables that a dotted key implies, and reads the value of its last part.
    fn keyed_value(&mut self, key: &[String]) -> Lex<Found> {
        let Some((last, parents)) = key.split_last() else {
            return Ok(Found::Value(Value::Nil));
        };
        self.current_key.clone_from(last);
        for parent in parents {
            let mut path = self.context.clone();
            path.push(parent.clone());
            if let Err(message) = self.tables.open_implicit(&mut self.context, &path, Opens::Table) {
                return self.key_problem(message);
            }
        }
        self.value(Opens::Table)
    }

    /// Sets the current key.
    fn define(&mut self, found: Found) -> Lex<Value> {
        let (value, is_array) = match found {
            Found::Value(value) => (value, false),
            Found::Array(items) => (Value::List(List::new(items)), true),
            Found::Inline(entries) => (Value::Map(inline_map(entries)), false),
        };
        if let Err(message) = self
            .tables
            .set(&self.context, &self.current_key, Node::Value(value.clone()))
        {
            return self.key_problem(message);
        }
        self.tables.note_kind(&self.context, &self.current_key, is_array);
        Ok(value)
    }

    // --- values ------------------------------------------------------------------------------------------------

    fn value(&mut self, place: Opens) -> Lex<Found> {
        self.cursor.skip_blanks()?;
        let start = self.cursor.pos;
        let first = self.cursor.next()?;
        let literal = match first {
            Some('0'..='9') => {
                self.cursor.back();
                scan_number(&mut self.cursor, start)?
            }
            Some('-' | '+') => scan_signed(&mut self.cursor, start)?,
            Some('[') => return self.deeper(Self::array),
            Some('{') => return self.deeper(|parser| parser.inline_table(place)),
            Some('"') => return self.quoted('"', string::basic, string::multiline),
            Some('\'') => return self.quoted('\'', string::raw, string::multiline_raw),
            Some('.') => return Err(self.cursor.problem("floats must start with a digit, not '.'")),
            Some('i' | 'n') if self.accepts_inf_or_nan()? => Literal::Float,
            Some(letter) if is_letter(letter) => {
                if matches!(letter, 'i' | 'n') {
                    self.cursor.back();
                } else {
                    self.cursor.pos = start;
                }
                return self.boolean();
            }
            None => return Err(self.cursor.problem("unexpected EOF; expected value")),
            other => {
                let message = format!("expected value but found {} instead", quoted(other));
                let above = other == Some('\n');
                return Err(if above {
                    self.cursor.problem_above(message)
                } else {
                    self.cursor.problem(message)
                });
            }
        };
        let text = self.cursor.since(start);
        let value = match literal {
            Literal::Integer => integer(text).map(Value::from),
            Literal::Float => float(text).map(Value::Float),
            Literal::Datetime => datetime(text.trim_ascii_end(), self.now),
        };
        value.map(Found::Value).map_err(|message| Problem {
            line: self.cursor.line,
            message,
        })
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Lex<Found>) -> Lex<Found> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.cursor.problem(format!("exceeded max depth of {MAX_DEPTH}")));
        }
        let found = read(self)?;
        self.depth -= 1;
        Ok(found)
    }

    fn quoted(
        &mut self,
        quote: char,
        line: impl FnOnce(&mut Cursor<'_>) -> Lex<String>,
        lines: impl FnOnce(&mut Cursor<'_>) -> Lex<String>,
    ) -> Lex<Found> {
        if self.cursor.accept(quote)? {
            if self.cursor.accept(quote)? {
                return Ok(Found::Value(Value::from(lines(&mut self.cursor)?)));
            }
            self.cursor.back();
        }
        Ok(Found::Value(Value::from(line(&mut self.cursor)?)))
    }

    /// After `i` or `n`. The library tries `nf`, then `an`, without stepping back in between.
    fn accepts_inf_or_nan(&mut self) -> Lex<bool> {
        Ok((self.cursor.accept('n')? && self.cursor.accept('f')?)
            || (self.cursor.accept('a')? && self.cursor.accept('n')?))
    }

    fn boolean(&mut self) -> Lex<Found> {
        let start = self.cursor.pos;
        while self.cursor.peek()?.is_some_and(is_letter) {
            self.cursor.next()?;
        }
        match self.cursor.since(start) {
            b"true" => Ok(Found::Value(Value::Bool(true))),
            b"false" => Ok(Found::Value(Value::Bool(false))),
            word => Err(self
                .cursor
                .problem(format!("expected value but found {} instead", quoted_text(word)))),
        }
    }

    fn array(&mut self) -> Lex<Found> {
        self.tables.note_kind(&self.context, &self.current_key, true);
        let mut items = Vec::new();
        loop {
            match self.cursor.next()? {
                Some(' ' | '\t' | '\n' | '\r') => continue,
                Some('#') => {
                    self.cursor.skip_comment()?;
                    continue;
                }
                Some(',') => return Err(self.cursor.problem("unexpected comma")),
                Some(']') => return Ok(Found::Array(items)),
                Some(character) => (0..character.len_utf8()).for_each(|_| self.cursor.back()),
                None => self.cursor.back(),
            }
            items.push(match self.value(Opens::ArrayItem)? {
                Found::Value(value) => value,
                Found::Array(items) => Value::List(List::new(items)),
                Found::Inline(entries) => Value::Map(inline_map(entries)),
            });
            loop {
                match self.cursor.next()? {
                    Some(' ' | '\t' | '\n' | '\r') => {}
                    Some('#') => self.cursor.skip_comment()?,
                    Some(',') => break,
                    Some(']') => return Ok(Found::Array(items)),
                    other => {
                        let message = format!(
                            "expected a comma (',') or array terminator (']'), but got {}",
                            shown(other)
                        );
                        return Err(self.cursor.problem(message));
                    }
                }
            }
        }
    }

    fn inline_table(&mut self, place: Opens) -> Lex<Found> {
        let outer_key = std::mem::take(&mut self.current_key);
        let outer = self.context.clone();
        self.context.push(outer_key.clone());
        let path = self.context.clone();
        if let Err(message) = self.tables.open_implicit(&mut self.context, &path, place) {
            return self.key_problem(message);
        }
        let mut entries = Inline::new();
        loop {
            match self.cursor.next()? {
                Some(' ' | '\t' | '\n' | '\r') => continue,
                Some('#') => {
                    self.cursor.skip_comment()?;
                    continue;
                }
                Some(',') => return Err(self.cursor.problem("unexpected comma")),
                Some('}') => break,
                Some(character) => (0..character.len_utf8()).for_each(|_| self.cursor.back()),
                None => self.cursor.back(),
            }
            let key = self.key()?;
            let found = self.keyed_value(&key)?;
            let value = self.define(found)?;
            if !insert(&mut entries, &key, value) {
                let message = format!("{} is not a table", quoted_text(&join(&self.context)));
                return self.key_problem(message);
            }
            self.context.clone_from(&path);
            if self.inline_separator()? {
                break;
            }
        }
        self.context = outer;
        self.current_key = outer_key;
        Ok(Found::Inline(entries))
    }

    /// What may follow an entry of an inline table; true at its end.
    fn inline_separator(&mut self) -> Lex<bool> {
        loop {
            match self.cursor.next()? {
                Some(' ' | '\t' | '\n' | '\r') => {}
                Some('#') => self.cursor.skip_comment()?,
                Some(',') => {
                    self.cursor.skip_blanks()?;
                    // A comma before the end is allowed, even twice.
                    if self.cursor.peek()? != Some('}') {
                        return Ok(false);
                    }
                }
                Some('}') => return Ok(true),
                other => {
                    let message = format!(
                        "expected a comma or an inline table terminator '}}', but got {} instead",
                        shown(other)
                    );
                    return Err(self.cursor.problem(message));
                }
            }
        }
    }
}

fn insert(entries: &mut Inline, key: &[String], value: Value) -> bool {
    let Some((last, parents)) = key.split_last() else {
        return true;
    };
    let mut table = entries;
    for parent in parents {
        let node = table
            .entry(parent.clone())
            .or_insert_with(|| InlineNode::Table(Inline::new()));
        match node {
            InlineNode::Table(inner) => table = inner,
            InlineNode::Value(_) => return false,
        }
    }
    table.insert(last.clone(), InlineNode::Value(value));
    true
}

fn inline_map(entries: Inline) -> Map {
    let entries: Entries = entries
        .into_iter()
        .map(|(key, node)| {
            let value = match node {
                InlineNode::Table(inner) => Value::Map(inline_map(inner)),
                InlineNode::Value(value) => value,
            };
            (Str::from(key), value)
        })
        .collect();
    Map::new(entries)
}
