//! Integers, floats, dates and times: from the characters that look like one to the value, or an error.

use gotemplate::Value;
use gotemplate::strconv::{NumberError, parse_float, parse_int};

use super::encode::{LOCAL_DATE, LOCAL_DATETIME, LOCAL_TIME};
use super::lex::{Cursor, Lex, quoted, quoted_text};
use crate::functions::dates::{self, TimeObject, Zone};
use crate::json::go_lossy;

/// A number or time as the lexer delimits it.
pub(super) enum Literal {
    Integer,
    Float,
    Datetime,
}

/// Steps over a literal that begins with a digit, at which the cursor is.
pub(super) fn scan_number(cursor: &mut Cursor<'_>, start: usize) -> Lex<Literal> {
    if cursor.next()? != Some('0') {
        return scan_number_or_date(cursor);
    }
    match cursor.next()? {
        Some('0'..='9') => scan_number_or_date(cursor),
        Some('_') => scan_decimal(cursor),
        Some('.' | 'e' | 'E') => scan_float(cursor),
        Some(base @ ('b' | 'o' | 'x')) => {
            let (name, is_digit): (_, fn(char) -> bool) = match base {
                'b' => ("a binary", |digit| matches!(digit, '0' | '1')),
                'o' => ("an octal", |digit| matches!(digit, '0'..='7')),
                _ => ("a hexadecimal", |digit| digit.is_ascii_hexdigit()),
            };
            let first = cursor.peek()?;
            if !first.is_some_and(is_digit) {
                let text = go_lossy(cursor.since(start)).into_owned();
                return Err(cursor.problem(format!("not {name} number: '{text}{}'", first.unwrap_or('\0'))));
            }
            scan_while(cursor, |character| character == '_' || is_digit(character))?;
            Ok(Literal::Integer)
        }
        _ => {
            cursor.back();
            Ok(Literal::Integer)
        }
    }
}

/// Steps over a literal after its sign.
pub(super) fn scan_signed(cursor: &mut Cursor<'_>, start: usize) -> Lex<Literal> {
    let text = |cursor: &Cursor<'_>| go_lossy(cursor.since(start)).into_owned();
    match cursor.next()? {
        Some(word @ ('i' | 'n')) => {
            let rest = if word == 'i' { ['n', 'f'] } else { ['a', 'n'] };
            if cursor.accept(rest[0])? && cursor.accept(rest[1])? {
                return Ok(Literal::Float);
            }
            Err(cursor.problem(format!("invalid float: '{}'", text(cursor))))
        }
        Some('0') => match cursor.peek()? {
            Some(base @ ('b' | 'o' | 'x')) => Err(cursor.problem(format!(
                "cannot use sign with non-decimal numbers: '{}{base}'",
                text(cursor)
            ))),
            _ => scan_decimal(cursor),
        },
        Some('1'..='9') => scan_decimal(cursor),
        Some('.') => Err(cursor.problem("floats must start with a digit, not '.'")),
        other => Err(cursor.problem(format!("expected a digit but got {}", quoted(other)))),
    }
}

fn scan_while(cursor: &mut Cursor<'_>, fits: impl Fn(char) -> bool) -> Lex<()> {
    while cursor.peek()?.is_some_and(&fits) {
        cursor.next()?;
    }
    Ok(())
}

fn scan_number_or_date(cursor: &mut Cursor<'_>) -> Lex<Literal> {
    scan_while(cursor, |character| character.is_ascii_digit())?;
    match cursor.peek()? {
        Some('-' | ':') => {
            scan_while(cursor, |character| {
                character.is_ascii_digit()
                    || matches!(character, '-' | ':' | 'T' | 't' | ' ' | '.' | 'Z' | 'z' | '+')
            })?;
            Ok(Literal::Datetime)
        }
        Some('_') => scan_decimal(cursor),
        Some('.' | 'e' | 'E') => scan_float(cursor),
        _ => Ok(Literal::Integer),
    }
}

fn scan_decimal(cursor: &mut Cursor<'_>) -> Lex<Literal> {
    scan_while(cursor, |character| character.is_ascii_digit() || character == '_')?;
    match cursor.peek()? {
        Some('.' | 'e' | 'E') => scan_float(cursor),
        _ => Ok(Literal::Integer),
    }
}

fn scan_float(cursor: &mut Cursor<'_>) -> Lex<Literal> {
    scan_while(cursor, |character| {
        character.is_ascii_digit() || matches!(character, '_' | '.' | '-' | '+' | 'e' | 'E')
    })?;
    Ok(Literal::Float)
}

