//! Herald's default schedule.

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

/// The wait after a failure.
///
/// * `failures`: how many were before it.
/// * `spread`: an even draw from −1 to 1; the wait moves by up to [`JITTER`] with it.
pub(super) fn wait(failures: u32, spread: f64) -> Option<Duration> {
    let factor = 1.0 + JITTER * spread.clamp(-1.0, 1.0);
    let index = usize::try_from(failures).ok()?;
    Some(WAITS.get(index)?.mul_f64(factor))
}
