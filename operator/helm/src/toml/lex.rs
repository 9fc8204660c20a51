//! Characters of a TOML text, and where an error is: the lower half of `lex.go`.
//!
//! Go's lexer steps forth and back, and its errors tell the line of the last step. So a place here is a position, a line
//! and whether the end was stepped over.

use gotemplate::strconv::{quote, quote_char};
use gotemplate::unicode::decode;

use crate::json::go_lossy;

/// An error and its line.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) line: i64,
    pub(super) message: String,
}

pub(super) type Lex<T> = Result<T, Problem>;

#[derive(Debug, Clone)]
pub(super) struct Cursor<'t> {
    text: &'t [u8],
    pub(super) pos: usize,
    pub(super) line: i64,
    /// The last step met the end.
    at_end: bool,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            pos: 0,
            line: 1,
            at_end: false,
        }
    }

    /// Steps over a character; `None` at the end.
    pub(super) fn next(&mut self) -> Lex<Option<char>> {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let Some((character, width)) = decode(rest) else {
            self.at_end = true;
            return Ok(None);
        };
        if character == '\n' {
            self.line += 1;
        }
        if character == char::REPLACEMENT_CHARACTER && width == 1 {
            let byte = rest.first().copied().unwrap_or_default();
            return Err(self.problem_here(format!("invalid UTF-8 byte: 0x{byte:02x}")));
        }
        let stray_return = character == '\r' && rest.get(1) != Some(&b'\n');
        if stray_return || (character.is_ascii_control() && !matches!(character, '\t' | '\n' | '\r')) {
            let code = u32::from(character);
            return Err(self.problem_here(format!(
                "TOML files cannot contain control characters: '0x{code:02x}'"
            )));
        }
        self.pos += width;
        Ok(Some(character))
    }

    /// Steps back over the last character, which is ASCII or was the end.
    pub(super) fn back(&mut self) {
        if std::mem::take(&mut self.at_end) {
            return;
        }
        self.pos = self.pos.saturating_sub(1);
        if self.text.get(self.pos) == Some(&b'\n') {
            self.line -= 1;
        }
    }

    /// The next character, not stepped over.
    pub(super) fn peek(&mut self) -> Lex<Option<char>> {
        let before = self.clone();
        let found = self.next();
        if found.is_ok() {
            *self = before;
        }
        found
    }

    /// Steps over `wanted`, if it is next.
    pub(super) fn accept(&mut self, wanted: char) -> Lex<bool> {
        let found = self.peek()? == Some(wanted);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    pub(super) fn skip_blanks(&mut self) -> Lex<()> {
        while matches!(self.peek()?, Some(' ' | '\t')) {
            self.next()?;
        }
        Ok(())
    }

    /// Steps to the end of the line.
    pub(super) fn skip_comment(&mut self) -> Lex<()> {
        while !matches!(self.peek()?, None | Some('\n' | '\r')) {
            self.next()?;
        }
        Ok(())
    }

    /// The text from a place up to here.
    pub(super) fn since(&self, start: usize) -> &'t [u8] {
        self.text.get(start..self.pos).unwrap_or_default()
    }

    /// An error at this place: one line up where the text ended right after a line break.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        let after_break = self.pos.checked_sub(1).and_then(|last| self.text.get(last)) == Some(&b'\n');
        let line = if self.at_end && after_break {
            self.line - 1
        } else {
            self.line
        };
        Problem {
            line,
            message: message.into(),
        }
    }

    /// An error that Go wants on the line before: a line break was met.
    pub(super) fn problem_above(&self, message: impl Into<String>) -> Problem {
        Problem {
            line: self.line - 1,
            message: message.into(),
        }
    }

    /// An error of the kind for which Go makes no difference between lines, except at the end.
    pub(super) fn problem_here(&self, message: String) -> Problem {
        let line = if self.at_end { self.line - 1 } else { self.line };
        Problem { line, message }
    }
}

/// A character as `%q` prints it; the end is NUL.
pub(super) fn quoted(character: Option<char>) -> String {
    go_lossy(&quote_char(character.unwrap_or('\0'))).into_owned()
}

/// A string as `%q` prints it.
pub(super) fn quoted_text(text: &[u8]) -> String {
    go_lossy(&quote(text)).into_owned()
}

/// A character as errors about separators print it.
pub(super) fn shown(character: Option<char>) -> String {
    character.map_or_else(|| "end of file".to_owned(), |character| format!("'{character}'"))
}
