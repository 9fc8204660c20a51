//! Numbers and literals by example; the layouts of floats are checked against Go in `tests/conformance`.

use super::*;

#[track_caller]
fn int(text: &str, expected: Result<i64, NumberError<i64>>) {
    assert_eq!(parse_int(text.as_bytes(), 0), expected, "{text}");
}

#[test]
fn integers_go_by_their_prefix() {
    for (text, n) in [
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("0x1F", 31),
        ("-0X1f", -31),
        ("0o17", 15),
        ("017", 15),
        ("0b101", 5),
        ("1_000", 1000),
        ("0x_1F", 31),
        ("0_7", 7),
        ("-9223372036854775808", i64::MIN),
    ] {
        int(text, Ok(n));
    }
    for text in [
        "", "+", "-", "x", "0x", "08", "0b2", "1__0", "1_", "_1", "0_x1", "1.0", " 1", "1 ", "--1",
    ] {
        int(text, Err(NumberError::Syntax));
    }
    int("9223372036854775808", Err(NumberError::Range(i64::MAX)));
    int("-9223372036854775809", Err(NumberError::Range(i64::MIN)));
    int("99999999999999999999", Err(NumberError::Range(i64::MAX)));
    assert_eq!(parse_int(b"1_0", 10), Err(NumberError::Syntax));
    assert_eq!(parse_int(b"010", 10), Ok(10));
    assert_eq!(parse_uint(b"18446744073709551615", 10), Ok(u64::MAX));
    assert_eq!(parse_uint(b"-1", 10), Err(NumberError::Syntax));
}

#[track_caller]
fn float(text: &str, expected: f64) {
    let parsed = parse_float(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(parsed.to_bits(), expected.to_bits(), "{text}");
}

#[test]
fn floats_are_decimal_or_hexadecimal() {
    float("1.5", 1.5);
    float("-.5", -0.5);
    float("5.", 5.0);
    float("1e3", 1000.0);
    float("+1E-3", 0.001);
    float("-0", -0.0);
    float("1_000.5", 1000.5);
    float("0x1p4", 16.0);
    float("0x1.8p1", 3.0);
    float("0X.8P0", 0.5);
    float("-0x1p-1074", -5e-324);
    float("0x1p-1076", 0.0);
    float("0x1.fffffffffffff8p0", 2.0);
    float("0x1.fffffffffffff7p0", 1.999_999_999_999_999_8);
    float("0x123456789abcdef123p0", 335_812_727_670_730_300_000.0);
    float("inf", f64::INFINITY);
    float("-Infinity", f64::NEG_INFINITY);
    assert!(parse_float(b"NaN").unwrap().is_nan());
    for text in [
        "", ".", "e3", "1e", "1e+", "0x1", "0x1p", "1.2.3", "1__0", "x", "infi", "1 ",
    ] {
        assert_eq!(parse_float(text.as_bytes()), Err(NumberError::Syntax), "{text}");
    }
    assert_eq!(parse_float(b"1e400"), Err(NumberError::Range(f64::INFINITY)));
    assert_eq!(
        parse_float(b"-0x1p1024"),
        Err(NumberError::Range(f64::NEG_INFINITY))
    );
}

#[test]
fn hostile_numbers_cost_nothing() {
    assert_eq!(parse_float(b"0x1p-99999999999999999999"), Ok(0.0));
    assert_eq!(
        parse_float(b"1e99999999999999999999"),
        Err(NumberError::Range(f64::INFINITY))
    );
    let digits = "9".repeat(100_000);
    assert_eq!(
        parse_float(digits.as_bytes()),
        Err(NumberError::Range(f64::INFINITY))
    );
    assert_eq!(
        format_float(0.1, FloatFormat::Fixed, Some(1_000_000)).len(),
        1_000_002
    );
}

#[test]
fn literals_are_unquoted() {
    let unquoted = |literal: &str| unquote(literal.as_bytes());
    assert_eq!(
        unquoted(r#""a\tb\x41\u00e9\U0001F600\101\"""#),
        Some("a\tbAé😀A\"".into())
    );
    assert_eq!(unquoted(r#""\xff""#), Some(vec![0xff]));
    assert_eq!(unquoted("`a\r\n\\`"), Some(b"a\n\\".to_vec()));
    assert_eq!(unquoted("'x'"), Some(b"x".to_vec()));
    for literal in [
        "",
        "\"",
        "\"a",
        "a\"",
        r#""\q""#,
        r#""\'""#,
        r#""\ud800""#,
        r#""\400""#,
        "\"a\nb\"",
        r#""\x4""#,
        "'ab'",
        "`a`b`",
    ] {
        assert_eq!(unquoted(literal), None, "{literal}");
    }
}

#[test]
fn quoting_keeps_what_is_printable() {
    assert_eq!(
        quote("é\u{200b}\n\"\\\x07".as_bytes()),
        "\"é\\u200b\\n\\\"\\\\\\a\"".as_bytes()
    );
    assert_eq!(quote(b"\xff\x7f"), b"\"\\xff\\x7f\"");
    assert_eq!(quote_to_ascii("é😀".as_bytes()), b"\"\\u00e9\\U0001f600\"");
    assert_eq!(quote_char('\''), b"'\\''");
    assert!(
        can_backquote(b"a\tb") && !can_backquote(b"a`") && !can_backquote(b"a\n") && !can_backquote(b"\xff")
    );
}
