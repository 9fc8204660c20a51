//! Which styles a scalar's characters allow: `yaml_emitter_analyze_scalar` of go-yaml.

use super::Style;
use crate::yaml::chars::{break_len, char_len, is_blank, is_blank_or_end};
use crate::yaml::resolve::Dialect;

#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each style is allowed or not by itself"
)]
pub(super) struct Analysis {
    /// There is a line break of any kind.
    pub(super) multiline: bool,
    plain_allowed: bool,
    single_quoted_allowed: bool,
    literal_allowed: bool,
}

impl Analysis {
    pub(super) fn new(text: &str, dialect: Dialect) -> Self {
        let bytes = text.as_bytes();
        if is_harmless(bytes) {
            return Self {
                multiline: false,
                plain_allowed: true,
                single_quoted_allowed: true,
                literal_allowed: true,
            };
        }
        let mut seen = Seen {
            indicators: bytes.starts_with(b"---") || bytes.starts_with(b"..."),
            ..Seen::default()
        };
        seen.look_at(bytes, dialect);
        let edges = seen.leading_space || seen.leading_break || seen.trailing_space || seen.trailing_break;
        let unquotable = seen.break_space || seen.space_break || seen.special || seen.tab;
        Self {
            multiline: seen.breaks,
            plain_allowed: !(edges || unquotable || seen.breaks || seen.indicators),
            single_quoted_allowed: !unquotable,
            literal_allowed: !(bytes.is_empty() || seen.trailing_space || seen.space_break || seen.special),
        }
    }

    /// The style nearest to the wanted one that can hold the text.
    pub(super) fn allowed_style(self, wanted: Style, simple_key: bool) -> Style {
        match wanted {
            Style::Plain if self.plain_allowed => Style::Plain,
            Style::Plain | Style::SingleQuoted if self.single_quoted_allowed => Style::SingleQuoted,
            Style::Literal if self.literal_allowed && !simple_key => Style::Literal,
            Style::Plain | Style::SingleQuoted | Style::DoubleQuoted | Style::Literal => Style::DoubleQuoted,
        }
    }
}

/// Only letters, digits and `_ . /`, perhaps with `-` inside: nothing to analyse.
fn is_harmless(bytes: &[u8]) -> bool {
    match bytes {
        [first, rest @ ..] => {
            (first.is_ascii_alphanumeric() || *first == b'/')
                && rest
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
        }
        [] => false,
    }
}

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "findings of one sweep, each with its own name in go-yaml"
)]
struct Seen {
    indicators: bool,
    breaks: bool,
    special: bool,
    /// Only set in v3, where a tab is not special.
    tab: bool,
    leading_space: bool,
    leading_break: bool,
    trailing_space: bool,
    trailing_break: bool,
    break_space: bool,
    space_break: bool,
}

impl Seen {
    fn look_at(&mut self, bytes: &[u8], dialect: Dialect) {
        let mut after_whitespace = true;
        let mut after_space = false;
        let mut after_break = false;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let rest = bytes.get(at..).unwrap_or_default();
            let width = char_len(byte);
            let is_last = rest.len() <= width;
            let before_blank = is_last || rest.get(width).is_some_and(|&next| is_blank(next));
            self.indicators |= match byte {
                b'#' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"'
                | b'%' | b'@' | b'`'
                    if at == 0 =>
                {
                    true
                }
                b'?' | b'-' if at == 0 => before_blank,
                b':' => before_blank,
                b'#' => after_whitespace,
                _ => false,
            };
            if byte == b'\t' && dialect == Dialect::V3 {
                self.tab = true;
            } else if !is_printable(rest) {
                self.special = true;
            }
            let is_break = break_len(rest) > 0;
            if byte == b' ' {
                self.leading_space |= at == 0;
                self.trailing_space |= is_last;
                self.break_space |= after_break;
            } else if is_break {
                self.breaks = true;
                self.leading_break |= at == 0;
                self.trailing_break |= is_last;
                self.space_break |= after_space;
            }
            after_space = byte == b' ';
            after_break = is_break;
            after_whitespace = is_blank_or_end(rest);
            at += width;
        }
    }
}

/// The character at the start of `rest` may be written as it is. Characters beyond the BMP may not.
pub(super) fn is_printable(rest: &[u8]) -> bool {
    match rest {
        [b'\n' | b' '..=b'~' | 0xC3..=0xEC | 0xEE, ..] => true,
        [0xC2, next, ..] => *next >= 0xA0,
        [0xED, next, ..] => *next < 0xA0,
        [0xEF, second, third, ..] => !matches!((second, third), (0xBB, 0xBF) | (0xBF, 0xBE | 0xBF)),
        _ => false,
    }
}
