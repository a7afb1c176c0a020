//! What the tests keep in the store.

use herald::{
    attempt::{Answer, Attempt, Outcome},
    delivery::{Delivery, DeliveryRef, Status},
    destination::DestinationRules,
    dialect::Dialect,
    event::{Event, EventAccount, EventRef, Report},
    event_type::EventType,
    id::{AccountId, PolicyId, RecipientId},
    policy::{Details, EventTypes, HintKey, MatchKey, Policy, Reach, Scope},
    recipient::{Channel, Recipient, RecipientStatus, Target},
    settings,
    store::{Accounts, Store},
    tenant::{Mode, Tenant},
};
use herald_local::engine::Engine;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use uuid::Uuid;

/// A store on an engine of its own.
pub(crate) async fn store() -> Store {
    engine().await.store(settings::DEFAULT_RETENTION)
}

/// Accounts and credentials on an engine of their own.
pub(crate) async fn accounts() -> Accounts {
    engine().await.accounts()
}

pub(crate) async fn engine() -> Engine {
    Engine::start(None)
        .await
        .expect("an engine in memory starts")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// When most of it happens.
pub(crate) fn dawn() -> Timestamp {
    at("2026-01-05T10:00:00Z")
}

pub(crate) fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// An account, live.
pub(crate) fn tenant(number: u128) -> Tenant {
    Tenant {
        account: AccountId::from_uuid(Uuid::from_u128(number)),
        mode: Mode::Live,
    }
}

/// The other side of an account.
pub(crate) fn in_test_mode(tenant: Tenant) -> Tenant {
    Tenant {
        mode: Mode::Test,
        ..tenant
    }
}

pub(crate) fn policy_id(number: u128) -> PolicyId {
    PolicyId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn recipient_id(number: u8) -> RecipientId {
    RecipientId::from_bytes([number; 8])
}

pub(crate) fn event_type(name: &str) -> EventType {
    name.parse().expect("a name")
}

pub(crate) fn named(names: &[&str]) -> EventTypes {
    EventTypes::named(names.iter().map(|name| event_type(name))).expect("at least one type")
}

/// The key of hints that a policy of a tenant which names a type has.
pub(crate) fn here(tenant: Tenant, heard: MatchKey) -> HintKey {
    HintKey {
        tenant,
        reach: Reach::Here,
        heard,
    }
}

pub(crate) fn of_type(name: &str) -> MatchKey {
    MatchKey::Type(event_type(name))
}

pub(crate) fn url(path: &str) -> Target {
    let url = DestinationRules::strict().parse(&format!("https://example.com/{path}"));
    Target::Url(url.expect("a public URL"))
}

/// A policy with one recipient; a larger number is a newer policy.
pub(crate) fn policy(owner: Tenant, number: u128, event_types: EventTypes) -> Policy {
    Policy {
        id: policy_id(number),
        owner,
        organisation: owner.account,
        dialect: Dialect::Sequence,
        name: format!("Policy {number}").parse().expect("a name"),
        event_types,
        scope: Scope::Own,
        channel: Channel::Webhook,
        recipients: vec![Recipient {
            id: recipient_id(1),
            target: url("hook"),
            status: RecipientStatus::Active,
        }],
        status: herald::policy::PolicyStatus::Active,
        health: None,
        delivery_mode: herald::policy::DeliveryMode::Independent,
        pace: None,
        retry: herald::retry::RetryPolicy::Default,
        secrets: None,
        details: Details::default(),
        created_at: dawn(),
        updated_at: dawn(),
        version: 1,
    }
}

pub(crate) fn event_ref(owner: Tenant, id: &str, accepted_at: Timestamp) -> EventRef {
    EventRef {
        tenant: owner,
        id: id.parse().expect("an id"),
        accepted_at,
    }
}

pub(crate) fn event(owner: Tenant, id: &str, data: &str) -> Event {
    Event {
        reference: event_ref(owner, id, dawn()),
        account: EventAccount {
            name: Some("Acme".parse().expect("a name")),
            number: Some(1),
            external_id: Some("acme".parse().expect("an id")),
        },
        place: None,
        report: Report {
            event_type: event_type("INVOICE_ISSUED"),
            resource_type: Some("InvoiceResponse".to_owned()),
            resource_id: Some("inv_1".to_owned()),
            data: Some(data.parse().expect("an object")),
            occurred_at: Some(at("2026-01-05T09:59:59.123456789Z")),
        },
    }
}

/// The way of an event to the first recipient of a policy of the event's own tenant.
pub(crate) fn reference(event: EventRef, policy: u128) -> DeliveryRef {
    DeliveryRef {
        owner: event.tenant,
        policy: policy_id(policy),
        recipient: recipient_id(1),
        event,
    }
}

/// A delivery of an event that was accepted at dawn.
pub(crate) fn delivery(event: &str, attempts: u32, status: Status) -> Delivery {
    delivery_on(
        reference(event_ref(tenant(1), event, dawn()), 1),
        attempts,
        status,
    )
}

pub(crate) fn delivery_on(reference: DeliveryRef, attempts: u32, status: Status) -> Delivery {
    Delivery {
        reference,
        target: Some(url("hook?a=b")),
        event_type: event_type("INVOICE_ISSUED"),
        attempts,
        status,
    }
}

pub(crate) fn waiting(due: Timestamp) -> Status {
    Status::Waiting { due }
}

/// The wait after a failure, without jitter.
pub(crate) fn by_default(attempts: u32) -> Option<Duration> {
    herald::retry::RetryPolicy::Default.next_wait(attempts, 0.0, None)
}

/// An attempt that began some seconds after dawn and was answered with a status.
pub(crate) fn attempt(number: u32, status: u16) -> Attempt {
    let answer = Answer {
        status,
        body: format!("answer {number}"),
    };
    Attempt {
        number,
        at: dawn() + seconds(i64::from(number)),
        duration_ms: 12,
        outcome: match status {
            200..=299 => Outcome::Accepted(answer),
            _ => Outcome::Refused(answer),
        },
    }
}
