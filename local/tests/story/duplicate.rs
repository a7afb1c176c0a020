use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use futures::future::join_all;
use herald::queue::{Outgoing, Queue, QueueName};
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use std::time::Duration;

#[tokio::test]
async fn a_repeated_report_is_delivered_once() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    assert_eq!(world.report("e").await.json["duplicate"], false);
    assert_eq!(
        world.report("e").await.json["duplicate"],
        true,
        "before the fan-out"
    );
    world.settle().await;
    assert_eq!(world.report("e").await.json["duplicate"], true, "after it");
    world.settle().await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn the_same_id_with_other_content_is_refused() {
    let world = World::new().await;
    world.report("e").await;
    let body = serde_json::json!({ "id": "e", "type": "INVOICE_ISSUED", "data": {} });
    let reply = world
        .call(http::Method::POST, "/herald/v1/events", body)
        .await;
    assert_eq!(reply.status, 409);
    world.settle().await;
}

#[tokio::test]
async fn an_idempotency_key_stands_for_an_id() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    let mut ids = Vec::new();
    for (total, status) in [("1", 202), ("1", 202), ("2", 409)] {
        let body = serde_json::json!({ "type": "INVOICE_ISSUED", "data": { "total": total } });
        let request = World::request(http::Method::POST, "/herald/v1/events")
            .header("idempotency-key", "any/key?with=signs")
            .body(body.to_string().into());
        let reply = world.send(request.expect("a request")).await;
        assert_eq!(reply.status, status);
        ids.push(reply.json["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    world.settle().await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn every_message_may_come_twice() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    world
        .policy(&[receiver.url("/a"), receiver.url("/b")])
        .await;
    world.report("e").await;
    for name in QueueName::ALL {
        let queue = &world.service.parts.queue;
        let copies: Vec<_> = queue.receive(name, 10).expect("receives");
        let again = copies.iter().map(|message| Outgoing {
            body: message.body.clone(),
            delay: Duration::ZERO,
            group: None,
        });
        queue
            .send(name, again.clone().chain(again).collect())
            .await
            .expect("sends");
        for message in &copies {
            queue.delete(name, message).expect("deletes");
        }
        while world.service.step(name).await.expect("a step") > 0 {}
    }
    world.settle().await;
    assert_eq!(receiver.received().len(), 2);
    assert!(
        world
            .deliveries("e")
            .await
            .iter()
            .all(|d| d["status"] == "delivered")
    );
}

#[tokio::test]
async fn two_attempts_made_side_by_side_are_both_kept() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500)]).await;
    world.policy(&[receiver.url("/hook")]).await;
    world.report("e").await;
    world.service.step(QueueName::Events).await.expect("a step");
    let queue = &world.service.parts.queue;
    let message = queue
        .receive(QueueName::Webhook, 1)
        .expect("receives")
        .remove(0);
    let copy = || {
        let mut record = SqsMessage::default();
        record.body = Some(message.body.clone());
        let mut event = SqsEvent::default();
        event.records = vec![record];
        event
    };
    let both = [copy(), copy()].map(|event| world.service.invoke(QueueName::Webhook, event));
    join_all(both).await;
    queue.delete(QueueName::Webhook, &message).expect("deletes");
    let delivery = world.delivery("e").await;
    assert_eq!(delivery["status"], "delivered", "arriving dominates");
    let id = delivery["id"].as_str().expect("an id");
    let retry = format!("/herald/v1/deliveries/{id}/retry");
    let again = world
        .call(http::Method::POST, &retry, serde_json::Value::Null)
        .await;
    assert_eq!(again.status, 202);
    world.settle().await;
    world.turn(Duration::from_secs(60)).await;
    let attempts = world.delivery("e").await["attempts"].clone();
    let codes: Vec<_> = attempts
        .as_array()
        .expect("attempts")
        .iter()
        .map(|a| a["statusCode"].as_u64())
        .collect();
    assert_eq!(codes, [500, 200, 200].map(Some), "{attempts}");
}
