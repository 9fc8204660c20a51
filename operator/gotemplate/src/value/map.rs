//! [`Map`]: Go's maps with string keys, shared and mutable as in Go.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use super::cycles::{self, Spill};
use super::{Str, Type, Value};

/// The entries of a map in the order Go prints and ranges them: bytewise by key.
pub type Entries = BTreeMap<Str, Value>;

/// A Go map with string keys. A clone is the same map: changes are seen by every holder.
///
/// A nil map is empty and cannot be written to; it differs from an empty one otherwise only in
/// `== nil`, JSON and `%#v`.
#[derive(Clone)]
pub struct Map(pub(super) Rc<Inner>);

pub(super) struct Inner {
    entry: Type,
    name: Option<&'static str>,
    nil: bool,
    /// Copied on write while a snapshot is held, so that no iteration can collide with a change.
    entries: RefCell<Rc<Entries>>,
}

impl Map {
    /// A `map[string]interface {}`.
    pub fn new(entries: Entries) -> Self {
        Map::typed(Type::Any, entries)
    }

    /// A map of the given entry type. The caller vouches for the entries.
    pub fn typed(entry: Type, entries: Entries) -> Self {
        Map::build(entry, None, false, entries)
    }

    /// A named map type over `map[string]interface {}`, such as `common.Values`.
    pub fn named(name: &'static str, entries: Entries) -> Self {
        Map::build(Type::Any, Some(name), false, entries)
    }

    /// A nil map of the given entry type.
    pub fn nil(entry: Type) -> Self {
        Map::build(entry, None, true, Entries::new())
    }

    fn build(entry: Type, name: Option<&'static str>, nil: bool, entries: Entries) -> Self {
        Map(Rc::new(Inner { entry, name, nil, entries: RefCell::new(Rc::new(entries)) }))
    }

    /// The static type of the entries.
    pub fn entry_type(&self) -> &Type {
        &self.0.entry
    }

    /// Go's text of the type: `map[string]interface {}`.
    pub fn type_name(&self) -> Cow<'static, str> {
        match (self.0.name, &self.0.entry) {
            (Some(name), _) => Cow::Borrowed(name),
            (None, Type::Any) => Cow::Borrowed("map[string]interface {}"),
            (None, Type::Str) => Cow::Borrowed("map[string]string"),
            (None, entry) => Cow::Owned(format!("map[string]{entry}")),
        }
    }

    /// Whether the type is a named one ([`Map::named`]).
    pub fn is_named(&self) -> bool {
        self.0.name.is_some()
    }

    /// Whether this is a nil map.
    pub fn is_nil(&self) -> bool {
        self.0.nil
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.0.entries.borrow().len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.0.entries.borrow().is_empty()
    }

    /// The value of a key.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.0.entries.borrow().get(key.as_ref()).cloned()
    }

    /// Whether the key is present.
    pub fn contains_key(&self, key: impl AsRef<[u8]>) -> bool {
        self.0.entries.borrow().contains_key(key.as_ref())
    }

    /// Sets a key. False, and no change, for a nil map (Go panics: `assignment to entry in nil map`).
    #[must_use = "writing to a nil map fails"]
    pub fn insert(&self, key: impl Into<Str>, value: impl Into<Value>) -> bool {
        if self.0.nil {
            return false;
        }
        let value = value.into();
        if matches!(value, Value::Map(_) | Value::List(_) | Value::Object(_)) {
            cycles::note(self);
        }
        let old = Rc::make_mut(&mut *self.0.entries.borrow_mut()).insert(key.into(), value);
        // Dropped only now: a value's drop may reach this map again.
        drop(old);
        true
    }

    /// Removes a key and returns its value.
    pub fn remove(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        let key = key.as_ref();
        if !self.contains_key(key) {
            return None;
        }
        Rc::make_mut(&mut *self.0.entries.borrow_mut()).remove(key)
    }

    /// Removes all entries.
    pub fn clear(&self) {
        let old = std::mem::take(&mut *self.0.entries.borrow_mut());
        Spill::drop_entries(old);
    }

    /// The entries as they are now: later changes do not show. Costs nothing unless the map is changed
    /// while the snapshot lives.
    pub fn snapshot(&self) -> Rc<Entries> {
        Rc::clone(&self.0.entries.borrow())
    }

    /// Whether both are the same map in memory.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// The address, for visited sets and `%p`.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }
}

impl Default for Map {
    fn default() -> Self {
        Map::new(Entries::new())
    }
}

impl Drop for Inner {
    /// Maps nest as deeply as a template likes, so dropping must not recurse.
    fn drop(&mut self) {
        Spill::drop_entries(self.entries.take());
    }
}

impl<K: Into<Str>, V: Into<Value>> FromIterator<(K, V)> for Map {
    /// Collects a `map[string]interface {}`.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Map::new(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl fmt::Debug for Map {
    /// Shows the type and the length: maps may contain themselves.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(len {})", self.type_name(), self.len())
    }
}
