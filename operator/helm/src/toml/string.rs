//! The four kinds of strings.

use super::lex::{Cursor, Lex, Problem, quoted_text};
use crate::json::go_lossy;

/// Reads a string in double quotes; the opening quote is behind.
pub(super) fn basic(cursor: &mut Cursor<'_>) -> Lex<String> {
    let start = cursor.pos;
    let mut escaped = false;
    loop {
        match cursor.next()? {
            None => return Err(cursor.problem("unexpected EOF; expected '\"'")),
            Some('\n' | '\r') => return Err(cursor.problem_above("strings cannot contain newlines")),
            Some('\\') => {
                escaped = true;
                skip_escape(cursor, start)?;
            }
            Some('"') => break,
            Some(_) => {}
        }
    }
    cursor.back();
    let content = go_lossy(cursor.since(start)).into_owned();
    let text = if escaped {
        unescape(&content, cursor)?
    } else {
        content
    };
    cursor.next()?;
    Ok(text)
}

/// Reads a string in three double quotes; the opening quotes are behind.
pub(super) fn multiline(cursor: &mut Cursor<'_>) -> Lex<String> {
    let start = cursor.pos;
    loop {
        match cursor.next()? {
            None => return Err(cursor.problem("unexpected EOF; expected '\"\"\"'")),
            Some('\\') => {
                if !matches!(cursor.next()?, Some('\n' | '\r')) {
                    cursor.back();
                    skip_escape(cursor, start)?;
                }
            }
            Some('"') if closes(cursor, start, '"')? => break,
            Some(_) => {}
        }
    }
    let content = go_lossy(cursor.since(start)).into_owned();
    let text = unescape(&strip_escaped_breaks(strip_first_break(&content)), cursor)?;
    skip_quotes(cursor)?;
    Ok(text)
}

/// Reads a string in single quotes; the opening quote is behind.
pub(super) fn raw(cursor: &mut Cursor<'_>) -> Lex<String> {
    let start = cursor.pos;
    loop {
        match cursor.next()? {
            None => return Err(cursor.problem("unexpected EOF; expected \"'\"")),
            Some('\n' | '\r') => return Err(cursor.problem_above("strings cannot contain newlines")),
            Some('\'') => break,
            Some(_) => {}
        }
    }
    cursor.back();
    let text = go_lossy(cursor.since(start)).into_owned();
    cursor.next()?;
    Ok(text)
}

/// Reads a string in three single quotes; the opening quotes are behind.
pub(super) fn multiline_raw(cursor: &mut Cursor<'_>) -> Lex<String> {
    let start = cursor.pos;
    loop {
        match cursor.next()? {
            None => return Err(cursor.problem("unexpected EOF; expected \"'''\"")),
            Some('\'') if closes(cursor, start, '\'')? => break,
            Some(_) => {}
        }
    }
    let text = strip_first_break(&go_lossy(cursor.since(start))).to_owned();
    skip_quotes(cursor)?;
    Ok(text)
}

/// After one quote: true when it is the first of the three that close the string; then the cursor stands before it.
fn closes(cursor: &mut Cursor<'_>, start: usize, quote: char) -> Lex<bool> {
    if !cursor.accept(quote)? {
        return Ok(false);
    }
    if !cursor.accept(quote)? {
        cursor.back();
        return Ok(false);
    }
    if cursor.peek()? == Some(quote) {
        // One or two quotes may stand before the closing three.
        let current = cursor.since(start);
        let five = quote.to_string().repeat(5);
        let escaped = format!("\\{five}");
        let too_many =
            current.ends_with(five.as_bytes()) && !(quote == '"' && current.ends_with(escaped.as_bytes()));
        if too_many {
            let around = if quote == '"' { '\'' } else { '"' };
            return Err(cursor.problem(format!(
                "unexpected {around}{}{around}",
                quote.to_string().repeat(6)
            )));
        }
        cursor.back();
        cursor.back();
        return Ok(false);
    }
    for _ in 0..3 {
        cursor.back();
    }
    Ok(true)
}

fn skip_quotes(cursor: &mut Cursor<'_>) -> Lex<()> {
    for _ in 0..3 {
        cursor.next()?;
    }
    Ok(())
}

/// Steps over what follows a backslash.
fn skip_escape(cursor: &mut Cursor<'_>, start: usize) -> Lex<()> {
    let (digits, name) = match cursor.next()? {
        Some('e' | 'b' | 't' | 'n' | 'f' | 'r' | '"' | ' ' | '\t' | '\\') => return Ok(()),
        Some('x') => (2, "two hexadecimal digits after '\\x'"),
        Some('u') => (4, "four hexadecimal digits after '\\u'"),
        Some('U') => (8, "eight hexadecimal digits after '\\U'"),
        other => {
            let character = other.unwrap_or('\0');
            return Err(cursor.problem_here(format!("invalid escape in string '\\{character}'")));
        }
    };
    for _ in 0..digits {
        if !cursor.next()?.is_some_and(|digit| digit.is_ascii_hexdigit()) {
            let current = quoted_text(cursor.since(start));
            return Err(cursor.problem(format!("expected {name}, but got {current} instead")));
        }
    }
    Ok(())
}

fn strip_first_break(text: &str) -> &str {
    text.strip_prefix('\n')
        .or_else(|| text.strip_prefix("\r\n"))
        .unwrap_or(text)
}

/// Takes out each backslash that ends a line, with all white space after it.
fn strip_escaped_breaks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut from = 0;
    while let Some(found) = rest.get(from..).and_then(|tail| tail.find('\\')) {
        let at = from + found;
        let after = rest.get(at + 1..).unwrap_or_default();
        if after.starts_with('\\') {
            from = at + 2;
            continue;
        }
        let tail = after.trim_start_matches([' ', '\t', '\r', '\n']);
        let blank = after.get(..after.len() - tail.len()).unwrap_or_default();
        if blank.contains('\n') {
            out.push_str(rest.get(..at).unwrap_or_default());
            rest = tail;
            from = 0;
        } else {
            from = at + 1;
        }
    }
    out.push_str(rest);
    out
}

/// Resolves escapes; the lexer has seen that they are well-formed.
fn unescape(text: &str, cursor: &Cursor<'_>) -> Lex<String> {
    let problem = |message: String| Problem {
        line: cursor.line,
        message,
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let mut characters = rest.get(at + 1..).unwrap_or_default().chars();
        let digits = match characters.next() {
            Some('b') => push(&mut out, '\u{8}'),
            Some('t') => push(&mut out, '\t'),
            Some('n') => push(&mut out, '\n'),
            Some('f') => push(&mut out, '\u{C}'),
            Some('r') => push(&mut out, '\r'),
            Some('e') => push(&mut out, '\u{1B}'),
            Some(same @ ('"' | '\\')) => push(&mut out, same),
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            other => return Err(problem(format!("invalid escape: '\\{}'", other.unwrap_or('\0')))),
        };
        rest = characters.as_str();
        if digits > 0 {
            let (code, tail) = rest.split_at_checked(digits).unwrap_or((rest, ""));
            let character = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
            let Some(character) = character else {
                return Err(problem(format!(
                    "Escaped character '\\u{code}' is not valid UTF-8."
                )));
            };
            out.push(character);
            rest = tail;
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Appends a character; an escape of it has no digits.
fn push(out: &mut String, character: char) -> usize {
    out.push(character);
    0
}
