//! The sample `events/timer.minute.json`: what EventBridge hands over every minute.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use herald::{
    clock::Clock,
    delivery::{Delivery, Status},
    message::{Deliver, WebhookMessage},
    queue::QueueName,
    store::Recorded,
};
use herald_local::world::World;
use herald_local::world::samples::{answers, body, sample};
use jiff::{SignedDuration, Timestamp};

#[tokio::test]
async fn a_minute_wakes_what_is_due_before_the_next() {
    // On the stage of the samples nothing waits, and nothing is woken.
    assert_eq!(answers("timer")["minute"], 0);
    let event: EventBridgeEvent =
        serde_json::from_str(&sample("timer", "minute")).expect("an event of EventBridge");
    assert_eq!(event.detail_type, "Scheduled Event");
    let time = event.time.expect("a time").timestamp_millis();
    let time = Timestamp::from_millisecond(time).expect("an instant");

    let world = World::new().await;
    world.may_leave_messages();
    let parts = &world.service.parts;
    let dawn = world.clock.now();
    let WebhookMessage::Deliver(message) =
        serde_json::from_str(&body("webhook", "deliver")).expect("a message")
    else {
        panic!("no delivery")
    };
    let mut later = message.reference.clone();
    later.event.id = "inv_2026_0002".parse().expect("an id");
    for (reference, seconds) in [(&message.reference, 30), (&later, 61)] {
        let delivery = Delivery {
            reference: reference.clone(),
            target: message.target.clone(),
            event_type: "INVOICE_ISSUED".parse().expect("a type"),
            attempts: 4,
            status: Status::Waiting {
                due: time + SignedDuration::from_secs(seconds),
            },
        };
        let started = parts.store.start_delivery(&delivery, dawn).await;
        assert_eq!(started.expect("the store"), Recorded::Done);
    }

    world.clock.advance_to(time);
    assert_eq!(world.service.tick().await.expect("the timer runs"), 1);
    let due = time + SignedDuration::from_secs(30);
    assert_eq!(parts.queue.next_visible(QueueName::Webhook), Some(due));
    world.clock.advance_to(due);
    let sent = parts.queue.receive(QueueName::Webhook, 10);
    let next = Deliver::new(message.reference, 5, message.target, None);
    let body = next.outgoing(std::time::Duration::ZERO).body;
    assert_eq!(sent.expect("receives")[0].body, body);
}
