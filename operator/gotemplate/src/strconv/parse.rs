//! Parsing numbers (`strconv.ParseInt`, `ParseUint`, `ParseFloat`).

/// Why a text is no number. `Display` is the tail of Go's message.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NumberError<T> {
    /// Not a number of that type.
    #[error("invalid syntax")]
    Syntax,
    /// Beyond the type; the nearest value is given, as Go returns it.
    #[error("value out of range")]
    Range(T),
}

/// `strconv.ParseUint(s, base, 64)`. Base 0 goes by the prefix (`0x`, `0o`, `0b`, `0`) and allows `_`.
pub fn parse_uint(s: &[u8], base: u32) -> Result<u64, NumberError<u64>> {
    let (digits, radix) = if base == 0 { prefix(s) } else { (s, base) };
    if s.is_empty() {
        return Err(NumberError::Syntax);
    }
    let mut n = 0_u64;
    let mut underscores = false;
    for &b in digits {
        if b == b'_' && base == 0 {
            underscores = true;
            continue;
        }
        let digit = char::from(b)
            .to_digit(36)
            .filter(|&d| d < radix)
            .ok_or(NumberError::Syntax)?;
        n = n
            .checked_mul(u64::from(radix))
            .and_then(|n| n.checked_add(u64::from(digit)))
            .ok_or(NumberError::Range(u64::MAX))?;
    }
    if underscores && !underscores_ok(s) {
        return Err(NumberError::Syntax);
    }
    Ok(n)
}

/// `strconv.ParseInt(s, base, 64)`
pub fn parse_int(s: &[u8], base: u32) -> Result<i64, NumberError<i64>> {
    let (negative, digits) = match s.first() {
        Some(b'-') => (true, &s[1..]),
        Some(b'+') => (false, &s[1..]),
        _ => (false, s),
    };
    let magnitude = match parse_uint(digits, base) {
        Ok(n) | Err(NumberError::Range(n)) => n,
        Err(NumberError::Syntax) => return Err(NumberError::Syntax),
    };
    let limit = 1_u64 << 63;
    if negative {
        if magnitude > limit {
            return Err(NumberError::Range(i64::MIN));
        }
        Ok((magnitude as i64).wrapping_neg())
    } else if magnitude >= limit {
        Err(NumberError::Range(i64::MAX))
    } else {
        Ok(magnitude as i64)
    }
}

/// The digits after a base prefix, and the base.
fn prefix(s: &[u8]) -> (&[u8], u32) {
    match s {
        [b'0', b'b' | b'B', _, ..] => (&s[2..], 2),
        [b'0', b'o' | b'O', _, ..] => (&s[2..], 8),
        [b'0', b'x' | b'X', _, ..] => (&s[2..], 16),
        [b'0', ..] => (&s[1..], 8),
        _ => (s, 10),
    }
}

/// Whether underscores stand only between digits, or between a base prefix and a digit.
fn underscores_ok(s: &[u8]) -> bool {
    #[derive(PartialEq)]
    enum Saw {
        Start,
        Digit,
        Underscore,
        Other,
    }
    let mut s = s;
    if let [b'-' | b'+', rest @ ..] = s {
        s = rest;
    }
    let mut saw = Saw::Start;
    let mut hex = false;
    if let [b'0', base @ (b'b' | b'B' | b'o' | b'O' | b'x' | b'X'), rest @ ..] = s {
        hex = base.eq_ignore_ascii_case(&b'x');
        saw = Saw::Digit;
        s = rest;
    }
    for &b in s {
        if b.is_ascii_digit() || hex && b.is_ascii_hexdigit() {
            saw = Saw::Digit;
        } else if b == b'_' {
            if saw != Saw::Digit {
                return false;
            }
            saw = Saw::Underscore;
        } else {
            if saw == Saw::Underscore {
                return false;
            }
            saw = Saw::Other;
        }
    }
    saw != Saw::Underscore
}

/// `strconv.ParseFloat(s, 64)`: decimal and hexadecimal floats, `inf`, `infinity`, `nan`, `_` between digits.
pub fn parse_float(s: &[u8]) -> Result<f64, NumberError<f64>> {
    if let Some(special) = special(s) {
        return Ok(special);
    }
    let (negative, body) = match s.first() {
        Some(b'-') => (true, &s[1..]),
        Some(b'+') => (false, &s[1..]),
        _ => (false, s),
    };
    let hex = matches!(body, [b'0', b'x' | b'X', _, ..]);
    let parts = Parts::scan(if hex { &body[2..] } else { body }, hex).ok_or(NumberError::Syntax)?;
    if body.contains(&b'_') && !underscores_ok(s) {
        return Err(NumberError::Syntax);
    }
    let value = if hex {
        parts.hex_value()
    } else {
        parts.decimal_value()?
    };
    let value = if negative { -value } else { value };
    if value.is_infinite() {
        Err(NumberError::Range(value))
    } else {
        Ok(value)
    }
}

