//! Integers: `%d %b %o %O %x %X %c %q %U`.

use super::Printer;
use crate::strconv;
use crate::unicode;
use crate::value::Value;

impl Printer {
    /// An integer of type `shown`, for verbs that integers have.
    pub(super) fn fmt_integer(&mut self, bits: u64, signed: bool, verb: char, shown: &Value) {
        match verb {
            'v' if self.flags.sharp_v && !signed => self.fmt_0x(bits, true),
            'v' | 'd' => self.digits(bits, 10, signed, verb),
            'b' => self.digits(bits, 2, signed, verb),
            'o' | 'O' => self.digits(bits, 8, signed, verb),
            'x' | 'X' => self.digits(bits, 16, signed, verb),
            'c' => self.pad(char_of(bits).encode_utf8(&mut [0; 4]).as_bytes()),
            'q' => {
                let c = char_of(bits);
                let quoted = if self.flags.plus {
                    strconv::quote_char_to_ascii(c)
                } else {
                    strconv::quote_char(c)
                };
                self.pad(&quoted);
            }
            'U' => self.fmt_unicode(bits),
            _ => self.bad_verb(verb, Some(shown)),
        }
    }

    /// Hexadecimal, with `0x` or without.
    pub(super) fn fmt_0x(&mut self, bits: u64, leading: bool) {
        let sharp = std::mem::replace(&mut self.flags.sharp, leading);
        self.digits(bits, 16, false, 'v');
        self.flags.sharp = sharp;
    }

    fn digits(&mut self, bits: u64, base: u64, signed: bool, verb: char) {
        let negative = signed && (bits as i64) < 0;
        let mut left = if negative { bits.wrapping_neg() } else { bits };

        // Leading zeros come from a precision or, without one, from zero padding.
        let mut digits = 0;
        if let Some(precision) = self.flags.precision {
            digits = precision;
            if precision == 0 && left == 0 {
                let zero = std::mem::replace(&mut self.flags.zero, false);
                self.write_padding(self.flags.width.unwrap_or(0));
                self.flags.zero = zero;
                return;
            }
        } else if let Some(width) = self.flags.width
            && self.flags.zero
            && !self.flags.minus
        {
            digits = width;
            if negative || self.flags.plus || self.flags.space {
                digits = digits.saturating_sub(1);
            }
        }
        if !self.reserve(digits) {
            return;
        }

        // Right to left.
        let table = if verb == 'X' {
            b"0123456789ABCDEFX"
        } else {
            b"0123456789abcdefx"
        };
        let mut text = Vec::with_capacity(digits.max(20) + 4);
        loop {
            text.push(table[(left % base) as usize]);
            left /= base;
            if left == 0 {
                break;
            }
        }
        if digits > text.len() {
            text.resize(digits, b'0');
        }
        if self.flags.sharp {
            match base {
                2 => text.extend_from_slice(b"b0"),
                8 if text.last() != Some(&b'0') => text.push(b'0'),
                16 => text.extend_from_slice(&[table[16], b'0']),
                _ => {}
            }
        }
        if verb == 'O' {
            text.extend_from_slice(b"o0");
        }
        if negative {
            text.push(b'-');
        } else if self.flags.plus {
            text.push(b'+');
        } else if self.flags.space {
            text.push(b' ');
        }
        text.reverse();
        self.pad_with_blanks(&text);
    }

    /// `U+0078`, or `U+0078 'x'` with `#`.
    fn fmt_unicode(&mut self, bits: u64) {
        let precision = self.flags.precision.unwrap_or(4).max(4);
        if !self.reserve(precision) {
            return;
        }
        let mut text = format!("U+{bits:0precision$X}", precision = precision.min(20));
        if precision > 20 {
            text.insert_str(2, &"0".repeat(precision - 20));
        }
        if self.flags.sharp
            && let Some(c) = u32::try_from(bits).ok().and_then(char::from_u32)
            && unicode::is_print(c)
        {
            text.push_str(" '");
            text.push(c);
            text.push('\'');
        }
        self.pad_with_blanks(text.as_bytes());
    }
}

fn char_of(bits: u64) -> char {
    u32::try_from(bits)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or(unicode::REPLACEMENT)
}
