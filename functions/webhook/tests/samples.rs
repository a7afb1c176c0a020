//! The samples `events/webhook.*.json`: what SQS hands over in, the failed records out, and what
//! is sent and recorded in between. Nothing leaves this machine: the name in the samples leads
//! inside, where the sender refuses to go, or the policy names a receiver of the test.

use futures::future::{BoxFuture, ready};
use herald::{
    attempt::Outcome,
    delivery::{CancelReason, Delivery, DeliveryRef, Status},
    invoke::Call,
    message::{Deliver, WebhookMessage},
    queue::QueueName,
    recipient::{Channel, Target},
    sender::{Invocation, Reply},
    store::{EventContext, Recorded, Reported},
};
use herald_local::world::samples::{answers, body, is_answered, sample};
use herald_local::world::stage::Stage;
use herald_local::{
    service::{Parts, Service},
    world::receiver::Receiver,
};
use herald_webhook::client::Lookup;
use serde_json::Value;
use std::{io, net::IpAddr, sync::Arc};

const URL: &str = "https://hooks.example.com/ledger";

/// Answers every name with an address inside.
#[derive(Debug)]
struct Inside;

impl Lookup for Inside {
    fn lookup(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(ready(Ok(vec![IpAddr::from([10, 0, 0, 1])])))
    }
}

/// A stage whose sender finds every name inside, with the sample event.
async fn set() -> Stage {
    let mut stage = Stage::set().await;
    let parts = Parts {
        lookup: Arc::new(Inside),
        ..stage.world.service.parts.clone()
    };
    stage.world.service = Service::new(parts).expect("a service");
    let event = deliver("deliver").event.expect("an event");
    let recorded = stage
        .world
        .service
        .parts
        .store
        .record_event(&event, &EventContext::default())
        .await;
    assert_eq!(recorded.expect("the store"), Reported::New);
    stage
}

/// Hands a sample to the sender; returns its answer.
async fn handle(stage: &Stage, case: &str) -> Value {
    let service = &stage.world.service;
    let invocation = serde_json::from_str(&sample("webhook", case)).expect("an invocation");
    let answer = match invocation {
        Invocation::Queue(event) => Reply::Queue(service.invoke(QueueName::Webhook, event).await),
        Invocation::Call(Call::Test(test)) => {
            let tested = service.api.invoke.test(Channel::Webhook, *test).await;
            Reply::Tested(tested.expect("an answer"))
        }
    };
    serde_json::to_value(answer).expect("JSON")
}

/// The first message of a sample.
fn deliver(case: &str) -> Deliver {
    let WebhookMessage::Deliver(message) =
        serde_json::from_str(&body("webhook", case)).expect("a message")
    else {
        panic!("no delivery")
    };
    *message
}

/// The record of a delivery, if it has one.
async fn record(stage: &Stage, reference: &DeliveryRef) -> Option<Delivery> {
    let store = &stage.world.service.parts.store;
    let read = store.deliveries(std::slice::from_ref(reference)).await;
    read.expect("the store").remove(&reference.id())
}

#[tokio::test]
async fn every_sample_is_answered() {
    for (case, expected) in answers("webhook") {
        let stage = set().await;
        stage.world.may_leave_messages();
        stage.policy(1, &[URL]).await;
        let answer = handle(&stage, &case).await;
        assert!(is_answered(&expected, &answer), "{case}: {answer}");
    }
}

