//! Strings and bytes: `%s %q %x %X`.

use super::Printer;
use crate::strconv;
use crate::unicode;
use crate::value::Value;

impl Printer {
    pub(super) fn fmt_string(&mut self, s: &[u8], verb: char, shown: Option<&Value>) {
        match verb {
            'v' if self.flags.sharp_v => self.fmt_q(s),
            'v' | 's' => self.fmt_s(s),
            'x' | 'X' => self.fmt_hex(s, verb),
            'q' => self.fmt_q(s),
            _ => self.bad_verb(verb, shown),
        }
    }

    pub(super) fn fmt_s(&mut self, s: &[u8]) {
        self.pad(self.truncated(s));
    }

    pub(super) fn fmt_q(&mut self, s: &[u8]) {
        let s = self.truncated(s);
        if !self.reserve(s.len()) {
            return;
        }
        if self.flags.sharp && strconv::can_backquote(s) {
            self.pad(&[b"`", s, b"`"].concat());
        } else if self.flags.plus {
            self.pad(&strconv::quote_to_ascii(s));
        } else {
            self.pad(&strconv::quote(s));
        }
    }

    /// The precision cuts off characters.
    fn truncated<'s>(&self, s: &'s [u8]) -> &'s [u8] {
        let Some(precision) = self.flags.precision else {
            return s;
        };
        unicode::chars(s).nth(precision).map_or(s, |(at, _, _)| &s[..at])
    }

    /// Two digits a byte; with a blank between bytes and `0x` before them by flags.
    pub(super) fn fmt_hex(&mut self, s: &[u8], verb: char) {
        let length = self
            .flags
            .precision
            .map_or(s.len(), |precision| precision.min(s.len()));
        let width = self.flags.width.unwrap_or(0);
        if length == 0 {
            self.write_padding(width);
            return;
        }
        let mut encoded = 2 * length;
        if self.flags.space {
            if self.flags.sharp {
                encoded *= 2;
            }
            encoded += length - 1;
        } else if self.flags.sharp {
            encoded += 2;
        }
        let padding = width.saturating_sub(encoded);
        if !self.flags.minus {
            self.write_padding(padding);
        }
        if self.reserve(encoded) {
            let (prefix, digits) = if verb == 'X' {
                (b"0X", b"0123456789ABCDEF")
            } else {
                (b"0x", b"0123456789abcdef")
            };
            for (i, b) in s[..length].iter().enumerate() {
                if self.flags.space && i > 0 {
                    self.out.push(b' ');
                }
                if self.flags.sharp && (i == 0 || self.flags.space) {
                    self.out.extend_from_slice(prefix);
                }
                self.out.push(digits[usize::from(b >> 4)]);
                self.out.push(digits[usize::from(b & 15)]);
            }
        }
        if self.flags.minus {
            self.write_padding(padding);
        }
    }
}
