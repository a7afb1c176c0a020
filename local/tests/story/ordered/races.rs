//! What is accepted while a policy changes, and what changes while a worker tells.

use super::told_flat;
use herald::queue::QueueName;
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};

const POLICIES: &str = "/herald/v1/policies";

/// Makes a policy for a receiver's `/hook`, with some fields more; returns its path.
async fn policy(world: &World, receiver: &Receiver, fields: Value) -> String {
    let mut body =
        json!({ "name": "P", "channel": "webhook", "recipients": [receiver.url("/hook")] });
    for (name, value) in fields.as_object().expect("fields") {
        body[name] = value.clone();
    }
    let made = world.call(Method::POST, POLICIES, body).await;
    assert_eq!(made.status, 201, "{}", made.json);
    format!("{POLICIES}/{}", made.json["id"].as_str().expect("an id"))
}

async fn patch(world: &World, path: &str, body: Value) {
    let changed = world.call(Method::PATCH, path, body).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
}

async fn report(world: &World, id: &str, event_type: &str) {
    let body = json!({ "id": id, "type": event_type });
    let reply = world.call(Method::POST, "/herald/v1/events", body).await;
    assert_eq!(reply.status, 202, "{}", reply.json);
}

#[tokio::test]
async fn what_is_fanned_out_while_its_policy_becomes_ordered_is_told() {
    let mut stops = 0;
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let path = policy(&world, &receiver, json!({})).await;
        world.clock.advance(std::time::Duration::from_secs(1));
        // A change that stops on its way, and is repeated in the same moment, is one slow change.
        world.wire.cut_after(requests);
        let ordered = json!({ "deliveryMode": "ordered" });
        world.call(Method::PATCH, &path, ordered.clone()).await;
        let was_cut = world.wire.mend();
        world.report("a").await;
        while world.service.step(QueueName::Events).await.expect("a step") > 0 {}
        patch(&world, &path, ordered).await;
        world.settle().await;
        assert_eq!(told_flat(&receiver), ["a"], "stopped after {requests}");
        let delivery = world.delivery("a").await;
        assert_eq!(delivery["status"], "delivered", "stopped after {requests}");
        if !was_cut {
            break;
        }
        stops += 1;
    }
    assert!(stops > 3, "the change has more steps than {stops}");
}

#[tokio::test]
async fn a_type_that_is_added_while_a_worker_tells_is_heard_from_then_on() {
    let world = World::new().await;
    // The worker is busy with the first request while everything else happens.
    let receiver = Receiver::start([Answer::Stalled]).await;
    let fields = json!({ "deliveryMode": "ordered", "eventTypes": ["order.paid"] });
    let path = policy(&world, &receiver, fields).await;
    report(&world, "first", "order.paid").await;
    while world.service.step(QueueName::Events).await.expect("a step") > 0 {}
    let telling = world.service.step(QueueName::Webhook);
    let meanwhile = async {
        receiver.until(1).await;
        let types = json!({ "eventTypes": ["order.paid", "order.placed"] });
        patch(&world, &path, types).await;
        report(&world, "added", "order.placed").await;
        report(&world, "last", "order.paid").await;
        while world.service.step(QueueName::Events).await.expect("a step") > 0 {}
    };
    let (told, ()) = futures::join!(telling, meanwhile);
    told.expect("a step");
    world.settle().await;
    assert_eq!(told_flat(&receiver), ["first", "added", "last"]);
}

#[tokio::test]
async fn a_recipient_that_is_added_hears_what_is_accepted_from_then_on() {
    let world = World::new().await;
    let old = Receiver::start([]).await;
    let new = Receiver::start([]).await;
    let path = policy(&world, &old, json!({ "deliveryMode": "ordered" })).await;
    for id in ["a", "b"] {
        world.report(id).await;
        world.settle().await;
        world.clock.advance(std::time::Duration::from_secs(1));
    }
    let both = json!({ "recipients": [old.url("/hook"), new.url("/hook")] });
    patch(&world, &path, both).await;
    for id in ["c", "d"] {
        world.report(id).await;
    }
    world.settle().await;
    assert_eq!(told_flat(&old), ["a", "b", "c", "d"]);
    assert_eq!(told_flat(&new), ["c", "d"]);
}
