//! Numbers of schemas and values: exact decimals, as upstream's `big.Rat` makes of them.
//!
//! Comparison and divisibility are exact; nothing is ever computed in floating point except for error texts, where
//! upstream prints the nearest float with English grouping (`1,234.5`, `1.5×10⁰⁶`).

use std::cmp::Ordering;

/// Longest number that takes part in arithmetic, in digits. A longer one cannot come from YAML values.
pub(super) const MAX_DIGITS: usize = 2_000;
/// Largest power of ten that takes part in arithmetic.
const MAX_EXPONENT: i64 = 2_000;

/// `±digits × 10^exponent`, without leading or trailing zero digits; zero has no digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// Reads a JSON number or what Go prints for a number. `None`: no number, or beyond all bounds.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() || exponent.abs() > MAX_EXPONENT {
            return None;
        }
        let mut digits = Vec::with_capacity(whole.len() + fraction.len());
        for byte in whole.bytes().chain(fraction.bytes()) {
            digits.push(byte.is_ascii_digit().then(|| byte - b'0')?);
        }
        let mut exponent = exponent - i64::try_from(fraction.len()).ok()?;
        while digits.last() == Some(&0) {
            digits.pop();
            exponent += 1;
        }
        let zeros = digits.iter().take_while(|&&digit| digit == 0).count();
        digits.drain(..zeros);
        if digits.len() > MAX_DIGITS {
            return None;
        }
        if digits.is_empty() {
            return Some(Self {
                negative: false,
                digits,
                exponent: 0,
            });
        }
        Some(Self {
            negative,
            digits,
            exponent,
        })
    }

    pub(super) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// A text that equal numbers share.
    pub(super) fn key(&self) -> String {
        let digits: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        format!(
            "{}{digits}e{}",
            if self.negative { "-" } else { "" },
            self.exponent
        )
    }

    /// The value, if it is a whole number that fits.
    pub(super) fn to_usize(&self) -> Option<usize> {
        if !self.is_integer() || self.negative || self.exponent > 20 {
            return (!self.negative && self.is_integer()).then_some(usize::MAX);
        }
        let value = self.digits.iter().fold(0_usize, |value, &digit| {
            value.saturating_mul(10).saturating_add(usize::from(digit))
        });
        Some((0..self.exponent).fold(value, |value, _| value.saturating_mul(10)))
    }

    /// Whether `self / divisor` is a whole number. Upstream panics on zero, which the meta-schema rules out.
    pub(super) fn is_multiple_of(&self, divisor: &Self) -> bool {
        if divisor.digits.is_empty() {
            return false;
        }
        let exponent = self.exponent.min(divisor.exponent);
        let scaled = |number: &Self| -> Vec<u8> {
            let zeros = usize::try_from(number.exponent - exponent).unwrap_or_default();
            number
                .digits
                .iter()
                .copied()
                .chain(std::iter::repeat_n(0, zeros))
                .collect()
        };
        let divisor = scaled(divisor);
        let mut rest: Vec<u8> = Vec::new();
        for digit in scaled(self) {
            if !rest.is_empty() || digit != 0 {
                rest.push(digit);
            }
            while !less(&rest, &divisor) {
                subtract(&mut rest, &divisor);
            }
        }
        rest.is_empty()
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let magnitude = || {
            let length =
                |number: &Self| i64::try_from(number.digits.len()).unwrap_or(i64::MAX) + number.exponent;
            length(self)
                .cmp(&length(other))
                .then_with(|| self.digits.cmp(&other.digits))
        };
        match sign(self).cmp(&sign(other)) {
            Ordering::Equal if sign(self) == 0 => Ordering::Equal,
            Ordering::Equal if self.negative => magnitude().reverse(),
            Ordering::Equal => magnitude(),
            unequal => unequal,
        }
    }
}

/// Compares whole numbers without leading zeros.
fn less(left: &[u8], right: &[u8]) -> bool {
    left.len() < right.len() || (left.len() == right.len() && left < right)
}

/// `left -= right`, where `left` is not less.
fn subtract(left: &mut Vec<u8>, right: &[u8]) {
    let mut borrow = 0;
    let offset = left.len() - right.len();
    for index in (0..left.len()).rev() {
        let take = borrow + if index >= offset { right[index - offset] } else { 0 };
        (left[index], borrow) = if left[index] >= take {
            (left[index] - take, 0)
        } else {
            (left[index] + 10 - take, 1)
        };
    }
    let zeros = left.iter().take_while(|&&digit| digit == 0).count();
    left.drain(..zeros);
}

/// Go's `%v` of a float.
pub(super) fn go_float(number: f64) -> String {
    gotemplate::strconv::format_float(number, gotemplate::strconv::FloatFormat::General, None)
}

/// A count with English grouping: `12,345`.
pub(super) fn group(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", group_digits(&digits))
}

/// A float as `golang.org/x/text/message` prints it in English with `%v`.
pub(super) fn english_float(go_text: &str) -> String {
    let (sign, text) = match go_text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", go_text),
    };
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (mantissa, String::new()),
    };
    let power = exponent.map_or_else(String::new, |exponent| {
        let raised: String = exponent.chars().filter_map(superscript).collect();
        format!("×10{raised}")
    });
    match text {
        "+Inf" | "Inf" => format!("{sign}∞"),
        _ => format!("{sign}{}{fraction}{power}", group_digits(whole)),
    }
}

fn group_digits(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn superscript(character: char) -> Option<char> {
    Some(match character {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4'..='9' => char::from_u32(u32::from('⁴') + u32::from(character) - u32::from('4'))?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn order_is_exact() {
        let sorted = [
            "-1e3",
            "-5",
            "-0.1",
            "0",
            "1e-7",
            "0.1",
            "1",
            "1.0000000000000001",
            "2",
            "10",
            "1e3",
            "1001",
        ];
        for (index, left) in sorted.iter().enumerate() {
            for (other, right) in sorted.iter().enumerate() {
                assert_eq!(
                    number(left).cmp(&number(right)),
                    index.cmp(&other),
                    "{left} {right}"
                );
            }
        }
        assert_eq!(number("-0"), number("0.000"));
        assert_eq!(number("1e+06"), number("1000000"));
    }

    #[test]
    fn multiples_are_exact() {
        assert!(number("0.3").is_multiple_of(&number("0.1")));
        assert!(!number("1e300").is_multiple_of(&number("7e-2")));
        assert!(number("-12").is_multiple_of(&number("3")));
        assert!(!number("10").is_multiple_of(&number("3")));
        assert!(number("0").is_multiple_of(&number("3")));
        assert!(number("4.35").is_multiple_of(&number("0.01")));
    }

    #[test]
    fn texts_are_english() {
        assert_eq!(group(-1_234_567), "-1,234,567");
        assert_eq!(english_float("1.5e+300"), "1.5×10³⁰⁰");
        assert_eq!(english_float("-1e-07"), "-1×10⁻⁰⁷");
        assert_eq!(english_float("12345.678"), "12,345.678");
        assert_eq!(english_float("5e+06"), "5×10⁰⁶");
    }
}
