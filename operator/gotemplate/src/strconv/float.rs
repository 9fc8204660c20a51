//! Formatting floats (`strconv.FormatFloat` for 64 bits).
//!
//! Digits come from Rust's formatter, which like Go's gives the shortest text that reads back, or the
//! exact value rounded half to even. The layout is Go's.

/// The layouts of `strconv.FormatFloat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatFormat {
    /// `%e`: `-d.dddde±dd`
    Exponent,
    /// `%E`
    UpperExponent,
    /// `%f`: `-ddd.ddd`
    Fixed,
    /// `%g`: exponent form for large exponents, fixed otherwise.
    General,
    /// `%G`
    UpperGeneral,
    /// `%b`: `-ddddp±ddd`
    Binary,
    /// `%x`: `-0x1.yyyyyyyyp±dd`
    Hex,
    /// `%X`
    UpperHex,
}

/// Digits `0.d1 d2 d3... * 10^point`, without trailing zeros; no digits for zero.
struct Digits {
    digits: Vec<u8>,
    point: i32,
}

/// More digits than any `f64` has: what lies beyond is zeros.
const ENOUGH: usize = 1100;

/// `strconv.FormatFloat(value, format, precision, 64)`; `None` is Go's precision -1, the shortest text
/// that reads back.
pub fn format_float(value: f64, format: FloatFormat, precision: Option<usize>) -> String {
    let mut out = Vec::with_capacity(24);
    append_float(&mut out, value, format, precision);
    // Everything written is ASCII.
    String::from_utf8(out).unwrap_or_default()
}

/// Appends what [`format_float`] returns.
pub fn append_float(out: &mut Vec<u8>, value: f64, format: FloatFormat, precision: Option<usize>) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
        return;
    }
    if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
        return;
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let value = value.abs();
    let upper = match format {
        FloatFormat::UpperExponent | FloatFormat::UpperGeneral | FloatFormat::UpperHex => true,
        FloatFormat::Exponent
        | FloatFormat::Fixed
        | FloatFormat::General
        | FloatFormat::Binary
        | FloatFormat::Hex => false,
    };
    match format {
        FloatFormat::Binary => binary(out, value),
        FloatFormat::Hex | FloatFormat::UpperHex => hex(out, value, precision, upper),
        FloatFormat::Exponent | FloatFormat::UpperExponent => {
            let (digits, precision) = match precision {
                None => {
                    let digits = shortest(value);
                    let precision = digits.digits.len().saturating_sub(1);
                    (digits, precision)
                }
                Some(precision) => (rounded(value, precision), precision),
            };
            exponent_form(out, &digits, precision, upper);
        }
        FloatFormat::Fixed => {
            let (digits, precision) = match precision {
                None => {
                    let digits = shortest(value);
                    let precision = usize::try_from(digits.digits.len() as i32 - digits.point).unwrap_or(0);
                    (digits, precision)
                }
                Some(precision) => (rounded_after_point(value, precision), precision),
            };
            fixed_form(out, &digits, precision);
        }
        FloatFormat::General | FloatFormat::UpperGeneral => general_form(out, value, precision, upper),
    }
}

fn general_form(out: &mut Vec<u8>, value: f64, precision: Option<usize>, upper: bool) {
    let (digits, mut precision, short) = match precision {
        None => {
            let digits = shortest(value);
            let precision = digits.digits.len();
            (digits, precision, true)
        }
        Some(precision) => {
            let precision = precision.max(1);
            (rounded(value, precision - 1), precision, false)
        }
    };
    let count = digits.digits.len();
    let mut threshold = precision;
    if threshold > count && count as i32 >= digits.point {
        threshold = count;
    }
    // The shortest form decides as if the precision were 6.
    if short {
        threshold = 6;
    }
    let exponent = digits.point - 1;
    if exponent < -4 || i64::from(exponent) >= threshold as i64 {
        precision = precision.min(count);
        exponent_form(out, &digits, precision.saturating_sub(1), upper);
        return;
    }
    if precision as i64 > i64::from(digits.point) {
        precision = count;
    }
    let precision = precision as i64 - i64::from(digits.point);
    fixed_form(out, &digits, usize::try_from(precision).unwrap_or(0));
}

fn shortest(value: f64) -> Digits {
    parse_exponent_form(&format!("{value:e}"))
}

/// Rounded to `precision` digits after the first one.
fn rounded(value: f64, precision: usize) -> Digits {
    let precision = precision.min(ENOUGH);
    parse_exponent_form(&format!("{value:.precision$e}"))
}

