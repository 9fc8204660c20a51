//! Which type a scalar has: the resolver of `go.yaml.in/yaml` v2 (`resolve.go`), and the differences of v3.

use std::borrow::Cow;

use super::error::YamlError;
use super::timestamp::is_timestamp;

const PREFIX: &str = "tag:yaml.org,2002:";

/// A scalar with its type, as Go holds it after decoding into `interface{}`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// Only for values above `i64::MAX`.
    Uint(u64),
    Float(f64),
    Str(Cow<'a, str>),
    /// From `!!binary`, when the bytes are not UTF-8.
    Bytes(Vec<u8>),
}

/// The type that a plain text without tag has, as far as the emitter cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlainKind {
    Null,
    Bool,
    Int,
    Float,
    Timestamp,
    Str,
}

/// Which generation of go-yaml resolves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// YAML 1.1, as values, manifests and `toYaml` see it.
    V2,
    /// Only `true` and `false` are booleans, and `0o17` is an integer: `toYamlPretty`.
    V3,
}

enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Timestamp,
    Str,
}

impl Resolved {
    fn kind(&self) -> PlainKind {
        match self {
            Self::Null => PlainKind::Null,
            Self::Bool(_) => PlainKind::Bool,
            Self::Int(_) | Self::Uint(_) => PlainKind::Int,
            Self::Float(_) => PlainKind::Float,
            Self::Timestamp => PlainKind::Timestamp,
            Self::Str => PlainKind::Str,
        }
    }
}

impl PlainKind {
    fn short_tag(self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool => "!!bool",
            Self::Int => "!!int",
            Self::Float => "!!float",
            Self::Timestamp => "!!timestamp",
            Self::Str => "!!str",
        }
    }
}

/// The kind that `text` would get when it stands plain and untagged.
pub(super) fn plain_kind(text: &str, dialect: Dialect) -> PlainKind {
    resolve_plain(text, dialect, true).kind()
}

/// Gives a scalar node its value.
pub(super) fn resolve<'a>(
    value: &Cow<'a, str>,
    tag: Option<&str>,
    implicit: bool,
) -> Result<Scalar<'a>, YamlError> {
    let Some(tag) = tag else {
        if !implicit {
            return Ok(Scalar::Str(value.clone()));
        }
        return Ok(match resolve_plain(value, Dialect::V2, true) {
            Resolved::Null => Scalar::Null,
            Resolved::Bool(value) => Scalar::Bool(value),
            Resolved::Int(value) => Scalar::Int(value),
            Resolved::Uint(value) => Scalar::Uint(value),
            Resolved::Float(value) => Scalar::Float(value),
            Resolved::Timestamp | Resolved::Str => Scalar::Str(value.clone()),
        });
    };
    let wanted = match tag.strip_prefix(PREFIX) {
        Some("binary") => return binary(value),
        Some("null") => PlainKind::Null,
        Some("bool") => PlainKind::Bool,
        Some("int") => PlainKind::Int,
        Some("float") => PlainKind::Float,
        Some("timestamp") => PlainKind::Timestamp,
        // `str`, and any other tag, which says nothing: the text as it is.
        Some(_) | None => return Ok(Scalar::Str(value.clone())),
    };
    let resolved = resolve_plain(value, Dialect::V2, wanted == PlainKind::Timestamp);
    let found = resolved.kind();
    match (wanted, resolved) {
        (PlainKind::Null, Resolved::Null) => Ok(Scalar::Null),
        (PlainKind::Bool, Resolved::Bool(value)) => Ok(Scalar::Bool(value)),
        (PlainKind::Int, Resolved::Int(value)) => Ok(Scalar::Int(value)),
        (PlainKind::Int, Resolved::Uint(value)) => Ok(Scalar::Uint(value)),
        (PlainKind::Float, Resolved::Float(value)) => Ok(Scalar::Float(value)),
        (PlainKind::Float, Resolved::Int(value)) => Ok(Scalar::Float(value as f64)),
        (PlainKind::Timestamp, Resolved::Timestamp) => Ok(Scalar::Str(value.clone())),
        _ => Err(YamlError::Content(format!(
            "cannot decode {} `{value}` as a {}",
            found.short_tag(),
            wanted.short_tag()
        ))),
    }
}

fn binary<'a>(value: &str) -> Result<Scalar<'a>, YamlError> {
    let Some(bytes) = decode_base64(value) else {
        return Err(YamlError::Content(
            "!!binary value contains invalid base64 data".to_owned(),
        ));
    };
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Scalar::Str(Cow::Owned(text)),
        Err(error) => Scalar::Bytes(error.into_bytes()),
    })
}

/// Go's `base64.StdEncoding`: padded, with carriage returns and line feeds ignored.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, config);
    let compact: Vec<u8> = text
        .bytes()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .collect();
    engine.decode(compact).ok()
}

