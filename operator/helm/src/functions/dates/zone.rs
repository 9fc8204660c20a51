//! Time zones as Go's `time.Location`: UTC, the process zone (`Local`), a zone of the IANA database, or a fixed offset.
//!
//! The process zone is not read here: it is the zone of `Facts::now`, so that rendering stays free of the environment.

use jiff::{Timestamp, tz::TimeZone};

/// A `*time.Location`.
#[derive(Debug, Clone)]
pub(crate) enum Zone {
    /// `time.UTC`.
    Utc,
    /// `time.Local`: the zone of the clock that the caller of the engine gave.
    Local(TimeZone),
    /// A zone loaded by name from the IANA database.
    Named {
        /// The name as it was asked for.
        name: String,
        /// Its rules.
        rules: TimeZone,
    },
    /// `time.FixedZone`.
    Fixed {
        /// The abbreviation, possibly empty.
        name: String,
        /// Seconds east of UTC.
        offset: i32,
    },
}

/// What a zone says about one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ZoneInfo {
    /// The abbreviation in force (`CEST`), possibly empty.
    pub(crate) name: String,
    /// Seconds east of UTC.
    pub(crate) offset: i32,
    /// Whether daylight saving time is in force.
    pub(crate) dst: bool,
}

impl Zone {
    /// `time.LoadLocation`; `None` stands for its error.
    pub(crate) fn load(name: &[u8], local: &TimeZone) -> Option<Zone> {
        let name = std::str::from_utf8(name).ok()?;
        match name {
            "" | "UTC" => return Some(Zone::Utc),
            "Local" => return Some(Zone::Local(local.clone())),
            _ => {}
        }
        let rules = TimeZone::get(name).ok()?;
        // Go reads a file of that name, so case counts; the database here does not care.
        if rules.iana_name() != Some(name) {
            return None;
        }
        Some(Zone::Named {
            name: name.to_owned(),
            rules,
        })
    }

    /// `Location.String`.
    pub(crate) fn name(&self) -> &str {
        match self {
            Zone::Utc => "UTC",
            // Go gives this name too when it finds no zone for the process.
            Zone::Local(rules) if *rules == TimeZone::UTC => "UTC",
            Zone::Local(_) => "Local",
            Zone::Named { name, .. } | Zone::Fixed { name, .. } => name,
        }
    }

    /// `Location.lookup`: what is in force at a Unix time.
    pub(crate) fn lookup(&self, unix: i64) -> ZoneInfo {
        match self {
            Zone::Utc => ZoneInfo {
                name: "UTC".to_owned(),
                offset: 0,
                dst: false,
            },
            Zone::Fixed { name, offset } => ZoneInfo {
                name: name.clone(),
                offset: *offset,
                dst: false,
            },
            Zone::Local(rules) | Zone::Named { rules, .. } => lookup(rules, unix),
        }
    }

    /// `Location.lookupName`: the offset of an abbreviation near a wall-clock time, if the zone knows it.
    pub(crate) fn offset_of(&self, abbreviation: &str, unix: i64) -> Option<i32> {
        const HALF_YEAR: i64 = 182 * 86_400;
        let around = [0, -HALF_YEAR, HALF_YEAR].map(|shift| self.lookup(unix.saturating_add(shift)));
        let known = || around.iter().filter(|info| info.name == abbreviation);
        known()
            .map(|info| self.lookup(unix.saturating_sub(i64::from(info.offset))))
            .find(|info| info.name == abbreviation)
            .or_else(|| known().next().cloned())
            .map(|info| info.offset)
    }

    /// Pointer equality of locations, as `==` and `reflect.DeepEqual` on times see it.
    pub(crate) fn same(&self, other: &Zone) -> bool {
        match (self, other) {
            (Zone::Utc, Zone::Utc) | (Zone::Local(_), Zone::Local(_)) => true,
            (Zone::Named { name: left, .. }, Zone::Named { name: right, .. }) => left == right,
            (
                Zone::Fixed {
                    name: left,
                    offset: from,
                },
                Zone::Fixed {
                    name: right,
                    offset: to,
                },
            ) => left == right && from == to,
            (Zone::Utc | Zone::Local(_) | Zone::Named { .. } | Zone::Fixed { .. }, _) => false,
        }
    }
}

fn lookup(rules: &TimeZone, unix: i64) -> ZoneInfo {
    let second = unix.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    let timestamp = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
    let info = rules.to_offset_info(timestamp);
    ZoneInfo {
        name: info.abbreviation().to_owned(),
        offset: info.offset().seconds(),
        dst: info.dst().is_dst(),
    }
}
