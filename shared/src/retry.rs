//! When a failed delivery is tried again.

use std::time::Duration;

const SECOND: u64 = 1;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// The planned waits after the first, second, … failed attempt (Herald's default schedule: ten
/// attempts over about three days). After the last there is no further attempt.
pub const WAITS: [Duration; 9] = [
    Duration::from_secs(5 * SECOND),
    Duration::from_secs(5 * MINUTE),
    Duration::from_secs(30 * MINUTE),
    Duration::from_secs(2 * HOUR),
    Duration::from_secs(5 * HOUR),
    Duration::from_secs(10 * HOUR),
    Duration::from_secs(14 * HOUR),
    Duration::from_secs(20 * HOUR),
    Duration::from_secs(24 * HOUR),
];

/// How far jitter moves a wait, as a part of it.
pub const JITTER: f64 = 0.2;

/// A `Retry-After` counts up to this many times the planned wait.
pub const RETRY_AFTER_FACTOR: u32 = 4;

/// The wait before the next attempt in whole milliseconds, or `None` after the last one.
///
/// * `attempts`: how many were made, at least 1.
/// * `spread`: an even draw from −1 to 1; the wait moves by up to [`JITTER`] with it.
/// * `retry_after`: what the receiver asked for, honoured between one and four times the
///   planned wait.
#[must_use]
pub fn next_wait(attempts: u32, spread: f64, retry_after: Option<Duration>) -> Option<Duration> {
    let index = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let factor = 1.0 + JITTER * spread.clamp(-1.0, 1.0);
    let planned = whole_millis(WAITS.get(index)?.mul_f64(factor));
    let longest = planned * RETRY_AFTER_FACTOR;
    Some(retry_after.map_or(planned, |asked| whole_millis(asked).clamp(planned, longest)))
}

/// A wait without what is finer than a millisecond: what is kept of it is no finer.
const fn whole_millis(wait: Duration) -> Duration {
    Duration::new(wait.as_secs(), wait.subsec_millis() * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_schedule_is_the_documented_one() {
        let waits: Vec<_> = (1..=10).map(|made| next_wait(made, 0.0, None)).collect();
        let seconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
        let documented = seconds.map(|s| Some(Duration::from_secs(s)));
        assert_eq!(waits[..9], documented);
        assert_eq!(waits[9], None);
        assert_eq!(next_wait(0, 0.0, None), None);
    }

    #[test]
    fn retry_after_counts_between_one_and_four_times_the_planned_wait() {
        for (asked, waited) in [
            (0, 300),
            (299, 300),
            (301, 301),
            (1_200, 1_200),
            (9_999, 1_200),
        ] {
            let wait = next_wait(2, 0.0, Some(Duration::from_secs(asked)));
            assert_eq!(wait, Some(Duration::from_secs(waited)), "{asked}");
        }
    }

    proptest! {
        #[test]
        fn jitter_stays_within_a_fifth(made in 1_u32..=9, spread in -1.0_f64..=1.0) {
            let planned = next_wait(made, 0.0, None).expect("a wait").as_secs_f64();
            let wait = next_wait(made, spread, None).expect("a wait").as_secs_f64();
            prop_assert!((wait / planned - 1.0).abs() <= JITTER + 1e-9);
        }
    }
}
