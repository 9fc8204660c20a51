//! Freeing values: without recursion, and even where a template made a map contain itself.
//!
//! Values are reference counted, so a map put into itself would live for ever. Go's collector does not
//! care; here every map that gets a container written into it is remembered (weakly) while a
//! [`CycleGuard`] lives, and emptied when the guard is dropped.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use super::map::Inner;
use super::{Entries, Map, Value};

thread_local! {
    static GUARDS: Cell<usize> = const { Cell::new(0) };
    static NOTED: RefCell<Vec<Weak<Inner>>> = const { RefCell::new(Vec::new()) };
    static SPILL: RefCell<Option<VecDeque<Value>>> = const { RefCell::new(None) };
}

/// Empties, when dropped, every map of this thread that could be part of a cycle.
///
/// Whoever creates the values of a rendering holds one for as long as the values are used, and drops it
/// last. Guards nest; the outermost does the work.
#[derive(Debug)]
pub struct CycleGuard(());

impl CycleGuard {
    /// Starts remembering.
    #[must_use = "the guard does its work when dropped"]
    #[expect(clippy::new_without_default, reason = "creating one has an effect")]
    pub fn new() -> Self {
        GUARDS.set(GUARDS.get() + 1);
        CycleGuard(())
    }
}

impl Drop for CycleGuard {
    fn drop(&mut self) {
        GUARDS.set(GUARDS.get().saturating_sub(1));
        if GUARDS.get() > 0 {
            return;
        }
        for map in NOTED.take() {
            if let Some(inner) = map.upgrade() {
                Map::of(inner).clear();
            }
        }
    }
}

/// Remembers a map that got a container written into it.
pub(super) fn note(map: &Map) {
    if GUARDS.get() == 0 {
        return;
    }
    NOTED.with_borrow_mut(|noted| {
        // A loop that sets keys of one map would otherwise note it once a turn.
        let known = noted
            .iter()
            .rev()
            .take(8)
            .any(|known| std::ptr::eq(known.as_ptr(), Rc::as_ptr(&map.inner)));
        if !known {
            noted.push(Rc::downgrade(&map.inner));
        }
    });
}

/// The queue of values to drop, so that nested containers are dropped one after the other.
pub(super) struct Spill;

impl Spill {
    /// Drops the items of a list.
    pub(super) fn drop_all(items: Vec<Value>) {
        if items.iter().any(is_container) {
            Self::enqueue(items);
        }
    }

    /// Drops the entries of a map, if this was the last holder.
    pub(super) fn drop_entries(entries: Rc<Entries>) {
        if let Some(entries) = Rc::into_inner(entries)
            && entries.values().any(is_container)
        {
            Self::enqueue(entries.into_values());
        }
    }

    fn enqueue(values: impl IntoIterator<Item = Value>) {
        let mut values: VecDeque<Value> = values.into_iter().filter(is_container).collect();
        // A drop below us on the stack may already be emptying the queue: add to it and return.
        let first = SPILL.try_with(|spill| {
            let mut spill = spill.borrow_mut();
            if let Some(queue) = spill.as_mut() {
                queue.append(&mut values);
                false
            } else {
                *spill = Some(std::mem::take(&mut values));
                true
            }
        });
        if first != Ok(true) {
            return;
        }
        while let Ok(Some(value)) =
            SPILL.try_with(|spill| spill.borrow_mut().as_mut().and_then(VecDeque::pop_back))
        {
            drop(value);
        }
        let _ = SPILL.try_with(RefCell::take);
    }
}

fn is_container(value: &Value) -> bool {
    match value {
        Value::List(_) | Value::Map(_) | Value::Object(_) => true,
        Value::Nil | Value::Bool(_) | Value::Int(..) | Value::Float(_) | Value::Str(_) | Value::Bytes(_) => {
            false
        }
    }
}
