//! Go's regular expression syntax (`regexp/syntax`, Perl flags), with Go's error texts.
//!
//! It is a parser of its own, and not a translation to another dialect, because the dialects differ in what they
//! refuse: Go's users know Go's messages.

use regex_syntax::hir::{ClassUnicode, Look};

use super::names;
use super::node::{Node, Operator, folded, range};
use super::scan::{
    INVALID_ESCAPE, Res, SyntaxError, check_utf8, class_rune, counts, escaped_rune, next_rune,
};

/// Go's bound of nesting (`syntax.maxHeight`).
const MAX_HEIGHT: u32 = 1000;
/// Go's bound of compiled instructions (`syntax.maxSize`).
const MAX_SIZE: u64 = (128 << 20) / 40;
/// Go's bound of the product of nested repetition counts.
const MAX_COPIES: u64 = 1000;

/// A parsed expression.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub(super) node: Node,
    /// Names of the capture groups; index 0 is the whole match.
    pub(super) groups: Vec<Option<Vec<u8>>>,
}

const INVALID_RANGE: &str = "invalid character class range";
const INVALID_REPEAT: &str = "invalid repeat count";
const MISSING_ARGUMENT: &str = "missing argument to repetition operator";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the four flags of the syntax")]
struct Flags {
    fold: bool,
    multi_line: bool,
    dot_newline: bool,
    lazy: bool,
}

/// What is open: the whole expression or a group.
struct Group {
    /// Capture index; 0 for the whole expression and groups that do not capture.
    capture: u32,
    /// Flags to go back to.
    flags: Flags,
    alternatives: Vec<Node>,
    current: Vec<Node>,
}

struct Parser<'a> {
    whole: &'a [u8],
    flags: Flags,
    open: Vec<Group>,
    groups: Vec<Option<Vec<u8>>>,
}

/// Parses an expression (`syntax.Parse` with the flags of `regexp.Compile`).
pub(super) fn parse(text: &[u8]) -> Res<Parsed> {
    let flags = Flags {
        fold: false,
        multi_line: false,
        dot_newline: false,
        lazy: false,
    };
    let mut parser = Parser {
        whole: text,
        flags,
        open: Vec::new(),
        groups: vec![None],
    };
    parser.open_group(0);
    let mut rest = text;
    let mut last_repeat: &[u8] = &[];
    while let Some(&first) = rest.first() {
        let mut repeat: &[u8] = &[];
        match first {
            b'(' if rest.get(1) == Some(&b'?') => rest = parser.perl_group(rest)?,
            b'(' => {
                parser.groups.push(None);
                let index = parser.groups.len() as u32 - 1;
                parser.open_group(index);
                rest = &rest[1..];
            }
            b'|' => {
                parser.next_alternative();
                rest = &rest[1..];
            }
            b')' => {
                parser.close_group()?;
                rest = &rest[1..];
            }
            b'^' => {
                parser.push(Node::look(if parser.flags.multi_line {
                    Look::StartLF
                } else {
                    Look::Start
                }))?;
                rest = &rest[1..];
            }
            b'$' => {
                parser.push(Node::look(if parser.flags.multi_line {
                    Look::EndLF
                } else {
                    Look::End
                }))?;
                rest = &rest[1..];
            }
            b'.' => {
                let class = if parser.flags.dot_newline {
                    range(0, 0x10_FFFF)
                } else {
                    any_but_newline()
                };
                parser.push(Node::class(class))?;
                rest = &rest[1..];
            }
            b'[' => rest = parser.class(rest)?,
            b'*' | b'+' | b'?' => {
                let (operator, min, max) = match first {
                    b'*' => (Operator::Star, 0, None),
                    b'+' => (Operator::Plus, 1, None),
                    _ => (Operator::Quest, 0, Some(1)),
                };
                repeat = rest;
                rest = parser.repeat(operator, min, max, rest, &rest[1..], last_repeat)?;
            }
            b'{' => match counts(rest) {
                None => {
                    parser.literal(u32::from(b'{'))?;
                    rest = &rest[1..];
                }
                Some((min, max, after)) => {
                    let valid = |count: u32| count <= 1000;
                    if !valid(min) || !max.is_none_or(|max| valid(max) && min <= max) {
                        return Err(SyntaxError::new(
                            INVALID_REPEAT,
                            &rest[..rest.len() - after.len()],
                        ));
                    }
                    repeat = rest;
                    rest = parser.repeat(Operator::Counted, min, max, rest, after, last_repeat)?;
                }
            },
            b'\\' => rest = parser.escape(rest)?,
            _ => {
                let (rune, after) = next_rune(rest)?;
                parser.literal(rune)?;
                rest = after;
            }
        }
        last_repeat = repeat;
    }
    parser.finish()
}

