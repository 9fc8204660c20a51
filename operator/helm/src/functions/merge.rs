//! `mergo.Merge` and `mergo.MergeWithOverwrite` 1.0.1 on maps: what sprig's `merge` family does.
//!
//! The rules look odd in places because they are upstream's: without overwriting, an *empty* destination value counts
//! as absent; a map taken from the source is shared, not copied.

use gotemplate::{Frame, FuncError, Kind, Map, Type, Value, stack};

use super::charge;

/// Whether values of the destination are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// `mergo.Merge`: the destination wins unless its value is empty.
    Keep,
    /// `mergo.MergeWithOverwrite`: the source wins.
    Overwrite,
}

/// `mergo.deepMerge` of two maps.
pub(super) fn merge(frame: &mut Frame<'_>, into: &Map, from: &Map, mode: Mode) -> Result<(), FuncError> {
    stack::check()?;
    if into.is_nil() {
        // A nested nil map cannot be set through its interface: nothing happens.
        return Ok(());
    }
    let entries = from.snapshot();
    charge::items(frame, entries.len())?;
    for (key, value) in entries.iter() {
        let old = into.get(key);
        let kind = value.kind();
        if matches!(value, Value::Nil) {
            if mode == Mode::Overwrite {
                set(into, key, value)?;
            }
            continue;
        }
        if let (Some(Value::Map(old)), Value::Map(value)) = (&old, value) {
            merge(frame, old, value, mode)?;
        }
        let old_is_empty = old.as_ref().is_none_or(is_empty);
        if kind == Kind::Slice {
            // Overwriting happens even with an empty list; keeping falls through to the common rule.
            if mode == Mode::Overwrite || old_is_empty {
                set(into, key, value)?;
            }
            continue;
        }
        let both_maps = kind == Kind::Map && old.as_ref().is_some_and(|old| old.kind() == Kind::Map);
        if !old_is_empty && both_maps {
            continue;
        }
        if mode == Mode::Overwrite || old_is_empty {
            set(into, key, value)?;
        }
    }
    Ok(())
}

/// The first call: a nil destination is made, as it is addressable there.
pub(super) fn merge_top(frame: &mut Frame<'_>, into: Map, from: &Map, mode: Mode) -> Result<Map, FuncError> {
    let into = if into.is_nil() && !from.is_nil() {
        Map::default()
    } else {
        into
    };
    merge(frame, &into, from, mode)?;
    Ok(into)
}

/// `mergo.isEmptyValue`: structs are never empty, nor are pointers to them.
fn is_empty(value: &Value) -> bool {
    !value.truth()
}

fn set(map: &Map, key: &gotemplate::Str, value: &Value) -> Result<(), FuncError> {
    let entry = map.entry_type();
    if *entry != Type::Any && !fits(entry, value) {
        return Err(FuncError::panic(format!(
            "reflect.Value.SetMapIndex: value of type {} is not assignable to type {entry}",
            "interface {}"
        )));
    }
    if map.insert(key.clone(), value.clone()) {
        Ok(())
    } else {
        Err(FuncError::panic("assignment to entry in nil map"))
    }
}

fn fits(entry: &Type, value: &Value) -> bool {
    entry.name() == value.type_name()
}
