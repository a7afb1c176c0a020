//! How a policy's health is known, and what a probe makes of it.

use super::{Policy, PolicyStatus};
use crate::{
    destination::WebhookUrl,
    recipient::{Recipient, Target},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How a policy's health is known, and what follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// What is probed: an empty `POST`, which must be answered with 200.
    pub url: WebhookUrl,
    /// Whether an active policy is suspended, and what it hears withheld, while it is not healthy.
    /// Else it stays active, and each delivery keeps its retry policy.
    pub withhold: bool,
}

impl Policy {
    /// The next version after a probe of a URL; the same, where the probe changes nothing or the
    /// policy's health is asked for elsewhere meanwhile.
    #[must_use]
    pub fn probed(mut self, probed: &WebhookUrl, healthy: bool, now: Timestamp) -> Self {
        let Some(health) = self.health.as_ref().filter(|it| it.url == *probed) else {
            return self;
        };
        let status = self.status.probed(healthy, health.withhold, now);
        if status == self.status {
            return self;
        }
        self.status = status;
        self.changed(now)
    }

    /// Its health once its recipients have changed. Where its interface asks for that at its webhook's
    /// URL, as no other was named, it is asked for where the webhook goes now.
    pub(super) fn health_after(&self, before: &Self) -> Option<Health> {
        let mut health = self.health.clone()?;
        let of = |policy: &Self| match policy.recipients.first() {
            Some(Recipient {
                target: Target::Url(url),
                ..
            }) => Some(url.clone()),
            _ => None,
        };
        let said = self.details.subscription.as_ref();
        let follows = said.is_some_and(|said| !said.has_health_url);
        if follows && of(before).as_ref() == Some(&health.url) {
            health.url = of(self)?;
        }
        Some(health)
    }

    /// The URL whose answer says whether it is healthy; `None` where nobody asks, or not while
    /// somebody's word keeps it inactive.
    #[must_use]
    pub fn probe_url(&self) -> Option<&WebhookUrl> {
        let is_inactive = matches!(self.status, PolicyStatus::Inactive { .. });
        let health = self.health.as_ref().filter(|_| !is_inactive)?;
        Some(&health.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        destination::DestinationRules,
        policy::samples::{self, Counting, second},
    };

    /// A pending policy whose health is asked for at a URL.
    fn pending(path: &str) -> Policy {
        let url = DestinationRules::strict().parse(&format!("https://a.example/{path}"));
        let (url, withhold) = (url.expect("a URL"), true);
        let mut draft = samples::draft(Vec::new());
        draft.health = Some(Health { url, withhold });
        Policy {
            status: PolicyStatus::Pending,
            ..samples::policy(draft, &Counting::default())
        }
    }

    #[test]
    fn a_probe_of_a_url_that_is_no_longer_asked_changes_nothing() {
        let present = pending("new");
        let older = pending("old").health.expect("health");
        assert_eq!(present.clone().probed(&older.url, true, second(5)), present);
        let url = present.probe_url().expect("it is asked").clone();
        let after = present.clone().probed(&url, true, second(5));
        assert_eq!(after.status, PolicyStatus::Active);
        assert_eq!(after.version, present.version + 1);
        assert_eq!(after.clone().probed(&url, true, second(6)), after);
    }
}
