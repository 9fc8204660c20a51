//! List functions (`list.go` of sprig). They accept any slice type and never change their argument.

use std::borrow::Cow;

use gotemplate::{Frame, FuncError, Function, IntKind, List, Rest, Str, Type, Value};

use super::cast::to_i64;
use super::reflect::deep_equal;
use super::text::{strslice, strval};
use super::{charge, push_aliases};

/// Go's panic when `reflect.TypeOf(nil).Kind()` is asked.
const NIL_DEREFERENCE: &str = "runtime error: invalid memory address or nil pointer dereference";
const MAKE_SLICE: &str = "runtime error: makeslice: len out of range";

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    let mut all = vec![
        Function::new("list", list),
        Function::new("tuple", list),
        Function::new("concat", concat),
        Function::new("sortAlpha", sort_alpha),
        Function::new("join", join),
        Function::new("toStrings", |value: Value| strslice(&value)),
    ];
    push_aliases(
        &mut all,
        &["append", "push", "mustAppend", "mustPush"],
        Function::new("append", append),
    );
    push_aliases(
        &mut all,
        &["prepend", "mustPrepend"],
        Function::new("prepend", prepend),
    );
    push_aliases(&mut all, &["first", "mustFirst"], Function::new("first", first));
    push_aliases(&mut all, &["last", "mustLast"], Function::new("last", last));
    push_aliases(&mut all, &["rest", "mustRest"], Function::new("rest", rest));
    push_aliases(
        &mut all,
        &["initial", "mustInitial"],
        Function::new("initial", initial),
    );
    push_aliases(
        &mut all,
        &["reverse", "mustReverse"],
        Function::new("reverse", reverse),
    );
    push_aliases(&mut all, &["uniq", "mustUniq"], Function::new("uniq", uniq));
    push_aliases(
        &mut all,
        &["without", "mustWithout"],
        Function::new("without", without),
    );
    push_aliases(&mut all, &["has", "mustHas"], Function::new("has", has));
    push_aliases(&mut all, &["slice", "mustSlice"], Function::new("slice", slice));
    push_aliases(
        &mut all,
        &["compact", "mustCompact"],
        Function::new("compact", compact),
    );
    push_aliases(&mut all, &["chunk", "mustChunk"], Function::new("chunk", chunk));
    all
}

/// The items of any slice; `None` for what is none.
pub(crate) fn items_of(value: &Value) -> Option<Cow<'_, [Value]>> {
    match value {
        Value::List(list) => Some(Cow::Borrowed(list.items())),
        Value::Bytes(bytes) => Some(Cow::Owned(
            bytes
                .iter()
                .map(|byte| Value::Int(IntKind::Uint8, i64::from(*byte)))
                .collect(),
        )),
        Value::Object(_) => match value.underlying().as_ref() {
            Value::List(list) => Some(Cow::Owned(list.items().to_vec())),
            _ => None,
        },
        Value::Nil | Value::Bool(_) | Value::Int(..) | Value::Float(_) | Value::Str(_) | Value::Map(_) => {
            None
        }
    }
}

/// The items of a slice, or what Go says about anything else: `Cannot push on type string`.
fn slice_items<'v>(
    frame: &mut Frame<'_>,
    value: &'v Value,
    trouble: &str,
) -> Result<Cow<'v, [Value]>, FuncError> {
    if matches!(value, Value::Nil) {
        return Err(FuncError::panic(NIL_DEREFERENCE));
    }
    if let Value::Bytes(bytes) = value {
        charge::items(frame, bytes.len())?;
    }
    items_of(value).ok_or_else(|| FuncError::new(format!("{trouble} type {}", value.kind().name())))
}

fn list(frame: &mut Frame<'_>, items: Rest<Value>) -> Result<List, FuncError> {
    charge::items(frame, items.len())?;
    Ok(List::new(items.0))
}

