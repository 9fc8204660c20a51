//! Durations of the custom resource: Go-style strings such as `5m`, `1h30m` or `500ms`.
//!
//! Parsed here once; everything right of `api` sees a [`std::time::Duration`]. Not a general Go
//! duration: there is no sign and nothing below a millisecond, because no field means anything
//! by it, and zero is refused by the schema, because "no timeout" is said by leaving a field out.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What the schema accepts; the same language as [`Duration::from_str`], without its zero check.
pub const DURATION_PATTERN: &str = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$";

/// Longest text of a duration. `2562047h47m16.854s`, Go's maximum, has 18 characters.
pub const DURATION_MAX_LENGTH: u32 = 32;

const NANOS_PER_MILLI: u128 = 1_000_000;
const NANOS_PER_SECOND: u128 = 1_000 * NANOS_PER_MILLI;
const NANOS_PER_MINUTE: u128 = 60 * NANOS_PER_SECOND;
const NANOS_PER_HOUR: u128 = 60 * NANOS_PER_MINUTE;

/// A length of time. Displays and serialises in the shortest exact form: `90s` becomes `1m30s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(std::time::Duration);

/// Why a text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Not of the form number-unit, repeated.
    #[error("parse duration: {0:?} is not a duration such as 5m, 1h30m or 500ms")]
    Syntax(String),
    /// More than Go's int64 nanoseconds, about 292 years.
    #[error("parse duration: {0:?} is too long")]
    Overflow(String),
}

impl Duration {
    /// A duration of whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(std::time::Duration::from_secs(seconds))
    }

    /// A duration of whole minutes.
    pub const fn from_mins(minutes: u64) -> Self {
        Self(std::time::Duration::from_secs(minutes * 60))
    }

    /// The standard library's form, which is what everything outside the wire types uses.
    pub const fn get(self) -> std::time::Duration {
        self.0
    }
}

impl From<Duration> for std::time::Duration {
    fn from(duration: Duration) -> Self {
        duration.0
    }
}

impl From<std::time::Duration> for Duration {
    fn from(duration: std::time::Duration) -> Self {
        Self(duration)
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    /// # Errors
    /// [`DurationError::Syntax`] for anything that [`DURATION_PATTERN`] refuses,
    /// [`DurationError::Overflow`] beyond Go's range.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let syntax = || DurationError::Syntax(text.to_owned());
        let overflow = || DurationError::Overflow(text.to_owned());
        if text.is_empty() || text.len() > DURATION_MAX_LENGTH as usize {
            return Err(syntax());
        }
        let mut rest = text;
        let mut total: u128 = 0;
        while !rest.is_empty() {
            let (whole, after) = digits(rest).ok_or_else(syntax)?;
            let (fraction, after) = match after.strip_prefix('.') {
                Some(after_dot) => digits(after_dot).ok_or_else(syntax)?,
                None => ("", after),
            };
            let (unit, after) = unit(after).ok_or_else(syntax)?;
            let whole: u128 = whole.parse().map_err(|_| overflow())?;
            total = whole
                .checked_mul(unit)
                .and_then(|nanos| nanos.checked_add(total)?.checked_add(scale(fraction, unit)))
                .filter(|nanos| *nanos <= i64::MAX as u128)
                .ok_or_else(overflow)?;
            rest = after;
        }
        let nanos = u64::try_from(total).map_err(|_| overflow())?;
        Ok(Self(std::time::Duration::from_nanos(nanos)))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_nanos();
        if rest == 0 {
            return f.write_str("0s");
        }
        for (unit, nanos) in [
            ("h", NANOS_PER_HOUR),
            ("m", NANOS_PER_MINUTE),
            ("s", NANOS_PER_SECOND),
        ] {
            if rest >= nanos {
                write!(f, "{}{unit}", rest / nanos)?;
                rest %= nanos;
            }
        }
        if rest > 0 {
            write!(f, "{}", rest / NANOS_PER_MILLI)?;
            let below = rest % NANOS_PER_MILLI;
            if below > 0 {
                write!(f, ".{}", format!("{below:06}").trim_end_matches('0'))?;
            }
            f.write_str("ms")?;
        }
        Ok(())
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": DURATION_PATTERN,
            "maxLength": DURATION_MAX_LENGTH,
            "x-kubernetes-validations": [{
                "rule": "duration(self) > duration('0s')",
                "message": "must be longer than 0s",
            }],
        })
    }
}

