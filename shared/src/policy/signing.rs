//! What a policy's webhooks are signed with, and what they were signed with before.

use crate::vault::Sealed;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The most secrets that count beside the newest.
const MAX_RETIRING: usize = 4;

/// The secrets of a policy: the newest, and those before it that still count, so that receivers
/// can be given a new one while webhooks are on their way (Standard Webhooks 1.0, "Secret
/// rotation").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// What is shown, and what every signature of a dialect's own is made with.
    pub newest: Sealed,
    /// Those before it, the latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retiring: Vec<RetiringSecret>,
}

/// A secret that counts for some time yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetiringSecret {
    /// The secret.
    pub secret: Sealed,
    /// The first instant at which it does not count any more.
    #[serde(with = "crate::millis")]
    pub until: Timestamp,
}

impl Secrets {
    /// One secret alone.
    #[must_use]
    pub const fn of(newest: Sealed) -> Self {
        Self {
            newest,
            retiring: Vec::new(),
        }
    }

    /// The secrets that count at an instant, the newest first.
    pub fn counting(&self, at: Timestamp) -> impl Iterator<Item = &Sealed> {
        let retiring = self.retiring.iter().filter(move |old| at < old.until);
        std::iter::once(&self.newest).chain(retiring.map(|old| &old.secret))
    }

    /// With another newest one; the present one counts until an instant, and those before it no
    /// longer than that.
    #[must_use]
    pub fn rotate(self, newest: Sealed, until: Timestamp, now: Timestamp) -> Self {
        let present = RetiringSecret {
            secret: self.newest,
            until,
        };
        let before = self.retiring.into_iter().map(|old| RetiringSecret {
            until: old.until.min(until),
            ..old
        });
        let counts = |old: &RetiringSecret| now < old.until;
        let retiring = std::iter::once(present).chain(before).filter(counts);
        Self {
            newest,
            retiring: retiring.take(MAX_RETIRING).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(name: &str) -> Sealed {
        serde_json::from_str(&format!("\"{name}\"")).expect("a text")
    }

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    fn counting(secrets: &Secrets, at: i64) -> Vec<Sealed> {
        secrets.counting(second(at)).cloned().collect()
    }

    #[test]
    fn a_rotated_secret_counts_until_its_time_is_over() {
        let secrets = Secrets::of(sealed("a")).rotate(sealed("b"), second(10), second(0));
        assert_eq!(counting(&secrets, 9), [sealed("b"), sealed("a")]);
        assert_eq!(counting(&secrets, 10), [sealed("b")]);
    }

    #[test]
    fn a_rotation_at_once_ends_every_earlier_one() {
        let secrets = Secrets::of(sealed("a")).rotate(sealed("b"), second(10), second(0));
        let secrets = secrets.rotate(sealed("c"), second(5), second(5));
        assert_eq!(counting(&secrets, 5), [sealed("c")]);
        assert!(secrets.retiring.is_empty());
    }

    #[test]
    fn a_rotation_that_is_repeated_keeps_what_receivers_have() {
        let mut secrets = Secrets::of(sealed("a"));
        for name in ["b", "c", "d"] {
            secrets = secrets.rotate(sealed(name), second(100), second(0));
        }
        assert!(counting(&secrets, 1).contains(&sealed("a")));
        for name in ["e", "f", "g"] {
            secrets = secrets.rotate(sealed(name), second(100), second(0));
        }
        assert_eq!(secrets.retiring.len(), MAX_RETIRING);
    }
}