#[tokio::test]
async fn a_message_becomes_a_webhook_with_or_without_its_event_inside() {
    for case in ["deliver", "by-reference"] {
        let stage = set().await;
        let receiver = Receiver::start([]).await;
        stage.policy(1, &[&receiver.url("/ledger")]).await;
        handle(&stage, case).await;
        let received = receiver.received();
        assert_eq!(received.len(), 1, "{case}");
        let webhook = &received[0];
        assert_eq!(webhook.path, "/ledger");
        assert_eq!(
            webhook.body,
            concat!(
                r#"{"notificationType":"INVOICE_ISSUED","#,
                r#""sequenceAccountId":"0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90","#,
                r#""resourceType":"InvoiceResponse","resourceId":"inv_2026_0001","#,
                r#""resource":{"total":"12.00","currency":"EUR","#,
                r#""customer":{"name":"Müller & Söhne"}}}"#
            )
        );
        let reference = deliver(case).reference;
        assert_eq!(webhook.header("webhook-id"), reference.id().to_string());
        assert_eq!(webhook.header("webhook-timestamp"), "1767607200");
        let delivery = record(&stage, &reference).await.expect("a record");
        assert!(
            matches!(delivery.status, Status::Delivered { .. }),
            "{case}"
        );
        let target = delivery.target.map(|target| target.to_string());
        assert_eq!(target, Some(receiver.url("/ledger")));
        handle(&stage, case).await;
        assert_eq!(receiver.received().len(), 1, "{case} came again");
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_an_outcome_and_the_next_attempt_waits() {
    let stage = set().await;
    stage.world.may_leave_messages();
    stage.policy(1, &[URL]).await;
    handle(&stage, "deliver").await;
    let delivery = record(&stage, &deliver("deliver").reference).await;
    let delivery = delivery.expect("a record");
    assert_eq!(delivery.attempts, 1);
    let parts = &stage.world.service.parts;
    let attempts = parts.store.attempts(&delivery).await.expect("the store");
    let error = "the host name leads to a private or reserved address".to_owned();
    assert_eq!(attempts[0].outcome, Outcome::Unreachable { error });
    let due = delivery.due().expect("it waits");
    assert_eq!(parts.queue.next_visible(QueueName::Webhook), Some(due));
}

#[tokio::test]
async fn an_event_by_reference_that_is_no_longer_kept_is_not_sent() {
    let stage = Stage::set().await;
    let receiver = Receiver::start([]).await;
    stage.policy(1, &[&receiver.url("/ledger")]).await;
    handle(&stage, "by-reference").await;
    assert!(receiver.received().is_empty());
    let reference = deliver("by-reference").reference;
    assert_eq!(record(&stage, &reference).await, None);
}

#[tokio::test]
async fn the_delivery_of_a_deleted_policy_is_cancelled() {
    let stage = set().await;
    handle(&stage, "deleted-policy").await;
    let reference = deliver("deleted-policy").reference;
    let delivery = record(&stage, &reference).await.expect("a record");
    let at = reference.event.accepted_at;
    let reason = CancelReason::PolicyDeleted;
    assert_eq!(delivery.status, Status::Cancelled { at, reason });
    assert_eq!(delivery.target.as_ref().map(Target::as_str), Some(URL));
    assert_eq!(delivery.attempts, 0);
}

#[tokio::test]
async fn the_delivery_of_an_erased_account_leaves_no_record() {
    let stage = Stage::set().await;
    handle(&stage, "deleted-policy").await;
    let reference = deliver("deleted-policy").reference;
    assert!(
        deliver("deleted-policy").event.is_some(),
        "the message has it"
    );
    assert_eq!(record(&stage, &reference).await, None);
}

#[tokio::test]
async fn a_message_whose_attempt_was_made_is_dropped() {
    let stage = set().await;
    let receiver = Receiver::start([]).await;
    stage.policy(1, &[&receiver.url("/ledger")]).await;
    let message = deliver("stale");
    let at = message.reference.event.accepted_at;
    let waiting = Delivery {
        attempts: message.attempt,
        reference: message.reference,
        target: message.target,
        event_type: "INVOICE_ISSUED".parse().expect("a type"),
        status: Status::Waiting { due: at },
    };
    let store = &stage.world.service.parts.store;
    let started = store.start_delivery(&waiting, at).await;
    assert_eq!(started.expect("the store"), Recorded::Done);
    handle(&stage, "stale").await;
    assert!(receiver.received().is_empty());
    assert_eq!(record(&stage, &waiting.reference).await, Some(waiting));
}

#[tokio::test]
async fn a_call_tries_the_receiver_while_its_caller_waits_and_records_nothing() {
    let stage = set().await;
    let receiver = Receiver::start([]).await;
    stage.policy(1, &[&receiver.url("/ledger")]).await;
    let rows = stage.world.rows_of(stage.tenant.account).await;
    let answer = handle(&stage, "test").await;
    assert_eq!(
        answer["attempted"]["outcome"]["result"], "accepted",
        "{answer}"
    );
    assert_eq!(receiver.received().len(), 1);
    assert_eq!(stage.world.rows_of(stage.tenant.account).await, rows);
}

#[tokio::test]
async fn a_poisoned_record_stays_and_the_good_one_beside_it_is_delivered() {
    let stage = set().await;
    let receiver = Receiver::start([]).await;
    stage.policy(1, &[&receiver.url("/ledger")]).await;
    handle(&stage, "poison").await;
    assert_eq!(receiver.received().len(), 1);
    let queue = &stage.world.service.parts.queue;
    assert_eq!(queue.dead_letters(QueueName::Webhook), []);
}

#[tokio::test]
async fn a_stale_message_takes_no_later_one_of_its_batch_with_it() {
    for reversed in [false, true] {
        let stage = set().await;
        let receiver = Receiver::start([]).await;
        stage.policy(1, &[&receiver.url("/ledger")]).await;
        let message = deliver("stale");
        let at = message.reference.event.accepted_at;
        let waiting = Delivery {
            attempts: 1,
            reference: message.reference,
            target: message.target,
            event_type: "INVOICE_ISSUED".parse().expect("a type"),
            status: Status::Waiting { due: at },
        };
        let store = &stage.world.service.parts.store;
        let started = store.start_delivery(&waiting, at).await;
        assert_eq!(started.expect("the store"), Recorded::Done);
        let read = |case| -> aws_lambda_events::sqs::SqsEvent {
            serde_json::from_str(&sample("webhook", case)).expect("an event of SQS")
        };
        let mut batch = read("deliver");
        batch.records.extend(read("stale").records);
        if reversed {
            batch.records.reverse();
        }
        stage.world.service.invoke(QueueName::Webhook, batch).await;
        assert_eq!(receiver.received().len(), 1);
    }
}