/// Splits leading decimal digits off; at least one is needed.
fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Splits a unit off and gives its nanoseconds. `ms` stands before `m`, its prefix.
fn unit(text: &str) -> Option<(u128, &str)> {
    [
        ("ms", NANOS_PER_MILLI),
        ("s", NANOS_PER_SECOND),
        ("m", NANOS_PER_MINUTE),
        ("h", NANOS_PER_HOUR),
    ]
    .into_iter()
    .find_map(|(name, nanos)| Some((nanos, text.strip_prefix(name)?)))
}

/// Nanoseconds of the digits after a decimal point; what is below a nanosecond is cut, as Go does.
fn scale(fraction: &str, unit: u128) -> u128 {
    let mut nanos = 0;
    let mut place = unit;
    for digit in fraction.bytes() {
        place /= 10;
        nanos += place * u128::from(digit - b'0');
    }
    nanos
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected_millis: u64, canonical: &str) {
        let duration: Duration = text.parse().unwrap();
        assert_eq!(
            duration.get(),
            std::time::Duration::from_millis(expected_millis),
            "{text}"
        );
        assert_eq!(duration.to_string(), canonical, "{text}");
        assert_eq!(canonical.parse::<Duration>().unwrap(), duration, "{canonical}");
    }

    #[test]
    fn go_style_texts_are_read_and_written_in_the_shortest_form() {
        check("5m", 300_000, "5m");
        check("1h30m", 5_400_000, "1h30m");
        check("500ms", 500, "500ms");
        check("90s", 90_000, "1m30s");
        check("1.5h", 5_400_000, "1h30m");
        check("0.25s", 250, "250ms");
        check("1h0m1s", 3_601_000, "1h1s");
        check("5m5m", 600_000, "10m");
        check("0s", 0, "0s");
    }

    #[test]
    fn parts_below_a_millisecond_survive_the_round_trip() {
        let duration: Duration = "1.000001s".parse().unwrap();
        assert_eq!(duration.get(), std::time::Duration::from_micros(1_000_001));
        assert_eq!(duration.to_string(), "1s0.001ms");
        assert_eq!(duration.to_string().parse::<Duration>().unwrap(), duration);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "5",
            "m",
            "-5m",
            "+5m",
            "5 m",
            "5m ",
            "5d",
            "1.s",
            ".5s",
            "5us",
            "5M",
            "five minutes",
            "1e3s",
        ] {
            assert_eq!(
                text.parse::<Duration>(),
                Err(DurationError::Syntax(text.to_owned())),
                "{text:?}"
            );
        }
    }

    #[test]
    fn gos_range_is_the_limit() {
        assert!("2562047h47m16.854s".parse::<Duration>().is_ok());
        for text in [
            "2562048h",
            "99999999999999999999999999999h",
            "9999999999999999999999999999999",
        ] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
        assert_eq!(
            "2562048h".parse::<Duration>(),
            Err(DurationError::Overflow("2562048h".into()))
        );
    }

    #[test]
    fn json_is_the_text() {
        assert_eq!(
            serde_json::to_string(&Duration::from_mins(10)).unwrap(),
            r#""10m""#
        );
        let error = serde_json::from_str::<Duration>(r#""soon""#)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(r#"parse duration: "soon" is not a duration such as 5m, 1h30m or 500ms"#),
            "{error}"
        );
    }
}
