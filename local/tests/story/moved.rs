//! A receiver that says that it is gone while its recipient moves elsewhere.

use axum::{Router, body::Body};
use herald_local::world::{World, receiver::Receiver};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::net::TcpListener;
use tower::ServiceExt;

/// What moves the recipient: a method, a path and a body.
type Change = Arc<OnceLock<(Method, String, Value)>>;

/// A receiver that makes a change while it is told something, and then answers 410; returns its URL.
async fn leaving(world: &World, change: &Change) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (router, change) = (world.service.router(), Arc::clone(change));
    let app = Router::new().fallback(async move || {
        let (method, path, body) = change.get().expect("a change").clone();
        let request = World::request(method, &path).body(Body::from(body.to_string()));
        let answer = router.oneshot(request.expect("a request")).await;
        assert_eq!(answer.expect("an answer").status(), StatusCode::OK);
        StatusCode::GONE
    });
    tokio::spawn(axum::serve(listener, app).into_future());
    format!("http://{address}/hook")
}

async fn patient() -> World {
    let mut world = World::new().await;
    world.be_patient();
    world
}

async fn made(world: &World, path: &str, body: Value) -> Value {
    let made = world.call(Method::POST, path, body).await;
    assert!(made.status.is_success(), "{}", made.json);
    made.json
}

#[tokio::test]
async fn a_recipient_that_moved_meanwhile_hears_where_it_is() {
    let world = patient().await;
    let (change, there) = (Change::default(), Receiver::start([]).await);
    let url = leaving(&world, &change).await;
    let policy = made(
        &world,
        "/herald/v1/policies",
        json!({ "name": "Ledger", "channel": "webhook", "recipients": [url], "eventTypes": null }),
    )
    .await;
    let path = format!(
        "/herald/v1/policies/{}",
        policy["id"].as_str().expect("an id")
    );
    let id = &policy["recipients"][0]["id"];
    let moved = json!({ "recipients": [{ "id": id, "target": there.url("/hook") }] });
    change
        .set((Method::PATCH, path.clone(), moved))
        .expect("the first change");
    world.report("e").await;
    world.settle().await;
    let recipient = &world.get(&path).await["recipients"][0];
    assert_eq!(recipient["status"], "active", "{recipient}");
    assert_eq!(world.delivery("e").await["status"], "waiting");
    world.turn(Duration::from_secs(10)).await;
    assert_eq!(there.received().len(), 1, "what the old URL did not accept");
    world.report("f").await;
    world.settle().await;
    assert_eq!(there.received().len(), 2);
}

#[tokio::test]
async fn a_webhook_in_order_that_moved_meanwhile_goes_on_where_it_is() {
    let world = patient().await;
    let (change, there) = (Change::default(), Receiver::start([]).await);
    let url = leaving(&world, &change).await;
    let webhook = made(&world, "/v1/webhooks", json!({ "url": url })).await;
    let path = format!("/v1/webhooks/{}", webhook["id"].as_str().expect("an id"));
    let moved = json!({ "url": there.url("/hook") });
    change
        .set((Method::PUT, path.clone(), moved))
        .expect("the first change");
    let event = json!({ "id": "e", "type": "order.received", "data": { "order": {} } });
    made(&world, "/herald/v1/events", event).await;
    world.settle().await;
    world.turn(Duration::from_secs(10)).await;
    assert_eq!(world.get(&path).await["enabled"], true);
    assert_eq!(there.received().len(), 1);
}
