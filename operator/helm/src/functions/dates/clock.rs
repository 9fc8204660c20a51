//! Go's `time.Time`: an instant with a zone, and the calendar arithmetic on it.
//!
//! Years are not limited to four digits, as Go's are not; instants wrap as Go's 64-bit seconds do.

use std::cmp::Ordering;

use super::{duration::NANOS_PER_SECOND, zone::Zone};

const SECONDS_PER_DAY: u64 = 86_400;
/// Days from the start of Go's absolute calendar (year -292277022399) to 1970-01-01, minus 306: see [`civil`].
const ABSOLUTE_YEARS: i64 = 292_277_022_400;
const DAYS_PER_400_YEARS: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const MARCH_EPOCH_TO_UNIX: i64 = 719_468;
/// Seconds between year 1 and 1970, which is what the zero time is measured from.
const UNIX_TO_INTERNAL: i64 = 62_135_596_800;

/// A `time.Time`.
#[derive(Debug, Clone)]
pub(crate) struct Time {
    unix: i64,
    nanosecond: u32,
    zone: Zone,
    /// The monotonic clock reading of `time.Now`, in nanoseconds since the start of the render.
    monotonic: Option<i64>,
}

/// A calendar date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: i64,
    /// 1 to 31.
    pub(crate) day: i64,
}

/// A wall clock reading without a zone; fields may be out of range as arguments of `time.Date` may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wall {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    pub(crate) nanosecond: i64,
}

impl Time {
    /// `time.Unix` in a zone.
    pub(crate) fn from_unix(unix: i64, nanosecond: u32, zone: Zone) -> Time {
        Time {
            unix,
            nanosecond,
            zone,
            monotonic: None,
        }
    }

    /// `time.Now`: the same with a monotonic reading.
    pub(crate) fn now(unix: i64, nanosecond: u32, zone: Zone, monotonic: i64) -> Time {
        Time {
            unix,
            nanosecond,
            zone,
            monotonic: Some(monotonic),
        }
    }

    /// `time.Time{}`.
    pub(crate) fn zero() -> Time {
        Time::from_unix(-UNIX_TO_INTERNAL, 0, Zone::Utc)
    }

    /// `time.Date`.
    pub(crate) fn from_wall(wall: Wall, zone: Zone) -> Time {
        let (year, month) = normalize(wall.year, wall.month.wrapping_sub(1), 12);
        let (second, nanosecond) = normalize(wall.second, wall.nanosecond, NANOS_PER_SECOND);
        let (minute, second) = normalize(wall.minute, second, 60);
        let (hour, minute) = normalize(wall.hour, minute, 60);
        let (day, hour) = normalize(wall.day, hour, 24);
        let mut unix = days_from_civil(year, month + 1, 1)
            .wrapping_add(day - 1)
            .wrapping_mul(SECONDS_PER_DAY as i64)
            .wrapping_add(hour * 3600 + minute * 60 + second);
        let first = i64::from(zone.lookup(unix).offset);
        if first != 0 {
            // The offset was looked up for the wall clock taken as UTC; near a transition it must be looked up again.
            let again = i64::from(zone.lookup(unix.wrapping_sub(first)).offset);
            unix = unix.wrapping_sub(again);
        }
        Time::from_unix(unix, nanosecond as u32, zone)
    }

    /// `Time.Unix`.
    pub(crate) fn unix(&self) -> i64 {
        self.unix
    }

    /// `Time.Nanosecond`.
    pub(crate) fn nanosecond(&self) -> u32 {
        self.nanosecond
    }

    /// `Time.Location`.
    pub(crate) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The monotonic reading, if the time came from the clock and kept it.
    pub(crate) fn monotonic(&self) -> Option<i64> {
        self.monotonic
    }

    /// `Time.In`.
    pub(crate) fn in_zone(&self, zone: Zone) -> Time {
        Time {
            unix: self.unix,
            nanosecond: self.nanosecond,
            zone,
            monotonic: None,
        }
    }

    /// `Time.IsZero`.
    pub(crate) fn is_zero(&self) -> bool {
        self.unix == -UNIX_TO_INTERNAL && self.nanosecond == 0
    }

    /// `Time.Add`.
    pub(crate) fn add(&self, nanoseconds: i64) -> Time {
        let mut seconds = nanoseconds / NANOS_PER_SECOND;
        let mut rest = i64::from(self.nanosecond) + nanoseconds % NANOS_PER_SECOND;
        if rest >= NANOS_PER_SECOND {
            seconds += 1;
            rest -= NANOS_PER_SECOND;
        } else if rest < 0 {
            seconds -= 1;
            rest += NANOS_PER_SECOND;
        }
        Time {
            unix: self.unix.wrapping_add(seconds),
            nanosecond: rest as u32,
            zone: self.zone.clone(),
            monotonic: self
                .monotonic
                .and_then(|reading| reading.checked_add(nanoseconds)),
        }
    }

    /// `Time.Sub` in nanoseconds, saturating.
    pub(crate) fn sub(&self, other: &Time) -> i64 {
        if let (Some(left), Some(right)) = (self.monotonic, other.monotonic) {
            return left.saturating_sub(right);
        }
        let seconds = i128::from(self.unix) - i128::from(other.unix);
        let nanos = seconds * i128::from(NANOS_PER_SECOND) + i128::from(self.nanosecond)
            - i128::from(other.nanosecond);
        i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
    }

    /// `Time.Compare`.
    pub(crate) fn compare(&self, other: &Time) -> Ordering {
        if let (Some(left), Some(right)) = (self.monotonic, other.monotonic) {
            return left.cmp(&right);
        }
        (self.unix, self.nanosecond).cmp(&(other.unix, other.nanosecond))
    }

