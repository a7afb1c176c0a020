use super::*;
use crate::{
    destination::DestinationRules,
    dialect::Dialect,
    id::{AccountId, PolicyId},
    policy::{Details, EventTypes, PolicyDraft, PolicyRef, Scope},
    random::Random,
    recipient::{Channel, SuspensionReason},
    retry::RetryPolicy,
    tenant::{Mode, Tenant},
};
use uuid::Uuid;

/// Draws other bytes each time.
#[derive(Debug, Default)]
struct Rising(std::sync::atomic::AtomicU8);

impl Random for Rising {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
    }
}

fn url(text: &str) -> Target {
    let url = DestinationRules::strict().parse(text);
    Target::Url(url.expect("a public URL"))
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("an instant")
}

/// A policy of second 0 with these recipients.
fn policy(urls: &[&str]) -> Policy {
    let account = AccountId::from_uuid(Uuid::from_u128(2));
    let draft = PolicyDraft {
        dialect: Dialect::Lune,
        name: "Moving".parse().expect("a name"),
        event_types: EventTypes::All,
        scope: Scope::Own,
        channel: Channel::Webhook,
        recipients: urls.iter().map(|text| url(text).into()).collect(),
        health: None,
        ordered: true,
        pace: None,
        retry: RetryPolicy::UntilAcknowledged,
        details: Details::default(),
    };
    let reference = PolicyRef {
        owner: Tenant {
            account,
            mode: Mode::Live,
        },
        organisation: account,
        id: PolicyId::from_uuid(Uuid::from_u128(1)),
    };
    Policy::new(draft, reference, None, &Rising::default(), second(0))
}

const A: &str = "https://example.com/a";
const B: &str = "https://example.com/b";

#[test]
fn a_recipient_that_moves_keeps_its_id() {
    let before = policy(&[A]);
    let id = before.recipients[0].id.clone();
    let after = before.redirect_recipient(&id, &url(B), second(9));
    let after = after.expect("a place to go");
    assert_eq!(after.recipient(&id).map(|it| &it.target), Some(&url(B)));
    assert_eq!((after.version, after.updated_at), (2, second(9)));
}

#[test]
fn a_suspended_recipient_hears_again_wherever_it_is() {
    for target in [A, B] {
        let before = policy(&[A]);
        let id = before.recipients[0].id.clone();
        let gone = before.suspend_recipient(&id, SuspensionReason::Gone, second(1));
        let after = gone.redirect_recipient(&id, &url(target), second(2));
        let after = after.expect("a place to go");
        assert!(after.recipients[0].is_active(), "{target}");
        assert_eq!(after.version, 3);
    }
}

#[test]
fn a_recipient_that_is_there_already_is_no_change() {
    let before = policy(&[A]);
    let id = before.recipients[0].id.clone();
    let after = before.clone().redirect_recipient(&id, &url(A), second(9));
    assert_eq!(after, Ok(before.clone()));
    let nobody = RecipientId::from_bytes([9; 8]);
    let after = before
        .clone()
        .redirect_recipient(&nobody, &url(B), second(9));
    assert_eq!(after, Ok(before));
}

#[test]
fn two_recipients_are_never_at_one_target() {
    let before = policy(&[A, B]);
    let id = before.recipients[0].id.clone();
    assert!(before.redirect_recipient(&id, &url(B), second(9)).is_err());
}
