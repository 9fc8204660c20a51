//! String functions (`strings.go` of sprig). Most count bytes; none needs valid UTF-8.

use gotemplate::value::Entries;
use gotemplate::{Frame, FuncError, Function, GoInt, Map, Rest, Str, Type, Value, format, strconv};

use super::text::{display, strval};
use super::unicode::{self, decode, decode_last, is_space, runes};
use super::{case, charge, wrap};

type Mapping = fn(&[u8]) -> Vec<u8>;

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    let mut all = vec![
        Function::new("trim", |text: Str| Str::from(trim_space(&text))),
        Function::new("trimAll", trim_all),
        Function::new("trimall", trim_all),
        Function::new("trimPrefix", |prefix: Str, text: Str| {
            Str::from(text.strip_prefix(prefix.as_bytes()).unwrap_or(&text))
        }),
        Function::new("trimSuffix", |suffix: Str, text: Str| {
            Str::from(text.strip_suffix(suffix.as_bytes()).unwrap_or(&text))
        }),
        Function::new("contains", contains),
        Function::new("hasPrefix", |prefix: Str, text: Str| text.starts_with(&prefix)),
        Function::new("hasSuffix", |suffix: Str, text: Str| text.ends_with(&suffix)),
        Function::new("repeat", |frame: &mut Frame<'_>, count: GoInt, text: Str| {
            repeat(frame, &text, count.0).map(Str::from)
        }),
        Function::new("substr", substr),
        Function::new("trunc", trunc),
        Function::new("abbrev", |width: GoInt, text: Str| {
            if width.0 < 4 {
                text
            } else {
                Str::from(wrap::abbreviate(&text, 0, width.0))
            }
        }),
        Function::new("abbrevboth", |left: GoInt, right: GoInt, text: Str| {
            if right.0 < 4 || left.0 > 0 && right.0 < 7 {
                return text;
            }
            Str::from(wrap::abbreviate(&text, left.0, right.0))
        }),
        Function::new("wrap", |frame: &mut Frame<'_>, width: GoInt, text: Str| {
            wrap::wrap(&text, width.0, b"\n", false, |more| charge::text(frame, more)).map(Str::from)
        }),
        Function::new(
            "wrapWith",
            |frame: &mut Frame<'_>, width: GoInt, separator: Str, text: Str| {
                wrap::wrap(&text, width.0, &separator, true, |more| charge::text(frame, more)).map(Str::from)
            },
        ),
        Function::new("indent", |frame: &mut Frame<'_>, spaces: GoInt, text: Str| {
            indent(frame, spaces, &text, b"")
        }),
        Function::new("nindent", |frame: &mut Frame<'_>, spaces: GoInt, text: Str| {
            indent(frame, spaces, &text, b"\n")
        }),
        Function::new("replace", replace),
        Function::new(
            "plural",
            |one: Str, many: Str, count: GoInt| if count.0 == 1 { one } else { many },
        ),
        Function::new("quote", quote),
        Function::new("squote", squote),
        Function::new("cat", cat),
        Function::new("toString", |value: Value| strval(&value)),
        Function::new("split", |frame: &mut Frame<'_>, separator: Str, text: Str| {
            split_map(frame, &separator, -1, &text)
        }),
        Function::new(
            "splitn",
            |frame: &mut Frame<'_>, separator: Str, count: GoInt, text: Str| {
                split_map(frame, &separator, count.0, &text)
            },
        ),
        Function::new(
            "splitList",
            |frame: &mut Frame<'_>, separator: Str, text: Str| -> Result<Vec<Str>, FuncError> {
                Ok(split(frame, &text, &separator, -1)?
                    .into_iter()
                    .map(Str::from)
                    .collect())
            },
        ),
    ];
    let mapped: [(&'static str, Mapping); 11] = [
        ("upper", |text| unicode::map(text, unicode::to_upper)),
        ("lower", |text| unicode::map(text, unicode::to_lower)),
        ("title", case::title),
        ("untitle", case::uncapitalize),
        ("swapcase", case::swap_case),
        ("initials", case::initials),
        ("nospace", case::delete_white_space),
        ("camelcase", case::pascal_case),
        ("snakecase", |text| case::separated_lower_case(text, b'_')),
        ("kebabcase", |text| case::separated_lower_case(text, b'-')),
        ("regexQuoteMeta", super::regex::quote_meta),
    ];
    for (name, mapping) in mapped {
        all.push(Function::new(
            name,
            move |frame: &mut Frame<'_>, text: Str| -> Result<Str, FuncError> {
                charge::text(frame, text.len())?;
                Ok(Str::from(mapping(&text)))
            },
        ));
    }
    all
}

