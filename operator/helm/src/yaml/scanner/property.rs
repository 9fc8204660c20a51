//! Directives, anchors, aliases and tags.

use super::{Scanner, Tag, TagDirective, Token, TokenKind};
use crate::yaml::chars::{is_break_or_end, is_uri, is_word};
use crate::yaml::cursor::Scan;

/// Version numbers of `%YAML` have at most two digits.
const MAX_VERSION_DIGITS: usize = 2;

impl<'a> Scanner<'a> {
    pub(super) fn scan_directive(&mut self) -> Scan<Token<'a>> {
        let line = self.cursor.mark.line;
        self.cursor.skip();
        let name = self.scan_word()?;
        if name.is_empty() {
            return self.cursor.problem("could not find expected directive name");
        }
        if !self.cursor.is_blank_or_end(0) {
            return self.cursor.problem("found unexpected non-alphabetical character");
        }
        let kind = match name {
            "YAML" => self.scan_version()?,
            "TAG" => self.scan_tag_directive()?,
            _ => return self.cursor.problem("found unknown directive name"),
        };
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
        Ok(Token { kind, line })
    }

    fn scan_word(&mut self) -> Scan<&'a str> {
        let from = self.cursor.pos;
        self.cursor.need(1)?;
        while is_word(self.cursor.at(0)) {
            self.cursor.skip();
            self.cursor.need(1)?;
        }
        Ok(self.cursor.slice(from, self.cursor.pos))
    }

    fn scan_version(&mut self) -> Scan<TokenKind<'a>> {
        self.cursor.skip_blanks()?;
        let major = self.scan_version_number()?;
        if self.cursor.at(0) != b'.' {
            return self
                .cursor
                .problem("did not find expected digit or '.' character");
        }
        self.cursor.skip();
        let minor = self.scan_version_number()?;
        Ok(TokenKind::VersionDirective { major, minor })
    }

    fn scan_version_number(&mut self) -> Scan<u8> {
        self.cursor.need(1)?;
        let mut value = 0;
        let mut digits = 0;
        while self.cursor.at(0).is_ascii_digit() {
            digits += 1;
            if digits > MAX_VERSION_DIGITS {
                return self.cursor.problem("found extremely long version number");
            }
            value = value * 10 + (self.cursor.at(0) - b'0');
            self.cursor.skip();
            self.cursor.need(1)?;
        }
        if digits == 0 {
            return self.cursor.problem("did not find expected version number");
        }
        Ok(value)
    }

    fn scan_tag_directive(&mut self) -> Scan<TokenKind<'a>> {
        self.cursor.skip_blanks()?;
        let handle = self.scan_tag_handle(true)?.to_owned();
        self.cursor.need(1)?;
        if !crate::yaml::chars::is_blank(self.cursor.at(0)) {
            return self.cursor.problem("did not find expected whitespace");
        }
        self.cursor.skip_blanks()?;
        let prefix = self.scan_tag_uri(None)?;
        self.cursor.need(1)?;
        if !self.cursor.is_blank_or_end(0) {
            return self
                .cursor
                .problem("did not find expected whitespace or line break");
        }
        Ok(TokenKind::TagDirective(Box::new(TagDirective { handle, prefix })))
    }

    pub(super) fn scan_anchor(&mut self, alias: bool) -> Scan<Token<'a>> {
        let line = self.cursor.mark.line;
        self.cursor.skip();
        let name = self.scan_word()?;
        let ends_well = self.cursor.is_blank_or_end(0)
            || matches!(
                self.cursor.at(0),
                b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`'
            );
        if name.is_empty() || !ends_well {
            return self
                .cursor
                .problem("did not find expected alphabetic or numeric character");
        }
        let kind = if alias {
            TokenKind::Alias(name)
        } else {
            TokenKind::Anchor(name)
        };
        Ok(Token { kind, line })
    }

    pub(super) fn scan_tag(&mut self) -> Scan<Token<'a>> {
        let line = self.cursor.mark.line;
        self.cursor.need(2)?;
        let tag = if self.cursor.at(1) == b'<' {
            self.cursor.skip();
            self.cursor.skip();
            let suffix = self.scan_tag_uri(None)?;
            if self.cursor.at(0) != b'>' {
                return self.cursor.problem("did not find the expected '>'");
            }
            self.cursor.skip();
            Tag {
                handle: String::new(),
                suffix,
            }
        } else {
            let handle = self.scan_tag_handle(false)?;
            if handle.len() > 1 && handle.ends_with('!') {
                Tag {
                    handle: handle.to_owned(),
                    suffix: self.scan_tag_uri(None)?,
                }
            } else {
                // It was the beginning of `!suffix`.
                match self.scan_tag_uri(Some(handle))? {
                    suffix if suffix.is_empty() => Tag {
                        handle: String::new(),
                        suffix: "!".to_owned(),
                    },
                    suffix => Tag {
                        handle: "!".to_owned(),
                        suffix,
                    },
                }
            }
        };
        self.cursor.need(1)?;
        if !self.cursor.is_blank_or_end(0) {
            return self
                .cursor
                .problem("did not find expected whitespace or line break");
        }
        Ok(Token {
            kind: TokenKind::Tag(Box::new(tag)),
            line,
        })
    }

    /// Reads `!`, `!!` or `!word!`; or `!word`, which is no handle (and an error in a directive).
    fn scan_tag_handle(&mut self, directive: bool) -> Scan<&'a str> {
        self.cursor.need(1)?;
        if self.cursor.at(0) != b'!' {
            return self.cursor.problem("did not find expected '!'");
        }
        let from = self.cursor.pos;
        self.cursor.skip();
        let word = self.scan_word()?;
        if self.cursor.at(0) == b'!' {
            self.cursor.skip();
        } else if directive && !word.is_empty() {
            return self.cursor.problem("did not find expected '!'");
        }
        Ok(self.cursor.slice(from, self.cursor.pos))
    }

    /// Reads the rest of a tag; `head` is what was taken for a handle, and its `!` is left out.
    fn scan_tag_uri(&mut self, head: Option<&str>) -> Scan<String> {
        let mut uri: Vec<u8> = head
            .and_then(|head| head.get(1..))
            .unwrap_or_default()
            .as_bytes()
            .to_vec();
        let mut found = head.is_some();
        self.cursor.need(1)?;
        while is_uri(self.cursor.at(0)) {
            if self.cursor.at(0) == b'%' {
                self.scan_uri_escapes(&mut uri)?;
            } else {
                uri.push(self.cursor.at(0));
                self.cursor.skip();
            }
            self.cursor.need(1)?;
            found = true;
        }
        if !found {
            return self.cursor.problem("did not find expected tag URI");
        }
        // Escapes can spell bytes that are not UTF-8. Tags are only compared and printed.
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    /// Reads the `%XX` of one UTF-8 character.
    fn scan_uri_escapes(&mut self, uri: &mut Vec<u8>) -> Scan<()> {
        let mut left = None;
        while left != Some(0) {
            self.cursor.need(3)?;
            let digit = |at: usize| char::from(self.cursor.at(at)).to_digit(16);
            let (b'%', Some(high), Some(low)) = (self.cursor.at(0), digit(1), digit(2)) else {
                return self.cursor.problem("did not find URI escaped octet");
            };
            let octet = (high << 4 | low) as u8;
            left = match left {
                None => Some(match octet {
                    0x00..0x80 => 0,
                    0xC0..0xE0 => 1,
                    0xE0..0xF0 => 2,
                    0xF0..0xF8 => 3,
                    _ => return self.cursor.problem("found an incorrect leading UTF-8 octet"),
                }),
                Some(_) if octet & 0xC0 != 0x80 => {
                    return self.cursor.problem("found an incorrect trailing UTF-8 octet");
                }
                Some(left) => Some(left - 1),
            };
            uri.push(octet);
            for _ in 0..3 {
                self.cursor.skip();
            }
        }
        Ok(())
    }
}
