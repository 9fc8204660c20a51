//! The `format` keyword, which Helm asserts for drafts up to 7.
//!
//! Mirrors `format.go` of santhosh-tekuri/jsonschema v6 with its messages, and those of the Go functions it calls.
//! Values that are not text always pass; unknown formats are not checked.

use super::json::Json;
use crate::functions::dates::{Zone, parse as parse_time};
use crate::functions::network::address;
use crate::functions::network::url::{self, Url};
use crate::text::{go_quote, go_quote_rune};

/// The units of a duration before and after its `T`.
const UNITS: [&str; 2] = ["YMD", "HMS"];

type Check = Result<(), String>;

/// Checks a value against a format; the error is the reason.
pub(super) fn check(name: &str, value: &Json) -> Check {
    let Some(text) = value.as_str() else { return Ok(()) };
    match name {
        "regex" => super::compile::regex(text).map(drop),
        "json-pointer" => json_pointer(text),
        "relative-json-pointer" => relative_json_pointer(text),
        "uuid" => uuid(text),
        "duration" => duration(text),
        "period" => period(text),
        "ipv4" => ipv4(text),
        "ipv6" => ipv6(text),
        "hostname" => hostname(text),
        "email" => email(text),
        "date" => date(text),
        "time" => time(text),
        "date-time" => date_time(text),
        "uri" | "iri" => uri(text),
        "uri-reference" | "iri-reference" => uri_reference(text),
        "uri-template" => uri_template(text),
        "semver" => semver(text),
        _ => Ok(()),
    }
}

fn fail<T>(message: impl Into<String>) -> Result<T, String> {
    Err(message.into())
}

fn json_pointer(text: &str) -> Check {
    if text.is_empty() {
        return Ok(());
    }
    let Some(rest) = text.strip_prefix('/') else {
        return fail("not starting with /");
    };
    for token in rest.split('/') {
        let mut characters = token.chars();
        while let Some(character) = characters.next() {
            if character == '~' && !matches!(characters.next(), Some('0' | '1')) {
                return fail("~ must be followed by 0 or 1");
            }
        }
    }
    Ok(())
}

fn relative_json_pointer(text: &str) -> Check {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return fail("must start with non-negative integer");
    }
    if digits > 1 && text.starts_with('0') {
        return fail("starts with zero");
    }
    match &text[digits..] {
        "#" => Ok(()),
        rest => json_pointer(rest),
    }
}

fn uuid(text: &str) -> Check {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != LENGTHS.len() {
        return fail("must have 5 elements");
    }
    for (index, (group, length)) in groups.into_iter().zip(LENGTHS).enumerate() {
        if group.len() != length {
            return fail(format!("element {} must be {length} characters long", index + 1));
        }
        if let Some(character) = group.chars().find(|character| !character.is_ascii_hexdigit()) {
            return fail(format!("non-hex character {}", go_quote_rune(character)));
        }
    }
    Ok(())
}

fn duration(text: &str) -> Check {
    let Some(text) = text.strip_prefix('P') else {
        return fail("must start with P");
    };
    if text.is_empty() {
        return fail("nothing after P");
    }
    if let Some(weeks) = text.strip_suffix('W') {
        if weeks.is_empty() {
            return fail("no number in week");
        }
        return if weeks.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(())
        } else {
            fail("invalid week")
        };
    }
    for (index, part) in text.split('T').enumerate() {
        if index != 0 && part.is_empty() {
            return fail("no time elements");
        }
        let Some(all) = UNITS.get(index) else {
            return fail("more than one T");
        };
        let mut units = *all;
        let mut rest = part;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return fail("missing number");
            }
            let Some(unit) = rest[digits..].chars().next() else {
                return fail("missing unit");
            };
            let Some(at) = units.find(unit) else {
                let quoted = go_quote_rune(unit);
                let known = all.contains(unit);
                return fail(if known {
                    format!("unit {quoted} out of order")
                } else {
                    format!("invalid unit {quoted}")
                });
            };
            units = &units[at + 1..];
            rest = &rest[digits + unit.len_utf8()..];
        }
    }
    Ok(())
}

fn ipv4(text: &str) -> Check {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return fail("expected four decimals");
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return fail("leading zeros");
        }
        if !(0..=255).contains(&atoi(group)?) {
            return fail("decimal must be between 0 and 255");
        }
    }
    Ok(())
}

fn ipv6(text: &str) -> Check {
    if !text.contains(':') {
        return fail("missing colon");
    }
    let address = address::parse(text.as_bytes())?;
    if address.zone {
        fail("zone id is not a part of ipv6 address")
    } else {
        Ok(())
    }
}