/// `strings.TrimSpace`.
fn trim_space(text: &[u8]) -> &[u8] {
    trim_by(text, is_space)
}

fn trim_by(mut text: &[u8], cut: impl Fn(char) -> bool) -> &[u8] {
    while !text.is_empty() {
        let (rune, width) = decode(text);
        if !cut(rune) {
            break;
        }
        text = &text[width..];
    }
    while !text.is_empty() {
        let (rune, width) = decode_last(text);
        if !cut(rune) {
            break;
        }
        text = &text[..text.len() - width];
    }
    text
}

/// `strings.Trim` with the cutset first.
fn trim_all(frame: &mut Frame<'_>, cutset: Str, text: Str) -> Result<Str, FuncError> {
    let set: std::collections::BTreeSet<char> = runes(&cutset).map(|(_, rune, _)| rune).collect();
    charge::scan(frame, text.len().saturating_add(cutset.len()))?;
    Ok(Str::from(trim_by(&text, |rune| set.contains(&rune))))
}

fn contains(frame: &mut Frame<'_>, part: Str, text: Str) -> Result<bool, FuncError> {
    charge::scan(frame, text.len())?;
    Ok(find(&text, &part).is_some())
}

/// `strings.Index`.
fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, part)
}

/// `strings.Repeat`.
fn repeat(frame: &mut Frame<'_>, text: &[u8], count: i64) -> Result<Vec<u8>, FuncError> {
    let Ok(count) = usize::try_from(count) else {
        return Err(FuncError::panic("strings: negative Repeat count"));
    };
    match text
        .len()
        .checked_mul(count)
        .filter(|total| i64::try_from(*total).is_ok())
    {
        None => Err(FuncError::panic("strings: Repeat output length overflow")),
        Some(total) => {
            charge::text(frame, total)?;
            Ok(if total == 0 {
                Vec::new()
            } else {
                text.repeat(count)
            })
        }
    }
}

/// Go's bounds checks of `text[start:end]`, with the texts of its panics.
fn slice(text: &[u8], start: Option<i64>, end: Option<i64>) -> Result<Str, FuncError> {
    let length = text.len() as i64;
    let bounds = |what: String| FuncError::panic(format!("runtime error: slice bounds out of range {what}"));
    let stop = end.unwrap_or(length);
    let begin = start.unwrap_or(0);
    if stop < 0 {
        return Err(bounds(format!("[:{stop}]")));
    }
    if stop > length {
        return Err(bounds(format!("[:{stop}] with length {length}")));
    }
    if begin < 0 {
        return Err(bounds(format!("[{begin}:]")));
    }
    if begin > stop {
        return Err(bounds(format!("[{begin}:{stop}]")));
    }
    Ok(Str::from(&text[begin as usize..stop as usize]))
}

fn substr(start: GoInt, end: GoInt, text: Str) -> Result<Str, FuncError> {
    if start.0 < 0 {
        return slice(&text, None, Some(end.0));
    }
    if end.0 < 0 || end.0 > text.len() as i64 {
        return slice(&text, Some(start.0), None);
    }
    slice(&text, Some(start.0), Some(end.0))
}

fn trunc(count: GoInt, text: Str) -> Str {
    let length = text.len() as i64;
    if count.0 < 0 && length.wrapping_add(count.0) > 0 {
        return Str::from(&text[(length + count.0) as usize..]);
    }
    if count.0 >= 0 && length > count.0 {
        return Str::from(&text[..count.0 as usize]);
    }
    text
}

fn indent(frame: &mut Frame<'_>, spaces: GoInt, text: &[u8], before: &[u8]) -> Result<Str, FuncError> {
    let Ok(width) = usize::try_from(spaces.0) else {
        return Err(FuncError::panic("strings: negative Repeat count"));
    };
    let lines = memchr::memchr_iter(b'\n', text).count() + 1;
    let total = width
        .saturating_mul(lines)
        .saturating_add(text.len() + before.len());
    charge::text(frame, total)?;
    let pad = vec![b' '; width];
    let mut out = Vec::with_capacity(total);
    out.extend_from_slice(before);
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if index > 0 {
            out.push(b'\n');
        }
        out.extend_from_slice(&pad);
        out.extend_from_slice(line);
    }
    Ok(Str::from(out))
}

