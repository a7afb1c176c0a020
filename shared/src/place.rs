//! Where an event stands in the log of its account.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An event's place in the log of its account: microseconds since 1970, later than the place of
/// every event that was accepted there before. Shown as `2026-01-05 10:00:00.000001`, a text that
/// rises as the places do (Lune's `sequence`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(i64);

impl Place {
    /// The last that there may be.
    pub const LAST: Self = Self(9_999_999_999_999_999);

    /// Before the first that there may be.
    pub const FIRST: Self = Self(-1);

    /// The place of an instant, to the microsecond; the first of all for one before 1970.
    #[must_use]
    pub fn at(instant: Timestamp) -> Self {
        Self(instant.as_microsecond().max(0))
    }

    /// The last place before an instant: who reads after it reads what was accepted from then on.
    #[must_use]
    pub fn before(instant: Timestamp) -> Self {
        Self(Self::at(instant).0 - 1)
    }

    /// The place for an event that is accepted at an instant, after the last of its log.
    #[must_use]
    pub fn next(instant: Timestamp, last: Option<Self>) -> Self {
        let now = Self::at(instant);
        last.map_or(now, |Self(last)| now.max(Self(last + 1)))
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn as_microsecond(self) -> i64 {
        self.0
    }

    /// The instant.
    #[must_use]
    pub fn instant(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::MAX)
    }

    /// The one right after.
    pub(crate) const fn following(self) -> Self {
        Self(self.0 + 1)
    }

    /// From a sort key.
    pub(crate) fn from_sort_key(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// As it stands in a sort key: 16 digits.
    pub(crate) fn sort_key(self) -> String {
        format!("{:016}", self.0)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.instant().to_zoned(TimeZone::UTC);
        shown.strftime("%Y-%m-%d %H:%M:%S%.6f").fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_place_is_later_than_the_last_whatever_the_clock_says() {
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let first = Place::next(at("2026-01-05T10:00:00.000001Z"), None);
        assert_eq!(first.to_string(), "2026-01-05 10:00:00.000001");
        let second = Place::next(at("2026-01-05T09:00:00Z"), Some(first));
        assert_eq!(second.to_string(), "2026-01-05 10:00:00.000002");
        let third = Place::next(at("2026-01-05T11:00:00Z"), Some(second));
        assert_eq!(third.to_string(), "2026-01-05 11:00:00.000000");
    }

    proptest! {
        #[test]
        fn places_rise_as_their_texts_and_keys_do(a in 0_i64..1 << 52, b in 0_i64..1 << 52) {
            let (a, b) = (Place(a), Place(b));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(a.cmp(&b), a.sort_key().cmp(&b.sort_key()));
        }
    }
}