fn append(frame: &mut Frame<'_>, list: Value, item: Value) -> Result<List, FuncError> {
    let items = slice_items(frame, &list, "Cannot push on")?;
    charge::items(frame, items.len() + 1)?;
    Ok(items.iter().cloned().chain([item]).collect())
}

fn prepend(frame: &mut Frame<'_>, list: Value, item: Value) -> Result<List, FuncError> {
    let items = slice_items(frame, &list, "Cannot prepend on")?;
    charge::items(frame, items.len() + 1)?;
    Ok([item].into_iter().chain(items.iter().cloned()).collect())
}

fn first(frame: &mut Frame<'_>, list: Value) -> Result<Value, FuncError> {
    Ok(slice_items(frame, &list, "Cannot find first on")?
        .first()
        .cloned()
        .unwrap_or_default())
}

fn last(frame: &mut Frame<'_>, list: Value) -> Result<Value, FuncError> {
    Ok(slice_items(frame, &list, "Cannot find last on")?
        .last()
        .cloned()
        .unwrap_or_default())
}

fn rest(frame: &mut Frame<'_>, list: Value) -> Result<List, FuncError> {
    let items = slice_items(frame, &list, "Cannot find rest on")?;
    charge::items(frame, items.len())?;
    Ok(items
        .split_first()
        .map_or_else(|| List::nil(Type::Any), |(_, rest)| List::new(rest.to_vec())))
}

fn initial(frame: &mut Frame<'_>, list: Value) -> Result<List, FuncError> {
    let items = slice_items(frame, &list, "Cannot find initial on")?;
    charge::items(frame, items.len())?;
    Ok(items.split_last().map_or_else(
        || List::nil(Type::Any),
        |(_, initial)| List::new(initial.to_vec()),
    ))
}

fn reverse(frame: &mut Frame<'_>, list: Value) -> Result<List, FuncError> {
    let items = slice_items(frame, &list, "Cannot find reverse on")?;
    charge::items(frame, items.len())?;
    Ok(items.iter().rev().cloned().collect())
}

fn compact(frame: &mut Frame<'_>, list: Value) -> Result<List, FuncError> {
    let items = slice_items(frame, &list, "Cannot compact on")?;
    charge::items(frame, items.len())?;
    Ok(items.iter().filter(|item| item.truth()).cloned().collect())
}

fn uniq(frame: &mut Frame<'_>, list: Value) -> Result<List, FuncError> {
    let items = slice_items(frame, &list, "Cannot find uniq on")?;
    charge::items(frame, items.len())?;
    let mut kept: Vec<Value> = Vec::new();
    for item in items.iter() {
        if !contains(frame, &kept, item)? {
            kept.push(item.clone());
        }
    }
    Ok(List::new(kept))
}

fn without(frame: &mut Frame<'_>, list: Value, omit: Rest<Value>) -> Result<List, FuncError> {
    let items = slice_items(frame, &list, "Cannot find without on")?;
    charge::items(frame, items.len())?;
    let mut kept = Vec::new();
    for item in items.iter() {
        if !contains(frame, &omit, item)? {
            kept.push(item.clone());
        }
    }
    Ok(List::new(kept))
}

fn has(frame: &mut Frame<'_>, needle: Value, haystack: Value) -> Result<bool, FuncError> {
    if matches!(haystack, Value::Nil) {
        return Ok(false);
    }
    let items = slice_items(frame, &haystack, "Cannot find has on")?;
    contains(frame, &items, &needle)
}

