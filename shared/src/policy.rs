//! Who hears of what.

mod change;
mod delivery_mode;
mod details;
mod earlier;
mod event_types;
mod headers;
mod health;
mod recipients;
mod redirection;
#[cfg(test)]
pub(crate) mod samples;
mod scope;
mod signing;
mod status;
mod subscription;

use crate::{
    dialect::Dialect,
    event_type::EventType,
    id::{AccountId, PolicyId, RecipientId},
    invalid::Invalid,
    name::Name,
    pace::Pace,
    random::Random,
    recipient::{Channel, Recipient, Target},
    retry::RetryPolicy,
    tenant::Tenant,
    vault::Sealed,
};
pub use change::{PolicyChange, WantedRecipient, WantedStatus};
pub use delivery_mode::{DeliveryMode, Joined, Way};
pub use details::{Description, Details, Metadata};
pub use earlier::Earlier;
use event_types::unique;
pub use event_types::{EventTypes, MAX_EVENT_TYPES, MatchKey};
pub use headers::Headers;
pub use health::Health;
use jiff::Timestamp;
pub use scope::{HintKey, MAX_HINTS, Reach, Scope};
pub use signing::{RetiringSecret, Secrets};
pub use status::{PolicyStatus, WantedPolicyStatus};
pub use subscription::{AdditionalAttributes, OrganizationId, ProxyType, Subscription};

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
    /// The account at the top of its owner's tree.
    pub organisation: AccountId,
    /// The interface in which it was made.
    pub dialect: Dialect,
    /// For people to read.
    pub name: Name,
    /// What is told.
    pub event_types: EventTypes,
    /// In which accounts.
    pub scope: Scope,
    /// How it is told.
    pub channel: Channel,
    /// Who is told: 1 to [`MAX_RECIPIENTS`], all of the channel, none twice.
    pub recipients: Vec<Recipient>,
    /// Whether it sends.
    pub status: PolicyStatus,
    /// How its health is known; `None` where nobody asks.
    pub health: Option<Health>,
    /// Whether its deliveries keep the order of their events.
    pub delivery_mode: DeliveryMode,
    /// How many requests it makes in a second at most; `None` for as many as there are.
    pub pace: Option<Pace>,
    /// How its deliveries are tried again.
    pub retry: RetryPolicy,
    /// What its webhooks are signed with. E-mail policies have none, nor have those of a dialect
    /// that signs with an account's key.
    pub secrets: Option<Secrets>,
    /// What it says beyond that.
    pub details: Details,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Counts the changes, from 1; a change is written only over the version that it was made on.
    pub version: u64,
}

/// What a new policy is made from.
#[derive(Clone, Debug)]
pub struct PolicyDraft {
    /// The interface in which it is made.
    pub dialect: Dialect,
    /// For people to read.
    pub name: Name,
    /// What is told.
    pub event_types: EventTypes,
    /// In which accounts.
    pub scope: Scope,
    /// How it is told.
    pub channel: Channel,
    /// Who is told: as many as [`check_targets`] lets pass, all of the channel, none twice.
    pub recipients: Vec<WantedRecipient>,
    /// How its health is known.
    pub health: Option<Health>,
    /// Whether its deliveries keep the order of their events.
    pub ordered: bool,
    /// How many requests it makes in a second at most.
    pub pace: Option<Pace>,
    /// How its deliveries are tried again.
    pub retry: RetryPolicy,
    /// What it says beyond that.
    pub details: Details,
}

/// Whose a policy is, and what it is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyRef {
    /// The account that owns it, in one mode.
    pub owner: Tenant,
    /// The account at the top of its owner's tree.
    pub organisation: AccountId,
    /// Its id.
    pub id: PolicyId,
}

impl Policy {
    /// A new policy.
    ///
    /// * `secrets`: what its webhooks are signed with, sealed for [`Policy::seal_context`].
    #[must_use]
    pub fn new(
        draft: PolicyDraft,
        PolicyRef {
            owner,
            organisation,
            id,
        }: PolicyRef,
        secrets: Option<Secrets>,
        random: &dyn Random,
        now: Timestamp,
    ) -> Self {
        let recipients = draft.recipients.into_iter();
        Self {
            id,
            owner,
            organisation,
            dialect: draft.dialect,
            name: draft.name,
            event_types: draft.event_types,
            scope: draft.scope,
            channel: draft.channel,
            recipients: recipients
                .map(|wanted| wanted.into_recipient(None, random, now))
                .collect(),
            secrets,
            status: match draft.health {
                None => PolicyStatus::Active,
                Some(_) => PolicyStatus::Pending,
            },
            health: draft.health,
            delivery_mode: if draft.ordered {
                DeliveryMode::ordered(now)
            } else {
                DeliveryMode::Independent
            },
            pace: draft.pace,
            retry: draft.retry,
            details: draft.details,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// The context that the secrets of a policy are sealed for.
    #[must_use]
    pub fn seal_context(owner: Tenant, id: PolicyId) -> String {
        format!("policy#{owner}#{id}")
    }

    /// What it hears, whatever the account.
    fn match_keys(&self) -> Vec<MatchKey> {
        match &self.event_types {
            EventTypes::All => vec![MatchKey::AllOf(self.dialect)],
            EventTypes::Named(types) => types.iter().cloned().map(MatchKey::Type).collect(),
        }
    }

    /// Whether it hears of a type that some dialects know.
    #[must_use]
    pub fn hears(&self, event_type: &EventType, dialects: &[Dialect]) -> bool {
        self.event_types.hears(self.dialect, event_type, dialects)
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
    /// On a policy for all types, which this would narrow silently, or beyond [`MAX_EVENT_TYPES`].
    pub fn add_event_types(
        self,
        added: impl IntoIterator<Item = EventType>,
        now: Timestamp,
    ) -> Result<Self, Invalid> {
        let EventTypes::Named(types) = self.event_types.clone() else {
            return Err(Invalid::new(
                "cannot be added to: this policy covers all types, and naming some would narrow it",
            ));
        };
        let types = unique(types.into_iter().chain(added));
        if types.len() > MAX_EVENT_TYPES {
            return Err(Invalid::new("must name at most 100 types"));
        }
        let mut next = self.clone();
        next.event_types = EventTypes::Named(types);
        Ok(next.remembering(&self, now).changed(now))
    }

    /// The next version, without a type.
    ///
    /// # Errors
    /// Where the policy does not name it, or names nothing else.
    pub fn remove_event_type(self, removed: &EventType, now: Timestamp) -> Result<Self, Invalid> {
        let EventTypes::Named(mut types) = self.event_types.clone() else {
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
        let mut next = self.clone();
        next.event_types = EventTypes::Named(types);
        Ok(next.remembering(&self, now).changed(now))
    }

    /// The next version, with another secret; the present one counts until an instant. The same,
    /// where it has none: it sends no webhooks.
    #[must_use]
    pub fn rotate_secret(mut self, newest: Sealed, until: Timestamp, now: Timestamp) -> Self {
        let Some(secrets) = self.secrets.take() else {
            return self;
        };
        self.secrets = Some(secrets.rotate(newest, until, now));
        self.changed(now)
    }

    /// The next version, changed now.
    fn changed(mut self, now: Timestamp) -> Self {
        self.updated_at = now;
        self.version += 1;
        self
    }
}
