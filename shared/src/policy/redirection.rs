//! A recipient moves, and a policy is switched off and on: who hears stays the same, and keeps its
//! place.

use super::{Policy, PolicyStatus, check_targets};
use crate::{
    id::RecipientId,
    invalid::Invalid,
    recipient::{RecipientStatus, Target},
};
use jiff::Timestamp;

impl Policy {
    /// The next version, with a recipient at a target, hearing again if it was suspended. It keeps
    /// its id, and so its place in the log: what was not told at the old target is told at the new
    /// one. The same, where it is there already and hears, or is not listed.
    ///
    /// # Errors
    /// Where another recipient of the policy is at that target, or the targets become too long.
    pub fn redirect_recipient(
        mut self,
        id: &RecipientId,
        target: &Target,
        now: Timestamp,
    ) -> Result<Self, Invalid> {
        let others = || self.recipients.iter().filter(|known| known.id != *id);
        if others().any(|known| known.target == *target) {
            return Err(Invalid::new("is another recipient of the policy already"));
        }
        let targets = others().map(|known| known.target.as_str());
        check_targets(targets.chain([target.as_str()]))?;
        let is_changed = self
            .recipient(id)
            .is_some_and(|known| known.target != *target || !known.is_active());
        if !is_changed {
            return Ok(self);
        }
        for known in self.recipients.iter_mut().filter(|known| known.id == *id) {
            known.target = target.clone();
            known.status = RecipientStatus::Active;
        }
        Ok(self.changed(now))
    }

    /// The next version, disabled by hand, or not so any more; the same, where it is as asked. What
    /// its health says stands.
    #[must_use]
    pub fn set_enabled(mut self, enabled: bool, now: Timestamp) -> Self {
        let status = match (enabled, self.status) {
            (true, PolicyStatus::Inactive { .. }) if self.health.is_some() => PolicyStatus::Pending,
            (true, PolicyStatus::Inactive { .. }) => PolicyStatus::Active,
            (true, status) | (false, status @ PolicyStatus::Inactive { .. }) => status,
            (false, _) => PolicyStatus::Inactive { since: now },
        };
        if status == self.status {
            return self;
        }
        self.status = status;
        self.changed(now)
    }
}

#[cfg(test)]
mod tests;
