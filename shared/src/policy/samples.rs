//! Policies as tests have them.

use super::{Details, EventTypes, Policy, PolicyDraft, PolicyRef, Scope, WantedRecipient};
use crate::{
    destination::DestinationRules,
    dialect::Dialect,
    id::{AccountId, PolicyId},
    random::Random,
    recipient::{Channel, Target},
    retry::RetryPolicy,
    tenant::{Mode, Tenant},
};
use jiff::Timestamp;
use std::sync::atomic::{AtomicU8, Ordering};
use uuid::Uuid;

/// Draws other bytes each time.
#[derive(Debug, Default)]
pub(crate) struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0.fetch_add(1, Ordering::SeqCst));
    }
}

pub(crate) fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("an instant")
}

pub(crate) fn account(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

/// An account in live mode.
pub(crate) fn live(number: u128) -> Tenant {
    Tenant {
        account: account(number),
        mode: Mode::Live,
    }
}

pub(crate) fn url(path: &str) -> Target {
    let url = DestinationRules::strict().parse(&format!("https://example.com/{path}"));
    Target::Url(url.expect("a public URL"))
}

/// A webhook policy of Herald's that hears all of its owner.
pub(crate) fn draft(recipients: Vec<WantedRecipient>) -> PolicyDraft {
    PolicyDraft {
        dialect: Dialect::Herald,
        name: "P".parse().expect("a name"),
        event_types: EventTypes::All,
        scope: Scope::Own,
        channel: Channel::Webhook,
        recipients,
        health: None,
        ordered: false,
        pace: None,
        retry: RetryPolicy::Default,
        details: Details::default(),
    }
}

/// Policy 2 of account 1, made in second 0.
pub(crate) fn policy(draft: PolicyDraft, random: &dyn Random) -> Policy {
    let reference = PolicyRef {
        owner: live(1),
        organisation: account(1),
        id: PolicyId::from_uuid(Uuid::from_u128(2)),
    };
    Policy::new(draft, reference, None, random, second(0))
}