fn resolve_plain(text: &str, dialect: Dialect, timestamps: bool) -> Resolved {
    let Some(&first) = text.as_bytes().first() else {
        return Resolved::Null;
    };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text, dialect),
        b'.' => special_float(text)
            .or_else(|| parse_float(text))
            .map_or(Resolved::Str, Resolved::Float),
        b'0'..=b'9' | b'+' | b'-' => match special_float(text) {
            Some(value) => Resolved::Float(value),
            None if timestamps && is_timestamp(text) => Resolved::Timestamp,
            None => number(text, dialect),
        },
        _ => Resolved::Str,
    }
}

fn word(text: &str, dialect: Dialect) -> Resolved {
    match text {
        "true" | "True" | "TRUE" => Resolved::Bool(true),
        "false" | "False" | "FALSE" => Resolved::Bool(false),
        "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" if dialect == Dialect::V2 => {
            Resolved::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" if dialect == Dialect::V2 => {
            Resolved::Bool(false)
        }
        _ => Resolved::Str,
    }
}

fn special_float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A text that begins with a digit or sign.
fn number(text: &str, dialect: Dialect) -> Resolved {
    let plain: Cow<'_, str> = if text.contains('_') {
        Cow::Owned(text.replace('_', ""))
    } else {
        Cow::Borrowed(text)
    };
    if let Some(found) = go_int(&plain, 0) {
        return found;
    }
    if is_yaml_float(&plain)
        && let Some(value) = parse_float(&plain)
    {
        return Resolved::Float(value);
    }
    // Go accepts a sign after the prefix.
    let bases: &[(&str, u32)] = if dialect == Dialect::V3 {
        &[("0b", 2), ("0o", 8)]
    } else {
        &[("0b", 2)]
    };
    for &(prefix, base) in bases {
        if let Some(digits) = plain.strip_prefix(prefix) {
            return go_int(digits, base).unwrap_or(Resolved::Str);
        }
        if let Some(digits) = plain.strip_prefix('-').and_then(|rest| rest.strip_prefix(prefix)) {
            let found = i64::from_str_radix(&format!("-{digits}"), base);
            return found.map_or(Resolved::Str, Resolved::Int);
        }
    }
    Resolved::Str
}

/// `strconv.ParseInt`, then `strconv.ParseUint`, for 64 bits; base 0 means: by prefix. Underscores are gone already.
fn go_int(text: &str, base: u32) -> Option<Resolved> {
    let (negative, signed, digits) = match text.as_bytes().first()? {
        b'-' => (true, true, text.get(1..)?),
        b'+' => (false, true, text.get(1..)?),
        _ => (false, false, text),
    };
    let (base, digits) = match (base, digits.as_bytes()) {
        (0, [b'0', b'x' | b'X', ..]) => (16, digits.get(2..)?),
        (0, [b'0', b'b' | b'B', ..]) => (2, digits.get(2..)?),
        (0, [b'0', b'o' | b'O', ..]) => (8, digits.get(2..)?),
        (0, [b'0', _, ..]) => (8, digits.get(1..)?),
        (0, _) => (10, digits),
        (base, _) => (base, digits),
    };
    // The standard parser would accept a second sign.
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, base).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(Resolved::Int);
    }
    match i64::try_from(magnitude) {
        Ok(value) => Some(Resolved::Int(value)),
        Err(_) if signed => None,
        Err(_) => Some(Resolved::Uint(magnitude)),
    }
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_yaml_float(text: &str) -> bool {
    let mut rest = text.as_bytes();
    if let [b'+' | b'-', tail @ ..] = rest {
        rest = tail;
    }
    let whole = digits(&mut rest);
    if let [b'.', tail @ ..] = rest {
        rest = tail;
        let fraction = digits(&mut rest);
        if whole + fraction == 0 {
            return false;
        }
    } else if whole == 0 {
        return false;
    }
    if let [b'e' | b'E', tail @ ..] = rest {
        rest = tail;
        if let [b'+' | b'-', tail @ ..] = rest {
            rest = tail;
        }
        if digits(&mut rest) == 0 {
            return false;
        }
    }
    rest.is_empty()
}

fn digits(rest: &mut &[u8]) -> usize {
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    *rest = rest.get(count..).unwrap_or_default();
    count
}

/// `strconv.ParseFloat`, for which a value too large is an error.
fn parse_float(text: &str) -> Option<f64> {
    gotemplate::strconv::parse_float(text.as_bytes()).ok()
}

/// True for `1:30`, which YAML 1.1 takes for a number in base 60. Go only takes care to quote such texts.
pub(super) fn is_base_60(text: &str) -> bool {
    // ^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (sexagesimal, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') {
        return false;
    }
    let mut parts = sexagesimal.split(':');
    let head = parts.next().unwrap_or_default().as_bytes();
    let head_fits = head.first().is_some_and(u8::is_ascii_digit)
        && head.iter().all(|byte| byte.is_ascii_digit() || *byte == b'_');
    let mut count = 0;
    for part in parts {
        match part.as_bytes() {
            [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'] => count += 1,
            _ => return false,
        }
    }
    head_fits && count > 0
}
