//! Whether a policy sends, and why not.

use super::Health;
use crate::{delivery::WithheldReason, invalid::Invalid};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Whether a policy sends. What it hears while it does not is withheld, and not lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum PolicyStatus {
    /// It sends.
    #[default]
    Active,
    /// Not yet: its health URL was not healthy so far. What is withheld is sent once it is.
    Pending,
    /// Not for now: its health URL is not healthy any more. What is withheld is sent once it is.
    Suspended {
        /// Since when.
        #[serde(with = "crate::millis")]
        since: Timestamp,
    },
    /// Not until somebody says so. What is withheld stays so until it is replayed.
    Inactive {
        /// Since when.
        #[serde(with = "crate::millis")]
        since: Timestamp,
    },
}

impl PolicyStatus {
    /// Every status's name.
    pub const NAMES: [&'static str; 4] = ["active", "pending", "suspended", "inactive"];

    /// Its name, as callers see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Suspended { .. } => "suspended",
            Self::Inactive { .. } => "inactive",
        }
    }

    /// Since when it does not send; `None` where it does, or never did.
    #[must_use]
    pub const fn since(self) -> Option<Timestamp> {
        match self {
            Self::Active | Self::Pending => None,
            Self::Suspended { since } | Self::Inactive { since } => Some(since),
        }
    }

    /// Whether it sends.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Active)
    }

    /// Why what a policy hears is withheld; `None` where it sends.
    #[must_use]
    pub const fn withholds(self) -> Option<WithheldReason> {
        match self {
            Self::Active => None,
            Self::Pending => Some(WithheldReason::PolicyPending),
            Self::Suspended { .. } => Some(WithheldReason::PolicySuspended),
            Self::Inactive { .. } => Some(WithheldReason::PolicyInactive),
        }
    }

    /// The status that somebody asks for. Whether a policy that is not inactive sends is for its
    /// health to say.
    #[must_use]
    pub const fn asked(self, wanted: WantedPolicyStatus, has_health: bool, now: Timestamp) -> Self {
        match (wanted, self) {
            (WantedPolicyStatus::Inactive, Self::Inactive { since }) => Self::Inactive { since },
            (WantedPolicyStatus::Inactive, _) => Self::Inactive { since: now },
            (WantedPolicyStatus::Active, Self::Inactive { .. }) if has_health => Self::Pending,
            (WantedPolicyStatus::Active, Self::Inactive { .. }) => Self::Active,
            (WantedPolicyStatus::Active, present) => present,
        }
    }

    /// The status under another health: where nobody asks any more, nothing keeps a policy from
    /// sending, and where nothing is withheld, nothing suspends it.
    #[must_use]
    pub const fn under(self, health: Option<&Health>) -> Self {
        match (self, health) {
            (Self::Pending | Self::Suspended { .. }, None) => Self::Active,
            (Self::Suspended { .. }, Some(Health { withhold, .. })) if !*withhold => Self::Active,
            (present, _) => present,
        }
    }

    /// The status after a probe.
    ///
    /// * `withhold`: whether a policy that is not healthy is suspended.
    #[must_use]
    pub const fn probed(self, healthy: bool, withhold: bool, now: Timestamp) -> Self {
        match self {
            Self::Pending | Self::Suspended { .. } if healthy => Self::Active,
            Self::Active if !healthy && withhold => Self::Suspended { since: now },
            present => present,
        }
    }
}

/// What somebody may say of a policy's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantedPolicyStatus {
    /// It shall send, as its health allows.
    Active,
    /// It shall not.
    Inactive,
}

impl FromStr for WantedPolicyStatus {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "active" => Ok(Self::Active),
            "inactive" => Ok(Self::Inactive),
            _ => Err(Invalid::new("must be active or inactive")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::destination::DestinationRules;
    use jiff::SignedDuration;
    use {PolicyStatus::*, WantedPolicyStatus as Wanted};

    const THEN: Timestamp = Timestamp::UNIX_EPOCH;

    fn now() -> Timestamp {
        THEN + SignedDuration::from_secs(1)
    }

    fn health(withhold: bool) -> Health {
        let url = DestinationRules::strict().parse("https://example.com/health");
        Health {
            url: url.expect("a URL"),
            withhold,
        }
    }

    #[test]
    fn somebodys_word_makes_a_policy_inactive_and_ends_that() {
        let (suspended, inactive) = (Suspended { since: THEN }, Inactive { since: THEN });
        for (present, wanted, has_health, next) in [
            (Active, Wanted::Inactive, false, Inactive { since: now() }),
            (Pending, Wanted::Inactive, true, Inactive { since: now() }),
            (suspended, Wanted::Inactive, true, Inactive { since: now() }),
            (inactive, Wanted::Inactive, true, inactive),
            (inactive, Wanted::Active, false, Active),
            (inactive, Wanted::Active, true, Pending),
            (suspended, Wanted::Active, true, suspended),
            (Pending, Wanted::Active, true, Pending),
            (Active, Wanted::Active, true, Active),
        ] {
            let asked = present.asked(wanted, has_health, now());
            assert_eq!(asked, next, "{present:?} {wanted:?} {has_health}");
        }
    }

    #[test]
    fn without_health_nothing_but_a_word_keeps_a_policy_from_sending() {
        let (suspended, inactive) = (Suspended { since: THEN }, Inactive { since: THEN });
        let (holds, passes) = (health(true), health(false));
        for (present, health, next) in [
            (Pending, None, Active),
            (suspended, None, Active),
            (inactive, None, inactive),
            (Active, Some(&holds), Active),
            (suspended, Some(&holds), suspended),
            (suspended, Some(&passes), Active),
            (Pending, Some(&passes), Pending),
        ] {
            assert_eq!(present.under(health), next, "{present:?} {health:?}");
        }
    }

    #[test]
    fn a_probe_suspends_and_revives_but_never_against_somebodys_word() {
        let (suspended, inactive) = (Suspended { since: THEN }, Inactive { since: THEN });
        for (present, healthy, withhold, next) in [
            (Active, true, true, Active),
            (Active, false, true, Suspended { since: now() }),
            (Active, false, false, Active),
            (Pending, true, true, Active),
            (Pending, false, true, Pending),
            (suspended, true, true, Active),
            (suspended, false, true, suspended),
            (inactive, true, true, inactive),
            (inactive, false, true, inactive),
        ] {
            let probed = present.probed(healthy, withhold, now());
            assert_eq!(probed, next, "{present:?} {healthy} {withhold}");
        }
    }
}
