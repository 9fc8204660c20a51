//! From text to tokens, by the rules of `go.yaml.in/yaml/v2` (itself a descendant of libyaml 0.1).
//!
//! YAML needs little look-ahead but one thing: that a scalar was a mapping key is only known when its `:` is met. So each
//! place where a key may begin is remembered as a *simple key*, and tokens are held back while such a place may still turn
//! out to be one; then `Key` (and `BlockMappingStart`) are put in front of them.
//! The grammar is the parser's; nothing here knows values.

mod property;
mod scalar;

use std::borrow::Cow;
use std::collections::VecDeque;

use super::chars::is_blank_or_end;
use super::cursor::{Cursor, Mark, Scan};
use super::input::Pieces;

/// A key must end within this many characters (YAML 1.1 §7.4.2 and Go's `yaml_simple_key_is_valid`).
const MAX_KEY_CHARS: usize = 1024;

/// A token and the line on which it begins, counted from 0.
#[derive(Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) line: u32,
}

#[derive(Debug)]
pub(super) enum TokenKind<'a> {
    StreamStart,
    StreamEnd,
    VersionDirective { major: u8, minor: u8 },
    TagDirective(Box<TagDirective>),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    Tag(Box<Tag>),
    Scalar { value: Cow<'a, str>, plain: bool },
}

/// `%TAG handle prefix`.
#[derive(Debug, Clone)]
pub(super) struct TagDirective {
    pub(super) handle: String,
    pub(super) prefix: String,
}

/// A tag as written: `!handle!suffix`; a verbatim tag has an empty handle.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) handle: String,
    pub(super) suffix: String,
}

/// A place where a mapping key without `?` may have begun.
#[derive(Debug, Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    /// In a block, at the indentation of the mapping: anything here must be a key.
    required: bool,
    /// The number, counted from the start of the stream, of the token that begins there.
    token: usize,
    mark: Mark,
}

