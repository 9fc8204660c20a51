//! Floating-point numbers as JSON and YAML write them.

use gotemplate::strconv::{FloatFormat, format_float};

/// Go's shortest format `g`: `1e+06`, `0.0001`, `+Inf`.
pub(crate) fn format_g(value: f64) -> String {
    format_float(value, FloatFormat::General, None)
}

/// [`format_g`] with the precision of 32 bits.
pub(crate) fn format_g32(value: f64) -> String {
    let value = value as f32;
    // At most nine digits make an `f32`, so as an `f64` they are still the shortest.
    format_g(value.to_string().parse().unwrap_or(f64::from(value)))
}

/// A finite number as `encoding/json` writes it: with exponent only below 1e-6 and from 1e21 on.
pub(crate) fn format_json(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format_float(value, FloatFormat::Exponent, None);
        // JSON leaves out the zero in `e-07`.
        return match text.split_once("e-0") {
            Some((mantissa, exponent)) => format!("{mantissa}e-{exponent}"),
            None => text,
        };
    }
    // Most numbers are small and whole.
    if size < 1e15 && value.fract() == 0.0 && (size != 0.0 || value.is_sign_positive()) {
        return (value as i64).to_string();
    }
    format_float(value, FloatFormat::Fixed, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn general_format_switches_to_exponents_like_go() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (999_999.0, "999999"),
            (1e6, "1e+06"),
            (0.00001, "1e-05"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(format_g(value), text);
        }
        for (value, text) in [
            (16_777_217.0, "1.6777216e+07"),
            (0.1, "0.1"),
            (1e300, "+Inf"),
            (1e-50, "0"),
            (1e10, "1e+10"),
        ] {
            assert_eq!(format_g32(value), text);
        }
    }

    #[test]
    fn json_format_is_plain_up_to_1e21() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1e6, "1000000"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e-7, "1.5e-7"),
            (1e-6, "0.000001"),
            (1e-10, "1e-10"),
            (12_345_678_901_234_567_890.0, "12345678901234567000"),
            (-0.5, "-0.5"),
        ] {
            assert_eq!(format_json(value), text);
        }
    }
}
