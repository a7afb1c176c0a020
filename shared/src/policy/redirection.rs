//! A recipient moves: who hears stays the same, and keeps its place.

use super::{Policy, WantedRecipient, check_targets};
use crate::{
    id::RecipientId,
    invalid::Invalid,
    recipient::{Recipient, RecipientStatus, Target},
};
use jiff::Timestamp;
use std::collections::HashSet;

impl Policy {
    /// Which of the listed recipients each wanted one is: the webhook with its id, else the one at
    /// its target, unless another names that by its id.
    ///
    /// # Errors
    /// Where two name one by its id.
    pub(super) fn listed(
        &self,
        wanted: &[WantedRecipient],
    ) -> Result<Vec<Option<RecipientId>>, Invalid> {
        let is_webhook = |known: &&Recipient| matches!(known.target, Target::Url(_));
        let named = |wanted: &WantedRecipient| {
            let known = wanted.id.as_ref().and_then(|id| self.recipient(id));
            known.filter(is_webhook).map(|known| known.id.clone())
        };
        let by_id: Vec<_> = wanted.iter().map(named).collect();
        let mut seen = HashSet::new();
        if !by_id.iter().flatten().all(|id| seen.insert(id)) {
            return Err(Invalid::new("must not name a recipient twice by its id"));
        }
        let at_target = |wanted: &WantedRecipient| {
            let mut recipients = self.recipients.iter();
            let known = recipients.find(|known| known.target == wanted.target)?;
            (!seen.contains(&known.id)).then(|| known.id.clone())
        };
        let listed = wanted.iter().zip(&by_id);
        let listed = listed.map(|(wanted, id)| id.clone().or_else(|| at_target(wanted)));
        Ok(listed.collect())
    }

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
}

#[cfg(test)]
mod tests;
