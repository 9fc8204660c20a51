//! Dictionary functions (`dict.go` of sprig). Maps are shared: `set`, `unset` and `merge` change their argument.

use gotemplate::value::Entries;
use gotemplate::{Frame, FuncError, Function, List, Map, Rest, Str, Type, Value, stack};

use super::merge::{Mode, merge_top};
use super::text::strval;
use super::{charge, push_aliases};

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    let mut all = vec![
        Function::new("dict", dict),
        Function::new("get", |map: Map, key: Str| {
            map.get(&key).unwrap_or_else(|| Value::from(""))
        }),
        Function::new("set", set),
        Function::new("unset", |map: Map, key: Str| {
            drop(map.remove(&key));
            map
        }),
        Function::new("hasKey", |map: Map, key: Str| map.contains_key(&key)),
        Function::new("pluck", pluck),
        Function::new("keys", keys),
        Function::new("values", values),
        Function::new("pick", pick),
        Function::new("omit", omit),
        Function::new("dig", dig),
    ];
    push_aliases(
        &mut all,
        &["merge", "mustMerge"],
        Function::new("merge", merge_keep),
    );
    push_aliases(
        &mut all,
        &["mergeOverwrite", "mustMergeOverwrite"],
        Function::new("mergeOverwrite", merge_overwrite),
    );
    push_aliases(
        &mut all,
        &["deepCopy", "mustDeepCopy"],
        Function::new("deepCopy", deep_copy),
    );
    all
}

fn dict(frame: &mut Frame<'_>, pairs: Rest<Value>) -> Result<Map, FuncError> {
    charge::items(frame, pairs.len())?;
    let mut entries = Entries::new();
    for pair in pairs.chunks(2) {
        let value = pair.get(1).cloned().unwrap_or_else(|| Value::from(""));
        entries.insert(strval(&pair[0])?, value);
    }
    Ok(Map::new(entries))
}

fn set(frame: &mut Frame<'_>, map: Map, key: Str, value: Value) -> Result<Map, FuncError> {
    charge::items(frame, 1)?;
    if map.insert(key, value) {
        Ok(map)
    } else {
        Err(FuncError::panic("assignment to entry in nil map"))
    }
}

fn pluck(frame: &mut Frame<'_>, key: Str, maps: Rest<Map>) -> Result<List, FuncError> {
    charge::items(frame, maps.len())?;
    Ok(maps.iter().filter_map(|map| map.get(&key)).collect())
}

/// Go's order is random; ours is the sorted one.
fn keys(frame: &mut Frame<'_>, maps: Rest<Map>) -> Result<List, FuncError> {
    let mut keys = Vec::new();
    for map in &maps.0 {
        charge::items(frame, map.len())?;
        keys.extend(map.snapshot().keys().cloned());
    }
    Ok(List::strings(keys))
}

/// Go's order is random; ours is that of the sorted keys.
fn values(frame: &mut Frame<'_>, map: Map) -> Result<List, FuncError> {
    charge::items(frame, map.len())?;
    Ok(map.snapshot().values().cloned().collect())
}

fn pick(frame: &mut Frame<'_>, map: Map, keys: Rest<Str>) -> Result<Map, FuncError> {
    charge::items(frame, keys.len())?;
    Ok(keys
        .iter()
        .filter_map(|key| map.get(key).map(|value| (key.clone(), value)))
        .collect())
}

fn omit(frame: &mut Frame<'_>, map: Map, keys: Rest<Str>) -> Result<Map, FuncError> {
    charge::items(frame, map.len().saturating_add(keys.len()))?;
    let mut entries = (*map.snapshot()).clone();
    for key in &keys.0 {
        entries.remove(key);
    }
    Ok(Map::new(entries))
}

fn merge_keep(frame: &mut Frame<'_>, into: Map, from: Rest<Map>) -> Result<Value, FuncError> {
    merge_all(frame, into, from, Mode::Keep)
}

fn merge_overwrite(frame: &mut Frame<'_>, into: Map, from: Rest<Map>) -> Result<Value, FuncError> {
    merge_all(frame, into, from, Mode::Overwrite)
}

fn merge_all(frame: &mut Frame<'_>, into: Map, from: Rest<Map>, mode: Mode) -> Result<Value, FuncError> {
    let mut into = into;
    for map in from {
        into = merge_top(frame, into, &map, mode)?;
    }
    Ok(Value::Map(into))
}

fn dig(frame: &mut Frame<'_>, arguments: Rest<Value>) -> Result<Value, FuncError> {
    frame.charge_steps(arguments.len() as u64)?;
    let [path @ .., default, map] = arguments.0.as_slice() else {
        return Err(FuncError::panic("dig needs at least three arguments"));
    };
    let [steps @ .., last] = path else {
        return Err(FuncError::panic("dig needs at least three arguments"));
    };
    let mut map = as_plain_map(map)?.clone();
    // Go converts all keys before it looks at the map.
    for key in path {
        as_plain_string(key)?;
    }
    for key in steps {
        match map.get(as_plain_string(key)?) {
            None => return Ok(default.clone()),
            Some(next) => map = as_plain_map(&next)?.clone(),
        }
    }
    Ok(map.get(as_plain_string(last)?).unwrap_or_else(|| default.clone()))
}

/// Go's type assertion to `map[string]interface {}`; a named map type is another type.
fn as_plain_map(value: &Value) -> Result<&Map, FuncError> {
    match value {
        Value::Map(map) if !map.is_named() && *map.entry_type() == Type::Any => Ok(map),
        other => Err(bad_assertion(other, "map[string]interface {}")),
    }
}

fn as_plain_string(value: &Value) -> Result<&Str, FuncError> {
    value.as_str().ok_or_else(|| bad_assertion(value, "string"))
}

fn bad_assertion(value: &Value, wanted: &str) -> FuncError {
    let name = if matches!(value, Value::Nil) {
        "nil".into()
    } else {
        value.type_name()
    };
    FuncError::panic(format!(
        "interface conversion: interface {{}} is {name}, not {wanted}"
    ))
}

/// `copystructure.Copy`. Objects are immutable here, so they are shared.
fn deep_copy(frame: &mut Frame<'_>, value: Value) -> Result<Value, FuncError> {
    if matches!(value, Value::Nil) {
        return Err(FuncError::panic(
            "reflect: call of reflect.Value.Type on zero Value",
        ));
    }
    copy(frame, &value)
}

fn copy(frame: &mut Frame<'_>, value: &Value) -> Result<Value, FuncError> {
    stack::check()?;
    Ok(match value {
        Value::List(list) if !list.is_nil() => {
            charge::items(frame, list.len())?;
            let items = list
                .iter()
                .map(|item| copy(frame, item))
                .collect::<Result<_, _>>()?;
            Value::List(List::typed(list.item_type().clone(), items))
        }
        Value::Map(map) if !map.is_nil() => {
            charge::items(frame, map.len())?;
            let entries = map
                .snapshot()
                .iter()
                .map(|(key, value)| Ok((key.clone(), copy(frame, value)?)))
                .collect::<Result<Entries, FuncError>>()?;
            Value::Map(map.same_type(entries))
        }
        Value::Nil
        | Value::Bool(_)
        | Value::Int(..)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Object(_) => value.clone(),
    })
}
