//! Time as a parameter: the wall clock in production, a clock turned by hand in tests.

use jiff::{Timestamp, Unit};
use std::{
    fmt,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

/// Tells the time, to the millisecond: what is kept and what is compared is never finer.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
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

/// A clock that stands still until it is turned.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at an instant, to the millisecond.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.as_millisecond()))
    }

    /// Turns the clock forward.
    ///
    /// # Panics
    /// Beyond the range of 64-bit milliseconds.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).expect("a test turns the clock by less than that");
        self.0.fetch_add(by, Ordering::SeqCst);
    }

    /// Turns the clock to an instant; never back.
    pub fn advance_to(&self, to: Timestamp) {
        self.0.fetch_max(to.as_millisecond(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst))
            .expect("a test's clock stays within the range of timestamps")
    }
}
