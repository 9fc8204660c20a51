//! Times as Go writes them into JSON: RFC 3339 with nanoseconds and the writer's offset.
//!
//! Helm 4 leaves a zero time out; Helm 3 writes `""`. Both mean [`None`] wherever a record holds an
//! `Option<GoTime>`.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::Offset;

/// The zero of Go's `time.Time`.
const GO_ZERO: &str = "0001-01-01T00:00:00Z";

/// A moment together with the offset its writer lived at, so that rewriting a record keeps its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoTime {
    /// The moment.
    pub at: Timestamp,
    /// The writer's offset from UTC.
    pub offset: Offset,
}

/// Not a time as Go writes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parse time {0:?}: not RFC 3339")]
pub struct GoTimeError(String);

impl GoTime {
    /// Reads a time; the empty text and Go's zero are `None`.
    pub fn parse(text: &str) -> Result<Option<Self>, GoTimeError> {
        if text.is_empty() || text == GO_ZERO {
            return Ok(None);
        }
        let fail = || GoTimeError(text.to_owned());
        let at: Timestamp = text.parse().map_err(|_| fail())?;
        let offset = match text.strip_suffix('Z') {
            Some(_) => Offset::UTC,
            None => numeric_offset(text).ok_or_else(fail)?,
        };
        Ok(Some(Self { at, offset }))
    }

    /// The text of a time that may be Go's zero.
    pub(super) fn or_zero(time: Option<&Self>) -> String {
        time.map_or_else(|| GO_ZERO.to_owned(), ToString::to_string)
    }
}

impl From<Timestamp> for GoTime {
    /// A moment written from UTC, as the operator writes all of its own.
    fn from(at: Timestamp) -> Self {
        Self {
            at,
            offset: Offset::UTC,
        }
    }
}

/// `time.RFC3339Nano`: trailing zeros of the fraction are dropped, offset zero is `Z`.
impl fmt::Display for GoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.offset == Offset::UTC {
            self.at.fmt(f)
        } else {
            self.at.display_with_offset(self.offset).fmt(f)
        }
    }
}

/// The `±hh:mm` at the end of an RFC 3339 text.
fn numeric_offset(text: &str) -> Option<Offset> {
    let tail = text.get(text.len().checked_sub(6)?..)?;
    let sign = match tail.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = tail.get(1..)?.split_once(':')?;
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    Offset::from_seconds(sign * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(GoTime::parse(text).unwrap().unwrap().to_string(), expected);
    }

    #[test]
    fn the_text_of_a_time_survives() {
        check(
            "2024-05-01T12:00:00.123456789+02:00",
            "2024-05-01T12:00:00.123456789+02:00",
        );
        check("2024-05-01T12:00:00.12-05:30", "2024-05-01T12:00:00.12-05:30");
        check("2024-05-01T12:00:00Z", "2024-05-01T12:00:00Z");
    }

    #[test]
    fn what_go_would_shorten_is_shortened() {
        check("2024-05-01T12:00:00.100000000Z", "2024-05-01T12:00:00.1Z");
    }

    #[test]
    fn helm_3_and_4_write_no_time_differently() {
        assert_eq!(GoTime::parse(""), Ok(None));
        assert_eq!(GoTime::parse(GO_ZERO), Ok(None));
    }

    #[test]
    fn other_texts_are_errors() {
        for text in ["yesterday", "2024-05-01", "2024-05-01T12:00:00"] {
            assert!(GoTime::parse(text).is_err(), "{text}");
        }
    }
}
