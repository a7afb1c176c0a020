//! Retries as long after the first failure as asked, perhaps several times over (CyberSource's
//! `retryPolicy`: the formula gives offsets from the first failure, in our reading).

use crate::invalid::Invalid;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The most retries of a policy, its repetitions included.
pub const MAX_RETRIES: u32 = 1_000;

/// Retries, perhaps several times over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progression {
    /// How they follow each other.
    steps: Steps,
    /// Seconds from the first failure to the first retry, at least 1.
    first_seconds: u64,
    /// How many there are; with none, nothing is tried again.
    retries: u32,
    /// How often all of them are made again.
    repeats: u32,
    /// Seconds between the last of one time and the start of the next.
    repeat_wait_seconds: u64,
}

/// How retries follow each other; `n` counts them from 1, `a` is the first's offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Steps {
    /// At `a + r(n − 1)`, with `r` in seconds.
    Arithmetic {
        /// The `r`.
        interval_seconds: u64,
    },
    /// At `a · r^(n − 1)`.
    Geometric {
        /// The `r`, at least 1.
        factor: u64,
    },
}

impl Progression {
    /// A progression that ends within some time.
    ///
    /// * `longest`: from the first failure to the last retry.
    ///
    /// # Errors
    /// Where it takes longer, or is of more than [`MAX_RETRIES`].
    pub fn new(
        steps: Steps,
        (first_seconds, retries): (u64, u32),
        (repeats, repeat_wait_seconds): (u32, u64),
        longest: Duration,
    ) -> Result<Self, Invalid> {
        let progression = Self {
            steps,
            first_seconds,
            retries,
            repeats,
            repeat_wait_seconds,
        };
        let all = repeats
            .checked_add(1)
            .and_then(|times| retries.checked_mul(times));
        if all.is_none_or(|all| all > MAX_RETRIES) {
            let rule = format!("must make at most {MAX_RETRIES} retries in all");
            return Err(Invalid::new(rule));
        }
        if progression
            .duration()
            .is_none_or(|duration| duration > longest)
        {
            let days = longest.as_secs() / (24 * 60 * 60);
            let rule = format!("must end within the {days} days that events are kept");
            return Err(Invalid::new(rule));
        }
        Ok(progression)
    }

    /// How the retries follow each other.
    #[must_use]
    pub const fn steps(&self) -> Steps {
        self.steps
    }

    /// Seconds to the first retry, and how many there are.
    #[must_use]
    pub const fn first_and_retries(&self) -> (u64, u32) {
        (self.first_seconds, self.retries)
    }

    /// How often all are made again, and the seconds before that.
    #[must_use]
    pub const fn repeats(&self) -> (u32, u64) {
        (self.repeats, self.repeat_wait_seconds)
    }

    /// Seconds from the first failure, or from the start of a repetition, to a retry.
    ///
    /// * `n`: from 1; 0 is the start.
    fn offset(&self, n: u32) -> Option<u64> {
        let Some(steps) = n.checked_sub(1) else {
            return Some(0);
        };
        match self.steps {
            Steps::Arithmetic { interval_seconds } => interval_seconds
                .checked_mul(u64::from(steps))?
                .checked_add(self.first_seconds),
            Steps::Geometric { factor } => {
                self.first_seconds.checked_mul(factor.checked_pow(steps)?)
            }
        }
    }

    /// The wait after a failure.
    ///
    /// * `failures`: how many were before it.
    pub(super) fn wait(&self, failures: u32) -> Option<Duration> {
        let time = failures.checked_div(self.retries)?;
        let before = failures % self.retries;
        if time > self.repeats {
            return None;
        }
        let gap = self.offset(before + 1)?.checked_sub(self.offset(before)?)?;
        let pause = if before == 0 && time > 0 {
            self.repeat_wait_seconds
        } else {
            0
        };
        Some(Duration::from_secs(gap.checked_add(pause)?))
    }

