//! spf13/cast 1.7.0: the conversions behind `int`, `int64`, `float64` and all arithmetic. Whatever does not convert is 0.

use gotemplate::{Value, strconv};

/// `cast.ToInt64`, which on 64-bit machines is `cast.ToInt` as well.
pub(crate) fn to_i64(value: &Value) -> i64 {
    match value {
        Value::Int(_, number) => *number,
        Value::Float(number) => truncate(*number),
        Value::Bool(flag) => i64::from(*flag),
        Value::Str(text) => strconv::parse_int(trim_zero_decimal(text), 0).unwrap_or(0),
        Value::Object(object) if is_calendar(&object.type_name()) => match value.underlying().as_ref() {
            Value::Int(_, number) => *number,
            _ => 0,
        },
        Value::Nil | Value::Bytes(_) | Value::List(_) | Value::Map(_) | Value::Object(_) => 0,
    }
}

/// `cast.ToFloat64`.
pub(crate) fn to_f64(value: &Value) -> f64 {
    match value {
        Value::Int(kind, number) if kind.is_signed() => *number as f64,
        Value::Int(_, number) => *number as u64 as f64,
        Value::Float(number) => *number,
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::Str(text) => strconv::parse_float(text).unwrap_or(0.0),
        Value::Object(object) if is_calendar(&object.type_name()) => to_i64(value) as f64,
        Value::Nil | Value::Bytes(_) | Value::List(_) | Value::Map(_) | Value::Object(_) => 0.0,
    }
}

/// The named integer types that cast knows; `time.Duration` is not among them.
fn is_calendar(type_name: &str) -> bool {
    matches!(type_name, "time.Month" | "time.Weekday")
}

/// Go's conversion of a float to an integer on amd64: out of range and NaN give the smallest integer.
fn truncate(number: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&number) {
        number as i64
    } else {
        i64::MIN
    }
}

/// `cast.trimZeroDecimal`: drops `.0`, `.00`.
fn trim_zero_decimal(text: &[u8]) -> &[u8] {
    let mut end = text.len();
    let mut zero = false;
    while end > 0 {
        match text[end - 1] {
            b'.' if zero => return &text[..end - 1],
            b'.' => {}
            b'0' => zero = true,
            _ => return text,
        }
        end -= 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_with_go_prefixes() {
        for (text, expected) in [
            ("0x1F", 31),
            ("010", 8),
            ("08", 0),
            ("1.0", 1),
            ("1.5", 0),
            ("1e6", 0),
            ("-7", -7),
        ] {
            assert_eq!(to_i64(&Value::from(text)), expected, "{text}");
        }
    }

    #[test]
    fn floats_are_truncated_and_wrap_as_on_amd64() {
        assert_eq!(to_i64(&Value::Float(-1.9)), -1);
        assert_eq!(to_i64(&Value::Float(1e19)), i64::MIN);
        assert_eq!(to_i64(&Value::Float(f64::NAN)), i64::MIN);
    }
}
