//! [`List`]: Go's slices, immutable here.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use super::cycles::Spill;
use super::{GoInt, IntKind, Str, Type, Value};

/// A Go slice with the static type of its items. Immutable: functions that change a list build a new one.
///
/// The type derefs to `[Value]`. A nil slice is empty and differs from an empty one only in
/// `== nil`, JSON and `%#v`.
#[derive(Clone)]
pub struct List(Rc<Inner>);

struct Inner {
    item: Type,
    nil: bool,
    items: Vec<Value>,
}

impl List {
    /// A `[]interface {}`.
    pub fn new(items: Vec<Value>) -> Self {
        List::typed(Type::Any, items)
    }

    /// A slice of the given item type. The caller vouches for the items.
    pub fn typed(item: Type, items: Vec<Value>) -> Self {
        List(Rc::new(Inner {
            item,
            nil: false,
            items,
        }))
    }

    /// A nil slice of the given item type.
    pub fn nil(item: Type) -> Self {
        List(Rc::new(Inner {
            item,
            nil: true,
            items: Vec::new(),
        }))
    }

    /// A `[]string`.
    pub fn strings<S: Into<Str>>(items: impl IntoIterator<Item = S>) -> Self {
        List::typed(
            Type::Str,
            items.into_iter().map(|s| Value::Str(s.into())).collect(),
        )
    }

    /// A `[]int`.
    pub fn ints(items: impl IntoIterator<Item = i64>) -> Self {
        List::typed(
            Type::Int(IntKind::Int),
            items.into_iter().map(|n| Value::from(GoInt(n))).collect(),
        )
    }

    /// The static type of the items.
    pub fn item_type(&self) -> &Type {
        &self.0.item
    }

    /// Go's text of the type: `[]interface {}`.
    pub fn type_name(&self) -> Cow<'static, str> {
        match &self.0.item {
            Type::Any => Cow::Borrowed("[]interface {}"),
            Type::Str => Cow::Borrowed("[]string"),
            item => Cow::Owned(format!("[]{item}")),
        }
    }

    /// Whether this is a nil slice.
    pub fn is_nil(&self) -> bool {
        self.0.nil
    }

    /// The items.
    pub fn items(&self) -> &[Value] {
        &self.0.items
    }

    /// The address, for visited sets and `%p`.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }

    /// Whether both are the same list in memory.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0.items
    }
}

impl Drop for Inner {
    /// Lists nest as deeply as a template likes, so dropping must not recurse.
    fn drop(&mut self) {
        Spill::drop_all(std::mem::take(&mut self.items));
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.items.iter()
    }
}

impl FromIterator<Value> for List {
    /// Collects a `[]interface {}`.
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        List::new(items.into_iter().collect())
    }
}

impl fmt::Debug for List {
    /// Shows the type and the length: items may nest without bound.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(len {})", self.type_name(), self.0.items.len())
    }
}
