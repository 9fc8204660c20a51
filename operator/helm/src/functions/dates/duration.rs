//! Go's `time.Duration`: nanoseconds in 64 bits, with their text form and its parser.

/// The size of the smallest duration.
const LIMIT: u64 = 1 << 63;

/// Nanoseconds of one second.
pub(crate) const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// `Duration.String`: `1h2m3.5s`.
pub(crate) fn format(nanoseconds: i64) -> String {
    let unsigned = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    if unsigned == 0 {
        return "0s".to_owned();
    }
    if unsigned < 1_000_000_000 {
        let (digits, unit) = match unsigned {
            0..1_000 => (0, "ns"),
            1_000..1_000_000 => (3, "µs"),
            _ => (6, "ms"),
        };
        return format!("{sign}{}{unit}", with_fraction(unsigned, digits));
    }
    let seconds = unsigned / 1_000_000_000;
    let fraction = with_fraction(seconds % 60 * 1_000_000_000 + unsigned % 1_000_000_000, 9);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, seconds / 60) {
        (0, 0) => format!("{sign}{fraction}s"),
        (0, _) => format!("{sign}{minutes}m{fraction}s"),
        (_, _) => format!("{sign}{hours}h{minutes}m{fraction}s"),
    }
}

/// `value / 10^digits` without trailing zeros.
fn with_fraction(value: u64, digits: u32) -> String {
    let scale = 10_u64.pow(digits);
    let fraction = value % scale;
    if fraction == 0 {
        return (value / scale).to_string();
    }
    let text = format!("{fraction:0width$}", width = digits as usize);
    format!("{}.{}", value / scale, text.trim_end_matches('0'))
}

/// `Duration.Truncate`.
pub(crate) fn truncate(nanoseconds: i64, to: i64) -> i64 {
    if to <= 0 {
        nanoseconds
    } else {
        nanoseconds - nanoseconds % to
    }
}

/// `Duration.Round`: halfway away from zero, saturating.
pub(crate) fn round(nanoseconds: i64, to: i64) -> i64 {
    if to <= 0 {
        return nanoseconds;
    }
    let rest = nanoseconds % to;
    if (rest.unsigned_abs()) * 2 < to.unsigned_abs() {
        return nanoseconds - rest;
    }
    if nanoseconds < 0 {
        nanoseconds.checked_sub(to + rest).unwrap_or(i64::MIN)
    } else {
        nanoseconds.checked_add(to - rest).unwrap_or(i64::MAX)
    }
}

/// `time.ParseDuration`.
///
/// # Errors
/// Go's message.
pub(crate) fn parse(text: &[u8]) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    if rest == b"0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while let Some(&first) = rest.first() {
        if first != b'.' && !first.is_ascii_digit() {
            return Err(invalid());
        }
        let (whole, after) = leading_int(rest).ok_or_else(invalid)?;
        let had_whole = after.len() != rest.len();
        rest = after;
        let (mut fraction, mut scale, mut had_fraction) = (0, 1.0, false);
        if let [b'.', after @ ..] = rest {
            let (value, factor, remaining) = leading_fraction(after);
            (fraction, scale, had_fraction) = (value, factor, remaining.len() != after.len());
            rest = remaining;
        }
        if !had_whole && !had_fraction {
            return Err(invalid());
        }
        let end = rest
            .iter()
            .position(|byte| *byte == b'.' || byte.is_ascii_digit())
            .unwrap_or(rest.len());
        if end == 0 {
            return Err(format!("time: missing unit in duration {}", quote(text)));
        }
        let (name, after) = rest.split_at(end);
        rest = after;
        let unit: u64 = match name {
            b"ns" => 1,
            b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => 1_000,
            b"ms" => 1_000_000,
            b"s" => 1_000_000_000,
            b"m" => 60_000_000_000,
            b"h" => 3_600_000_000_000,
            _ => {
                return Err(format!(
                    "time: unknown unit {} in duration {}",
                    quote(name),
                    quote(text)
                ));
            }
        };
        if whole > LIMIT / unit {
            return Err(invalid());
        }
        let mut value = whole * unit;
        if fraction > 0 {
            value += (fraction as f64 * (unit as f64 / scale)) as u64;
            if value > LIMIT {
                return Err(invalid());
            }
        }
        total = total
            .checked_add(value)
            .filter(|total| *total <= LIMIT)
            .ok_or_else(invalid)?;
    }
    if negative {
        return Ok((total as i64).wrapping_neg());
    }
    i64::try_from(total).map_err(|_| invalid())
}

/// `time.leadingInt`: `None` on overflow.
pub(crate) fn leading_int(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut value: u64 = 0;
    let mut rest = text;
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        value = value
            .checked_mul(10)?
            .checked_add(u64::from(digit - b'0'))
            .filter(|value| *value <= 1 << 63)?;
        rest = after;
    }
    Some((value, rest))
}

fn leading_fraction(text: &[u8]) -> (u64, f64, &[u8]) {
    let (mut value, mut scale, mut overflow) = (0_u64, 1.0, false);
    let mut rest = text;
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        rest = after;
        if overflow {
            continue;
        }
        let next = value
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(u64::from(digit - b'0')));
        match next.filter(|next| *next <= 1 << 63) {
            Some(next) if value <= ((1 << 63) - 1) / 10 => {
                value = next;
                scale *= 10.0;
            }
            _ => overflow = true,
        }
    }
    (value, scale, rest)
}

/// `time.quote`: printable ASCII stays, every other byte is `\x..`.
pub(crate) fn quote(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(byte as char);
            }
            b' '..=0x7F => out.push(byte as char),
            _ => {
                out.push_str("\\x");
                out.push_str(&data_encoding::HEXLOWER.encode(&[byte]));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_as_in_go() {
        for (nanoseconds, expected) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1µs"),
            (2_200_000, "2.2ms"),
            (3_300_000_000, "3.3s"),
            (3_600_000_000_000, "1h0m0s"),
            (60_000_000_000, "1m0s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(format(nanoseconds), expected);
        }
    }

    #[test]
    fn parsing_reads_what_formatting_writes() {
        assert_eq!(parse(b"1h15m30.918273645s"), Ok(4_530_918_273_645));
        assert_eq!(parse(b"-9223372036854775808ns"), Ok(i64::MIN));
        assert_eq!(
            parse(b"3"),
            Err("time: missing unit in duration \"3\"".to_owned())
        );
        assert_eq!(
            parse(b"1x"),
            Err("time: unknown unit \"x\" in duration \"1x\"".to_owned())
        );
    }
}
