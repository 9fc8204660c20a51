//! A compiled expression and the operations of Go's `*regexp.Regexp` that sprig uses.
//!
//! Go matches runes and takes a byte that is not UTF-8 for U+FFFD; the engine here matches UTF-8 text. A text with
//! such bytes is therefore rewritten first, and offsets are mapped back.

use std::borrow::Cow;

use regex_automata::{Anchored, Input, meta};

use super::parse::parse;
use crate::functions::unicode::{self, decode, runes};

/// Bound of the compiled form of one expression, in bytes. Go would spend up to 128 MiB.
pub(crate) const MAX_PROGRAM_BYTES: usize = 16 << 20;

/// A compiled Go regular expression.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    regex: meta::Regex,
    groups: Vec<Option<Vec<u8>>>,
    empty_pattern: bool,
}

/// Why an expression was not compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CompileError {
    /// Go refuses it, with this text.
    Syntax(Vec<u8>),
    /// It is valid, but larger than [`MAX_PROGRAM_BYTES`].
    TooLarge,
}

/// The start and end of each group; the first is the whole match.
type Groups = Vec<Option<(usize, usize)>>;

impl Program {
    /// `regexp.Compile`.
    pub(crate) fn compile(pattern: &[u8]) -> Result<Program, CompileError> {
        let parsed = parse(pattern).map_err(|error| CompileError::Syntax(error.message()))?;
        let config = meta::Config::new()
            .nfa_size_limit(Some(MAX_PROGRAM_BYTES))
            .onepass_size_limit(Some(1 << 20))
            .dfa_size_limit(Some(1 << 20))
            .hybrid_cache_capacity(2 << 20)
            .utf8_empty(true);
        let regex = meta::Builder::new()
            .configure(config)
            .build_from_hir(&parsed.node.into_hir())
            .map_err(|_| CompileError::TooLarge)?;
        Ok(Program {
            regex,
            groups: parsed.groups,
            empty_pattern: pattern.is_empty(),
        })
    }

    /// Bytes that the compiled form takes.
    pub(crate) fn memory(&self) -> usize {
        self.regex.memory_usage()
    }

