use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_recipient_that_is_gone_is_suspended_until_it_is_added_again() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500), Answer::Status(410)]).await;
    let url = receiver.url("/hook");
    let policy = world.policy(std::slice::from_ref(&url)).await;
    world.report("waiting").await;
    world.settle().await;
    world.report("gone").await;
    world.settle().await;

    let delivery = world.delivery("gone").await;
    assert_eq!(
        (&delivery["status"], &delivery["reason"]),
        (&"failed".into(), &"gone".into())
    );
    assert_eq!(delivery["attempts"][0]["statusCode"], 410);
    assert_eq!(delivery["recipient"]["status"], "suspended");
    assert_eq!(delivery["recipient"]["reason"], "gone");

    world.turn(Duration::from_secs(10)).await;
    let waiting = world.delivery("waiting").await;
    assert_eq!(
        waiting["reason"], "recipient_suspended",
        "what waited has ended, too"
    );
    world.report("unheard").await;
    world.settle().await;
    assert_eq!(world.deliveries("unheard").await.len(), 0);
    let path = format!(
        "/api/notifications/policies/{}",
        policy["id"].as_str().expect("an id")
    );
    assert_eq!(
        world.get(&path).await["recipients"],
        json!([url]),
        "it stays listed"
    );
    let retry = format!(
        "/herald/v1/deliveries/{}/retry",
        delivery["id"].as_str().expect("an id")
    );
    assert_eq!(
        world.call(Method::POST, &retry, json!(null)).await.status,
        409
    );

    let again = json!({ "recipients": [url] });
    let reply = world
        .call(Method::POST, &format!("{path}/recipients"), again)
        .await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json["recipients"]),
        (200, &json!([url]))
    );
    world.report("heard").await;
    assert_eq!(
        world.call(Method::POST, &retry, json!(null)).await.status,
        202
    );
    world.settle().await;
    assert_eq!(world.delivery("heard").await["status"], "delivered");
    assert_eq!(world.delivery("gone").await["status"], "delivered");
    assert_eq!(receiver.received().len(), 4);
}
