//! Plain, quoted and block scalars.
//!
//! A scalar that stands in the text as it is (the common case) is borrowed from it; anything folded or escaped is built.

use std::borrow::Cow;

use super::{Scanner, Token, TokenKind, signed};
use crate::yaml::chars::{
    break_len, is_blank, is_break_or_end, is_dull_in_line, is_dull_in_plain, is_dull_in_quotes,
    is_flow_indicator,
};
use crate::yaml::cursor::Scan;

/// A scalar under construction: a stretch of the text for as long as possible, then a string of its own.
#[derive(Default)]
struct Builder {
    owned: Option<String>,
    from: usize,
    to: usize,
}

impl Builder {
    /// Appends the stretch `from..to` of the text.
    fn push_stretch(&mut self, text: &str, from: usize, to: usize) {
        if from == to {
            return;
        }
        if let Some(owned) = &mut self.owned {
            owned.push_str(text.get(from..to).unwrap_or_default());
        } else if self.from == self.to {
            (self.from, self.to) = (from, to);
        } else if self.to == from {
            self.to = to;
        } else {
            let owned = self.own(text);
            owned.push_str(text.get(from..to).unwrap_or_default());
        }
    }

    fn own(&mut self, text: &str) -> &mut String {
        let (from, to) = (self.from, self.to);
        self.owned
            .get_or_insert_with(|| text.get(from..to).unwrap_or_default().to_owned())
    }

    fn push_str(&mut self, text: &str, piece: &str) {
        if !piece.is_empty() {
            self.own(text).push_str(piece);
        }
    }

    fn finish(self, text: &str) -> Cow<'_, str> {
        match self.owned {
            Some(owned) => Cow::Owned(owned),
            None => Cow::Borrowed(text.get(self.from..self.to).unwrap_or_default()),
        }
    }
}

/// What stood between two stretches of a plain or quoted scalar.
#[derive(Default)]
struct Gap {
    /// Blanks within a line, as a stretch of the text.
    blanks: (usize, usize),
    /// A line break was met; blanks before it do not count.
    broken: bool,
    first_break: String,
    more_breaks: String,
}

impl Gap {
    /// Appends what the gap stands for: blanks stay, one line break becomes a space, more become one less.
    fn fold_into(&mut self, builder: &mut Builder, text: &str) {
        if self.broken {
            if self.first_break.starts_with('\n') {
                let folded = if self.more_breaks.is_empty() {
                    " "
                } else {
                    self.more_breaks.as_str()
                };
                builder.push_str(text, folded);
            } else {
                builder.push_str(text, &self.first_break);
                builder.push_str(text, &self.more_breaks);
            }
            self.first_break.clear();
            self.more_breaks.clear();
            self.broken = false;
        } else {
            builder.push_stretch(text, self.blanks.0, self.blanks.1);
        }
        self.blanks = (0, 0);
    }
}

