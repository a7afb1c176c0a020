//! When a failed delivery is tried again: by the policy's retry policy.

mod default_schedule;
mod progression;

pub use default_schedule::{JITTER, WAITS};
pub use progression::{MAX_RETRIES, Progression, Steps};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A `Retry-After` counts up to this many times the planned wait.
pub const RETRY_AFTER_FACTOR: u32 = 4;

/// The first wait of [`RetryPolicy::UntilAcknowledged`].
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// Its longest.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// What an attempt is made earlier than its event goes: queues and the timer may be late.
const MARGIN: Duration = Duration::from_secs(60 * 60);

/// How a policy's deliveries are tried again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryPolicy {
    /// Ten attempts over about three days, with jitter.
    #[default]
    Default,
    /// As often as asked, as long after the first failure as asked.
    #[serde(rename = "sequence")]
    Progression(Progression),
    /// After 1 s, doubling up to 15 minutes, for as long as the event is kept.
    UntilAcknowledged,
}

impl RetryPolicy {
    /// The wait before the next attempt in whole milliseconds, or `None` after the last one.
    ///
    /// * `attempts`: how many were made, at least 1.
    /// * `spread`: an even draw from −1 to 1, for the jitter of the default.
    /// * `retry_after`: what the receiver asked for, honoured between one and four times the
    ///   planned wait.
    #[must_use]
    pub fn next_wait(
        &self,
        attempts: u32,
        spread: f64,
        retry_after: Option<Duration>,
    ) -> Option<Duration> {
        let failures = attempts.checked_sub(1)?;
        let planned = match self {
            Self::Default => default_schedule::wait(failures, spread)?,
            Self::Progression(progression) => progression.wait(failures)?,
            Self::UntilAcknowledged => {
                let doubled = 2_u32.checked_pow(failures);
                let wait = doubled.and_then(|times| FIRST_WAIT.checked_mul(times));
                wait.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
            }
        };
        let planned = whole_millis(planned);
        let longest = planned.saturating_mul(RETRY_AFTER_FACTOR);
        Some(retry_after.map_or(planned, |asked| whole_millis(asked).clamp(planned, longest)))
    }

    /// How long a receiver may ask to wait, so that the attempts which are planned after the next still
    /// find the event.
    ///
    /// * `attempts`: how many were made, at least 1.
    /// * `kept`: for how long the event is.
    #[must_use]
    pub fn longest_asked(&self, attempts: u32, kept: Duration) -> Duration {
        let later: Duration = match self {
            Self::Default | Self::Progression(_) => (attempts.saturating_add(1)..)
                .map_while(|made| self.next_wait(made, 1.0, None))
                .sum(),
            // It never ends, and plans nothing.
            Self::UntilAcknowledged => Duration::ZERO,
        };
        kept.saturating_sub(later).saturating_sub(MARGIN)
    }

    /// The wait before the next attempt where there is always one: what is told in order blocks what
    /// comes after it. After the last of the policy's waits that one comes again and again.
    #[must_use]
    pub fn next_wait_in_order(
        &self,
        attempts: u32,
        spread: f64,
        retry_after: Option<Duration>,
    ) -> Duration {
        let mut counted = (1..=attempts.min(MAX_FAILURES)).rev();
        let wait = counted.find_map(|attempts| self.next_wait(attempts, spread, retry_after));
        wait.unwrap_or(LONGEST_WAIT)
    }
}

/// The most failures that count for a wait: no retry policy has more waits.
const MAX_FAILURES: u32 = MAX_RETRIES + 1;

/// A wait without what is finer than a millisecond: what is kept of it is no finer.
const fn whole_millis(wait: Duration) -> Duration {
    Duration::new(wait.as_secs(), wait.subsec_millis() * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn waits(policy: &RetryPolicy) -> impl Iterator<Item = u64> {
        (1..).map_while(|made| Some(policy.next_wait(made, 0.0, None)?.as_secs()))
    }

    #[test]
    fn the_default_is_the_documented_schedule() {
        let documented = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
        let planned: Vec<_> = waits(&RetryPolicy::Default).collect();
        assert_eq!(planned, documented);
        assert_eq!(RetryPolicy::Default.next_wait(0, 0.0, None), None);
    }

    #[test]
    fn a_progression_stands_in_rows_under_the_name_that_earlier_versions_gave_it() {
        let steps = Steps::Geometric { factor: 2 };
        let month = Duration::from_secs(30 * 24 * 60 * 60);
        let progression = Progression::new(steps, (60, 3), (0, 0), month).expect("a progression");
        let row = concat!(
            r#"{"sequence":{"steps":{"geometric":{"factor":2}},"first_seconds":60,"#,
            r#""retries":3,"repeats":0,"repeat_wait_seconds":0}}"#
        );
        let policy = RetryPolicy::Progression(progression);
        assert_eq!(serde_json::to_string(&policy).expect("JSON"), row);
        assert_eq!(
            serde_json::from_str::<RetryPolicy>(row).expect("a policy"),
            policy
        );
    }

    #[test]
    fn until_acknowledged_doubles_up_to_a_quarter_of_an_hour_and_never_ends() {
        let planned: Vec<_> = waits(&RetryPolicy::UntilAcknowledged).take(12).collect();
        assert_eq!(planned, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        let far = RetryPolicy::UntilAcknowledged.next_wait(u32::MAX, 0.0, None);
        assert_eq!(far, Some(LONGEST_WAIT));
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
            let asked = Some(Duration::from_secs(asked));
            let wait = RetryPolicy::Default.next_wait(2, 0.0, asked);
            assert_eq!(wait, Some(Duration::from_secs(waited)), "{asked:?}");
        }
    }

    #[test]
    fn a_receiver_may_ask_for_what_the_later_attempts_leave_of_the_events_time() {
        let week = Duration::from_secs(7 * 24 * 60 * 60);
        for (attempts, later) in [(7, 158_400), (8, 86_400), (9, 0)] {
            let longest = RetryPolicy::Default.longest_asked(attempts, week);
            let jitter = Duration::from_secs(later / 5);
            let left = week - Duration::from_secs(later + 3_600);
            assert_eq!(longest, left - jitter, "{attempts}");
        }
        let hours = Duration::from_secs(2 * 3_600);
        assert_eq!(RetryPolicy::Default.longest_asked(8, hours), Duration::ZERO);
        let endless = RetryPolicy::UntilAcknowledged.longest_asked(8, hours);
        assert_eq!(endless, hours / 2);
    }

    #[test]
    fn in_order_the_last_wait_comes_again_and_again() {
        let wait = |attempts| RetryPolicy::Default.next_wait_in_order(attempts, 0.0, None);
        assert_eq!(wait(1).as_secs(), 5);
        for attempts in [9, 10, 11, 2_000, u32::MAX] {
            assert_eq!(wait(attempts).as_secs(), 86_400, "{attempts}");
        }
        let endless = RetryPolicy::UntilAcknowledged.next_wait_in_order(u32::MAX, 0.0, None);
        assert_eq!(endless, LONGEST_WAIT);
    }

    proptest! {
        #[test]
        fn jitter_stays_within_a_fifth(made in 1_u32..=9, spread in -1.0_f64..=1.0) {
            let wait = |spread| RetryPolicy::Default.next_wait(made, spread, None);
            let planned = wait(0.0).expect("a wait").as_secs_f64();
            let wait = wait(spread).expect("a wait").as_secs_f64();
            prop_assert!((wait / planned - 1.0).abs() <= JITTER + 1e-9);
        }
    }
}