fn hostname(text: &str) -> Check {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 253 {
        return fail("more than 253 characters long");
    }
    for label in text.split('.') {
        if label.is_empty() || label.len() > 63 {
            return fail("label must be 1 to 63 characters long");
        }
        if label.starts_with('-') {
            return fail("label starts with hyphen");
        }
        if label.ends_with('-') {
            return fail("label ends with hyphen");
        }
        if let Some(bad) = label
            .chars()
            .find(|character| !character.is_ascii_alphanumeric() && *character != '-')
        {
            return fail(format!("invalid character {}", go_quote_rune(bad)));
        }
    }
    Ok(())
}

fn email(text: &str) -> Check {
    if text.len() > 254 {
        return fail("more than 255 characters long");
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return fail("missing @");
    };
    if local.len() > 64 {
        return fail("local part more than 64 characters long");
    }
    if local.len() > 1 && local.starts_with('"') {
        // Upstream looks at the first quote only.
        let inner: Vec<u8> = local.bytes().skip(1).take(local.len() - 2).collect();
        if inner.iter().any(|byte| matches!(byte, b'\\' | b'"')) {
            return fail("backslash and quote are not allowed within quoted local part");
        }
    } else {
        if local.starts_with('.') {
            return fail("starts with dot");
        }
        if local.ends_with('.') {
            return fail("ends with dot");
        }
        if local.contains("..") {
            return fail("consecutive dots");
        }
        let allowed =
            |character: char| character.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(character);
        if let Some(bad) = local.chars().find(|character| !allowed(*character)) {
            return fail(format!("invalid character {}", go_quote_rune(bad)));
        }
    }
    if let Some(address) = domain
        .strip_prefix('[')
        .and_then(|domain| domain.strip_suffix(']'))
    {
        return match address.strip_prefix("IPv6:") {
            Some(address) => ipv6(address).map_err(|why| format!("invalid ipv6 address: {why}")),
            None => ipv4(address).map_err(|why| format!("invalid ipv4 address: {why}")),
        };
    }
    hostname(domain).map_err(|why| format!("invalid domain: {why}"))
}

fn date(text: &str) -> Check {
    parse_time(b"2006-01-02", text.as_bytes(), &Zone::Utc).map(drop)
}

/// Two-digit numbers with one separator; `what` names them in messages.
fn clock_numbers(text: &str, what: &str) -> Result<Vec<i64>, String> {
    text.split(':')
        .map(|part| match atoi(part) {
            Ok(number) if number < 0 => fail(format!("non-positive hour/min{what}")),
            Ok(number) => Ok(number),
            Err(_) => fail(format!("invalid hour/min{what}")),
        })
        .collect()
}

fn time(text: &str) -> Check {
    let bytes = text.as_bytes();
    if bytes.len() < 9 {
        return fail("less than 9 characters long");
    }
    if bytes[2] != b':' || bytes[5] != b':' {
        return fail("missing colon in correct place");
    }
    let Some((clock, rest)) = text.split_at_checked(8) else {
        return fail("invalid hour/min/sec");
    };
    let (mut hour, mut minute, second) = match clock_numbers(clock, "/sec")?.as_slice() {
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return fail("missing hour/min/sec"),
    };
    if hour > 23 || minute > 59 || second > 60 {
        return fail("hour/min/sec out of range");
    }
    let mut rest = rest;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return fail("no digits in second fraction");
        }
        rest = &fraction[digits..];
    }
    if rest != "z" && rest != "Z" {
        if rest.len() != 6 {
            return fail("offset must be 6 characters long");
        }
        let sign = match rest.as_bytes()[0] {
            b'+' => -1,
            b'-' => 1,
            _ => return fail("offset must begin with plus/minus"),
        };
        let offset = &rest[1..];
        if offset.as_bytes()[2] != b':' {
            return fail("missing colon in offset in correct place");
        }
        let numbers = clock_numbers(offset, " in offset")?;
        let (hours, minutes) = (numbers[0], numbers.get(1).copied().unwrap_or_default());
        if hours > 23 || minutes > 59 {
            return fail("hour/min in offset out of range");
        }
        let mut total = hour * 60 + minute + sign * (hours * 60 + minutes);
        if total < 0 {
            total += 24 * 60;
        }
        (hour, minute) = (total / 60, total % 60);
    }
    if second >= 60 && (hour != 23 || minute != 59) {
        return fail("invalid leap second");
    }
    Ok(())
}