pub(super) fn integer(text: &[u8]) -> Result<i64, String> {
    let complain = |what: &str| format!("Invalid integer {}: {what}", quoted_text(text));
    if !underscores_fit(text) {
        return Err(complain("underscores must be surrounded by digits"));
    }
    if has_leading_zero(text) {
        return Err(complain("cannot have leading zeroes"));
    }
    match parse_int(text, 0) {
        Ok(value) => Ok(value),
        // The lexer lets nothing else through that is no integer.
        Err(NumberError::Range(_) | NumberError::Syntax) => {
            Err(format!("{} is out of range for int64", go_lossy(text)))
        }
    }
}

pub(super) fn float(text: &[u8]) -> Result<f64, String> {
    let complain = |what: &str| format!("Invalid float {}: {what}", quoted_text(text));
    let mut parts = text
        .split(|byte| matches!(byte, b'.' | b'e' | b'E'))
        .filter(|part| !part.is_empty())
        .peekable();
    let starts_with_zero = parts.peek().is_some_and(|part| has_leading_zero(part));
    if !parts.all(underscores_fit) {
        return Err(complain("underscores must be surrounded by digits"));
    }
    if starts_with_zero {
        return Err(complain("cannot have leading zeroes"));
    }
    let point_without_digit = text
        .iter()
        .enumerate()
        .any(|(at, &byte)| byte == b'.' && !text.get(at + 1).is_some_and(u8::is_ascii_digit));
    if point_without_digit {
        return Err(complain("'.' must be followed by one or more digits"));
    }
    let plain: Vec<u8> = text.iter().copied().filter(|&byte| byte != b'_').collect();
    match plain.as_slice() {
        b"+nan" => return Ok(f64::NAN),
        b"-nan" => return Ok(-f64::NAN),
        _ => {}
    }
    parse_float(&plain).map_err(|error| match error {
        NumberError::Range(_) => format!("{} is out of range for float64", go_lossy(text)),
        NumberError::Syntax => format!("Invalid float value: {}", quoted_text(text)),
    })
}

/// Leading zeros, where no base prefix explains them.
fn has_leading_zero(text: &[u8]) -> bool {
    match text {
        [b'0', second, ..] => !matches!(second, b'b' | b'o' | b'x'),
        [b'+' | b'-', b'0', _, ..] => true,
        _ => false,
    }
}

/// Each underscore stands between digits.
fn underscores_fit(text: &[u8]) -> bool {
    if matches!(text, b"nan" | b"+nan" | b"-nan" | b"inf" | b"+inf" | b"-inf") {
        return true;
    }
    let mut after_digit = false;
    for &byte in text {
        if byte == b'_' && !after_digit {
            return false;
        }
        after_digit = byte.is_ascii_hexdigit();
    }
    after_digit
}

/// The layouts of dates and times, with the zone that stands for what is missing.
const LAYOUTS: [(&str, Option<&str>); 7] = [
    ("2006-01-02T15:04:05.999999999Z07:00", None),
    ("2006-01-02T15:04:05.999999999", Some(LOCAL_DATETIME)),
    ("2006-01-02", Some(LOCAL_DATE)),
    ("15:04:05.999999999", Some(LOCAL_TIME)),
    ("2006-01-02T15:04Z07:00", None),
    ("2006-01-02T15:04", Some(LOCAL_DATETIME)),
    ("15:04", Some(LOCAL_TIME)),
];

pub(super) fn datetime(text: &[u8], now: &jiff::ZonedDateTime) -> Result<Value, String> {
    let text: Vec<u8> = text
        .iter()
        .map(|byte| match byte {
            b'z' => b'Z',
            b't' | b' ' => b'T',
            other => *other,
        })
        .collect();
    let local = Zone::Local(now.time_zone().clone());
    let complain = || format!("invalid datetime: {}", quoted_text(&text));
    for (layout, zone) in LAYOUTS {
        let zone = match zone {
            None => local.clone(),
            Some(name) => Zone::Fixed {
                name: name.to_owned(),
                offset: now.offset().seconds(),
            },
        };
        if let Ok(time) = dates::parse(layout.as_bytes(), &text, &zone) {
            if misses_leading_zero(&text, layout.as_bytes()) {
                return Err(complain());
            }
            return Ok(Value::object(TimeObject { time, local }));
        }
    }
    Err(complain())
}

/// Go's parser accepts numbers of one digit, which shows in separators that are out of place.
fn misses_leading_zero(text: &[u8], layout: &[u8]) -> bool {
    layout
        .iter()
        .zip(text)
        .take_while(|(wanted, _)| !matches!(wanted, b'.' | b'Z'))
        .any(|(wanted, found)| !wanted.is_ascii_digit() && wanted != found)
}
