//! Mails that are not sent: whose fault it is decides what becomes of them.

use super::inbox::{
    addresses, assert_stands, happen, mails, only_mail, own_policy, path, retry, sequence_policy,
    wait_of,
};
use herald::{
    clock::Clock,
    delivery::{Delivery, Status, WithheldReason},
    queue::QueueName,
    recipient::Target,
    store::Recorded,
};
use herald_local::{
    queue::VISIBILITY,
    service::{Parts, Service},
    setup::MAIL_FROM,
    world::World,
};
use http::Method;
use serde_json::{Value, json};
use std::fs;

/// Gives a deployment a sender, or takes it away.
fn set_sender(world: &mut World, sender: Option<&str>) {
    let parts = Parts {
        mail_from: sender.map(|sender| sender.parse().expect("an address")),
        ..world.service.parts.clone()
    };
    world.service = Service::new(parts).expect("a service");
}

#[tokio::test]
async fn without_a_sender_a_delivery_waits_until_there_is_one() {
    let mut world = World::new().await;
    set_sender(&mut world, None);
    own_policy(&world, &["finance@example.com"]).await;
    happen(&world, "e").await;
    let delivery = world.delivery("e").await;
    assert_eq!(delivery["status"], "waiting", "{delivery}");
    let attempts = delivery["attempts"].as_array().expect("attempts");
    assert_eq!(attempts.len(), 1);
    let error = attempts[0]["error"].as_str().expect("what went wrong");
    assert!(error.contains("MailFrom names one"), "{error}");
    assert_eq!(attempts[0].get("statusCode"), None);
    assert!(mails(&world).is_empty());

    set_sender(&mut world, Some(MAIL_FROM));
    world.turn(wait_of(&world, "e").await).await;
    let delivery = world.delivery("e").await;
    assert_eq!(
        (&delivery["status"], &delivery["attemptCount"]),
        (&json!("delivered"), &json!(2))
    );
    assert!(only_mail(&world).name().ends_with("-2.eml"));
}

#[tokio::test]
async fn the_timer_wakes_long_waits_of_mails_on_their_own_queue() {
    let mut world = World::new().await;
    set_sender(&mut world, None);
    own_policy(&world, &["finance@example.com"]).await;
    happen(&world, "e").await;
    let queue = |world: &World| {
        [QueueName::Email, QueueName::Webhook].map(|name| world.service.parts.queue.len(name))
    };
    for short in ["5 seconds", "5 minutes"] {
        assert_eq!(queue(&world), [1, 0], "for {short} it waits in the queue");
        world.turn(wait_of(&world, "e").await).await;
    }
    assert_eq!(queue(&world), [0, 0], "for half an hour it does not");
    set_sender(&mut world, Some(MAIL_FROM));
    world.clock.advance(wait_of(&world, "e").await);
    assert_eq!(world.service.tick().await.expect("the timer runs"), 1);
    assert_eq!(queue(&world), [1, 0]);
    world.settle().await;
    assert_eq!(world.delivery("e").await["attemptCount"], 4);
    assert_eq!(addresses(&world), ["finance@example.com"]);
}

#[tokio::test]
async fn a_mailer_that_fails_costs_no_attempt_and_loses_nothing() {
    let world = World::new().await;
    own_policy(&world, &["finance@example.com", "audit@example.com"]).await;
    fs::remove_dir_all(world.mails.path()).expect("a folder");
    happen(&world, "e").await;
    for delivery in world.deliveries("e").await {
        assert_eq!(
            (&delivery["status"], &delivery["attemptCount"]),
            (&json!("pending"), &json!(0))
        );
    }
    assert_eq!(world.service.parts.queue.len(QueueName::Email), 2);
    fs::create_dir(world.mails.path()).expect("a folder");
    world.clock.advance(VISIBILITY.unsigned_abs());
    world.settle().await;
    assert_eq!(
        addresses(&world),
        ["audit@example.com", "finance@example.com"]
    );
    for delivery in world.deliveries("e").await {
        assert_eq!(
            (&delivery["status"], &delivery["attemptCount"]),
            (&json!("delivered"), &json!(1))
        );
    }
}

