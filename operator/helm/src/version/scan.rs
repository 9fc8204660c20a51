//! Scanners for the shapes of versions and constraints: where a number, an operator or a range begins and ends.
//!
//! They stand for the regular expressions of Masterminds' `version.go` and `constraints.go`. Those match a version
//! greedily and always need a blank, a comma or the end behind it, none of which can be part of a version; so one
//! greedy pass without backtracking finds what the regular expressions find. Meaning is given in [`super`] and
//! [`super::constraint`].

/// The raw parts of a loosely written version. Numbers may be wildcards when a constraint is scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    /// The first number.
    pub(super) major: &'a str,
    /// The second number, without its dot.
    pub(super) minor: Option<&'a str>,
    /// The third number, without its dot.
    pub(super) patch: Option<&'a str>,
    /// The pre-release, without its hyphen.
    pub(super) prerelease: Option<&'a str>,
    /// The build metadata, without its plus sign.
    pub(super) metadata: Option<&'a str>,
}

/// One element of an AND group: operator and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    /// The operator's text; empty when there is none.
    pub(super) operator: &'a str,
    /// The version's text as written.
    pub(super) text: &'a str,
    /// The version's parts.
    pub(super) parts: Parts<'a>,
}

/// Operators, longer ones before their own beginnings.
const OPERATORS: [&str; 11] = ["!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"];

/// A byte that may stand in a pre-release or metadata identifier.
pub(super) fn is_identifier_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// A byte of a number in a constraint. The bar is no mistake of ours: Masterminds' character class has it.
fn is_wild_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'|' | b'x' | b'X' | b'*')
}

/// What `\s` is in Go's regular expressions.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c' | b'\r')
}

/// The parts of `text` when the whole of it is a loosely written version.
pub(super) fn loose_version(text: &str) -> Option<Parts<'_>> {
    let (parts, end) = version_at(text, 0, |byte| byte.is_ascii_digit())?;
    (end == text.len()).then_some(parts)
}

/// The elements of an AND group, or `None` when `text` is not one.
pub(super) fn and_group(text: &str) -> Option<Vec<Element<'_>>> {
    let mut elements = Vec::new();
    let mut position = skip_blanks(text, 0);
    loop {
        let operator = OPERATORS
            .into_iter()
            .find(|operator| tail(text, position).starts_with(operator))
            .unwrap_or_default();
        let start = skip_blanks(text, position + operator.len());
        let (parts, end) = version_at(text, start, is_wild_byte)?;
        elements.push(Element {
            operator,
            text: text.get(start..end)?,
            parts,
        });
        position = skip_blanks(text, end);
        if position == text.len() {
            return Some(elements);
        }
        if tail(text, position).starts_with(',') {
            position = skip_blanks(text, position + 1);
        } else if position == end {
            return None;
        }
    }
}

/// Rewrites every `a - b` as `>= a, <= b `, blanks around it included, as Masterminds' `rewriteRange`.
pub(super) fn rewrite_ranges(text: &str) -> String {
    let mut rewritten = String::with_capacity(text.len());
    let mut copied = 0;
    let mut position = 0;
    while position < text.len() {
        match range_at(text, position) {
            Some((low, high, end)) => {
                rewritten.push_str(text.get(copied..position).unwrap_or_default());
                rewritten.push_str(">= ");
                rewritten.push_str(low);
                rewritten.push_str(", <= ");
                rewritten.push_str(high);
                rewritten.push(' ');
                copied = end;
                position = end;
            }
            None => position += tail(text, position).chars().next().map_or(1, char::len_utf8),
        }
    }
    rewritten.push_str(tail(text, copied));
    rewritten
}

/// A range that begins at `position`: its two versions and its end.
fn range_at(text: &str, position: usize) -> Option<(&str, &str, usize)> {
    let low_start = skip_blanks(text, position);
    let (_, low_end) = version_at(text, low_start, is_wild_byte)?;
    let hyphen = skip_blanks(text, low_end);
    if hyphen == low_end || !tail(text, hyphen).starts_with('-') {
        return None;
    }
    let high_start = skip_blanks(text, hyphen + 1);
    if high_start == hyphen + 1 {
        return None;
    }
    let (_, high_end) = version_at(text, high_start, is_wild_byte)?;
    Some((
        text.get(low_start..low_end)?,
        text.get(high_start..high_end)?,
        skip_blanks(text, high_end),
    ))
}

/// The longest version at `start` and its end. `number` says which bytes a number is made of.
fn version_at(text: &str, start: usize, number: fn(u8) -> bool) -> Option<(Parts<'_>, usize)> {
    let start = start + usize::from(tail(text, start).starts_with('v'));
    let (major, mut end) = run(text, start, number)?;
    let mut dotted = |wanted: bool| {
        if !wanted || !tail(text, end).starts_with('.') {
            return None;
        }
        let (digits, next) = run(text, end + 1, number)?;
        end = next;
        Some(digits)
    };
    let minor = dotted(true);
    let patch = dotted(minor.is_some());
    let (prerelease, end) = identifiers_after(text, end, '-');
    let (metadata, end) = identifiers_after(text, end, '+');
    Some((
        Parts {
            major,
            minor,
            patch,
            prerelease,
            metadata,
        },
        end,
    ))
}

/// Dot-separated identifiers behind `sign`, without it, and where they end.
fn identifiers_after(text: &str, start: usize, sign: char) -> (Option<&str>, usize) {
    if !tail(text, start).starts_with(sign) {
        return (None, start);
    }
    let first = start + sign.len_utf8();
    let Some((_, mut end)) = run(text, first, is_identifier_byte) else {
        return (None, start);
    };
    while tail(text, end).starts_with('.')
        && let Some((_, next)) = run(text, end + 1, is_identifier_byte)
    {
        end = next;
    }
    (text.get(first..end), end)
}

/// The longest non-empty run of accepted bytes at `start`, and its end.
fn run(text: &str, start: usize, accept: fn(u8) -> bool) -> Option<(&str, usize)> {
    let length = tail(text, start).bytes().take_while(|&byte| accept(byte)).count();
    let end = start + length;
    (length > 0)
        .then(|| text.get(start..end))
        .flatten()
        .map(|run| (run, end))
}

fn skip_blanks(text: &str, start: usize) -> usize {
    start
        + tail(text, start)
            .bytes()
            .take_while(|&byte| is_blank(byte))
            .count()
}

fn tail(text: &str, start: usize) -> &str {
    text.get(start..).unwrap_or_default()
}