fn special(s: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(s).ok()?;
    if text.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    let (sign, text) = match text.as_bytes().first()? {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    (text.eq_ignore_ascii_case("inf") || text.eq_ignore_ascii_case("infinity"))
        .then_some(sign * f64::INFINITY)
}

/// A float literal taken apart.
struct Parts {
    /// The digits without point and underscores.
    digits: Vec<u8>,
    /// How many of them stand before the point.
    whole: usize,
    /// The exponent, cut off far beyond what matters.
    exponent: i64,
}

impl Parts {
    fn scan(s: &[u8], hex: bool) -> Option<Parts> {
        let marker = if hex { b'p' } else { b'e' };
        let (mut digits, mut whole, mut at) = (Vec::new(), None, 0);
        while let Some(&b) = s.get(at) {
            match b {
                b'_' => {}
                b'.' if whole.is_none() => whole = Some(digits.len()),
                b'0'..=b'9' => digits.push(b),
                b if hex && b.is_ascii_hexdigit() => digits.push(b),
                _ => break,
            }
            at += 1;
        }
        if digits.is_empty() {
            return None;
        }
        let whole = whole.unwrap_or(digits.len());
        let mut exponent = 0_i64;
        if s.get(at).is_some_and(|b| b.eq_ignore_ascii_case(&marker)) {
            at += 1;
            let negative = s.get(at) == Some(&b'-');
            if matches!(s.get(at), Some(b'+' | b'-')) {
                at += 1;
            }
            if !s.get(at).is_some_and(u8::is_ascii_digit) {
                return None;
            }
            while let Some(&b) = s.get(at).filter(|b| b.is_ascii_digit() || **b == b'_') {
                if b != b'_' && exponent < 10_000 {
                    exponent = exponent * 10 + i64::from(b - b'0');
                }
                at += 1;
            }
            if negative {
                exponent = -exponent;
            }
        } else if hex {
            return None;
        }
        (at == s.len()).then_some(Parts {
            digits,
            whole,
            exponent,
        })
    }

    fn decimal_value(&self) -> Result<f64, NumberError<f64>> {
        let (whole, fraction) = self.digits.split_at(self.whole);
        let text = [
            whole,
            b".".as_slice(),
            fraction,
            b"e",
            self.exponent.to_string().as_bytes(),
        ]
        .concat();
        let text = String::from_utf8(text).map_err(|_| NumberError::Syntax)?;
        // `.5e0` and `5.e0` are fine for Rust, `.e0` cannot happen.
        text.parse().map_err(|_| NumberError::Syntax)
    }

    /// Rounds to nearest even, as Go's `atofHex`.
    fn hex_value(&self) -> f64 {
        let mut mantissa = 0_u64;
        let mut exponent = self.exponent + 4 * (self.whole as i64 - self.digits.len() as i64);
        for &b in &self.digits {
            let digit = u64::from(char::from(b).to_digit(16).unwrap_or_default());
            if mantissa >> 60 == 0 {
                mantissa = mantissa << 4 | digit;
            } else {
                // No room: shift the point, remember that something was cut off.
                mantissa |= u64::from(digit != 0);
                exponent += 4;
            }
        }
        if mantissa == 0 {
            return 0.0;
        }
        // Bring the mantissa to 55 bits: 53 and two for rounding, the lowest sticky.
        while mantissa >> 54 == 0 {
            mantissa <<= 1;
            exponent -= 1;
        }
        while mantissa >> 55 != 0 {
            mantissa = mantissa >> 1 | mantissa & 1;
            exponent += 1;
        }
        // Denormalize.
        while mantissa > 1 && exponent < -1074 - 2 {
            mantissa = mantissa >> 1 | mantissa & 1;
            exponent += 1;
        }
        let round = mantissa & 3 | (mantissa >> 2) & 1;
        mantissa >>= 2;
        exponent += 2;
        if round == 3 {
            mantissa += 1;
        }
        if exponent > 1100 {
            return f64::INFINITY;
        }
        if exponent < -1200 {
            return 0.0;
        }
        // Both factors are exact, and so is every product but the one that overflows.
        let mut value = mantissa as f64;
        let mut left = exponent as i32;
        while left > 0 && value.is_finite() {
            let step = left.min(1000);
            value *= 2_f64.powi(step);
            left -= step;
        }
        while left < 0 && value != 0.0 {
            let step = left.max(-1000);
            value *= 2_f64.powi(step);
            left -= step;
        }
        value
    }
}
