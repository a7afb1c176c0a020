//! A recipient moves: what is told there goes elsewhere, and who hears it stays the same.

use super::{Policy, check_targets};
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
}

#[cfg(test)]
mod tests;
