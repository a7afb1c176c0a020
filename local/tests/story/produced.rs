//! A producer inside AWS sends straight to the events queue: its event is delivered like any
//! other, whatever stops in between.

use herald::queue::{Outgoing, Queue, QueueName};
use herald_local::{
    queue::VISIBILITY,
    world::{World, receiver::Receiver},
};
use serde_json::json;
use std::time::Duration;

/// Sends an event as a producer does.
async fn produce(world: &World, id: &str) {
    let event = json!({
        "id": id, "accountId": "invoicetest", "mode": "live",
        "type": "INVOICE_ISSUED", "data": { "total": "12.00" },
    });
    let message = Outgoing {
        body: event.to_string(),
        delay: Duration::ZERO,
        group: None,
    };
    let queue = &world.service.parts.queue;
    let sent = queue.send(QueueName::Events, vec![message]).await;
    sent.expect("sends");
}

#[tokio::test]
async fn a_produced_event_is_shown_and_delivered_like_a_reported_one() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    produce(&world, "e").await;
    world.settle().await;
    let shown = world.get("/herald/v1/events/e").await;
    assert_eq!(shown["accountId"], json!(world.tenant.account));
    assert_eq!(shown["acceptedAt"], "2026-01-05T10:00:00Z");
    assert_eq!(world.delivery("e").await["status"], "delivered");
    let body = json!({ "id": "e", "type": "INVOICE_ISSUED", "data": { "total": "12.00" } });
    let reported = world
        .call(http::Method::POST, "/herald/v1/events", body)
        .await;
    assert_eq!(reported.json["duplicate"], true, "{}", reported.json);
    produce(&world, "e").await;
    world.settle().await;
    assert_eq!(receiver.received().len(), 1, "one event has one id");
}

#[tokio::test]
async fn a_stop_while_a_produced_event_is_handled_loses_nothing() {
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let urls = ["/a", "/b"].map(|path| receiver.url(path));
        world.policy(&urls).await;
        produce(&world, "e").await;
        world.wire.cut_after(requests);
        world.settle().await;
        let was_cut = world.wire.mend();
        for _ in 0..3 {
            world.turn(VISIBILITY.unsigned_abs()).await;
        }
        let deliveries = world.deliveries("e").await;
        assert_eq!(deliveries.len(), 2, "stopped after {requests} requests");
        for delivery in deliveries {
            let status = &delivery["status"];
            assert_eq!(status, "delivered", "stopped after {requests} requests");
        }
        let shown = world.get("/herald/v1/events/e").await;
        assert_eq!(
            shown["fannedOut"], true,
            "stopped after {requests} requests"
        );
        // At least once: a stop between sending and recording repeats what was sent.
        assert!(receiver.received().len() >= 2);
        if !was_cut {
            assert_eq!(receiver.received().len(), 2);
            assert!(requests > 6, "the story has more steps than {requests}");
            return;
        }
    }
}
