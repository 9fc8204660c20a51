//! From text to tokens, as Go's `parse/lex.go`: delimiters, trim markers, comments, and what stands
//! inside of actions.

use super::token::{Kind, Token, quoted};
use crate::format;
use crate::unicode;
use crate::value::Value;

const LEFT: &[u8] = b"{{";
const RIGHT: &[u8] = b"}}";
const LEFT_COMMENT: &[u8] = b"/*";
const RIGHT_COMMENT: &[u8] = b"*/";
/// The marker and the blank at its side.
const TRIM_MARKER: usize = 2;

#[expect(
    clippy::struct_excessive_bools,
    reason = "two are settings, two are Go's lexer state"
)]
pub(super) struct Lexer<'t> {
    input: &'t [u8],
    pos: usize,
    /// Start of the token being read.
    start: usize,
    line: usize,
    start_line: usize,
    at_eof: bool,
    paren_depth: usize,
    inside_action: bool,
    /// `break` and `continue` are keywords unless functions have these names.
    pub(super) break_is_keyword: bool,
    pub(super) continue_is_keyword: bool,
    /// The message of the error token.
    pub(super) error: String,
}

/// What a lexer step makes of the input: a token, or another step.
enum Step<'t> {
    Token(Token<'t>),
    Text,
    LeftDelim,
    RightDelim,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(input: &'t [u8]) -> Self {
        Lexer {
            input,
            pos: 0,
            start: 0,
            line: 1,
            start_line: 1,
            at_eof: false,
            paren_depth: 0,
            inside_action: false,
            break_is_keyword: true,
            continue_is_keyword: true,
            error: String::new(),
        }
    }

    /// The next token. After an error or the end there is nothing sensible to come.
    pub(super) fn next_token(&mut self) -> Token<'t> {
        let mut step = if self.inside_action {
            self.inside_action()
        } else {
            Step::Text
        };
        loop {
            step = match step {
                Step::Token(token) => return token,
                Step::Text => self.text(),
                Step::LeftDelim => self.left_delim(),
                Step::RightDelim => self.right_delim(),
            };
        }
    }

    fn rest(&self) -> &'t [u8] {
        &self.input[self.pos..]
    }

    fn next(&mut self) -> Option<char> {
        if let Some(&b) = self.input.get(self.pos)
            && b < 0x80
        {
            self.pos += 1;
            self.line += usize::from(b == b'\n');
            return Some(char::from(b));
        }
        let Some((c, width)) = unicode::decode(self.rest()) else {
            self.at_eof = true;
            return None;
        };
        self.pos += width;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn peek(&mut self) -> Option<char> {
        let c = self.next();
        self.backup();
        c
    }

    fn backup(&mut self) {
        if self.at_eof {
            return;
        }
        if let Some((c, width)) = unicode::decode_last(&self.input[..self.pos]) {
            self.pos -= width;
            if c == '\n' {
                self.line -= 1;
            }
        }
    }

    fn token(&mut self, kind: Kind) -> Token<'t> {
        let token = Token {
            kind,
            pos: self.start,
            text: &self.input[self.start..self.pos],
            line: self.start_line,
        };
        self.start = self.pos;
        self.start_line = self.line;
        token
    }

    fn emit(&mut self, kind: Kind) -> Step<'t> {
        Step::Token(self.token(kind))
    }

    /// Steps over the pending input, counting its lines.
    fn ignore(&mut self) {
        self.line += newlines(&self.input[self.start..self.pos]);
        self.start = self.pos;
        self.start_line = self.line;
    }

    fn accept(&mut self, valid: &str) -> bool {
        if self.next().is_some_and(|c| valid.contains(c)) {
            return true;
        }
        self.backup();
        false
    }

    fn accept_run(&mut self, valid: &str) {
        while self.next().is_some_and(|c| valid.contains(c)) {}
        self.backup();
    }

    fn fail(&mut self, message: impl Into<String>) -> Step<'t> {
        let token = Token {
            kind: Kind::Error,
            pos: self.start,
            text: b"",
            line: self.start_line,
        };
        self.error = message.into();
        self.start = 0;
        self.pos = 0;
        self.input = b"";
        Step::Token(token)
    }

    /// Text up to the next action.
    fn text(&mut self) -> Step<'t> {
        let Some(found) = find(self.rest(), LEFT) else {
            self.pos = self.input.len();
            if self.pos > self.start {
                self.line += newlines(&self.input[self.start..self.pos]);
                return self.emit(Kind::Text);
            }
            return self.emit(Kind::Eof);
        };
        if found > 0 {
            self.pos += found;
            let mut trimmed = 0;
            if has_left_trim_marker(&self.input[self.pos + LEFT.len()..]) {
                trimmed = blanks_at_end(&self.input[self.start..self.pos]);
            }
            self.pos -= trimmed;
            self.line += newlines(&self.input[self.start..self.pos]);
            let token = self.token(Kind::Text);
            self.pos += trimmed;
            self.ignore();
            if !token.text.is_empty() {
                return Step::Token(token);
            }
        }
        Step::LeftDelim
    }

    /// Whether a right delimiter is here, and whether it has a trim marker.
    fn at_right_delim(&self) -> (bool, bool) {
        let rest = self.rest();
        if has_right_trim_marker(rest) && rest[TRIM_MARKER..].starts_with(RIGHT) {
            return (true, true);
        }
        (rest.starts_with(RIGHT), false)
    }

    fn left_delim(&mut self) -> Step<'t> {
        self.pos += LEFT.len();
        let marker = if has_left_trim_marker(self.rest()) {
            TRIM_MARKER
        } else {
            0
        };
        if self.input[self.pos + marker..].starts_with(LEFT_COMMENT) {
            self.pos += marker;
            self.ignore();
            return self.comment();
        }
        let token = self.token(Kind::LeftDelim);
        self.inside_action = true;
        self.pos += marker;
        self.ignore();
        self.paren_depth = 0;
        Step::Token(token)
    }

    fn comment(&mut self) -> Step<'t> {
        self.pos += LEFT_COMMENT.len();
        let Some(end) = find(self.rest(), RIGHT_COMMENT) else {
            return self.fail("unclosed comment");
        };
        self.pos += end + RIGHT_COMMENT.len();
        let (delim, trim) = self.at_right_delim();
        if !delim {
            return self.fail("comment ends before closing delimiter");
        }
        self.line += newlines(&self.input[self.start..self.pos]);
        self.start = self.pos;
        self.start_line = self.line;
        if trim {
            self.pos += TRIM_MARKER;
        }
        self.pos += RIGHT.len();
        if trim {
            self.pos += blanks_at_start(self.rest());
        }
        self.ignore();
        Step::Text
    }

    fn right_delim(&mut self) -> Step<'t> {
        let (_, trim) = self.at_right_delim();
        if trim {
            self.pos += TRIM_MARKER;
            self.ignore();
        }
        self.pos += RIGHT.len();
        let token = self.token(Kind::RightDelim);
        if trim {
            self.pos += blanks_at_start(self.rest());
            self.ignore();
        }
        self.inside_action = false;
        Step::Token(token)
    }

    fn inside_action(&mut self) -> Step<'t> {
        if self.at_right_delim().0 {
            if self.paren_depth == 0 {
                return Step::RightDelim;
            }
            return self.fail("unclosed left paren");
        }
        let Some(c) = self.next() else {
            return self.fail("unclosed action");
        };
        match c {
            c if is_space(c) => {
                // It may belong to a trim marker.
                self.backup();
                self.space()
            }
            '=' => self.emit(Kind::Assign),
            ':' => {
                if self.next() == Some('=') {
                    self.emit(Kind::Declare)
                } else {
                    self.fail("expected :=")
                }
            }
            '|' => self.emit(Kind::Pipe),
            '"' => self.quoted('"', Kind::String, "unterminated quoted string"),
            '`' => self.raw_quoted(),
            '$' => self.variable(),
            '\'' => self.quoted('\'', Kind::CharConstant, "unterminated character constant"),
            '.' if self.rest().first().is_some_and(|b| !b.is_ascii_digit()) => {
                self.field_or_variable(Kind::Field)
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.backup();
                self.number()
            }
            c if is_alphanumeric(c) => {
                self.backup();
                self.identifier()
            }
            '(' => {
                self.paren_depth += 1;
                self.emit(Kind::LeftParen)
            }
            ')' => {
                if self.paren_depth == 0 {
                    return self.fail("unexpected right paren");
                }
                self.paren_depth -= 1;
                self.emit(Kind::RightParen)
            }
            c if c.is_ascii() && unicode::is_print(c) => self.emit(Kind::Char),
            c => self.fail(format!("unrecognized character in action: {}", sharp_u(c))),
        }
    }

    fn space(&mut self) -> Step<'t> {
        let mut spaces = 0;
        while self.peek().is_some_and(is_space) {
            self.next();
            spaces += 1;
        }
        // The last blank may belong to a trim marker.
        let last = &self.input[self.pos - 1..];
        if has_right_trim_marker(last) && last[TRIM_MARKER..].starts_with(RIGHT) {
            self.backup();
            if spaces == 1 {
                return Step::RightDelim;
            }
        }
        self.emit(Kind::Space)
    }

    fn identifier(&mut self) -> Step<'t> {
        let mut last;
        loop {
            last = self.next();
            if !last.is_some_and(is_alphanumeric) {
                break;
            }
        }
        self.backup();
        let word = &self.input[self.start..self.pos];
        if !self.at_terminator() {
            return self.fail(format!("bad character {}", last.map(sharp_u).unwrap_or_default()));
        }
        let kind = match Kind::keyword(word) {
            Some(Kind::Break) if !self.break_is_keyword => Kind::Identifier,
            Some(Kind::Continue) if !self.continue_is_keyword => Kind::Identifier,
            Some(keyword) => keyword,
            None if word == b"true" || word == b"false" => Kind::Bool,
            None => Kind::Identifier,
        };
        self.emit(kind)
    }

    fn variable(&mut self) -> Step<'t> {
        if self.at_terminator() {
            return self.emit(Kind::Variable);
        }
        self.field_or_variable(Kind::Variable)
    }

    /// A `.name` or `$name`; the dot or dollar is read.
    fn field_or_variable(&mut self, kind: Kind) -> Step<'t> {
        if self.at_terminator() {
            return self.emit(if kind == Kind::Variable {
                Kind::Variable
            } else {
                Kind::Dot
            });
        }
        let mut last;
        loop {
            last = self.next();
            if !last.is_some_and(is_alphanumeric) {
                self.backup();
                break;
            }
        }
        if !self.at_terminator() {
            return self.fail(format!("bad character {}", last.map(sharp_u).unwrap_or_default()));
        }
        self.emit(kind)
    }

    /// Whether what follows may stand directly behind a word.
    fn at_terminator(&mut self) -> bool {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(c) => is_space(c) || self.rest().starts_with(RIGHT),
        }
    }

    /// A string or character constant; the opening quote is read. The parser looks at what is inside.
    fn quoted(&mut self, quote: char, kind: Kind, unterminated: &str) -> Step<'t> {
        loop {
            match self.next() {
                Some('\\') if self.next().is_some_and(|c| c != '\n') => {}
                None | Some('\n' | '\\') => return self.fail(unterminated),
                Some(c) if c == quote => return self.emit(kind),
                Some(_) => {}
            }
        }
    }

    fn raw_quoted(&mut self) -> Step<'t> {
        loop {
            match self.next() {
                None => return self.fail("unterminated raw quoted string"),
                Some('`') => return self.emit(Kind::RawString),
                Some(_) => {}
            }
        }
    }

    fn number(&mut self) -> Step<'t> {
        if !self.scan_number() {
            return self.bad_number();
        }
        if matches!(self.peek(), Some('+' | '-')) {
            if !self.scan_number() || self.input[self.pos - 1] != b'i' {
                return self.bad_number();
            }
            return self.emit(Kind::Complex);
        }
        self.emit(Kind::Number)
    }

    fn bad_number(&mut self) -> Step<'t> {
        let text = quoted(&self.input[self.start..self.pos]);
        self.fail(format!("bad number syntax: {text}"))
    }

    fn scan_number(&mut self) -> bool {
        const DECIMAL: &str = "0123456789_";
        const HEX: &str = "0123456789abcdefABCDEF_";
        self.accept("+-");
        let mut digits = DECIMAL;
        if self.accept("0") {
            if self.accept("xX") {
                digits = HEX;
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        if digits == DECIMAL && self.accept("eE") || digits == HEX && self.accept("pP") {
            self.accept("+-");
            self.accept_run(DECIMAL);
        }
        self.accept("i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || unicode::is_letter(c) || unicode::is_digit(c)
}

fn is_space_byte(b: u8) -> bool {
    is_space(char::from(b))
}

fn has_left_trim_marker(s: &[u8]) -> bool {
    matches!(s, [b'-', space, ..] if is_space_byte(*space))
}

fn has_right_trim_marker(s: &[u8]) -> bool {
    matches!(s, [space, b'-', ..] if is_space_byte(*space))
}

fn blanks_at_end(s: &[u8]) -> usize {
    s.iter().rev().take_while(|b| is_space_byte(**b)).count()
}

fn blanks_at_start(s: &[u8]) -> usize {
    s.iter().take_while(|b| is_space_byte(**b)).count()
}

pub(super) fn newlines(s: &[u8]) -> usize {
    s.split(|&b| b == b'\n').count() - 1
}

fn find(s: &[u8], pattern: &[u8]) -> Option<usize> {
    let first = *pattern.first()?;
    let mut from = 0;
    while let Some(at) = s.get(from..)?.iter().position(|&b| b == first) {
        if s[from + at..].starts_with(pattern) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// `%#U`
fn sharp_u(c: char) -> String {
    let code = Value::from(u32::from(c) as i32);
    format::sprintf(b"%#U", &[code])
        .map(|text| text.to_string())
        .unwrap_or_default()
}
