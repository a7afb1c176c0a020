//! Who a policy tells: recipients come and go, are suspended and revived.

use super::{Policy, check_targets};
use crate::{
    email::EmailAddress,
    id::RecipientId,
    invalid::Invalid,
    random::Random,
    recipient::{Recipient, RecipientStatus, SuspensionReason, Target},
    suppression::compared,
};
use jiff::Timestamp;

impl Policy {
    /// The next version, with more recipients. Those that it has already stay, and are active
    /// again if their receiver was gone (410): every other suspension has a way back of its own.
    ///
    /// # Errors
    /// Beyond [`super::MAX_RECIPIENTS`] or [`super::MAX_TARGET_BYTES`].
    pub fn add_recipients(
        self,
        added: impl IntoIterator<Item = Target>,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Self, Invalid> {
        let mut next = self.clone();
        for target in added {
            match next
                .recipients
                .iter_mut()
                .find(|known| known.target == target)
            {
                Some(known) if known.status.is_gone() => known.status = RecipientStatus::Active,
                Some(_) => {}
                None => next.recipients.push(Recipient {
                    id: random.recipient_id(),
                    target,
                    status: RecipientStatus::Active,
                }),
            }
        }
        check_targets(next.recipients.iter().map(|known| known.target.as_str()))?;
        Ok(next.remembering(&self, now).changed(now))
    }

    /// The next version, without a recipient; the same, where it is not listed.
    ///
    /// # Errors
    /// Where it is the last.
    pub fn remove_recipient(
        mut self,
        removed: &RecipientId,
        now: Timestamp,
    ) -> Result<Self, Invalid> {
        if self.recipient(removed).is_none() {
            return Ok(self);
        }
        if self.recipients.len() == 1 {
            return Err(Invalid::new(
                "cannot be removed: it is the policy's last recipient",
            ));
        }
        self.recipients.retain(|known| known.id != *removed);
        Ok(self.changed(now))
    }

    /// Whether a recipient is elsewhere than it was when it was told something.
    #[must_use]
    pub fn has_moved(&self, told: &Recipient) -> bool {
        let listed = self.recipient(&told.id);
        listed.is_some_and(|listed| listed.target != told.target)
    }

    /// The next version, with a recipient suspended; the same, where it is no longer listed, or is
    /// suspended already for a reason that counts as much.
    #[must_use]
    pub fn suspend_recipient(
        mut self,
        id: &RecipientId,
        reason: SuspensionReason,
        now: Timestamp,
    ) -> Self {
        let is_meant = |known: &&mut Recipient| known.id == *id && known.status.yields_to(reason);
        match self.recipients.iter_mut().find(is_meant) {
            Some(recipient) => {
                recipient.status = RecipientStatus::Suspended { since: now, reason };
                self.changed(now)
            }
            None => self,
        }
    }

    /// The next version, with every recipient suspended that is a mailbox; the same, where none is.
    #[must_use]
    pub fn suspend_address(
        self,
        address: &EmailAddress,
        reason: SuspensionReason,
        now: Timestamp,
    ) -> Self {
        let suspended = RecipientStatus::Suspended { since: now, reason };
        self.change_mailbox(address, now, |status| {
            status.yields_to(reason).then_some(suspended)
        })
    }

    /// The next version, with every recipient hearing again that is a mailbox and was suspended for
    /// a reason; the same, where none was.
    #[must_use]
    pub fn revive_address(
        self,
        address: &EmailAddress,
        suspended_for: SuspensionReason,
        now: Timestamp,
    ) -> Self {
        self.change_mailbox(address, now, |status| match status {
            RecipientStatus::Suspended { reason, .. } if reason == suspended_for => {
                Some(RecipientStatus::Active)
            }
            _ => None,
        })
    }

    fn change_mailbox(
        mut self,
        address: &EmailAddress,
        now: Timestamp,
        next: impl Fn(RecipientStatus) -> Option<RecipientStatus>,
    ) -> Self {
        let mut is_changed = false;
        for recipient in &mut self.recipients {
            if let Target::Address(listed) = &recipient.target
                && compared(listed) == compared(address)
                && let Some(status) = next(recipient.status)
            {
                recipient.status = status;
                is_changed = true;
            }
        }
        if is_changed { self.changed(now) } else { self }
    }
}
