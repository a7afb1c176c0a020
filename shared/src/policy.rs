//! Who hears of what.

mod event_types;

use crate::{
    dialect::Dialect,
    event_type::EventType,
    id::{PolicyId, RecipientId},
    invalid::Invalid,
    name::Name,
    random::Random,
    recipient::{Channel, Recipient, RecipientStatus, SuspensionReason, Target},
    tenant::Tenant,
    vault::Sealed,
};
use event_types::unique;
pub use event_types::{EventTypes, MatchKey};
use jiff::Timestamp;

/// The most recipients of a policy.
pub const MAX_RECIPIENTS: usize = 100;

/// The most bytes that the targets of a policy's recipients have in all, so that the policy fits
/// into one DynamoDB item (400 KB).
pub const MAX_TARGET_BYTES: usize = 256 * 1024;

/// Whether recipients with these targets fit into one policy.
///
/// # Errors
/// Beyond [`MAX_RECIPIENTS`] or [`MAX_TARGET_BYTES`].
pub fn check_targets<'a>(targets: impl Iterator<Item = &'a str>) -> Result<(), Invalid> {
    let (mut count, mut bytes) = (0, 0);
    for target in targets {
        count += 1;
        bytes += target.len();
    }
    if !(1..=MAX_RECIPIENTS).contains(&count) {
        return Err(Invalid::new("must be 1 to 100"));
    }
    if bytes > MAX_TARGET_BYTES {
        return Err(Invalid::new("must have at most 256 KiB in all"));
    }
    Ok(())
}

/// Who hears of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its id; ids sort by creation.
    pub id: PolicyId,
    /// The account that owns it, in one mode.
    pub owner: Tenant,
    /// The interface in which it was made.
    pub dialect: Dialect,
    /// For people to read.
    pub name: Name,
    /// What is told.
    pub event_types: EventTypes,
    /// How it is told.
    pub channel: Channel,
    /// Who is told: 1 to [`MAX_RECIPIENTS`], all of the channel, none twice.
    pub recipients: Vec<Recipient>,
    /// What its webhooks are signed with. E-mail policies have none.
    pub secret: Option<Sealed>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Counts the changes, from 1; a change is written only over the version that it was made on.
    pub version: u64,
}

impl Policy {
    /// The place that the secret of a policy is sealed for.
    #[must_use]
    pub fn secret_place(owner: Tenant, id: PolicyId) -> String {
        format!("policy#{owner}#{id}")
    }

    /// The keys of its hints.
    #[must_use]
    pub fn match_keys(&self) -> Vec<MatchKey> {
        match &self.event_types {
            EventTypes::All => vec![MatchKey::AllOf(self.dialect)],
            EventTypes::Named(types) => types.iter().cloned().map(MatchKey::Type).collect(),
        }
    }

    /// Whether the hint at a key is true of the policy as it is now. The fan-out asks this, not
    /// [`Policy::hears`], so that a policy with a stale hint beside a true one matches once.
    #[must_use]
    pub fn is_found_by(&self, key: &MatchKey) -> bool {
        self.match_keys().contains(key)
    }

    /// Whether it hears of a type.
    #[must_use]
    pub fn hears(&self, event_type: &EventType) -> bool {
        let keys = MatchKey::of_event_type(event_type);
        keys.iter().any(|key| self.is_found_by(key))
    }

    /// Where a recipient is, if it is listed.
    #[must_use]
    pub fn target(&self, id: &RecipientId) -> Option<&Target> {
        self.recipient(id).map(|recipient| &recipient.target)
    }

    /// The recipient with an id.
    #[must_use]
    pub fn recipient(&self, id: &RecipientId) -> Option<&Recipient> {
        self.recipients.iter().find(|recipient| recipient.id == *id)
    }

    /// The next version, with more types. Types that it has already stay as they are.
    ///
    /// # Errors
    /// On a policy for all types, which this would narrow silently.
    pub fn add_event_types(
        mut self,
        added: impl IntoIterator<Item = EventType>,
        now: Timestamp,
    ) -> Result<Self, Invalid> {
        let EventTypes::Named(types) = self.event_types else {
            return Err(Invalid::new(
                "cannot be added to: this policy covers all types, and naming some would narrow it",
            ));
        };
        self.event_types = EventTypes::Named(unique(types.into_iter().chain(added)));
        Ok(self.changed(now))
    }

    /// The next version, without a type.
    ///
    /// # Errors
    /// Where the policy does not name it, or names nothing else.
    pub fn remove_event_type(
        mut self,
        removed: &EventType,
        now: Timestamp,
    ) -> Result<Self, Invalid> {
        let EventTypes::Named(mut types) = self.event_types else {
            return Err(Invalid::new(
                "cannot be removed: this policy covers all types",
            ));
        };
        if !types.contains(removed) {
            return Err(Invalid::new("is not among the policy's types"));
        }
        types.retain(|named| named != removed);
        if types.is_empty() {
            return Err(Invalid::new(
                "cannot be removed: it is the policy's last type, and none would mean all",
            ));
        }
        self.event_types = EventTypes::Named(types);
        Ok(self.changed(now))
    }

    /// The next version, with more recipients. Those that it has already stay, and are active
    /// again if they were suspended.
    ///
    /// # Errors
    /// Beyond [`MAX_RECIPIENTS`] or [`MAX_TARGET_BYTES`].
    pub fn add_recipients(
        mut self,
        added: impl IntoIterator<Item = Target>,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Self, Invalid> {
        for target in added {
            match self
                .recipients
                .iter_mut()
                .find(|known| known.target == target)
            {
                Some(known) => known.status = RecipientStatus::Active,
                None => self.recipients.push(Recipient {
                    id: random.recipient_id(),
                    target,
                    status: RecipientStatus::Active,
                }),
            }
        }
        check_targets(self.recipients.iter().map(|known| known.target.as_str()))?;
        Ok(self.changed(now))
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

    /// The next version, with a recipient suspended; the same, where it is no longer listed or no
    /// longer active.
    #[must_use]
    pub fn suspend_recipient(
        mut self,
        id: &RecipientId,
        reason: SuspensionReason,
        now: Timestamp,
    ) -> Self {
        let is_meant = |known: &&mut Recipient| known.id == *id && known.is_active();
        match self.recipients.iter_mut().find(is_meant) {
            Some(recipient) => {
                recipient.status = RecipientStatus::Suspended { since: now, reason };
                self.changed(now)
            }
            None => self,
        }
    }

    fn changed(mut self, now: Timestamp) -> Self {
        self.updated_at = now;
        self.version += 1;
        self
    }
}
