//! Points in time as the API server writes them: RFC 3339, UTC, whole seconds (`metav1.Time`).
//!
//! Sub-seconds are cut when a value is made, not when it is written, so that a status compared in
//! memory with the stored one does not differ by what JSON has lost.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time with second precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(Timestamp);

impl Time {
    /// The point in time for everything that calculates.
    pub const fn get(self) -> Timestamp {
        self.0
    }
}

impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Self {
        // Seconds of a valid timestamp are a valid timestamp: the fallback is never taken.
        Self(Timestamp::from_second(timestamp.as_second()).unwrap_or(timestamp))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        text.parse::<Timestamp>()
            .map(Self::from)
            .map_err(de::Error::custom)
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_kept_and_fractions_are_cut_at_once() {
        let time = Time::from(
            "2026-03-01T10:00:00.987654321+02:00"
                .parse::<Timestamp>()
                .unwrap(),
        );
        assert_eq!(time.to_string(), "2026-03-01T08:00:00Z");
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(json, r#""2026-03-01T08:00:00Z""#);
        assert_eq!(serde_json::from_str::<Time>(&json).unwrap(), time);
    }

    #[test]
    fn a_text_that_is_no_time_is_refused() {
        assert!(serde_json::from_str::<Time>(r#""yesterday""#).is_err());
    }
}
