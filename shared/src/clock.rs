//! Time as a parameter: the machine's clock in production, one that is turned by hand in tests.

use jiff::{Timestamp, Unit};
use std::{fmt, time::Duration};

/// Tells the time, to the millisecond: what is kept and what is compared is never finer.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// How long it is until an instant; no time where that has come.
#[must_use]
pub fn wait_until(instant: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(instant.duration_since(now)).unwrap_or(Duration::ZERO)
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one owner of the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
            .round(Unit::Millisecond)
            .expect("the present is within the range of timestamps")
    }
}
