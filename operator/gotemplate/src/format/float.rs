//! Floats: `%e %E %f %F %g %G %b %x %X`.

use super::Printer;
use crate::strconv::{FloatFormat, append_float};
use crate::value::Value;

impl Printer {
    pub(super) fn fmt_float(&mut self, value: f64, verb: char, shown: &Value) {
        let (format, precision) = match verb {
            'v' | 'g' => (FloatFormat::General, None),
            'G' => (FloatFormat::UpperGeneral, None),
            'b' => (FloatFormat::Binary, None),
            'x' => (FloatFormat::Hex, None),
            'X' => (FloatFormat::UpperHex, None),
            'f' | 'F' => (FloatFormat::Fixed, Some(6)),
            'e' => (FloatFormat::Exponent, Some(6)),
            'E' => (FloatFormat::UpperExponent, Some(6)),
            _ => return self.bad_verb(verb, Some(shown)),
        };
        let precision = self.flags.precision.or(precision);
        if !self.reserve(precision.unwrap_or(0)) {
            return;
        }

        // The text always begins with a sign.
        let mut text = vec![b'+'];
        append_float(&mut text, value, format, precision);
        if matches!(text.get(1), Some(b'-' | b'+')) {
            text.remove(0);
        }
        if self.flags.space && text[0] == b'+' && !self.flags.plus {
            text[0] = b' ';
        }
        // Infinities and NaN are no numbers to pad with zeros.
        if matches!(text.get(1), Some(b'I' | b'N')) {
            if text[1] == b'N' && !self.flags.space && !self.flags.plus {
                text.remove(0);
            }
            return self.pad_with_blanks(&text);
        }
        if self.flags.sharp && format != FloatFormat::Binary {
            self.keep_zeros(&mut text, verb, precision);
        }
        if self.flags.plus || text[0] != b'+' {
            if let Some(width) = self.flags.width
                && self.flags.zero
                && !self.flags.minus
                && width > text.len()
            {
                // The sign goes before the zeros.
                self.write(&text[..1]);
                self.write_padding(width - text.len());
                self.write(&text[1..]);
                return;
            }
            return self.pad(&text);
        }
        self.pad(&text[1..]);
    }

    /// The `#` flag: always a point, and trailing zeros up to the precision.
    fn keep_zeros(&mut self, text: &mut Vec<u8>, verb: char, precision: Option<usize>) {
        let hex = matches!(verb, 'x' | 'X');
        let mut digits = match verb {
            'v' | 'g' | 'G' | 'x' => precision.unwrap_or(6) as i64,
            _ => 0,
        };
        let end = text
            .iter()
            .position(|&b| matches!(b, b'p' | b'P') || !hex && matches!(b, b'e' | b'E'));
        let tail = end.map(|end| text.split_off(end)).unwrap_or_default();
        let mut point = false;
        let mut significant = false;
        for &b in &text[1..] {
            if b == b'.' {
                point = true;
                continue;
            }
            significant |= b != b'0';
            if significant {
                digits -= 1;
            }
        }
        if !point {
            if text[1..] == *b"0" {
                digits -= 1;
            }
            text.push(b'.');
        }
        if let Ok(zeros) = usize::try_from(digits)
            && self.reserve(zeros)
        {
            text.resize(text.len() + zeros, b'0');
        }
        text.extend_from_slice(&tail);
    }
}
