//! The samples `events/email.*.json`: what Lambda hands over in, the answer out, and the mail and
//! the records in between.

use herald::{
    attempt::Outcome,
    delivery::{CancelReason, Delivery, Status},
    invoke::{Call, Tested},
    message::{Deliver, EmailMessage},
    policy::Policy,
    queue::QueueName,
    recipient::{Channel, Recipient, Target},
    sender::{Invocation, Reply},
    store::{Created, EventContext, Reported},
    suppression::Suppression,
};
use herald_local::{
    mail::KeptMail,
    world::{
        samples::{answers, body, is_answered, sample},
        stage::Stage,
    },
};
use mail_parser::MessageParser;
use serde_json::Value;

const ADDRESS: &str = "finance@customer.example";
const URL: &str = "https://hooks.example.com/ledger";

/// A stage with the sample event.
async fn set() -> Stage {
    let stage = Stage::set().await;
    let event = deliver().event.expect("an event");
    let store = &stage.world.service.parts.store;
    let recorded = store.record_event(&event, &EventContext::default()).await;
    assert_eq!(recorded.expect("the store"), Reported::New);
    stage
}

/// Stores the sample policy of a number as one for e-mail.
async fn mail_policy(stage: &Stage, number: u8) -> Policy {
    let webhooks = stage.policy(number, &[URL]).await;
    let store = &stage.world.service.parts.store;
    let deleted = store.delete_policy(stage.tenant, webhooks.id).await;
    deleted.expect("the store");
    let recipient = Recipient {
        target: Target::Address(ADDRESS.parse().expect("an address")),
        ..webhooks.recipients[0].clone()
    };
    let policy = Policy {
        channel: Channel::Email,
        recipients: vec![recipient],
        secrets: None,
        ..webhooks
    };
    let created = store.create_policy(&policy, None).await;
    assert_eq!(created.expect("the store"), Created::New);
    policy
}

/// Hands a sample to the sender; returns its answer.
async fn handle(stage: &Stage, case: &str) -> Value {
    let service = &stage.world.service;
    let invocation = serde_json::from_str(&sample("email", case)).expect("an invocation");
    let answer = match invocation {
        Invocation::Queue(event) => Reply::Queue(service.invoke(QueueName::Email, event).await),
        Invocation::Call(Call::Test(test)) => {
            let tested = service.api.invoke.test(Channel::Email, *test).await;
            Reply::Tested(tested.expect("an answer"))
        }
    };
    serde_json::to_value(answer).expect("JSON")
}

fn deliver() -> Deliver {
    let EmailMessage::Deliver(message) =
        serde_json::from_str(&body("email", "deliver")).expect("a message");
    *message
}

async fn record(stage: &Stage) -> Option<Delivery> {
    let reference = deliver().reference;
    let store = &stage.world.service.parts.store;
    let read = store.deliveries(std::slice::from_ref(&reference)).await;
    read.expect("the store").remove(&reference.id())
}

fn mails(stage: &Stage) -> Vec<KeptMail> {
    let mails = stage.world.mails.newest(usize::MAX);
    mails.expect("a folder of mails")
}

#[tokio::test]
async fn every_sample_is_answered() {
    for (case, expected) in answers("email") {
        for with_mail_policies in [false, true] {
            let stage = set().await;
            stage.world.may_leave_messages();
            stage.policy(1, &[URL]).await;
            if with_mail_policies {
                mail_policy(&stage, 1).await;
                mail_policy(&stage, 2).await;
            }
            let answer = handle(&stage, &case).await;
            assert!(is_answered(&expected, &answer), "{case}: {answer}");
            assert_eq!(
                mails(&stage).len(),
                usize::from(with_mail_policies),
                "{case}"
            );
        }
    }
}

#[tokio::test]
async fn a_message_becomes_a_mail_that_is_known_again_by_its_tags() {
    let stage = set().await;
    let policy = mail_policy(&stage, 2).await;
    handle(&stage, "deliver").await;
    let mails_sent = mails(&stage);
    assert_eq!(mails_sent.len(), 1);
    let mail = &mails_sent[0];
    let known = mail.known().expect("tags of ours");
    assert_eq!((known.owner, known.policy), (policy.owner, policy.id));
    assert_eq!(known.recipient, policy.recipients[0].id);
    assert_eq!(
        (known.delivery, known.attempt),
        (deliver().reference.id(), 1)
    );
    assert_eq!(mail.tags["herald-event-type"], "INVOICE_ISSUED");
    let message = MessageParser::default()
        .parse(&mail.raw)
        .expect("a message");
    let text = message.body_text(0).expect("plain text");
    for told in ["Müller & Söhne", "12.00", "inv_2026_0001"] {
        assert!(text.contains(told), "{told} is missing in {text}");
    }
    let delivery = record(&stage).await.expect("a record");
    assert!(matches!(delivery.status, Status::Delivered { .. }));
    let target = delivery.target.map(|target| target.to_string());
    assert_eq!(target.as_deref(), Some(ADDRESS));
    handle(&stage, "deliver").await;
    assert_eq!(mails(&stage).len(), 1, "it came again");
}

#[tokio::test]
async fn the_delivery_of_a_policy_that_is_not_there_is_cancelled() {
    let stage = set().await;
    handle(&stage, "deliver").await;
    let delivery = record(&stage).await.expect("a record");
    let at = deliver().reference.event.accepted_at;
    let reason = CancelReason::PolicyDeleted;
    assert_eq!(delivery.status, Status::Cancelled { at, reason });
    assert!(mails(&stage).is_empty());
}

#[tokio::test]
async fn a_call_sends_a_mail_that_says_it_is_a_test_and_records_nothing() {
    let stage = set().await;
    mail_policy(&stage, 1).await;
    // The key that its link is signed with is made at the first mail.
    handle(&stage, "test").await;
    let rows = stage.world.rows_of(stage.tenant.account).await;
    let answer = handle(&stage, "test").await;
    assert_eq!(
        answer["attempted"]["outcome"]["result"], "accepted",
        "{answer}"
    );
    let mails = mails(&stage);
    let message = MessageParser::default()
        .parse(&mails[0].raw)
        .expect("a message");
    let text = message.body_text(0).expect("plain text");
    assert!(text.contains("This is a test notification."), "{text}");
    assert_eq!(stage.world.rows_of(stage.tenant.account).await, rows);
}

#[tokio::test]
async fn a_call_tells_that_the_address_is_suppressed_and_that_a_policy_is_gone() {
    let stage = set().await;
    let policy = mail_policy(&stage, 1).await;
    let suppression = Suppression {
        address: ADDRESS.to_uppercase().parse().expect("an address"),
        since: policy.created_at,
        error: "no such user".to_owned(),
    };
    let store = &stage.world.service.parts.store;
    let suppressed = store.suppress(policy.owner, &suppression).await;
    suppressed.expect("the store");
    let told = handle(&stage, "test").await;
    let told: Tested = serde_json::from_value(told).expect("an answer");
    let Tested::Attempted(attempt) = told else {
        panic!("an attempt was made: {told:?}");
    };
    assert!(
        matches!(attempt.outcome, Outcome::Bounced { .. }),
        "{attempt:?}"
    );
    assert!(mails(&stage).is_empty());
    let deleted = store.delete_policy(policy.owner, policy.id).await;
    deleted.expect("the store");
    assert_eq!(handle(&stage, "test").await, "not_there");
}