fn rounded_after_point(value: f64, precision: usize) -> Digits {
    let precision = precision.min(ENOUGH);
    let text = format!("{value:.precision$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    trimmed(
        whole.bytes().chain(fraction.bytes()).collect(),
        whole.len() as i32,
    )
}

fn parse_exponent_form(text: &str) -> Digits {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    trimmed(mantissa.bytes().filter(|&b| b != b'.').collect(), exponent + 1)
}

fn trimmed(mut digits: Vec<u8>, mut point: i32) -> Digits {
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    let leading = digits.iter().take_while(|&&b| b == b'0').count();
    digits.drain(..leading);
    point -= leading as i32;
    if digits.is_empty() {
        point = 0;
    }
    Digits { digits, point }
}

fn exponent_form(out: &mut Vec<u8>, digits: &Digits, precision: usize, upper: bool) {
    out.push(digits.digits.first().copied().unwrap_or(b'0'));
    if precision > 0 {
        out.push(b'.');
        let shown = digits.digits.len().min(precision + 1);
        out.extend_from_slice(digits.digits.get(1..shown).unwrap_or_default());
        out.resize(out.len() + precision + 1 - shown.max(1), b'0');
    }
    out.push(if upper { b'E' } else { b'e' });
    let exponent = if digits.digits.is_empty() {
        0
    } else {
        digits.point - 1
    };
    signed_exponent(out, exponent);
}

fn signed_exponent(out: &mut Vec<u8>, exponent: i32) {
    out.push(if exponent < 0 { b'-' } else { b'+' });
    out.extend_from_slice(format!("{:02}", exponent.unsigned_abs()).as_bytes());
}

fn fixed_form(out: &mut Vec<u8>, digits: &Digits, precision: usize) {
    let Digits { digits, point } = digits;
    if let Ok(whole) = usize::try_from(*point)
        && whole > 0
    {
        let shown = digits.len().min(whole);
        out.extend_from_slice(&digits[..shown]);
        out.resize(out.len() + whole - shown, b'0');
    } else {
        out.push(b'0');
    }
    if precision == 0 {
        return;
    }
    out.push(b'.');
    for i in 0..precision {
        let at = i64::from(*point) + i as i64;
        out.push(
            usize::try_from(at)
                .ok()
                .and_then(|at| digits.get(at))
                .copied()
                .unwrap_or(b'0'),
        );
    }
}

/// Mantissa and exponent: `value = mantissa * 2^exponent` with the point behind 52 bits.
fn parts(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32;
    let mantissa = bits & ((1 << 52) - 1);
    if exponent == 0 {
        (mantissa, -1022)
    } else {
        (mantissa | 1 << 52, exponent - 1023)
    }
}

fn binary(out: &mut Vec<u8>, value: f64) {
    let (mantissa, exponent) = parts(value);
    out.extend_from_slice(format!("{mantissa}p{:+}", exponent - 52).as_bytes());
}

fn hex(out: &mut Vec<u8>, value: f64, precision: Option<usize>, upper: bool) {
    let (mut mantissa, mut exponent) = parts(value);
    if mantissa == 0 {
        exponent = 0;
    }
    // The leading 1 goes to bit 60: one hex digit before the point, 15 behind it.
    mantissa <<= 60 - 52;
    while mantissa != 0 && mantissa & 1 << 60 == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    if let Some(precision) = precision
        && precision < 15
    {
        let shift = precision as u32 * 4;
        let extra = (mantissa << shift) & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        // Half to even.
        if extra | mantissa & 1 > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & 1 << 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let digit = |n: u64| {
        let digit = char::from_digit(n as u32 & 15, 16).unwrap_or('0');
        (if upper { digit.to_ascii_uppercase() } else { digit }) as u8
    };
    out.extend_from_slice(if upper { b"0X" } else { b"0x" });
    out.push(b'0' + (mantissa >> 60 & 1) as u8);
    mantissa <<= 4;
    match precision {
        None if mantissa == 0 => {}
        None => {
            out.push(b'.');
            while mantissa != 0 {
                out.push(digit(mantissa >> 60));
                mantissa <<= 4;
            }
        }
        Some(0) => {}
        Some(precision) => {
            out.push(b'.');
            for _ in 0..precision {
                out.push(digit(mantissa >> 60));
                mantissa <<= 4;
            }
        }
    }
    out.push(if upper { b'P' } else { b'p' });
    signed_exponent(out, exponent);
}
