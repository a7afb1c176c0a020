use herald::queue::{Outgoing, Queue, QueueName};
use herald_local::{
    queue::VISIBILITY,
    world::{
        World,
        receiver::{Answer, Receiver},
    },
};
use http::Method;
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn deleting_a_policy_cancels_what_it_left_unfinished() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Answer::Status(500); 9]).await;
    let policy = world
        .policy(&[receiver.url("/a"), receiver.url("/b")])
        .await;
    world.report("first").await;
    world.settle().await;
    world.turn(DAY).await;
    world.report("waiting").await;
    world.settle().await;
    world.report("pending").await;
    world.service.step(QueueName::Events).await.expect("a step");
    let made = receiver.received().len();

    let path = format!(
        "/api/notifications/policies/{}",
        policy["id"].as_str().expect("an id")
    );
    let deleted = world.call(Method::DELETE, &path, json!(null)).await;
    assert_eq!((deleted.status.as_u16(), &deleted.json), (200, &policy));
    assert_eq!(world.get(&path).await["errors"][0]["key"], "id");
    world.settle().await;
    for event in ["first", "waiting", "pending"] {
        for delivery in world.deliveries(event).await {
            assert_eq!(delivery["status"], "cancelled", "{delivery}");
            assert_eq!(delivery["reason"], "policy_deleted");
            assert!(
                delivery["target"]
                    .as_str()
                    .is_some_and(|target| target.starts_with("http"))
            );
        }
    }
    world.turn(DAY).await;
    assert_eq!(receiver.received().len(), made);
    assert_eq!(
        world.call(Method::DELETE, &path, json!(null)).await.status,
        404
    );
}

#[tokio::test]
async fn so_is_what_a_dead_letter_told_it_of_a_fortnight_later() {
    let world = World::new().await;
    world.may_leave_messages();
    world.report("e").await;
    for _ in 0..5 {
        world.wire.cut_after(0);
        world.service.step(QueueName::Events).await.expect("a step");
        assert!(world.wire.mend(), "nothing was read");
        world.clock.advance(VISIBILITY.unsigned_abs());
    }
    world.service.step(QueueName::Events).await.expect("a step");
    let queue = &world.service.parts.queue;
    let dead = queue.dead_letters(QueueName::Events);
    world.turn(17 * DAY).await;
    let policy = json!({
        "name": "P", "channel": "webhook", "recipients": ["https://example.com/hook"],
        "eventTypes": null, "status": "inactive",
    });
    let policies = "/herald/v1/policies";
    let policy = world.call(Method::POST, policies, policy).await.json;
    let redriven = dead.into_iter().map(|letter| Outgoing {
        body: letter.body,
        delay: Duration::ZERO,
        group: None,
    });
    let sent = queue.send(QueueName::Events, redriven.collect()).await;
    sent.expect("sends");
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "withheld");
    let path = format!("{policies}/{}", policy["id"].as_str().expect("an id"));
    world.call(Method::DELETE, &path, json!(null)).await;
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "cancelled");
}

#[tokio::test]
async fn removing_a_recipient_cancels_its_deliveries_only() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Answer::Status(500); 2]).await;
    let policy = world
        .policy(&[receiver.url("/a?x=1"), receiver.url("/b")])
        .await;
    world.report("e").await;
    world.settle().await;
    let path = format!(
        "/api/notifications/policies/{}",
        policy["id"].as_str().expect("an id")
    );
    let recipient = format!(
        "{path}/recipients?recipient={}",
        "http%3A%2F%2F127.0.0.1%3A"
    );
    let port = receiver.base.rsplit_once(':').expect("a port").1;
    let reply = world
        .call(
            Method::DELETE,
            &format!("{recipient}{port}%2Fa%3Fx%3D1"),
            json!(null),
        )
        .await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json["recipients"]),
        (200, &json!([receiver.url("/b")]))
    );
    world.turn(Duration::from_secs(10)).await;
    let mut states: Vec<_> = world
        .deliveries("e")
        .await
        .into_iter()
        .map(|d| {
            (
                d["target"].clone(),
                d["status"].clone(),
                d["reason"].clone(),
            )
        })
        .collect();
    states.sort_by_key(|(target, ..)| target.to_string());
    assert_eq!(states[0].1, "cancelled");
    assert_eq!(states[0].2, "recipient_removed");
    assert_eq!(states[1].1, "delivered");
}

#[tokio::test]
async fn a_delivery_can_be_cancelled_by_hand_before_and_between_attempts() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500)]).await;
    world.policy(&[receiver.url("/hook")]).await;
    world.report("waiting").await;
    world.settle().await;
    world.report("pending").await;
    world.service.step(QueueName::Events).await.expect("a step");
    for (event, before) in [("waiting", "waiting"), ("pending", "pending")] {
        let delivery = world.delivery(event).await;
        assert_eq!(delivery["status"], before);
        let path = format!(
            "/herald/v1/deliveries/{}",
            delivery["id"].as_str().expect("an id")
        );
        let cancel = format!("{path}/cancel");
        let reply = world.call(Method::POST, &cancel, json!(null)).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json["status"]),
            (200, &"cancelled".into())
        );
        assert_eq!(reply.json["reason"], "requested");
        assert_eq!(
            world.call(Method::POST, &cancel, json!(null)).await.status,
            409
        );
    }
    world.settle().await;
    world.turn(DAY).await;
    assert_eq!(receiver.received().len(), 1);

    for event in ["waiting", "pending"] {
        let delivery = world.delivery(event).await;
        let retry = format!(
            "/herald/v1/deliveries/{}/retry",
            delivery["id"].as_str().expect("an id")
        );
        assert_eq!(
            world.call(Method::POST, &retry, json!(null)).await.status,
            202
        );
        world.settle().await;
        assert_eq!(world.delivery(event).await["status"], "delivered");
    }
}

#[tokio::test]
async fn what_has_arrived_can_be_sent_again_and_keeps_its_history() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    world.report("e").await;
    world.settle().await;
    let delivery = world.delivery("e").await;
    let path = format!(
        "/herald/v1/deliveries/{}",
        delivery["id"].as_str().expect("an id")
    );
    assert_eq!(
        world
            .call(Method::POST, &format!("{path}/cancel"), json!(null))
            .await
            .status,
        409
    );
    assert_eq!(
        world
            .call(Method::POST, &format!("{path}/retry"), json!(null))
            .await
            .status,
        202
    );
    world.settle().await;
    let again = world.delivery("e").await;
    assert_eq!(again["status"], "delivered");
    assert_eq!(again["attempts"].as_array().map(Vec::len), Some(2));
    assert_eq!(again["attempts"][0], delivery["attempts"][0]);
}
