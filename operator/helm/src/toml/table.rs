//! Tables under construction, with the rules about keys that are given twice: the upper half of `parse.go`.
//!
//! A table may come to be in several ways: named in a header, implied by a longer header or a dotted key, or written
//! inline. What may be added to it later depends on that. The library keeps two sets for it, of keys that are only implied
//! and of keys that hold an array, and so do we.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use gotemplate::value::Entries;
use gotemplate::{List, Map, Str, Type, Value};

use super::key::join;

pub(super) type Table = BTreeMap<String, Node>;

pub(super) enum Node {
    Table(Table),
    /// `[[key]]`
    Tables(Vec<Table>),
    Value(Value),
}

/// The document so far.
#[derive(Default)]
pub(super) struct Tables {
    root: Table,
    implicit: HashSet<Vec<u8>>,
    is_array: HashMap<Vec<u8>, bool>,
}

/// Whether a header or an inline table adds to an array of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opens {
    Table,
    ArrayItem,
}

impl Tables {
    /// Makes `key` the current table; `context` becomes its key. Errors are Go's texts; `context` is then what Go has at
    /// that moment, because it shows in the error.
    pub(super) fn open(
        &mut self,
        context: &mut Vec<String>,
        key: &[String],
        opens: Opens,
    ) -> Result<(), String> {
        let Some((last, parents)) = key.split_last() else {
            return Ok(());
        };
        let mut table = &mut self.root;
        for (depth, part) in parents.iter().enumerate() {
            let path = join(key.get(..=depth).unwrap_or_default());
            let node = table.entry(part.clone()).or_insert_with(|| {
                self.implicit.insert(path.clone());
                Node::Table(Table::new())
            });
            table = match node {
                Node::Table(inner) => inner,
                Node::Tables(items) => match items.last_mut() {
                    Some(item) => item,
                    None => return Err(String::new()),
                },
                Node::Value(_) => {
                    return Err(format!("Key '{}' was already created as a hash.", text(&path)));
                }
            };
        }
        *context = parents.to_vec();
        match opens {
            Opens::ArrayItem => {
                let node = table
                    .entry(last.clone())
                    .or_insert_with(|| Node::Tables(Vec::new()));
                match node {
                    Node::Tables(items) => items.push(Table::new()),
                    Node::Table(_) | Node::Value(_) => {
                        let path = join(key);
                        return Err(format!(
                            "Key '{}' was already created and cannot be used as an array.",
                            text(&path)
                        ));
                    }
                }
            }
            Opens::Table => self.set(context, last, Node::Table(Table::new()))?,
        }
        context.push(last.clone());
        Ok(())
    }

    /// Makes a table that a dotted key or an inline table implies.
    pub(super) fn open_implicit(
        &mut self,
        context: &mut Vec<String>,
        key: &[String],
        opens: Opens,
    ) -> Result<(), String> {
        self.implicit.insert(join(key));
        self.open(context, key, opens)
    }

    /// Sets a key of the current table.
    pub(super) fn set(&mut self, context: &[String], key: &str, node: Node) -> Result<(), String> {
        let defined = |path: &[u8]| Err(format!("Key '{}' has already been defined.", text(path)));
        let mut path: Vec<&str> = context.iter().map(String::as_str).collect();
        let mut table = &mut self.root;
        for (depth, part) in context.iter().enumerate() {
            table = match table.get_mut(part) {
                Some(Node::Table(inner)) => inner,
                Some(Node::Tables(items)) if !items.is_empty() => match items.last_mut() {
                    Some(item) => item,
                    None => return Ok(()),
                },
                Some(_) | None => return defined(&join(path.get(..=depth).unwrap_or_default())),
            };
        }
        path.push(key);
        if !table.contains_key(key) {
            table.insert(key.to_owned(), node);
            return Ok(());
        }
        let path = join(&path);
        // A table that was only implied may be defined once; a shadow of an array of inline tables gives way to the array.
        if !self.implicit.remove(&path) {
            return defined(&path);
        }
        if self.is_array.get(&path) == Some(&true) {
            table.insert(key.to_owned(), node);
        }
        Ok(())
    }

    /// Notes whether the value of a key is an array; without a key, the current table is meant.
    pub(super) fn note_kind(&mut self, context: &[String], key: &str, is_array: bool) {
        let mut path: Vec<&str> = context.iter().map(String::as_str).collect();
        if !key.is_empty() {
            path.push(key);
        }
        // The empty key alone is written with quotes.
        let path = if path.is_empty() { join(&[""]) } else { join(&path) };
        self.is_array.insert(path, is_array);
    }

    pub(super) fn finish(self) -> Map {
        to_map(self.root)
    }
}

fn to_map(table: Table) -> Map {
    let entries: Entries = table
        .into_iter()
        .map(|(key, node)| (Str::from(key), to_value(node)))
        .collect();
    Map::new(entries)
}

fn to_value(node: Node) -> Value {
    match node {
        Node::Table(table) => Value::Map(to_map(table)),
        Node::Tables(items) => {
            let items = items.into_iter().map(|table| Value::Map(to_map(table))).collect();
            Value::List(List::typed(Type::Map(Rc::new(Type::Any)), items))
        }
        Node::Value(value) => value,
    }
}

fn text(path: &[u8]) -> String {
    crate::json::go_lossy(path).into_owned()
}
