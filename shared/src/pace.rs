//! How many requests a policy may make in a second.

use crate::invalid::Invalid;
use serde::{Deserialize, Serialize};

/// The most requests per second that a policy may ask for; one that may make more names no pace.
pub const MAX_PACE: u32 = 1_000;

/// A ceiling of requests per second, 1 to [`MAX_PACE`], over all recipients of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Pace(u32);

impl TryFrom<u32> for Pace {
    type Error = Invalid;

    fn try_from(per_second: u32) -> Result<Self, Invalid> {
        if (1..=MAX_PACE).contains(&per_second) {
            Ok(Self(per_second))
        } else {
            Err(Invalid::new(format!(
                "must be a whole number from 1 to {MAX_PACE}"
            )))
        }
    }
}

impl From<Pace> for u32 {
    fn from(pace: Pace) -> Self {
        pace.0
    }
}