    /// `MatchString`.
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        let subject = Subject::new(text);
        self.regex.is_match(Input::new(subject.text.as_ref()))
    }

    /// `FindString`: the leftmost match, or nothing.
    pub(crate) fn find<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let subject = Subject::new(text);
        self.find_at(&subject, 0).map_or(&text[..0], |(start, end)| {
            &text[subject.original(start)..subject.original(end)]
        })
    }

    /// `FindAllStringIndex`: up to `limit` matches, all when negative.
    pub(crate) fn find_all(&self, text: &[u8], limit: i64) -> Vec<(usize, usize)> {
        let subject = Subject::new(text);
        let mut found = Vec::new();
        let mut position = 0;
        let mut previous_end = None;
        while position <= subject.text.len() && (limit < 0 || (found.len() as u64) < limit.unsigned_abs()) {
            let Some((start, end)) = self.find_at(&subject, position) else {
                break;
            };
            let mut accept = true;
            if end == position {
                // An empty match right behind another match does not count.
                accept = Some(start) != previous_end;
                let (_, width) = decode(&subject.text[position..]);
                position += width.max(1);
            } else {
                position = end;
            }
            previous_end = Some(end);
            if accept {
                found.push((subject.original(start), subject.original(end)));
            }
        }
        found
    }

    /// `Split`.
    pub(crate) fn split<'t>(&self, text: &'t [u8], limit: i64) -> Option<Vec<&'t [u8]>> {
        if limit == 0 {
            return None;
        }
        if !self.empty_pattern && text.is_empty() {
            return Some(vec![text]);
        }
        let mut parts = Vec::new();
        let (mut begin, mut end) = (0, 0);
        for (start, stop) in self.find_all(text, limit) {
            if limit > 0 && parts.len() as u64 == limit.unsigned_abs() - 1 {
                break;
            }
            end = start;
            if stop != 0 {
                parts.push(&text[begin..end]);
            }
            begin = stop;
        }
        if end != text.len() {
            parts.push(&text[begin..]);
        }
        Some(parts)
    }

    /// `ReplaceAllString` and `ReplaceAllLiteralString`. `grow` is told the size of the result before it grows.
    pub(crate) fn replace_all<E>(
        &self,
        text: &[u8],
        replacement: &Replacement<'_>,
        mut grow: impl FnMut(usize) -> Result<(), E>,
    ) -> Result<Vec<u8>, E> {
        let subject = Subject::new(text);
        let mut out = Vec::new();
        let (mut last_end, mut position) = (0, 0);
        let mut matched = false;
        while position <= subject.text.len() {
            let Some(groups) = self.captures_at(&subject, position, replacement.needs_groups()) else {
                break;
            };
            let Some(Some((start, end))) = groups.first().copied() else {
                break;
            };
            matched = true;
            let piece = &text[subject.original(last_end)..subject.original(start)];
            grow(piece.len())?;
            out.extend_from_slice(piece);
            if end > last_end || start == 0 {
                let before = out.len();
                replacement.append(&mut out, &self.groups, &groups, text, &subject);
                grow(out.len() - before)?;
            }
            last_end = end;
            let (_, width) = decode(&subject.text[position..]);
            position = if position + width > end {
                position + width
            } else if position + 1 > end {
                position + 1
            } else {
                end
            };
        }
        if !matched {
            return Ok(text.to_vec());
        }
        out.extend_from_slice(&text[subject.original(last_end)..]);
        Ok(out)
    }

    fn find_at(&self, subject: &Subject<'_>, from: usize) -> Option<(usize, usize)> {
        let input = Input::new(subject.text.as_ref())
            .range(from..)
            .anchored(Anchored::No);
        self.regex
            .search(&input)
            .map(|found| (found.start(), found.end()))
    }

    fn captures_at(&self, subject: &Subject<'_>, from: usize, groups: bool) -> Option<Groups> {
        if !groups {
            return self.find_at(subject, from).map(|found| vec![Some(found)]);
        }
        let mut captures = self.regex.create_captures();
        self.regex
            .search_captures(&Input::new(subject.text.as_ref()).range(from..), &mut captures);
        captures.get_match()?;
        Some(
            (0..self.groups.len())
                .map(|index| captures.get_group(index).map(|span| (span.start, span.end)))
                .collect(),
        )
    }
}

/// What matches are replaced by.
#[derive(Debug)]
pub(crate) enum Replacement<'r> {
    /// The text itself.
    Literal(&'r [u8]),
    /// A template with `$1`, `${name}` (`Regexp.Expand`).
    Template(&'r [u8]),
}

impl Replacement<'_> {
    fn needs_groups(&self) -> bool {
        match self {
            Replacement::Literal(_) => false,
            Replacement::Template(template) => template.contains(&b'$'),
        }
    }

    fn append(
        &self,
        out: &mut Vec<u8>,
        names: &[Option<Vec<u8>>],
        groups: &Groups,
        text: &[u8],
        subject: &Subject<'_>,
    ) {
        let mut template = match self {
            Replacement::Literal(literal) => {
                out.extend_from_slice(literal);
                return;
            }
            Replacement::Template(template) => *template,
        };
        let matched = |index: usize| groups.get(index).copied().flatten();
        while let Some(dollar) = template.iter().position(|byte| *byte == b'$') {
            out.extend_from_slice(&template[..dollar]);
            template = &template[dollar + 1..];
            if let [b'$', rest @ ..] = template {
                out.push(b'$');
                template = rest;
                continue;
            }
            let Some((name, rest)) = reference(template) else {
                // Malformed: the dollar is a dollar.
                out.push(b'$');
                continue;
            };
            template = rest;
            let group = match number(name) {
                Some(index) => matched(index),
                None => names
                    .iter()
                    .enumerate()
                    .filter(|(_, own)| own.as_deref().unwrap_or_default() == name)
                    .find_map(|(index, _)| matched(index)),
            };
            if let Some((start, end)) = group {
                out.extend_from_slice(&text[subject.original(start)..subject.original(end)]);
            }
        }
        out.extend_from_slice(template);
    }
}

