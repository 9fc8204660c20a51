//! Writing the characters of a scalar in one of the four styles.

use super::analysis::is_printable;
use super::{Emitter, Style, WIDTH};
use crate::yaml::chars::{break_len, char_len, is_blank};
use crate::yaml::resolve::Dialect;

impl Emitter {
    /// Writes a scalar. `may_fold`: long lines may be broken, which keys never are.
    pub(super) fn write_scalar(&mut self, text: &str, style: Style, may_fold: bool) {
        // v3 has no width.
        let may_fold = may_fold && self.dialect == Dialect::V2;
        match style {
            Style::Plain => self.write_plain(text, may_fold),
            Style::SingleQuoted => self.write_single_quoted(text, may_fold),
            Style::DoubleQuoted => self.write_double_quoted(text, may_fold),
            Style::Literal => self.write_literal(text),
        }
    }

    /// A plain scalar has no line breaks.
    fn write_plain(&mut self, text: &str, may_fold: bool) {
        if !self.whitespace {
            self.put(" ");
        }
        if may_fold && self.column + text.len() > WIDTH && text.contains(' ') {
            let mut after_space = false;
            for (at, character) in text.char_indices() {
                let next_is_space = text.as_bytes().get(at + 1) == Some(&b' ');
                if character == ' ' && !after_space && self.column > WIDTH && !next_is_space {
                    self.write_indent(self.scalar_indent());
                } else {
                    self.put_char(character);
                }
                after_space = character == ' ';
            }
        } else {
            self.put(text);
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn write_single_quoted(&mut self, text: &str, may_fold: bool) {
        self.write_indicator("'", true, false);
        let bytes = text.as_bytes();
        let mut after_space = false;
        let mut after_break = false;
        for (at, character) in text.char_indices() {
            if character == ' ' {
                let inside = at > 0 && at + 1 < bytes.len() && bytes.get(at + 1) != Some(&b' ');
                if may_fold && !after_space && self.column > WIDTH && inside {
                    self.write_indent(self.scalar_indent());
                } else {
                    self.put_char(character);
                }
                after_space = true;
            } else if break_len(bytes.get(at..).unwrap_or_default()) > 0 {
                if !after_break && character == '\n' {
                    self.put_break();
                }
                self.put_line_break(character);
                self.indention = true;
                after_break = true;
            } else {
                if after_break {
                    self.write_indent(self.scalar_indent());
                }
                if character == '\'' {
                    self.put("'");
                }
                self.put_char(character);
                self.indention = false;
                after_space = false;
                after_break = false;
            }
        }
        self.write_indicator("'", false, false);
    }

    fn write_double_quoted(&mut self, text: &str, may_fold: bool) {
        self.write_indicator("\"", true, false);
        let bytes = text.as_bytes();
        // Go asks whether the text begins with a byte order mark where it means the character.
        let escape_all = text.starts_with('\u{FEFF}');
        let mut after_space = false;
        for (at, character) in text.char_indices() {
            let rest = bytes.get(at..).unwrap_or_default();
            let escape =
                escape_all || !is_printable(rest) || break_len(rest) > 0 || matches!(character, '"' | '\\');
            if escape {
                self.put_escape(character);
                after_space = false;
            } else if character == ' ' {
                if may_fold && !after_space && self.column > WIDTH && at > 0 && at + 1 < bytes.len() {
                    self.write_indent(self.scalar_indent());
                    if bytes.get(at + 1) == Some(&b' ') {
                        self.put("\\");
                    }
                } else {
                    self.put_char(character);
                }
                after_space = true;
            } else {
                self.put_char(character);
                after_space = false;
            }
        }
        self.write_indicator("\"", false, false);
    }

    fn put_escape(&mut self, character: char) {
        let code = u32::from(character);
        let short = match character {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{B}' => 'v',
            '\u{C}' => 'f',
            '\r' => 'r',
            '\u{1B}' => 'e',
            '"' | '\\' => character,
            '\u{85}' => 'N',
            '\u{A0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            '\u{1}'..='\u{FF}' => return self.put(&format!("\\x{code:02X}")),
            '\u{100}'..='\u{FFFF}' => return self.put(&format!("\\u{code:04X}")),
            '\u{10000}'..='\u{10FFFF}' => return self.put(&format!("\\U{code:08X}")),
        };
        self.put("\\");
        self.put_char(short);
    }

    fn write_literal(&mut self, text: &str) {
        self.write_indicator("|", true, false);
        self.write_literal_hints(text);
        self.put_break();
        self.indention = true;
        self.whitespace = true;
        let mut after_break = true;
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            if break_len(rest.as_bytes()) > 0 {
                self.put_line_break(character);
                self.indention = true;
                after_break = true;
                rest = rest.get(character.len_utf8()..).unwrap_or_default();
                continue;
            }
            if after_break {
                self.write_indent(self.scalar_indent());
            }
            let len = line_len(rest.as_bytes());
            let (line, tail) = rest.split_at(len);
            self.put(line);
            self.indention = false;
            after_break = false;
            rest = tail;
        }
    }

    /// The indentation indicator, needed when the text begins with a blank or break, and the chomping indicator.
    fn write_literal_hints(&mut self, text: &str) {
        let bytes = text.as_bytes();
        if bytes.first().is_some_and(|&byte| byte == b' ') || break_len(bytes) > 0 {
            self.write_indicator("2", false, false);
        }
        let mut from_end = text.chars().rev();
        match (
            from_end.next().is_some_and(is_break_char),
            from_end.next().map(is_break_char),
        ) {
            (false, _) => self.write_indicator("-", false, false),
            (true, None | Some(true)) => self.write_indicator("+", false, false),
            (true, Some(false)) => {}
        }
    }

    fn put_char(&mut self, character: char) {
        self.out.push(character);
        self.column += 1;
    }

    /// Writes a line break of the text; the ones of Unicode stay as they are.
    fn put_line_break(&mut self, character: char) {
        self.out.push(character);
        self.column = 0;
    }
}

/// CR stands alone here: the emitter looks at one character.
fn is_break_char(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Bytes up to the next line break.
fn line_len(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if !is_blank(byte) && break_len(bytes.get(at..).unwrap_or_default()) > 0 {
            break;
        }
        at += char_len(byte);
    }
    at
}