    /// From the first failure to the last retry.
    fn duration(&self) -> Option<Duration> {
        if self.retries == 0 {
            return Some(Duration::ZERO);
        }
        let once = self.offset(self.retries)?;
        let pauses = self
            .repeat_wait_seconds
            .checked_mul(u64::from(self.repeats))?;
        let times = u64::from(self.repeats).checked_add(1)?;
        Some(Duration::from_secs(
            once.checked_mul(times)?.checked_add(pauses)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: u64 = 60;
    const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * MINUTE);

    fn minutes(progression: &Progression) -> Vec<u64> {
        let waits = (0..).map_while(|failures| progression.wait(failures));
        waits.map(|wait| wait.as_secs() / MINUTE).collect()
    }

    fn arithmetic(interval: u64) -> Steps {
        Steps::Arithmetic {
            interval_seconds: interval * MINUTE,
        }
    }

    #[test]
    fn the_contracts_examples_hold() {
        // a = 10, r = 30, N = 3: at 10, 40 and 70 minutes; geometrically at 10, 300 and 9,000.
        let first = (10 * MINUTE, 3);
        let once = (0, 0);
        let progression =
            Progression::new(arithmetic(30), first, once, MONTH).expect("a progression");
        assert_eq!(minutes(&progression), [10, 30, 30]);
        let geometric = Steps::Geometric { factor: 30 };
        let progression = Progression::new(geometric, first, once, MONTH).expect("a progression");
        assert_eq!(minutes(&progression), [10, 290, 8_700]);
        // The default policy: first after one minute, then every minute, three times.
        let progression = Progression::new(arithmetic(1), (MINUTE, 3), once, MONTH);
        assert_eq!(minutes(&progression.expect("a progression")), [1, 1, 1]);
    }

    #[test]
    fn a_repetition_follows_its_wait() {
        let twice_more = (2, 60 * MINUTE);
        let progression = Progression::new(arithmetic(30), (10 * MINUTE, 3), twice_more, MONTH);
        assert_eq!(
            minutes(&progression.expect("a progression")),
            [10, 30, 30, 70, 30, 30, 70, 30, 30]
        );
    }

    #[test]
    fn what_takes_too_long_or_too_often_is_refused() {
        let geometric = Steps::Geometric { factor: 1_000 };
        for (steps, first, repeats) in [
            (arithmetic(1), (MINUTE, 1_001), (0, 0)),
            (arithmetic(1), (MINUTE, 501), (1, 0)),
            (arithmetic(1), (MINUTE, 2), (u32::MAX, 0)),
            (arithmetic(1), (31 * 24 * 60 * MINUTE, 1), (0, 0)),
            (arithmetic(1), (MINUTE, 1), (1, 31 * 24 * 60 * MINUTE)),
            (geometric, (MINUTE, 999), (0, 0)),
            (geometric, (u64::MAX, 2), (0, 0)),
        ] {
            let refused = Progression::new(steps, first, repeats, MONTH);
            assert!(refused.is_err(), "{steps:?} {first:?} {repeats:?}");
        }
    }

    proptest! {
        #[test]
        fn the_waits_add_up_to_the_duration(
            first in 1_u64..1_000,
            interval in 0_u64..1_000,
            retries in 0_u32..10,
            repeats in 0_u32..5,
            pause in 0_u64..1_000,
        ) {
            let steps = Steps::Arithmetic { interval_seconds: interval };
            let progression = Progression::new(steps, (first, retries), (repeats, pause), MONTH);
            let progression = progression.expect("a progression");
            let waits: Vec<_> = (0..).map_while(|failures| progression.wait(failures)).collect();
            prop_assert_eq!(waits.len(), usize::try_from(retries * (repeats + 1)).expect("few"));
            prop_assert_eq!(Some(waits.iter().sum::<Duration>()), progression.duration());
        }
    }
}