fn any_but_newline() -> ClassUnicode {
    let mut class = range(0, 0x09);
    class.union(&range(0x0B, 0x10_FFFF));
    class
}

impl<'a> Parser<'a> {
    fn open_group(&mut self, capture: u32) {
        self.open.push(Group {
            capture,
            flags: self.flags,
            alternatives: Vec::new(),
            current: Vec::new(),
        });
    }

    fn current(&mut self) -> &mut Vec<Node> {
        if self.open.is_empty() {
            self.open_group(0);
        }
        let last = self.open.len() - 1;
        &mut self.open[last].current
    }

    fn push(&mut self, node: Node) -> Res<()> {
        self.check(&node)?;
        self.current().push(node);
        Ok(())
    }

    fn check(&self, node: &Node) -> Res<()> {
        if node.size > MAX_SIZE {
            return Err(SyntaxError::new("expression too large", self.whole));
        }
        if node.height > MAX_HEIGHT {
            return Err(SyntaxError::new("expression nests too deeply", self.whole));
        }
        Ok(())
    }

    fn literal(&mut self, rune: u32) -> Res<()> {
        if self.flags.fold {
            return self.push(Node::class(folded(range(rune, rune))));
        }
        self.push(Node::literal(rune))
    }

    fn next_alternative(&mut self) {
        let node = Node::concat(std::mem::take(self.current()));
        let last = self.open.len() - 1;
        self.open[last].alternatives.push(node);
    }

    fn close_group(&mut self) -> Res<()> {
        if self.open.len() < 2 {
            return Err(SyntaxError::new("unexpected )", self.whole));
        }
        self.next_alternative();
        let Some(group) = self.open.pop() else {
            return Err(SyntaxError::new("unexpected )", self.whole));
        };
        self.flags = group.flags;
        let inner = Node::alternate(group.alternatives);
        self.check(&inner)?;
        self.push(if group.capture == 0 {
            inner
        } else {
            Node::capture(group.capture, inner)
        })
    }

    fn finish(mut self) -> Res<Parsed> {
        if self.open.len() != 1 {
            return Err(SyntaxError::new("missing closing )", self.whole));
        }
        self.next_alternative();
        let node = Node::alternate(
            self.open
                .pop()
                .map(|group| group.alternatives)
                .unwrap_or_default(),
        );
        self.check(&node)?;
        Ok(Parsed {
            node,
            groups: self.groups,
        })
    }

