//! Pulse's webhooks, from their own routes to the receiver: a login, a webhook, and events that any
//! library for Standard Webhooks verifies.

use crate::organisation::account;
use herald::queue::{Outgoing, Queue, QueueName};
use herald_local::world::{
    World,
    receiver::{Answer, Receiver, Request},
};
use http::{HeaderMap, Method, header};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::time::Duration;

const WEBHOOKS: &str = "/api/v3/notification/webhooks";
const CREATED: &str = "workflow:projects:created";

fn document(attributes: &Value) -> Value {
    json!({ "data": { "type": "notification/webhooks", "attributes": attributes } })
}

/// Makes a webhook with a secret; returns its path.
async fn webhook(world: &World, receiver: &Receiver, secret: &str) -> String {
    let attributes = json!({
        "name": "CI", "url": receiver.url("/hook"), "events": [CREATED], "secret": secret,
    });
    let made = world
        .call(Method::POST, WEBHOOKS, document(&attributes))
        .await;
    assert_eq!(made.status, 201, "{}", made.json);
    format!(
        "{WEBHOOKS}/{}",
        made.json["data"]["id"].as_str().expect("an id")
    )
}

async fn patch(world: &World, path: &str, attributes: Value) {
    let reply = world.call(Method::PATCH, path, document(&attributes)).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    world.settle().await;
}

async fn report(world: &World, event: Value) {
    let reply = world.call(Method::POST, "/herald/v1/events", event).await;
    assert_eq!(reply.status, 202, "{}", reply.json);
    world.settle().await;
}

/// The resources of the events that came in.
fn told(receiver: &Receiver) -> Vec<Value> {
    let resource = |request: Request| {
        let body: Value = serde_json::from_str(&request.body).expect("JSON");
        body["resource_id"].clone()
    };
    receiver.received().into_iter().map(resource).collect()
}

/// Whether the library takes a webhook that came in, under a key; its own clock is the machine's, so
/// it is asked what it would have signed.
pub(crate) fn is_signed(library: &Webhook, request: &Request) -> bool {
    let seconds = request
        .header("webhook-timestamp")
        .parse()
        .expect("seconds");
    let id = request.header("webhook-id");
    let signed = library.sign(id, seconds, request.body.as_bytes());
    let expected = signed.expect("signs");
    let given = request.header("webhook-signature");
    given.split(' ').any(|one| one == expected)
}

#[tokio::test]
async fn an_event_is_told_to_who_named_it_letter_for_letter() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let secret = "whsec_c2FtcGxlIHNlY3JldCwgMjQgYnl0ZXMu";
    webhook(&world, &receiver, secret).await;
    let body = format!(
        r#"{{"type":"{CREATED}","id":"e","resourceId":"7","occurredAt":"2026-01-05T09:00:00Z","data":{{ "z": 1.10, "a": [1e2, "é\u00e9"], "big": 12345678901234567890123 }}}}"#
    );
    let request = World::request(Method::POST, "/herald/v1/events").body(body.into());
    assert_eq!(world.send(request.expect("a request")).await.status, 202);
    report(
        &world,
        json!({ "type": "workflow:projects:deleted", "resourceId": "8" }),
    )
    .await;
    let [request] = &receiver.received()[..] else {
        panic!("one webhook: {:?}", told(&receiver));
    };
    let expected = r#"{"event":"workflow:projects:created","resource_id":"7","account_id":1,"occurred_at":"2026-01-05T09:00:00Z","payload":{"z":1.10,"a":[1e2,"é\u00e9"],"big":12345678901234567890123}}"#;
    assert_eq!(request.body, expected);
    assert_eq!(request.header("content-type"), "application/json");
    assert!(is_signed(&Webhook::new(secret).expect("a secret"), request));
    let delivery = world.delivery("e").await;
    assert_eq!(request.header("webhook-id"), delivery["id"]);
}

#[tokio::test]
async fn a_secret_that_is_any_text_stands_for_its_own_bytes() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let path = webhook(&world, &receiver, "hush, näïve").await;
    report(&world, json!({ "type": CREATED, "resourceId": "1" })).await;
    patch(&world, &path, json!({ "secret": "another" })).await;
    report(&world, json!({ "type": CREATED, "resourceId": "2" })).await;
    let [first, second] = &receiver.received()[..] else {
        panic!("two webhooks");
    };
    let library = |secret: &str| Webhook::from_bytes(secret.as_bytes().to_vec()).expect("a key");
    assert!(is_signed(&library("hush, näïve"), first));
    assert!(is_signed(&library("another"), second));
    assert!(
        !is_signed(&library("hush, näïve"), second),
        "it counts no more"
    );
}