#[tokio::test]
async fn one_mail_that_the_mailer_does_not_take_fails_alone() {
    let world = World::new().await;
    own_policy(&world, &["finance@example.com", "audit@example.com"]).await;
    world.report("e").await;
    world.service.step(QueueName::Events).await.expect("a step");
    let blocked = world.deliveries("e").await.remove(0);
    // A folder stands where the mail should.
    let place = format!("{}-1.eml", blocked["id"].as_str().expect("an id"));
    let place = world.mails.path().join(place);
    fs::create_dir(&place).expect("a folder");
    world.settle().await;
    let statuses = world.deliveries("e").await;
    let statuses: Vec<_> = statuses
        .iter()
        .map(|delivery| &delivery["status"])
        .collect();
    assert_eq!(statuses, ["pending", "delivered"]);
    fs::remove_dir(&place).expect("a folder");
    world.clock.advance(VISIBILITY.unsigned_abs());
    world.settle().await;
    assert_eq!(
        addresses(&world),
        ["audit@example.com", "finance@example.com"]
    );
}

#[tokio::test]
async fn a_mail_to_an_address_that_was_removed_meanwhile_is_cancelled() {
    let mut world = World::new().await;
    let policy = sequence_policy(&world, &["a@example.com", "b@example.com"]).await;
    set_sender(&mut world, None);
    happen(&world, "waiting").await;
    world.report("pending").await;
    world.service.step(QueueName::Events).await.expect("a step");
    set_sender(&mut world, Some(MAIL_FROM));
    let id = policy["id"].as_str().expect("an id");
    let gone = format!("/api/notifications/policies/{id}/recipients/a%40example.com");
    let reply = world.call(Method::DELETE, &gone, Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    world.settle().await;
    world.turn(std::time::Duration::from_secs(60)).await;
    for event in ["waiting", "pending"] {
        let mut deliveries = world.deliveries(event).await;
        deliveries.sort_by_key(|delivery| delivery["target"].to_string());
        assert_stands(&deliveries[0], "cancelled", "recipient_removed");
        assert_eq!(deliveries[1]["status"], "delivered");
    }
    assert_eq!(addresses(&world), ["b@example.com", "b@example.com"]);
}

#[tokio::test]
async fn a_mail_to_a_recipient_that_was_suspended_meanwhile_is_not_sent() {
    let world = World::new().await;
    let policy = own_policy(&world, &["a@example.com"]).await;
    world.report("e").await;
    world.service.step(QueueName::Events).await.expect("a step");
    let suspended =
        |status| json!({ "recipients": [{ "target": "a@example.com", "status": status }] });
    let reply = world
        .call(Method::PATCH, &path(&policy), suspended("suspended"))
        .await;
    assert_eq!(
        reply.json["recipients"][0]["reason"], "by_hand",
        "{}",
        reply.json
    );
    world.settle().await;
    assert_stands(&world.delivery("e").await, "failed", "recipient_suspended");
    assert_eq!(retry(&world, "e").await.status, 409);
    assert!(mails(&world).is_empty());

    world
        .call(Method::PATCH, &path(&policy), suspended("active"))
        .await;
    assert_eq!(retry(&world, "e").await.status, 202);
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "delivered");
    assert_eq!(addresses(&world), ["a@example.com"]);
}

#[tokio::test]
async fn what_an_earlier_version_withheld_is_sent_when_somebody_asks_for_it() {
    let world = World::new().await;
    sequence_policy(&world, &["a@example.com"]).await;
    world.report("e").await;
    world.service.step(QueueName::Events).await.expect("a step");
    withhold(&world, "e").await;
    world.settle().await;
    let delivery = world.delivery("e").await;
    assert_stands(&delivery, "withheld", "email_not_sent");
    assert!(mails(&world).is_empty(), "of itself it stays as it is");

    assert_eq!(retry(&world, "e").await.status, 202);
    world.settle().await;
    let delivery = world.delivery("e").await;
    assert_eq!(
        (&delivery["status"], &delivery["attemptCount"]),
        (&json!("delivered"), &json!(1))
    );
    assert_eq!(addresses(&world), ["a@example.com"]);
}

/// Writes the only delivery of an event as an earlier version did, which sent no e-mail.
async fn withhold(world: &World, event: &str) {
    let store = &world.service.parts.store;
    let id = world.delivery(event).await["id"].take();
    let id = serde_json::from_value(id).expect("an id");
    let found = store.find_delivery(world.tenant, id).await;
    let (reference, event_type) = found.expect("the store").expect("a delivery");
    let since = world.clock.now();
    let reason = WithheldReason::EmailNotSent;
    let withheld = Delivery {
        reference,
        target: Some(Target::Address(
            "a@example.com".parse().expect("an address"),
        )),
        event_type,
        attempts: 0,
        status: Status::Withheld { since, reason },
    };
    let started = store.start_delivery(&withheld, since).await;
    assert_eq!(started.expect("the store"), Recorded::Done);
}