    /// `parser.repeat`: applies an operator to what stands before it.
    fn repeat(
        &mut self,
        operator: Operator,
        min: u32,
        max: Option<u32>,
        before: &'a [u8],
        after: &'a [u8],
        last_repeat: &'a [u8],
    ) -> Res<&'a [u8]> {
        let (lazy_mark, after) = match after {
            [b'?', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        if !last_repeat.is_empty() {
            let part = &last_repeat[..last_repeat.len() - after.len()];
            return Err(SyntaxError::new("invalid nested repetition operator", part));
        }
        let part = &before[..before.len() - after.len()];
        let greedy = self.flags.lazy == lazy_mark;
        let Some(sub) = self.current().pop() else {
            return Err(SyntaxError::new(MISSING_ARGUMENT, part));
        };
        let node = Node::repeat(operator, min, max, greedy, sub);
        self.check(&node)?;
        let counted = operator == Operator::Counted && (min >= 2 || max.is_some_and(|max| max >= 2));
        if counted && node.copies > MAX_COPIES {
            return Err(SyntaxError::new(INVALID_REPEAT, part));
        }
        self.push(node)?;
        Ok(after)
    }

    /// `parser.parsePerlFlags`: `(?i)`, `(?i:`, `(?P<name>`, `(?<name>`.
    fn perl_group(&mut self, text: &'a [u8]) -> Res<&'a [u8]> {
        let name_start = match text {
            [b'(', b'?', b'P', b'<', _, ..] => Some(4),
            [b'(', b'?', b'<', _, ..] => Some(3),
            _ => None,
        };
        if let Some(start) = name_start {
            let Some(end) = text.iter().position(|byte| *byte == b'>') else {
                check_utf8(text)?;
                return Err(SyntaxError::new("invalid named capture", text));
            };
            let name = &text[start..end];
            check_utf8(name)?;
            if name.is_empty()
                || !name
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            {
                return Err(SyntaxError::new("invalid named capture", &text[..=end]));
            }
            self.groups.push(Some(name.to_vec()));
            let index = self.groups.len() as u32 - 1;
            self.open_group(index);
            return Ok(&text[end + 1..]);
        }
        let mut rest = &text[2..];
        let mut flags = self.flags;
        let (mut on, mut saw_flag) = (true, false);
        while !rest.is_empty() {
            let (rune, after) = next_rune(rest)?;
            rest = after;
            match char::from_u32(rune) {
                Some('i') => flags.fold = on,
                Some('m') => flags.multi_line = on,
                Some('s') => flags.dot_newline = on,
                Some('U') => flags.lazy = on,
                Some('-') if on => {
                    on = false;
                    saw_flag = false;
                    continue;
                }
                Some(end @ (':' | ')')) if on || saw_flag => {
                    if end == ':' {
                        self.open_group(0);
                    }
                    self.flags = flags;
                    return Ok(rest);
                }
                _ => break,
            }
            saw_flag = true;
        }
        Err(SyntaxError::new(
            "invalid or unsupported Perl syntax",
            &text[..text.len() - rest.len()],
        ))
    }

    /// An escape outside of a class.
    fn escape(&mut self, text: &'a [u8]) -> Res<&'a [u8]> {
        match text.get(1) {
            Some(b'A') => self.push(Node::look(Look::Start))?,
            Some(b'b') => self.push(Node::look(Look::WordAscii))?,
            Some(b'B') => self.push(Node::look(Look::WordAsciiNegate))?,
            Some(b'z') => self.push(Node::look(Look::End))?,
            Some(b'C') => return Err(SyntaxError::new(INVALID_ESCAPE, &text[..2])),
            Some(b'Q') => return self.quoted(&text[2..]),
            _ => {
                if let Some((class, rest)) = self.named_class(text)? {
                    self.push(Node::class(class))?;
                    return Ok(rest);
                }
                let (rune, rest) = escaped_rune(text)?;
                self.literal(rune)?;
                return Ok(rest);
            }
        }
        Ok(&text[2..])
    }

    /// `\Q...\E`.
    fn quoted(&mut self, text: &'a [u8]) -> Res<&'a [u8]> {
        let end = text.windows(2).position(|pair| pair == b"\\E");
        let (mut literal, rest) = match end {
            Some(end) => (&text[..end], &text[end + 2..]),
            None => (text, &text[text.len()..]),
        };
        while !literal.is_empty() {
            let (rune, after) = next_rune(literal)?;
            self.literal(rune)?;
            literal = after;
        }
        Ok(rest)
    }

    fn fold(&self, class: ClassUnicode) -> ClassUnicode {
        if self.flags.fold { folded(class) } else { class }
    }

    /// `\p{Greek}`, `\PN`, `\d`: a class by name at the start of `text`, if there is one.
    fn named_class(&self, text: &'a [u8]) -> Res<Option<(ClassUnicode, &'a [u8])>> {
        let [b'\\', letter, ..] = text else {
            return Ok(None);
        };
        if let Some((class, negated)) = names::perl(*letter) {
            let mut class = self.fold(class);
            if negated {
                class.negate();
            }
            return Ok(Some((class, &text[2..])));
        }
        if !matches!(letter, b'p' | b'P') {
            return Ok(None);
        }
        let mut negated = *letter == b'P';
        // Go reads a rune here even when there is none, which gives U+FFFD and an empty rest.
        let (rune, after) = if text.len() > 2 {
            next_rune(&text[2..])?
        } else {
            (0, &text[2..])
        };
        let (part, mut name, rest) = if rune == u32::from(b'{') {
            let Some(end) = text.iter().position(|byte| *byte == b'}') else {
                check_utf8(text)?;
                return Err(SyntaxError::new(INVALID_RANGE, text));
            };
            check_utf8(&text[3..end])?;
            (&text[..=end], &text[3..end], &text[end + 1..])
        } else {
            let width = text.len() - after.len();
            (&text[..width], &text[2..width], after)
        };
        if let [b'^', inner @ ..] = name {
            negated = !negated;
            name = inner;
        }
        let found = std::str::from_utf8(name).ok().and_then(names::unicode);
        let mut class = self.fold(found.ok_or_else(|| SyntaxError::new(INVALID_RANGE, part))?);
        if negated {
            class.negate();
        }
        Ok(Some((class, rest)))
    }

    /// `parser.parseClass`: `[...]`.
    fn class(&mut self, text: &'a [u8]) -> Res<&'a [u8]> {
        let mut rest = &text[1..];
        let negated = rest.first() == Some(&b'^');
        if negated {
            rest = &rest[1..];
        }
        let mut class = ClassUnicode::empty();
        let mut first = true;
        while first || rest.first() != Some(&b']') {
            first = false;
            if let Some((posix, after)) = self.posix_class(rest)? {
                class.union(&posix);
                rest = after;
                continue;
            }
            if let Some((named, after)) = self.named_class(rest)? {
                class.union(&named);
                rest = after;
                continue;
            }
            let start = rest;
            let (low, after) = class_rune(rest, text)?;
            rest = after;
            let mut high = low;
            if rest.len() >= 2 && rest[0] == b'-' && rest[1] != b']' {
                let (upper, after) = class_rune(&rest[1..], text)?;
                (high, rest) = (upper, after);
                if high < low {
                    return Err(SyntaxError::new(
                        INVALID_RANGE,
                        &start[..start.len() - rest.len()],
                    ));
                }
            }
            class.union(&self.fold(range(low, high)));
        }
        if negated {
            class.negate();
        }
        self.push(Node::class(class))?;
        Ok(&rest[1..])
    }

    fn posix_class(&self, text: &'a [u8]) -> Res<Option<(ClassUnicode, &'a [u8])>> {
        let Some(inner) = text.strip_prefix(b"[:").filter(|inner| !inner.is_empty()) else {
            return Ok(None);
        };
        let Some(end) = inner.windows(2).position(|pair| pair == b":]") else {
            return Ok(None);
        };
        let (negated, name) = match &inner[..end] {
            [b'^', name @ ..] => (true, name),
            name => (false, name),
        };
        let class = names::posix(name).ok_or_else(|| SyntaxError::new(INVALID_RANGE, &text[..end + 4]))?;
        let mut class = self.fold(class);
        if negated {
            class.negate();
        }
        Ok(Some((class, &inner[end + 2..])))
    }
}
