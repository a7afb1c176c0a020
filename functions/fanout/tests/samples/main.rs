//! The samples `events/fanout.*.json`: what SQS hands over in, the failed records out, and what
//! is sent and recorded in between.

mod erasure;
mod produced;

use herald::{
    delivery::{CancelReason, Delivery, FailureReason, Status, WithheldReason},
    message::{
        CancelDeliveries, Deliver, EventsMessage, FlushWithheld, ReplayDeliveries, WebhookMessage,
    },
    pace::Pace,
    policy::{Health, Policy},
    queue::{DeadLetter, QueueName},
    replay::{Replay, ReplayedStatus, Selection},
    store::{Changed, EventContext, Period, Recorded, ReplayStart, Reported, StoreError},
};
use herald_local::world::samples::{answers, body, is_answered, sample};
use herald_local::world::stage::Stage;
use jiff::SignedDuration;
use serde_json::Value;

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
        serde_json::from_str(&body("webhook", "deliver")).expect("a message")
    else {
        panic!("no delivery")
    };
    *message
}

async fn record_event(stage: &Stage) {
    let event = deliver().event.expect("an event");
    let recorded = stage
        .world
        .service
        .parts
        .store
        .record_event(&event, &EventContext::default())
        .await;
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

fn dead_letters(stage: &Stage) -> Vec<DeadLetter> {
    let queue = &stage.world.service.parts.queue;
    queue.dead_letters(QueueName::Events)
}

#[tokio::test]
async fn every_sample_is_answered() {
    for (case, expected) in answers("fanout") {
        let stage = Stage::set().await;
        stage.world.may_leave_messages();
        stage.policy(1, &[URL]).await;
        record_event(&stage).await;
        let answer = handle(&stage, &case).await;
        assert!(is_answered(&expected, &answer), "{case}: {answer}");
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
async fn a_poisoned_record_stays_and_the_good_one_beside_it_is_fanned_out() {
    let stage = Stage::set().await;
    stage.policy(1, &[URL]).await;
    record_event(&stage).await;
    handle(&stage, "poison").await;
    assert_eq!(take_sent(&stage), [body("webhook", "deliver")]);
    // Another version, which is being deployed, may know it.
    assert_eq!(dead_letters(&stage), []);
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

#[tokio::test]
async fn what_was_withheld_of_an_active_policy_waits_for_an_attempt_now() {
    let stage = Stage::set().await;
    let policy = stage.policy(1, &[URL]).await;
    let message = EventsMessage::FlushWithheld(FlushWithheld::of(&policy));
    assert_eq!(message.outgoing().body, body("fanout", "flush-withheld"));

    let store = &stage.world.service.parts.store;
    let now = policy.created_at;
    let sent = deliver();
    let withheld = Delivery {
        reference: sent.reference,
        target: sent.target,
        event_type: "INVOICE_ISSUED".parse().expect("a type"),
        attempts: 1,
        status: Status::Withheld {
            since: now,
            reason: WithheldReason::PolicySuspended,
        },
    };
    let started = store.start_delivery(&withheld, now).await;
    assert_eq!(started.expect("the store"), Recorded::Done);
    handle(&stage, "flush-withheld").await;
    let next = Deliver::next(&withheld, now, now).body;
    assert_eq!(take_sent(&stage), [next]);
    handle(&stage, "flush-withheld").await;
    assert_eq!(take_sent(&stage), [""; 0], "the message came again");
}

#[tokio::test]
async fn a_replay_has_what_failed_wait_for_an_attempt_now_and_ends() {
    let stage = Stage::set().await;
    let policy = stage.policy(1, &[URL]).await;
    record_event(&stage).await;
    let store = &stage.world.service.parts.store;
    let now = policy.created_at;
    let sent = deliver();
    let failed = Delivery {
        reference: sent.reference,
        target: sent.target,
        event_type: "INVOICE_ISSUED".parse().expect("a type"),
        attempts: 1,
        status: Status::Failed {
            at: now,
            reason: FailureReason::Exhausted,
        },
    };
    let started = store.start_delivery(&failed, now).await;
    assert_eq!(started.expect("the store"), Recorded::Done);
    let minute = SignedDuration::from_mins(1);
    let selection = Selection {
        period: Period {
            since: now - minute,
            until: now + minute,
        },
        statuses: vec![ReplayedStatus::Failed],
        event_types: None,
        in_order: false,
    };
    let of = (policy.owner, policy.id);
    let id = "019b8d99-6900-7000-8000-0000000000a1".parse();
    let replay = Replay::new(id.expect("an id"), of, selection, now + minute);
    let message = EventsMessage::ReplayDeliveries(ReplayDeliveries::of(&replay));
    assert_eq!(message.outgoing().body, body("fanout", "replay-deliveries"));
    let started = store.start_replay(&replay).await;
    assert_eq!(started.expect("the store"), ReplayStart::Done);
    handle(&stage, "replay-deliveries").await;
    let next = Deliver::next(&failed, now, now).body;
    assert_eq!(take_sent(&stage), [next]);
    handle(&stage, "replay-deliveries").await;
    assert_eq!(take_sent(&stage), [""; 0], "the message came again");
    let ended = store.replay(of, replay.id).await.expect("the store");
    assert_eq!(ended.expect("a replay").state.name(), "completed");
}

/// Has the sample policy keep to one request in a second, and the next ten minutes given away.
async fn with_no_room_ahead(stage: &Stage, health: Option<Health>) {
    let policy = stage.policy(1, &[URL]).await;
    let store = &stage.world.service.parts.store;
    let pace = Pace::try_from(1).expect("a pace");
    let change = |policy: Policy| {
        Ok::<_, StoreError>(Policy {
            pace: Some(pace),
            health: health.clone(),
            version: policy.version + 1,
            ..policy
        })
    };
    let changed = store.change_policy(policy.owner, policy.id, change).await;
    assert!(matches!(changed, Ok(Changed::Done(_))));
    let of = (policy.owner, policy.id);
    let reserved = store.reserve(of, pace, 601, policy.created_at).await;
    assert_eq!(reserved.expect("the store").len(), 601);
}

#[tokio::test]
async fn a_flush_that_finds_no_room_ahead_waits_unless_a_probe_asks_again() {
    let rules = &Stage::set().await.world.service.parts.rules;
    let url = rules
        .parse("https://hooks.example.com/health")
        .expect("a URL");
    let withhold = true;
    for (health, left) in [(None, 1), (Some(Health { url, withhold }), 0)] {
        let stage = Stage::set().await;
        with_no_room_ahead(&stage, health).await;
        handle(&stage, "flush-withheld").await;
        assert_eq!(take_sent(&stage), [""; 0]);
        let queue = &stage.world.service.parts.queue;
        assert_eq!(queue.len(QueueName::Events), left);
    }
}