pub(super) struct Scanner<'a> {
    cursor: Cursor<'a>,
    started: bool,
    /// Tokens scanned but not yet taken by the parser.
    tokens: VecDeque<Token<'a>>,
    /// The number of tokens taken by the parser.
    taken: usize,
    /// The token at the front cannot change any more.
    front_is_final: bool,
    /// Column of the current block, -1 outside of all.
    indent: isize,
    outer_indents: Vec<isize>,
    simple_key_allowed: bool,
    /// One for each flow level, and one for the block context.
    simple_keys: Vec<SimpleKey>,
    /// Which simple key begins with which token, ascending by token: what Go keeps in `simple_keys_by_tok`.
    simple_key_of_token: Vec<(usize, usize)>,
    flow_level: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, pieces: Option<&'a Pieces>) -> Self {
        Self {
            cursor: Cursor::new(text, pieces),
            started: false,
            tokens: VecDeque::new(),
            taken: 0,
            front_is_final: false,
            indent: -1,
            outer_indents: Vec::new(),
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
            simple_key_of_token: Vec::new(),
            flow_level: 0,
        }
    }

    /// The next token, left in place.
    pub(super) fn peek(&mut self) -> Scan<&Token<'a>> {
        if !self.front_is_final {
            self.fetch_more()?;
        }
        match self.tokens.front() {
            Some(token) => Ok(token),
            // Not reached: the parser stops at the end of the stream.
            None => self.cursor.problem("no token after the end of the stream"),
        }
    }

    /// Takes the token that [`Scanner::peek`] has shown.
    pub(super) fn take(&mut self) -> Option<Token<'a>> {
        self.front_is_final = false;
        self.taken += 1;
        self.tokens.pop_front()
    }

    fn fetch_more(&mut self) -> Scan<()> {
        loop {
            if !self.tokens.is_empty() {
                let Some(which) = self.simple_key_at(self.taken) else {
                    break;
                };
                if !self.is_simple_key_valid(which)? {
                    break;
                }
            }
            self.fetch_next()?;
        }
        self.front_is_final = true;
        Ok(())
    }

    /// Scans one token, or several where indentation changes.
    fn fetch_next(&mut self) -> Scan<()> {
        self.cursor.need(1)?;
        if !self.started {
            self.started = true;
            self.push(TokenKind::StreamStart, 0);
            return Ok(());
        }
        self.scan_to_next_token()?;
        self.unroll_indent(signed(self.cursor.mark.column));
        self.cursor.need(4)?;
        if self.cursor.is_at_end() {
            return self.fetch_stream_end();
        }
        let rest = self.cursor.rest(0);
        let blank_follows = |ahead: usize| is_blank_or_end(rest.get(ahead..).unwrap_or_default());
        let in_flow = self.flow_level > 0;
        let at_line_start = self.cursor.mark.column == 0;
        match self.cursor.at(0) {
            b'%' if at_line_start => self.fetch_directive(),
            b'-' if at_line_start && rest.starts_with(b"---") && blank_follows(3) => {
                self.fetch_document_indicator(TokenKind::DocumentStart)
            }
            b'.' if at_line_start && rest.starts_with(b"...") && blank_follows(3) => {
                self.fetch_document_indicator(TokenKind::DocumentEnd)
            }
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if blank_follows(1) => self.fetch_block_entry(),
            b'?' if in_flow || blank_follows(1) => self.fetch_key(),
            b':' if in_flow || blank_follows(1) => self.fetch_value(),
            b'*' => self.fetch_anchor(true),
            b'&' => self.fetch_anchor(false),
            b'!' => self.fetch_tag(),
            b'|' if !in_flow => self.fetch_block_scalar(true),
            b'>' if !in_flow => self.fetch_block_scalar(false),
            b'\'' => self.fetch_quoted_scalar(true),
            b'"' => self.fetch_quoted_scalar(false),
            b'|' | b'>' | b'#' | b'%' | b'@' | b'`' | b'\t' => {
                self.cursor.problem("found character that cannot start any token")
            }
            _ => self.fetch_plain_scalar(),
        }
    }

    // --- the queue ---------------------------------------------------------------------------------------------

    fn push(&mut self, kind: TokenKind<'a>, line: u32) {
        self.tokens.push_back(Token { kind, line });
    }

    /// Puts a token before the one with number `at`. Where that one is already taken, Go appends.
    fn insert(&mut self, at: usize, kind: TokenKind<'a>, line: u32) {
        let token = Token { kind, line };
        match at.checked_sub(self.taken) {
            Some(place) if place <= self.tokens.len() => self.tokens.insert(place, token),
            _ => self.tokens.push_back(token),
        }
    }

    fn next_token_number(&self) -> usize {
        self.taken + self.tokens.len()
    }

    /// Pushes a token of `width` ASCII characters at the current place and moves over it.
    fn push_indicator(&mut self, kind: TokenKind<'a>, width: usize) {
        self.push(kind, self.cursor.mark.line);
        for _ in 0..width {
            self.cursor.skip();
        }
    }

    // --- simple keys -------------------------------------------------------------------------------------------

    fn simple_key_at(&self, token: usize) -> Option<usize> {
        // Mostly one or two entries.
        self.simple_key_of_token
            .iter()
            .rev()
            .find(|(number, _)| *number == token)
            .map(|(_, which)| *which)
    }

    fn remember_simple_key(&mut self, token: usize, which: usize) {
        // Numbers below `taken` are never asked for again.
        let taken = self.taken;
        self.simple_key_of_token
            .retain(|(number, _)| *number != token && *number >= taken);
        self.simple_key_of_token.push((token, which));
    }

    fn forget_simple_key(&mut self, token: usize) {
        self.simple_key_of_token.retain(|(number, _)| *number != token);
    }

    fn is_simple_key_valid(&mut self, which: usize) -> Scan<bool> {
        let Some(key) = self.simple_keys.get(which).copied() else {
            return Ok(false);
        };
        if !key.possible {
            return Ok(false);
        }
        let mark = self.cursor.mark;
        if key.mark.line < mark.line || key.mark.index + MAX_KEY_CHARS < mark.index {
            if key.required {
                return self.cursor.problem("could not find expected ':'");
            }
            if let Some(key) = self.simple_keys.get_mut(which) {
                key.possible = false;
            }
            return Ok(false);
        }
        Ok(true)
    }

    fn save_simple_key(&mut self) -> Scan<()> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let mark = self.cursor.mark;
        let required = self.flow_level == 0 && self.indent == signed(mark.column);
        self.remove_simple_key()?;
        let token = self.next_token_number();
        if let Some(last) = self.simple_keys.last_mut() {
            *last = SimpleKey {
                possible: true,
                required,
                token,
                mark,
            };
        }
        self.remember_simple_key(token, self.simple_keys.len() - 1);
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Scan<()> {
        let Some(last) = self.simple_keys.last_mut() else {
            return Ok(());
        };
        if !last.possible {
            return Ok(());
        }
        if last.required {
            return self.cursor.problem("could not find expected ':'");
        }
        last.possible = false;
        let token = last.token;
        self.forget_simple_key(token);
        Ok(())
    }

    // --- indentation -------------------------------------------------------------------------------------------

    /// Opens a block at `column` when it is deeper than the current one; `before` is the token that begins it.
    fn roll_indent(&mut self, mark: Mark, before: Option<usize>, kind: TokenKind<'a>) {
        let column = signed(mark.column);
        if self.flow_level > 0 || self.indent >= column {
            return;
        }
        self.outer_indents.push(self.indent);
        self.indent = column;
        match before {
            Some(number) => self.insert(number, kind, mark.line),
            None => self.push(kind, mark.line),
        }
    }

    /// Closes the blocks that are deeper than `column`.
    fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(TokenKind::BlockEnd, self.cursor.mark.line);
            self.indent = self.outer_indents.pop().unwrap_or(-1);
        }
    }

    // --- tokens ------------------------------------------------------------------------------------------------

    /// Moves over blanks, comments and line breaks.
    fn scan_to_next_token(&mut self) -> Scan<()> {
        loop {
            self.cursor.need(1)?;
            if self.cursor.mark.column == 0 && self.cursor.sees_byte_order_mark() {
                self.cursor.skip();
            }
            self.cursor.need(1)?;
            // A tab cannot indent, so it is skipped only where no block can begin.
            let tabs = self.flow_level > 0 || !self.simple_key_allowed;
            loop {
                match self.cursor.at(0) {
                    b' ' => self.cursor.skip_while(|byte| byte == b' '),
                    b'\t' if tabs => self.cursor.skip(),
                    _ => break,
                }
                self.cursor.need(1)?;
            }
            if self.cursor.at(0) == b'#' {
                self.cursor.skip_rest_of_line()?;
            }
            if !self.cursor.is_break() {
                return Ok(());
            }
            self.cursor.need(2)?;
            self.cursor.skip_break();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    fn fetch_stream_end(&mut self) -> Scan<()> {
        if self.cursor.mark.column != 0 {
            self.cursor.mark.column = 0;
            self.cursor.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(TokenKind::StreamEnd, self.cursor.mark.line);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Scan<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_directive()?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_document_indicator(&mut self, kind: TokenKind<'a>) -> Scan<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push_indicator(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'a>) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_keys.push(SimpleKey {
            token: self.next_token_number(),
            mark: self.cursor.mark,
            ..SimpleKey::default()
        });
        self.flow_level += 1;
        self.simple_key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'a>) -> Scan<()> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            if let Some(last) = self.simple_keys.pop() {
                self.forget_simple_key(last.token);
            }
        }
        self.simple_key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Scan<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scan<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self
                    .cursor
                    .problem("block sequence entries are not allowed in this context");
            }
            self.roll_indent(self.cursor.mark, None, TokenKind::BlockSequenceStart);
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scan<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self
                    .cursor
                    .problem("mapping keys are not allowed in this context");
            }
            self.roll_indent(self.cursor.mark, None, TokenKind::BlockMappingStart);
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scan<()> {
        let which = self.simple_keys.len() - 1;
        if self.is_simple_key_valid(which)? {
            let key = self.simple_keys.get(which).copied().unwrap_or_default();
            self.insert(key.token, TokenKind::Key, key.mark.line);
            self.roll_indent(key.mark, Some(key.token), TokenKind::BlockMappingStart);
            if let Some(key) = self.simple_keys.get_mut(which) {
                key.possible = false;
            }
            self.forget_simple_key(key.token);
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return self
                        .cursor
                        .problem("mapping values are not allowed in this context");
                }
                self.roll_indent(self.cursor.mark, None, TokenKind::BlockMappingStart);
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    fn fetch_anchor(&mut self, alias: bool) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_anchor(alias)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_tag(&mut self) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_tag()?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, literal: bool) -> Scan<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        let token = self.scan_block_scalar(literal)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_quoted_scalar(&mut self, single: bool) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_quoted_scalar(single)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_plain_scalar(&mut self) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_plain_scalar()?;
        self.tokens.push_back(token);
        Ok(())
    }
}

/// Columns are compared with indentations, which start at -1. Texts are far shorter than `isize::MAX`.
fn signed(column: usize) -> isize {
    isize::try_from(column).unwrap_or(isize::MAX)
}
