//! [`Map`]: Go's maps with string keys, shared and mutable as in Go.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use super::cycles::{self, Spill};
use super::{Str, Type, Value};
use crate::func::Method;

/// The entries of a map in the order Go prints and ranges them: bytewise by key.
pub type Entries = BTreeMap<Str, Value>;

/// A named map type, such as Go's `url.Values`: the name and the methods.
#[derive(Debug)]
pub struct MapType {
    /// Go's text of the type: `url.Values`.
    pub name: &'static str,
    /// A method with its receiver bound.
    pub method: fn(Map, &str) -> Option<Method>,
}

impl MapType {
    /// A named type without methods.
    pub const fn new(name: &'static str) -> Self {
        MapType {
            name,
            method: |_, _| None,
        }
    }
}

/// A Go map with string keys. A clone is the same map: changes are seen by every holder.
///
/// A nil map is empty and cannot be written to; it differs from an empty one otherwise only in
/// `== nil`, JSON and `%#v`.
#[derive(Clone)]
pub struct Map {
    /// Belongs to the holder, not to the map: Go converts a map to another type without copying it.
    named: Option<&'static MapType>,
    pub(super) inner: Rc<Inner>,
}

pub(super) struct Inner {
    entry: Type,
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
        Map::build(entry, false, entries)
    }

    /// A map of a named type over `map[string]interface {}`.
    pub fn named(ty: &'static MapType, entries: Entries) -> Self {
        Map::new(entries).with_type(ty)
    }

    /// A nil map of the given entry type.
    pub fn nil(entry: Type) -> Self {
        Map::build(entry, true, Entries::new())
    }

    fn build(entry: Type, nil: bool, entries: Entries) -> Self {
        Map::of(Rc::new(Inner {
            entry,
            nil,
            entries: RefCell::new(Rc::new(entries)),
        }))
    }

    pub(super) fn of(inner: Rc<Inner>) -> Self {
        Map { named: None, inner }
    }

    /// The same map under a named type.
    #[must_use]
    pub fn with_type(&self, ty: &'static MapType) -> Self {
        Map {
            named: Some(ty),
            inner: Rc::clone(&self.inner),
        }
    }

    /// The same map under its plain type.
    #[must_use]
    pub fn plain(&self) -> Self {
        Map {
            named: None,
            inner: Rc::clone(&self.inner),
        }
    }

    /// Another map of the same type.
    #[must_use]
    pub fn same_type(&self, entries: Entries) -> Self {
        Map {
            named: self.named,
            ..Map::typed(self.entry_type().clone(), entries)
        }
    }

    /// A method of the named type, with this map as receiver.
    pub fn method(&self, name: &str) -> Option<Method> {
        (self.named?.method)(self.clone(), name)
    }

    /// The static type of the entries.
    pub fn entry_type(&self) -> &Type {
        &self.inner.entry
    }

    /// Go's text of the type: `map[string]interface {}`.
    pub fn type_name(&self) -> Cow<'static, str> {
        match (self.named, &self.inner.entry) {
            (Some(ty), _) => Cow::Borrowed(ty.name),
            (None, Type::Any) => Cow::Borrowed("map[string]interface {}"),
            (None, Type::Str) => Cow::Borrowed("map[string]string"),
            (None, entry) => Cow::Owned(format!("map[string]{entry}")),
        }
    }

    /// Whether the type is a named one ([`Map::named`]).
    pub fn is_named(&self) -> bool {
        self.named.is_some()
    }

    /// Whether this is a nil map.
    pub fn is_nil(&self) -> bool {
        self.inner.nil
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.inner.entries.borrow().len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.inner.entries.borrow().is_empty()
    }

    /// The value of a key.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.inner.entries.borrow().get(key.as_ref()).cloned()
    }

    /// Whether the key is present.
    pub fn contains_key(&self, key: impl AsRef<[u8]>) -> bool {
        self.inner.entries.borrow().contains_key(key.as_ref())
    }

    /// Sets a key. False, and no change, for a nil map (Go panics: `assignment to entry in nil map`).
    #[must_use = "writing to a nil map fails"]
    pub fn insert(&self, key: impl Into<Str>, value: impl Into<Value>) -> bool {
        if self.inner.nil {
            return false;
        }
        let value = value.into();
        if matches!(value, Value::Map(_) | Value::List(_) | Value::Object(_)) {
            cycles::note(self);
        }
        let old = Rc::make_mut(&mut *self.inner.entries.borrow_mut()).insert(key.into(), value);
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
        Rc::make_mut(&mut *self.inner.entries.borrow_mut()).remove(key)
    }

    /// Removes all entries.
    pub fn clear(&self) {
        let old = std::mem::take(&mut *self.inner.entries.borrow_mut());
        Spill::drop_entries(old);
    }

    /// The entries as they are now: later changes do not show. Costs nothing unless the map is changed
    /// while the snapshot lives.
    pub fn snapshot(&self) -> Rc<Entries> {
        Rc::clone(&self.inner.entries.borrow())
    }

    /// Whether both are the same map in memory.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.inner, &other.inner)
    }

    /// The address, for visited sets and `%p`.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.inner).addr()
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
        Map::new(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

impl fmt::Debug for Map {
    /// Shows the type and the length: maps may contain themselves.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(len {})", self.type_name(), self.len())
    }
}