/// sprig's `inList`: deep and type-strict equality.
fn contains(frame: &mut Frame<'_>, haystack: &[Value], needle: &Value) -> Result<bool, FuncError> {
    for item in haystack {
        if deep_equal(frame, needle, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn slice(frame: &mut Frame<'_>, list: Value, indices: Rest<Value>) -> Result<Value, FuncError> {
    if let Some(trouble) = not_a_list(&list) {
        return Err(trouble);
    }
    let items = slice_items(frame, &list, "")?;
    if items.is_empty() {
        return Ok(Value::Nil);
    }
    let start = indices.first().map_or(0, to_i64);
    let end = indices.get(1).map_or(items.len() as i64, to_i64);
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    let part = range.and_then(|(start, end)| items.get(start..end));
    let part = part.ok_or_else(|| FuncError::panic("reflect.Value.Slice: slice index out of bounds"))?;
    charge::items(frame, part.len())?;
    Ok(match &list {
        Value::List(list) => Value::List(List::typed(list.item_type().clone(), part.to_vec())),
        Value::Bytes(_) => Value::Bytes(
            part.iter()
                .map(|byte| byte.as_i64().unwrap_or_default() as u8)
                .collect(),
        ),
        _ => Value::from(part.to_vec()),
    })
}

fn not_a_list(value: &Value) -> Option<FuncError> {
    if matches!(value, Value::Nil) || items_of(value).is_some() {
        return None;
    }
    Some(FuncError::new(format!(
        "list should be type of slice or array but {}",
        value.kind().name()
    )))
}

fn concat(frame: &mut Frame<'_>, lists: Rest<Value>) -> Result<Value, FuncError> {
    let mut all = Vec::new();
    for list in &lists.0 {
        if matches!(list, Value::Nil) {
            return Err(FuncError::panic(NIL_DEREFERENCE));
        }
        let Some(items) = items_of(list) else {
            return Err(FuncError::panic(format!(
                "Cannot concat type {} as list",
                list.kind().name()
            )));
        };
        charge::items(frame, items.len())?;
        all.extend(items.iter().cloned());
    }
    Ok(Value::List(if all.is_empty() {
        List::nil(Type::Any)
    } else {
        List::new(all)
    }))
}

fn chunk(frame: &mut Frame<'_>, size: gotemplate::GoInt, list: Value) -> Result<List, FuncError> {
    let items = slice_items(frame, &list, "Cannot chunk")?;
    charge::items(frame, items.len())?;
    let (length, size) = (items.len() as f64, size.0);
    // Upstream counts in floats: a size of 0 gives an infinity, whose conversion is the smallest integer.
    let count = ((length - 1.0) / size as f64).floor() + 1.0;
    if !count.is_finite() || count < 0.0 {
        return Err(FuncError::panic(MAKE_SLICE));
    }
    let count = count as usize;
    charge::items(frame, count)?;
    let mut chunks = Vec::with_capacity(count);
    for index in 0..count {
        let mut length_here = size;
        if index + 1 == count {
            length_here = (length % size as f64).floor() as i64;
            if length_here == 0 {
                length_here = size;
            }
        }
        let length_here = usize::try_from(length_here).map_err(|_| FuncError::panic(MAKE_SLICE))?;
        let start = index.saturating_mul(usize::try_from(size).unwrap_or(usize::MAX));
        let part = items.get(start..start.saturating_add(length_here));
        let part = part.ok_or_else(|| FuncError::panic("reflect: slice index out of range"))?;
        chunks.push(Value::from(part.to_vec()));
    }
    Ok(List::typed(Type::List(std::rc::Rc::new(Type::Any)), chunks))
}

fn sort_alpha(frame: &mut Frame<'_>, list: Value) -> Result<Vec<Str>, FuncError> {
    let Some(items) = items_of(&list) else {
        return Ok(vec![strval(&list)?]);
    };
    charge::items(frame, items.len())?;
    let mut texts = strslice(&list)?;
    texts.sort_unstable();
    Ok(texts)
}

fn join(frame: &mut Frame<'_>, separator: Str, list: Value) -> Result<Str, FuncError> {
    let texts = strslice(&list)?;
    let separators = separator.len().saturating_mul(texts.len().saturating_sub(1));
    let total = texts
        .iter()
        .map(|text| text.len())
        .fold(separators, usize::saturating_add);
    charge::text(frame, total)?;
    let parts: Vec<&[u8]> = texts.iter().map(Str::as_bytes).collect();
    Ok(Str::from(parts.join(separator.as_bytes())))
}