fn date_time(text: &str) -> Check {
    if text.len() < 20 {
        return fail("less than 20 characters long");
    }
    if !matches!(text.as_bytes()[10], b't' | b'T') {
        return fail("11th character must be t or T");
    }
    let (Some(day), Some(clock)) = (text.get(..10), text.get(11..)) else {
        return fail("invalid date element");
    };
    date(day).map_err(|why| format!("invalid date element: {why}"))?;
    time(clock).map_err(|why| format!("invalid time element: {why}"))
}

fn period(text: &str) -> Check {
    let Some((start, end)) = text.split_once('/') else {
        return fail("missing slash");
    };
    if start.starts_with('P') {
        duration(start).map_err(|why| format!("invalid start duration: {why}"))?;
        return date_time(end).map_err(|why| format!("invalid end date-time: {why}"));
    }
    date_time(start).map_err(|why| format!("invalid start date-time: {why}"))?;
    if end.starts_with('P') {
        duration(end).map_err(|why| format!("invalid end duration: {why}"))
    } else {
        date_time(end).map_err(|why| format!("invalid end date-time: {why}"))
    }
}

/// Go's `url.Parse`, and upstream's check of IPv6 hosts.
fn parse_url(text: &str) -> Result<Url, String> {
    let parsed = url::parse(text.as_bytes())?;
    if parsed.hostname().contains(&b':') {
        if !parsed.host.contains(&b'[') || !parsed.host.contains(&b']') {
            return fail("ipv6 address not enclosed in brackets");
        }
        let host = String::from_utf8_lossy(parsed.hostname());
        ipv6(&host).map_err(|why| format!("invalid ipv6 address: {why}"))?;
    }
    Ok(parsed)
}

fn uri(text: &str) -> Check {
    if parse_url(text)?.scheme.is_empty() {
        fail("relative url")
    } else {
        Ok(())
    }
}

fn uri_reference(text: &str) -> Check {
    if text.contains('\\') {
        return fail("contains \\");
    }
    parse_url(text).map(drop)
}

fn uri_template(text: &str) -> Check {
    parse_url(text)?;
    let path = text.split(['#', '?']).next().unwrap_or_default();
    // Upstream looks at the raw path, which Go only keeps where it differs from the escaped one.
    if !path.contains(['{', '}']) {
        return Ok(());
    }
    for token in path.split('/') {
        let token = super::address::decode(token).map_err(|why| format!("percent decode failed: {why}"))?;
        let mut open = false;
        for brace in token.chars().filter(|character| matches!(character, '{' | '}')) {
            if (brace == '{') == open {
                return fail("nested curly braces");
            }
            open = !open;
        }
        if open {
            return fail("no matching closing brace");
        }
    }
    Ok(())
}

fn semver(text: &str) -> Check {
    let word = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let mut rest = text;
    if let Some((core, build)) = rest.split_once('+') {
        if build.is_empty() {
            return fail("build is empty");
        }
        for identifier in build.split('.') {
            if identifier.is_empty() {
                return fail("build identifier is empty");
            }
            if let Some(bad) = identifier.chars().find(|character| !word(*character)) {
                return fail(format!(
                    "invalid character {} in build identifier",
                    go_quote_rune(bad)
                ));
            }
        }
        rest = core;
    }
    if let Some((core, pre_release)) = rest.split_once('-') {
        for identifier in pre_release.split('.') {
            if identifier.is_empty() {
                return fail("pre-release identifier is empty");
            }
            if let Some(bad) = identifier.chars().find(|character| !word(*character)) {
                return fail(format!(
                    "invalid character {} in pre-release identifier",
                    go_quote_rune(bad)
                ));
            }
            let digits = identifier.bytes().all(|byte| byte.is_ascii_digit());
            if digits && identifier.len() > 1 && identifier.starts_with('0') {
                return fail("pre-release numeric identifier starts with zero");
            }
        }
        rest = core;
    }
    let numbers: Vec<&str> = rest.split('.').collect();
    if numbers.len() != 3 {
        return fail("versionCore must have 3 numbers separated by dot");
    }
    for (name, number) in ["major", "minor", "patch"].into_iter().zip(numbers) {
        if number.is_empty() {
            return fail(format!("{name} is empty"));
        }
        if number.len() > 1 && number.starts_with('0') {
            return fail(format!("{name} starts with zero"));
        }
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return fail(format!("{name} contains non-digit"));
        }
    }
    Ok(())
}

/// Go's `strconv.Atoi` with its error text.
fn atoi(text: &str) -> Result<i64, String> {
    text.parse::<i64>().map_err(|error| {
        use std::num::IntErrorKind::{NegOverflow, PosOverflow};
        let why = if matches!(error.kind(), PosOverflow | NegOverflow) {
            "value out of range"
        } else {
            "invalid syntax"
        };
        format!("strconv.Atoi: parsing {}: {why}", go_quote(text))
    })
}
