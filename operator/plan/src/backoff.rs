//! How long to wait before trying again. No jitter: operations are many and start at different times anyway.

use std::time::Duration;

use jiff::Timestamp;

/// The first pause after a failed attempt.
const FIRST: Duration = Duration::from_secs(10);

/// The longest pause. A cluster that comes back is noticed within this time.
const LONGEST: Duration = Duration::from_mins(10);

/// The first pause after a transient error, which often is a conflict that is gone at once.
const FIRST_TRANSIENT: Duration = Duration::from_secs(1);

/// The longest pause after a transient error.
const LONGEST_TRANSIENT: Duration = Duration::from_mins(2);

/// When to try again after the `count`th unhealthy attempt, from 1.
pub fn retry_at(now: Timestamp, count: u32) -> Timestamp {
    later(now, doubled(FIRST, count, LONGEST))
}

/// When to try again after the `count`th transient error in a row, from 1.
pub fn transient_at(now: Timestamp, count: u32) -> Timestamp {
    later(now, doubled(FIRST_TRANSIENT, count, LONGEST_TRANSIENT))
}

/// A later time; the end of time when it would be after it.
pub(crate) fn later(now: Timestamp, pause: Duration) -> Timestamp {
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}

fn doubled(first: Duration, count: u32, longest: Duration) -> Duration {
    let factor = 1_u32
        .checked_shl(count.saturating_sub(1))
        .unwrap_or(u32::MAX)
        .max(1);
    first.saturating_mul(factor).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let now = Timestamp::UNIX_EPOCH;
        let seconds = |count| retry_at(now, count).as_second();
        assert_eq!([1, 2, 3, 7, 8, 60].map(seconds), [10, 20, 40, 600, 600, 600]);
        assert_eq!(transient_at(now, 1).as_second(), 1);
        assert_eq!(transient_at(now, 99).as_second(), 120);
    }
}