/// What happens to line breaks at the end of a block scalar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl<'a> Scanner<'a> {
    /// Moves over blanks and line breaks inside of a plain or quoted scalar. `tab_limit`: in a plain scalar, a tab
    /// before this column of a further line is an error.
    fn scan_gap(&mut self, gap: &mut Gap, tab_limit: Option<isize>) -> Scan<()> {
        self.cursor.need(1)?;
        loop {
            let byte = self.cursor.at(0);
            if is_blank(byte) {
                if gap.broken
                    && byte == b'\t'
                    && tab_limit.is_some_and(|limit| signed(self.cursor.mark.column) < limit)
                {
                    return self
                        .cursor
                        .problem("found a tab character that violates indentation");
                }
                if gap.broken {
                    self.cursor.skip();
                } else {
                    if gap.blanks.0 == gap.blanks.1 {
                        gap.blanks.0 = self.cursor.pos;
                    }
                    self.cursor.skip();
                    gap.blanks.1 = self.cursor.pos;
                }
            } else if self.cursor.is_break() {
                self.cursor.need(2)?;
                if gap.broken {
                    self.cursor.read_break(&mut gap.more_breaks);
                } else {
                    gap.blanks = (0, 0);
                    gap.broken = true;
                    self.cursor.read_break(&mut gap.first_break);
                }
            } else {
                return Ok(());
            }
            self.cursor.need(1)?;
        }
    }

    pub(super) fn scan_plain_scalar(&mut self) -> Scan<Token<'a>> {
        let text = self.cursor.text;
        let line = self.cursor.mark.line;
        let indent = self.indent + 1;
        let in_flow = self.flow_level > 0;
        let mut builder = Builder::default();
        let mut gap = Gap::default();
        loop {
            self.cursor.need(4)?;
            if self.cursor.is_document_indicator() || self.cursor.at(0) == b'#' {
                break;
            }
            let from = self.cursor.pos;
            self.scan_plain_stretch(in_flow)?;
            let to = self.cursor.pos;
            if from != to {
                gap.fold_into(&mut builder, text);
                builder.push_stretch(text, from, to);
            }
            if !(is_blank(self.cursor.at(0)) || self.cursor.is_break()) {
                break;
            }
            self.scan_gap(&mut gap, Some(indent))?;
            if !in_flow && signed(self.cursor.mark.column) < indent {
                break;
            }
        }
        // After a line break a key may begin.
        if gap.broken {
            self.simple_key_allowed = true;
        }
        Ok(Token {
            kind: TokenKind::Scalar {
                value: builder.finish(text),
                plain: true,
            },
            line,
        })
    }

    /// Moves over characters of a plain scalar up to a blank, a break, the end or what ends the scalar.
    fn scan_plain_stretch(&mut self, in_flow: bool) -> Scan<()> {
        loop {
            let before = self.cursor.pos;
            self.cursor.skip_while(|byte| is_dull_in_plain(byte, in_flow));
            if self.cursor.pos != before {
                self.cursor.need(2)?;
            }
            let byte = self.cursor.at(0);
            if self.cursor.is_blank_or_end(0)
                || (byte == b':' && self.cursor.is_blank_or_end(1))
                || (in_flow && is_flow_indicator(byte))
            {
                return Ok(());
            }
            self.cursor.skip();
            self.cursor.need(2)?;
        }
    }

    pub(super) fn scan_quoted_scalar(&mut self, single: bool) -> Scan<Token<'a>> {
        let text = self.cursor.text;
        let line = self.cursor.mark.line;
        let quote = if single { b'\'' } else { b'"' };
        self.cursor.skip();
        let mut builder = Builder::default();
        let mut gap = Gap::default();
        loop {
            self.cursor.need(4)?;
            if self.cursor.is_document_indicator() {
                return self.cursor.problem("found unexpected document indicator");
            }
            if self.cursor.is_at_end() {
                return self.cursor.problem("found unexpected end of stream");
            }
            // An escaped line break counts as the first break of the gap, but leaves nothing behind.
            gap.broken = self.scan_quoted_stretch(single, &mut builder)?;
            self.cursor.need(1)?;
            if self.cursor.at(0) == quote {
                break;
            }
            self.scan_gap(&mut gap, None)?;
            if gap.broken && gap.first_break.is_empty() {
                builder.push_str(text, &gap.more_breaks);
                gap = Gap::default();
            } else {
                gap.fold_into(&mut builder, text);
            }
        }
        self.cursor.skip();
        Ok(Token {
            kind: TokenKind::Scalar {
                value: builder.finish(text),
                plain: false,
            },
            line,
        })
    }

    /// Reads characters of a quoted scalar up to a blank, a break, the end or the closing quote.
    /// True when it stopped after an escaped line break.
    fn scan_quoted_stretch(&mut self, single: bool, builder: &mut Builder) -> Scan<bool> {
        let text = self.cursor.text;
        loop {
            let from = self.cursor.pos;
            self.cursor.skip_while(is_dull_in_quotes);
            builder.push_stretch(text, from, self.cursor.pos);
            if self.cursor.pos != from {
                self.cursor.need(2)?;
            }
            if self.cursor.is_blank_or_end(0) {
                return Ok(false);
            }
            match (self.cursor.at(0), single) {
                (b'\'', true) if self.cursor.at(1) == b'\'' => {
                    builder.push_str(text, "'");
                    self.cursor.skip();
                    self.cursor.skip();
                }
                (b'\'', true) | (b'"', false) => return Ok(false),
                (b'\\', false) if break_len(self.cursor.rest(1)) > 0 => {
                    self.cursor.need(3)?;
                    self.cursor.skip();
                    self.cursor.skip_break();
                    return Ok(true);
                }
                (b'\\', false) => self.scan_escape(builder)?,
                _ => {
                    let from = self.cursor.pos;
                    self.cursor.skip();
                    builder.push_stretch(text, from, self.cursor.pos);
                }
            }
            self.cursor.need(2)?;
        }
    }

    fn scan_escape(&mut self, builder: &mut Builder) -> Scan<()> {
        let text = self.cursor.text;
        let digits = match self.cursor.at(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            other => {
                let Some(meaning) = escape_meaning(other) else {
                    return self.cursor.problem("found unknown escape character");
                };
                builder.push_str(text, meaning);
                self.cursor.skip();
                self.cursor.skip();
                return Ok(());
            }
        };
        self.cursor.skip();
        self.cursor.skip();
        self.cursor.need(digits)?;
        let mut code = 0_u64;
        for at in 0..digits {
            let Some(digit) = char::from(self.cursor.at(at)).to_digit(16) else {
                return self.cursor.problem("did not find expected hexdecimal number");
            };
            code = code << 4 | u64::from(digit);
        }
        let Some(character) = u32::try_from(code).ok().and_then(char::from_u32) else {
            return self.cursor.problem("found invalid Unicode character escape code");
        };
        builder.push_str(text, character.encode_utf8(&mut [0; 4]));
        for _ in 0..digits {
            self.cursor.skip();
        }
        Ok(())
    }

    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Scan<Token<'a>> {
        let line = self.cursor.mark.line;
        self.cursor.skip();
        let (chomping, increment) = self.scan_block_header()?;
        let mut indent = match increment {
            0 => 0,
            increment => usize::try_from(self.indent.max(0)).unwrap_or(0) + increment,
        };
        let text = self.cursor.text;
        let mut builder = Builder::default();
        let mut first_break = String::new();
        let mut more_breaks = String::new();
        self.scan_block_breaks(&mut indent, &mut more_breaks)?;
        self.cursor.need(1)?;
        let mut line_began_blank = false;
        while self.cursor.mark.column == indent && !self.cursor.is_at_end() {
            let begins_blank = is_blank(self.cursor.at(0));
            if !literal && !line_began_blank && !begins_blank && first_break.starts_with('\n') {
                if more_breaks.is_empty() {
                    builder.push_str(text, " ");
                }
            } else {
                builder.push_str(text, &first_break);
            }
            first_break.clear();
            builder.push_str(text, &more_breaks);
            more_breaks.clear();
            line_began_blank = begins_blank;
            let from = self.cursor.pos;
            loop {
                self.cursor.skip_while(is_dull_in_line);
                self.cursor.need(1)?;
                if is_break_or_end(self.cursor.rest(0)) {
                    break;
                }
                self.cursor.skip();
            }
            builder.push_stretch(text, from, self.cursor.pos);
            self.cursor.need(2)?;
            self.cursor.read_break(&mut first_break);
            self.scan_block_breaks(&mut indent, &mut more_breaks)?;
        }
        if chomping != Chomping::Strip {
            builder.push_str(text, &first_break);
        }
        if chomping == Chomping::Keep {
            builder.push_str(text, &more_breaks);
        }
        Ok(Token {
            kind: TokenKind::Scalar {
                value: builder.finish(text),
                plain: false,
            },
            line,
        })
    }

    /// Reads `+`, `-` and the indentation indicator in either order, and the rest of the line.
    fn scan_block_header(&mut self) -> Scan<(Chomping, usize)> {
        let mut chomping = Chomping::Clip;
        let mut increment = 0;
        let mut seen = (false, false);
        loop {
            self.cursor.need(1)?;
            match self.cursor.at(0) {
                sign @ (b'+' | b'-') if !seen.0 => {
                    chomping = if sign == b'+' {
                        Chomping::Keep
                    } else {
                        Chomping::Strip
                    };
                    seen.0 = true;
                }
                b'0' if !seen.1 => return self.cursor.problem("found an indentation indicator equal to 0"),
                digit @ b'1'..=b'9' if !seen.1 => {
                    increment = usize::from(digit - b'0');
                    seen.1 = true;
                }
                _ => break,
            }
            self.cursor.skip();
            if seen == (true, true) {
                break;
            }
        }
        self.cursor.skip_blanks()?;
        if self.cursor.at(0) == b'#' {
            self.cursor.skip_rest_of_line()?;
        }
        if !is_break_or_end(self.cursor.rest(0)) {
            return self.cursor.problem("did not find expected comment or line break");
        }
        if self.cursor.is_break() {
            self.cursor.need(2)?;
            self.cursor.skip_break();
        }
        Ok((chomping, increment))
    }

    /// Moves over indentation and empty lines; finds the indentation of the scalar when it is still 0.
    fn scan_block_breaks(&mut self, indent: &mut usize, breaks: &mut String) -> Scan<()> {
        let mut deepest = 0;
        loop {
            self.cursor.need(1)?;
            while (*indent == 0 || self.cursor.mark.column < *indent) && self.cursor.at(0) == b' ' {
                self.cursor.skip();
                self.cursor.need(1)?;
            }
            deepest = deepest.max(self.cursor.mark.column);
            if (*indent == 0 || self.cursor.mark.column < *indent) && self.cursor.at(0) == b'\t' {
                return self
                    .cursor
                    .problem("found a tab character where an indentation space is expected");
            }
            if !self.cursor.is_break() {
                break;
            }
            self.cursor.need(2)?;
            self.cursor.read_break(breaks);
        }
        if *indent == 0 {
            let least = usize::try_from(self.indent + 1).unwrap_or(0).max(1);
            *indent = deepest.max(least);
        }
        Ok(())
    }
}

fn escape_meaning(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'0' => "\0",
        b'a' => "\x07",
        b'b' => "\x08",
        b't' | b'\t' => "\t",
        b'n' => "\n",
        b'v' => "\x0B",
        b'f' => "\x0C",
        b'r' => "\r",
        b'e' => "\x1B",
        b' ' => " ",
        b'"' => "\"",
        b'\'' => "'",
        b'\\' => "\\",
        b'N' => "\u{85}",
        b'_' => "\u{A0}",
        b'L' => "\u{2028}",
        b'P' => "\u{2029}",
        _ => return None,
    })
}