/// `strings.ReplaceAll`; an empty `old` matches before every rune and at the end.
fn replace(frame: &mut Frame<'_>, old: Str, new: Str, text: Str) -> Result<Str, FuncError> {
    charge::scan(frame, text.len())?;
    if old == new {
        return Ok(text);
    }
    let places: Vec<usize> = if old.is_empty() {
        runes(&text).map(|(at, _, _)| at).chain([text.len()]).collect()
    } else {
        memchr::memmem::find_iter(&text, old.as_bytes()).collect()
    };
    if places.is_empty() {
        return Ok(text);
    }
    let total = places
        .len()
        .saturating_mul(new.len())
        .saturating_add(text.len() - places.len() * old.len());
    charge::text(frame, total)?;
    let mut out = Vec::with_capacity(total);
    let mut copied = 0;
    for place in places {
        out.extend_from_slice(&text[copied..place]);
        out.extend_from_slice(&new);
        copied = place + old.len();
    }
    out.extend_from_slice(&text[copied..]);
    Ok(Str::from(out))
}

fn quote(frame: &mut Frame<'_>, values: Rest<Value>) -> Result<Str, FuncError> {
    let mut out = Vec::new();
    for value in values.iter().filter(|value| !matches!(value, Value::Nil)) {
        let text = strval(value)?;
        charge::text(frame, text.len() + 3)?;
        if !out.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(&strconv::quote(&text));
    }
    Ok(Str::from(out))
}

fn squote(frame: &mut Frame<'_>, values: Rest<Value>) -> Result<Str, FuncError> {
    let mut out = Vec::new();
    for value in values.iter().filter(|value| !matches!(value, Value::Nil)) {
        let text = display(value)?;
        charge::text(frame, text.len() + 3)?;
        if !out.is_empty() {
            out.push(b' ');
        }
        out.push(b'\'');
        out.extend_from_slice(&text);
        out.push(b'\'');
    }
    Ok(Str::from(out))
}

/// `%v` of all values but nil, with blanks between them.
fn cat(frame: &mut Frame<'_>, values: Rest<Value>) -> Result<Str, FuncError> {
    let values: Vec<Value> = values
        .0
        .into_iter()
        .filter(|value| !matches!(value, Value::Nil))
        .collect();
    let mut pattern = b"%v ".repeat(values.len());
    pattern.pop();
    let text = format::sprintf(&pattern, &values)?;
    charge::text(frame, text.len())?;
    Ok(text)
}

/// `strings.SplitN`; all parts when `limit` is negative.
fn split<'t>(
    frame: &mut Frame<'_>,
    text: &'t [u8],
    separator: &[u8],
    limit: i64,
) -> Result<Vec<&'t [u8]>, FuncError> {
    charge::scan(frame, text.len())?;
    let most = if limit < 0 {
        usize::MAX
    } else {
        usize::try_from(limit).unwrap_or(usize::MAX)
    };
    if most == 0 {
        return Ok(Vec::new());
    }
    let mut parts = Vec::new();
    let mut rest = text;
    if separator.is_empty() {
        while !rest.is_empty() {
            let width = if parts.len() + 1 == most {
                rest.len()
            } else {
                decode(rest).1
            };
            charge::items(frame, 1)?;
            let (part, after) = rest.split_at(width);
            parts.push(part);
            rest = after;
        }
        return Ok(parts);
    }
    while parts.len() + 1 < most {
        let Some(at) = find(rest, separator) else { break };
        charge::items(frame, 1)?;
        parts.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    parts.push(rest);
    Ok(parts)
}

/// sprig's `split` and `splitn`: a `map[string]string` with the keys `_0`, `_1`, ...
fn split_map(frame: &mut Frame<'_>, separator: &[u8], limit: i64, text: &[u8]) -> Result<Map, FuncError> {
    let parts = split(frame, text, separator, limit)?;
    let entries: Entries = parts
        .into_iter()
        .enumerate()
        .map(|(index, part)| (Str::from(format!("_{index}")), Value::Str(Str::from(part))))
        .collect();
    Ok(Map::typed(Type::Str, entries))
}
