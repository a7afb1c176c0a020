//! The samples `events/fanout.*.json`: what SQS hands over in, the failed records out, and what
//! is sent and recorded in between.

use herald::{
    delivery::{CancelReason, Delivery, Status},
    message::{CancelDeliveries, Deliver, EventsMessage, WebhookMessage},
    queue::QueueName,
    store::{Recorded, Reported},
};
use herald_local::world::samples::{body, cases, sample};
use herald_local::world::stage::Stage;
use serde_json::{Value, json};

/// Every sample and which of its records fail.
const SAMPLES: [(&str, &[usize]); 4] = [
    ("cancel-deliveries", &[]),
    ("event", &[]),
    ("poison", &[0]),
    ("unknown-event", &[]),
];

const URL: &str = "https://hooks.example.com/ledger";

/// Hands a sample to the fan-out; returns what SQS is answered.
async fn handle(stage: &Stage, case: &str) -> Value {
    let event = serde_json::from_str(&sample("fanout", case)).expect("an event of SQS");
    let service = &stage.world.service;
    let response = service.invoke(QueueName::Events, event).await;
    serde_json::to_value(response).expect("JSON")
}

/// The message that the fan-out of the sample event makes.
fn deliver() -> Deliver {
    let WebhookMessage::Deliver(message) =
        serde_json::from_str(&body("webhook", "deliver")).expect("a message");
    *message
}

async fn record_event(stage: &Stage) {
    let event = deliver().event.expect("an event");
    let recorded = stage.world.service.parts.store.record_event(&event).await;
    assert_eq!(recorded.expect("the store"), Reported::New);
}

/// The bodies of the messages to the sender, which are taken from the queue.
fn take_sent(stage: &Stage) -> Vec<String> {
    let queue = &stage.world.service.parts.queue;
    let messages = queue.receive(QueueName::Webhook, 10).expect("receives");
    for message in &messages {
        queue.delete(QueueName::Webhook, message).expect("deletes");
    }
    messages.into_iter().map(|message| message.body).collect()
}

#[tokio::test]
async fn of_every_sample_only_the_bad_records_fail() {
    let known: Vec<_> = SAMPLES.iter().map(|(case, _)| *case).collect();
    assert_eq!(known, cases("fanout"), "the samples in events/");
    for (case, failed) in SAMPLES {
        let stage = Stage::set().await;
        stage.policy(1, &[URL]).await;
        record_event(&stage).await;
        let event: Value = serde_json::from_str(&sample("fanout", case)).expect("JSON");
        let failures: Vec<_> = failed
            .iter()
            .map(|index| json!({ "itemIdentifier": event["Records"][index]["messageId"] }))
            .collect();
        let response = handle(&stage, case).await;
        assert_eq!(response, json!({ "batchItemFailures": failures }), "{case}");
        take_sent(&stage);
    }
}

#[tokio::test]
async fn an_event_becomes_the_sample_of_the_sender() {
    let stage = Stage::set().await;
    stage.policy(1, &[URL]).await;
    record_event(&stage).await;
    handle(&stage, "event").await;
    assert_eq!(take_sent(&stage), [body("webhook", "deliver")]);
    let event = deliver().reference.event;
    let store = &stage.world.service.parts.store;
    let known = store.event(event.tenant, &event.id).await;
    assert!(known.expect("the store").expect("the event").fanned_out);
    handle(&stage, "event").await;
    assert_eq!(take_sent(&stage), [""; 0], "the message came again");
}

#[tokio::test]
async fn an_event_that_is_no_longer_kept_reaches_nobody() {
    let stage = Stage::set().await;
    stage.policy(1, &[URL]).await;
    record_event(&stage).await;
    handle(&stage, "unknown-event").await;
    assert_eq!(take_sent(&stage), [""; 0]);
}

#[tokio::test]
async fn the_good_record_beside_a_poisoned_one_is_fanned_out() {
    let stage = Stage::set().await;
    stage.policy(1, &[URL]).await;
    record_event(&stage).await;
    handle(&stage, "poison").await;
    assert_eq!(take_sent(&stage), [body("webhook", "deliver")]);
}

#[tokio::test]
async fn what_a_deleted_policy_left_unfinished_is_cancelled() {
    let stage = Stage::set().await;
    let policy = stage.policy(1, &[URL]).await;
    let message = EventsMessage::CancelDeliveries(CancelDeliveries::of(&policy, None));
    assert_eq!(message.outgoing().body, body("fanout", "cancel-deliveries"));

    let store = &stage.world.service.parts.store;
    let deleted = store.delete_policy(policy.owner, policy.id).await;
    assert!(deleted.expect("the store").is_some());
    let now = policy.created_at;
    let sent = deliver();
    let waiting = Delivery {
        reference: sent.reference,
        target: sent.target,
        event_type: "INVOICE_ISSUED".parse().expect("a type"),
        attempts: 1,
        status: Status::Waiting { due: now },
    };
    let started = store.start_delivery(&waiting, now).await;
    assert_eq!(started.expect("the store"), Recorded::Done);
    handle(&stage, "cancel-deliveries").await;
    let cancelled = Status::Cancelled {
        at: now,
        reason: CancelReason::PolicyDeleted,
    };
    let reference = std::slice::from_ref(&waiting.reference);
    let mut known = store.deliveries(reference).await.expect("the store");
    assert_eq!(
        known.remove(&waiting.id()),
        Some(waiting.into_status(cancelled))
    );
}
