//! A receiver of CyberSource's that answers 410, and its way back.

use super::{invoices, replay, report, status, subscription, told};
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};

async fn patch(world: &World, path: &str, body: Value) {
    let reply = world.call(Method::PATCH, path, body).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    world.settle().await;
}

#[tokio::test]
async fn a_receiver_that_was_gone_hears_again_once_its_url_is_named() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let path = subscription(&world, &receiver, json!({})).await;
    report(&world, "1").await;
    let trace = told(&receiver)[0]
        .header("v-c-transaction-trace-id")
        .to_owned();
    let again = json!({ "byTransactionTraceIdentifiers": [trace] });
    receiver.answer_at("/hook", Answer::Status(410));
    report(&world, "2").await;
    assert_eq!(status(&world, &path).await, "SUSPENDED");
    receiver.answer_at("/hook", Answer::Status(200));
    patch(&world, &path, json!({ "name": "Other" })).await;
    report(&world, "3").await;
    let refused = replay(&world, &path, again.clone()).await;
    let message = "its webhook URL is gone, and must be named again first";
    assert_eq!(
        (refused.status.as_u16(), &refused.json["message"]),
        (409, &json!(message))
    );
    let failed = json!({ "byDeliveryStatus": { "status": "FAILED" } });
    assert_eq!(replay(&world, &path, failed).await.status, 409);
    world.settle().await;
    assert_eq!(status(&world, &path).await, "SUSPENDED", "a name is no URL");
    assert_eq!(invoices(&receiver), ["1", "2"]);
    patch(
        &world,
        &path,
        json!({ "webhookUrl": receiver.url("/hook") }),
    )
    .await;
    assert_eq!(status(&world, &path).await, "ACTIVE");
    report(&world, "4").await;
    assert_eq!(replay(&world, &path, again).await.status, 202);
    world.settle().await;
    assert_eq!(invoices(&receiver), ["1", "2", "4", "1"]);
}