/// `regexp.extract`: the name after a dollar, with or without braces, and what follows.
fn reference(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (brace, inner) = match text {
        [b'{', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let word = |rune| unicode::is_letter(rune) || unicode::is_digit(rune) || rune == '_';
    let length = runes(inner)
        .take_while(|(_, rune, _)| word(*rune))
        .last()
        .map_or(0, |(at, _, width)| at + width);
    if length == 0 {
        return None;
    }
    let (name, rest) = inner.split_at(length);
    if brace {
        rest.strip_prefix(b"}").map(|rest| (name, rest))
    } else {
        Some((name, rest))
    }
}

/// The group number that a name stands for, if it is a number.
fn number(name: &[u8]) -> Option<usize> {
    if name.len() > 1 && name[0] == b'0' || name.len() > 9 {
        return None;
    }
    name.iter().try_fold(0, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + usize::from(digit - b'0'))
    })
}

/// A text to search, as valid UTF-8, with the way back to the offsets of the original.
struct Subject<'t> {
    text: Cow<'t, [u8]>,
    /// For each offset of `text` the offset in the original; empty when they are the same.
    offsets: Vec<usize>,
}

impl<'t> Subject<'t> {
    fn new(text: &'t [u8]) -> Subject<'t> {
        if std::str::from_utf8(text).is_ok() {
            return Subject {
                text: Cow::Borrowed(text),
                offsets: Vec::new(),
            };
        }
        let mut valid = Vec::with_capacity(text.len() + 16);
        let mut offsets = Vec::with_capacity(text.len() + 16);
        for (at, rune, _) in runes(text) {
            unicode::push(&mut valid, rune);
            offsets.resize(valid.len(), at);
        }
        offsets.push(text.len());
        Subject {
            text: Cow::Owned(valid),
            offsets,
        }
    }

    fn original(&self, offset: usize) -> usize {
        self.offsets.get(offset).copied().unwrap_or(offset)
    }
}

/// `regexp.QuoteMeta`.
pub(crate) fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if br"\.+*?()|[]{}^$".contains(&byte) {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(pattern: &str) -> Program {
        Program::compile(pattern.as_bytes()).expect("pattern compiles")
    }

    fn replace(pattern: &str, text: &[u8], template: &str) -> String {
        let out: Result<_, ()> =
            program(pattern).replace_all(text, &Replacement::Template(template.as_bytes()), |_| Ok(()));
        String::from_utf8_lossy(&out.expect("no limit")).into_owned()
    }

    #[test]
    fn references_follow_go_and_not_perl() {
        assert_eq!(replace("a(x*)b", b"-ab-axxb-", "$1W"), "---");
        assert_eq!(replace("a(x*)b", b"-ab-axxb-", "${1}W"), "-W-xxW-");
        assert_eq!(replace("a*", b"baaac", "x"), "xbxcx");
        assert_eq!(replace("(?P<n>a)|(?P<n>b)", b"ab", "<${n}>"), "<a><b>");
    }

    #[test]
    fn an_invalid_byte_matches_as_one_rune() {
        assert_eq!(program("^.$").find(b"\xff"), b"\xff");
        assert_eq!(
            program(".").find_all(b"a\xff\xc3\xa9", -1),
            [(0, 1), (1, 2), (2, 4)]
        );
    }

    #[test]
    fn errors_are_those_of_go() {
        for (pattern, expected) in [
            ("(", "error parsing regexp: missing closing ): `(`"),
            ("a)", "error parsing regexp: unexpected ): `a)`"),
            (
                "a**",
                "error parsing regexp: invalid nested repetition operator: `**`",
            ),
            (
                "[b-a]",
                "error parsing regexp: invalid character class range: `b-a`",
            ),
            (
                "(?z)",
                "error parsing regexp: invalid or unsupported Perl syntax: `(?z`",
            ),
            (r"\8", r"error parsing regexp: invalid escape sequence: `\8`"),
            ("x{1001}", "error parsing regexp: invalid repeat count: `{1001}`"),
            (
                "(x{100}){11}",
                "error parsing regexp: invalid repeat count: `{11}`",
            ),
        ] {
            let error = Program::compile(pattern.as_bytes()).expect_err(pattern);
            assert_eq!(error, CompileError::Syntax(expected.as_bytes().to_vec()));
        }
    }

    #[test]
    fn an_expression_over_the_size_limit_is_refused() {
        assert_eq!(
            Program::compile(br"(\pL{100}){10}(\pL{100}){10}(\pN{100}){10}").err(),
            Some(CompileError::TooLarge)
        );
    }
}