    /// `==` on two `time.Time` structs.
    pub(crate) fn identical(&self, other: &Time) -> bool {
        self.unix == other.unix
            && self.nanosecond == other.nanosecond
            && self.monotonic == other.monotonic
            && self.zone.same(&other.zone)
    }

    /// `Time.AddDate`.
    pub(crate) fn add_date(&self, years: i64, months: i64, days: i64) -> Time {
        let (date, clock) = self.date_clock();
        let wall = Wall {
            year: date.year.wrapping_add(years),
            month: date.month.wrapping_add(months),
            day: date.day.wrapping_add(days),
            hour: clock.0,
            minute: clock.1,
            second: clock.2,
            nanosecond: i64::from(self.nanosecond),
        };
        Time::from_wall(wall, self.zone.clone())
    }

    /// `Time.Truncate` and, when `nearest`, `Time.Round`: to a multiple of a duration since year 1.
    pub(crate) fn round_to(&self, nanoseconds: i64, nearest: bool) -> Time {
        let stripped = self.in_zone(self.zone.clone());
        if nanoseconds <= 0 {
            return stripped;
        }
        let since = (i128::from(self.unix) + i128::from(UNIX_TO_INTERNAL)) * i128::from(NANOS_PER_SECOND)
            + i128::from(self.nanosecond);
        let rest = since.rem_euclid(i128::from(nanoseconds)) as i64;
        if !nearest || rest.wrapping_add(rest) < nanoseconds && rest < i64::MAX / 2 {
            stripped.add(-rest)
        } else {
            stripped.add(nanoseconds - rest)
        }
    }

    /// Days since the Unix epoch and seconds of the day, on the wall clock of the zone.
    fn local(&self) -> (i64, i64) {
        let offset = i64::from(self.zone.lookup(self.unix).offset);
        // The offset of Go's absolute calendar makes every instant non-negative, wrapping at the far ends as Go does.
        let to_absolute = (ABSOLUTE_YEARS / 400 * DAYS_PER_400_YEARS).wrapping_mul(SECONDS_PER_DAY as i64);
        let absolute = self.unix.wrapping_add(offset).wrapping_add(to_absolute) as u64;
        let days = (absolute / SECONDS_PER_DAY) as i64 - ABSOLUTE_YEARS / 400 * DAYS_PER_400_YEARS;
        (days, (absolute % SECONDS_PER_DAY) as i64)
    }

    /// The calendar date and (hour, minute, second).
    pub(crate) fn date_clock(&self) -> (Civil, (i64, i64, i64)) {
        let (days, second) = self.local();
        (civil(days), (second / 3600, second / 60 % 60, second % 60))
    }

    /// `Time.Weekday`: 0 is Sunday.
    pub(crate) fn weekday(&self) -> i64 {
        (self.local().0 + 4).rem_euclid(7)
    }

    /// `Time.YearDay`, from 1.
    pub(crate) fn year_day(&self) -> i64 {
        let (days, _) = self.local();
        days - days_from_civil(civil(days).year, 1, 1) + 1
    }
}

/// `time.norm`: carries `low` over `base` into `high`.
fn normalize(high: i64, low: i64, base: i64) -> (i64, i64) {
    (high.wrapping_add(low.div_euclid(base)), low.rem_euclid(base))
}

/// The date of a day number since 1970-01-01.
fn civil(days: i64) -> Civil {
    let shifted = days.wrapping_add(MARCH_EPOCH_TO_UNIX);
    let era = shifted.div_euclid(DAYS_PER_400_YEARS);
    let of_era = shifted.rem_euclid(DAYS_PER_400_YEARS);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day,
    }
}

/// The day number since 1970-01-01 of a date whose month is in range.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year.wrapping_sub(i64::from(month <= 2));
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era.wrapping_mul(DAYS_PER_400_YEARS)
        .wrapping_add(of_era)
        .wrapping_sub(MARCH_EPOCH_TO_UNIX)
}

/// `time.isLeap`.
pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// `time.daysIn`.
pub(crate) fn days_in(month: i64, year: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(time: &Time) -> (i64, i64, i64) {
        let (civil, _) = time.date_clock();
        (civil.year, civil.month, civil.day)
    }

    #[test]
    fn the_zero_time_is_the_first_of_january_of_year_one() {
        assert_eq!(date(&Time::zero()), (1, 1, 1));
        assert!(Time::zero().is_zero());
    }

    #[test]
    fn dates_wrap_at_the_ends_as_in_go() {
        assert_eq!(
            date(&Time::from_unix(i64::MAX, 0, Zone::Utc)),
            (292_277_026_596, 12, 4)
        );
        assert_eq!(date(&Time::from_unix(0, 0, Zone::Utc)), (1970, 1, 1));
        assert_eq!(date(&Time::from_unix(951_782_400, 0, Zone::Utc)), (2000, 2, 29));
    }

    #[test]
    fn out_of_range_fields_are_carried() {
        let wall = Wall {
            year: 2023,
            month: 14,
            day: 31,
            hour: 25,
            minute: 61,
            second: 0,
            nanosecond: -1,
        };
        let time = Time::from_wall(wall, Zone::Utc);
        assert_eq!(
            time.date_clock(),
            (
                Civil {
                    year: 2024,
                    month: 3,
                    day: 3
                },
                (2, 0, 59)
            )
        );
        assert_eq!(time.nanosecond(), 999_999_999);
    }
}