#[tokio::test]
async fn what_is_refused_comes_again_as_it_was_and_to_where_the_webhook_has_moved() {
    let world = World::new().await;
    let old = Receiver::start([Answer::Status(500)]).await;
    let path = webhook(&world, &old, "s").await;
    report(&world, json!({ "type": CREATED, "resourceId": "1" })).await;
    world.turn(Duration::from_secs(10)).await;
    let [first, again] = &old.received()[..] else {
        panic!("two attempts");
    };
    assert_eq!(first.body, again.body);
    assert_eq!(first.header("webhook-id"), again.header("webhook-id"));
    let new = Receiver::start([]).await;
    patch(&world, &path, json!({ "url": new.url("/hook") })).await;
    report(&world, json!({ "type": CREATED, "resourceId": "2" })).await;
    assert_eq!((told(&old).len(), told(&new)), (2, vec![json!("2")]));
}

#[tokio::test]
async fn a_receiver_that_was_gone_hears_again_once_its_url_is_named() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(410)]).await;
    let path = webhook(&world, &receiver, "s").await;
    for id in ["1", "2"] {
        report(&world, json!({ "type": CREATED, "resourceId": id })).await;
    }
    assert_eq!(told(&receiver), ["1"]);
    patch(&world, &path, json!({ "name": "Other" })).await;
    report(&world, json!({ "type": CREATED, "resourceId": "3" })).await;
    assert_eq!(told(&receiver), ["1"], "a name is no URL");
    patch(&world, &path, json!({ "url": receiver.url("/hook") })).await;
    report(&world, json!({ "type": CREATED, "resourceId": "4" })).await;
    assert_eq!(told(&receiver), ["1", "4"]);
    let deleted = world.call(Method::DELETE, &path, json!(null)).await;
    assert_eq!(deleted.status, 204);
    report(&world, json!({ "type": CREATED, "resourceId": "5" })).await;
    assert_eq!(
        told(&receiver),
        ["1", "4"],
        "a deleted webhook hears nothing"
    );
}

#[tokio::test]
async fn an_event_names_the_integer_of_the_account_in_which_it_happened() {
    let world = World::new().await;
    let own = world.tenant.account.to_string();
    account(&world, "below", Some(&own)).await;
    let receiver = Receiver::start([]).await;
    webhook(&world, &receiver, "s").await;
    let listed = world.get("/herald/v1/policies?dialect=pulse").await;
    let policy = listed["items"][0]["id"].as_str().expect("an id");
    let path = format!("/herald/v1/policies/{policy}");
    let wider = world
        .call(Method::PATCH, &path, json!({ "scope": "descendants" }))
        .await;
    assert_eq!(wider.status, 200, "{}", wider.json);
    report(&world, json!({ "type": CREATED, "accountId": "below" })).await;
    report(&world, json!({ "type": CREATED })).await;
    // A producer inside AWS reports to the queue.
    let produced = json!({ "id": "p", "accountId": "below", "mode": "live", "type": CREATED });
    let message = Outgoing {
        body: produced.to_string(),
        delay: Duration::ZERO,
        group: None,
    };
    let queue = &world.service.parts.queue;
    let sent = queue.send(QueueName::Events, vec![message]).await;
    sent.expect("sends");
    world.settle().await;
    let account = |request: Request| {
        let body: Value = serde_json::from_str(&request.body).expect("JSON");
        body["account_id"].clone()
    };
    let accounts: Vec<_> = receiver.received().into_iter().map(account).collect();
    assert_eq!(accounts, [2, 1, 2]);
}

#[tokio::test]
async fn a_client_logs_in_and_walks_all_of_it() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let login = json!({ "key": "s" });
    let login = world
        .call(Method::POST, "/api/v3/iam/auth/api/login", login)
        .await;
    let token = login.json["meta"]["token"].as_str().expect("a token");
    let ask = async |method: Method, path: &str, body: Value| {
        let request =
            World::request(method, &format!("{WEBHOOKS}{path}")).body(body.to_string().into());
        let mut request = request.expect("a request");
        let headers: &mut HeaderMap = request.headers_mut();
        let bearer = format!("Bearer {token}").parse().expect("a value");
        headers.insert(header::AUTHORIZATION, bearer);
        headers.insert(
            header::CONTENT_TYPE,
            "application/vnd.api+json".parse().expect("a value"),
        );
        world.send(request).await.json
    };
    let events = ask(Method::GET, "/events", json!(null)).await;
    let names = events["data"].as_array().expect("events").iter();
    let names: Vec<_> = names.map(|event| event["id"].clone()).collect();
    let attributes = json!({ "name": "CI", "url": receiver.url("/hook"), "events": names });
    let made = ask(Method::POST, "", document(&attributes)).await;
    assert_eq!(made["data"]["attributes"]["events"], json!(names));
    let tested = ask(Method::POST, "/test/1", json!(null)).await;
    assert_eq!(tested["success"], true, "{tested}");
    report(&world, json!({ "type": CREATED, "resourceId": "1" })).await;
    assert_eq!(told(&receiver), [json!(null), json!("1")]);
    let off = document(&json!({ "events": ["workflow:projects:deleted"] }));
    ask(Method::PATCH, "/1", off).await;
    report(&world, json!({ "type": CREATED, "resourceId": "2" })).await;
    assert_eq!(told(&receiver).len(), 2);
    ask(Method::DELETE, "/1", json!(null)).await;
    assert_eq!(
        ask(Method::GET, "", json!(null)).await,
        json!({ "data": [] })
    );
}
