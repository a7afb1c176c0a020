//! What a type of the operator's does: it may be reported and named, and is heard by the policies
//! for all types of the dialects that know it.

use crate::{
    POLICIES, created,
    event_types::{TYPES, add, put},
    own_policies::{create_own, own, path, told},
    own_policy_changes::change,
};
use herald_local::world::{Reply, World, receiver::Receiver};
use http::Method;
use serde_json::{Value, json};

async fn report(world: &World, id: &str, name: &str) -> Reply {
    let body = json!({ "id": id, "type": name });
    world.call(Method::POST, "/herald/v1/events", body).await
}

async fn remove(world: &World, name: &str) {
    let reply = world
        .operate(Method::DELETE, &format!("{TYPES}/{name}"), json!(null))
        .await;
    assert_eq!(reply.status, 204);
}

/// The paths at which webhooks came in, sorted.
fn paths(receiver: &Receiver) -> Vec<String> {
    let mut paths: Vec<_> = receiver
        .received()
        .into_iter()
        .map(|request| request.path)
        .collect();
    paths.sort();
    paths
}

#[tokio::test]
async fn it_is_heard_by_policies_for_all_types_of_the_dialects_that_know_it() {
    for (dialects, heard) in [
        (&["herald"][..], vec!["/herald", "/named"]),
        (
            &["herald", "sequence"],
            vec!["/herald", "/named", "/sequence"],
        ),
    ] {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let refused = report(&world, "before", "sub.paused").await;
        assert_eq!(refused.status, 400, "nobody knows it yet");
        add(&world, "sub.paused", dialects).await;
        own(&world, json!({ "recipients": [receiver.url("/herald")] })).await;
        let fields =
            json!({ "recipients": [receiver.url("/named")], "eventTypes": ["sub.paused"] });
        own(&world, fields).await;
        let other = json!({ "recipients": [receiver.url("/other")], "eventTypes": ["order.paid"] });
        own(&world, other).await;
        world.policy(&[receiver.url("/sequence")]).await;
        assert_eq!(report(&world, "e", "sub.paused").await.status, 202);
        world.settle().await;
        assert_eq!(paths(&receiver), heard, "{dialects:?}");
    }
}

#[tokio::test]
async fn it_is_named_only_by_policies_of_the_dialects_that_know_it() {
    let world = World::new().await;
    add(&world, "OURS_HERALD", &["herald"]).await;
    add(&world, "OURS_SEQUENCE", &["sequence"]).await;
    for (name, here, there) in [("OURS_HERALD", 201, 400), ("OURS_SEQUENCE", 400, 201)] {
        let own = create_own(&world, json!({ "eventTypes": [name] })).await;
        assert_eq!(own.status, here, "{name}: {}", own.json);
        let sequence = crate::create(&world, json!({ "notificationTypes": [name] })).await;
        assert_eq!(sequence.status, there, "{name}: {}", sequence.json);
    }
    let policy = created(&world, json!({})).await;
    let added = json!({ "notificationTypes": ["OURS_SEQUENCE"] });
    let added = world
        .call(Method::POST, &format!("{policy}/notification-types"), added)
        .await;
    assert_eq!(
        added.json["notificationTypes"],
        json!(["INVOICE_ISSUED", "OURS_SEQUENCE"])
    );
    let found = world
        .get(&format!("{POLICIES}?notificationType=OURS_SEQUENCE"))
        .await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(2));
    let found = world.get("/herald/v1/policies?eventType=OURS_HERALD").await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn it_is_suggested_to_whoever_may_mean_it() {
    let world = World::new().await;
    add(&world, "subscription.paused", &["herald"]).await;
    let meant = "did you mean subscription.paused?";
    // Whoever reports hears of built-in types alone: the operator's would have to be read each time.
    let reported = told(&report(&world, "e", "subscription.pausd").await);
    assert_eq!(reported, ["type must be a known event type"]);
    let named = told(&create_own(&world, json!({ "eventTypes": ["subscripton.paused"] })).await);
    assert!(named[0].ends_with(meant), "{named:?}");
    let policy = own(&world, json!({})).await;
    let test = format!("{}/test", path(&policy));
    let tried = world
        .call(
            Method::POST,
            &test,
            json!({ "eventType": "subscription.pause" }),
        )
        .await;
    assert!(told(&tried)[0].ends_with(meant), "{}", tried.json);
    let there = crate::create(
        &world,
        json!({ "notificationTypes": ["subscription.pausd"] }),
    )
    .await;
    assert!(
        !there.json.to_string().contains("did you mean"),
        "{}",
        there.json
    );
}

#[tokio::test]
async fn a_test_delivery_carries_its_example_letter_for_letter() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let example = r#"{"z":1.50,"a":"\u00e4","z":[1e3]}"#;
    let body = r#"{"dialects":["herald"],"description":"x","example":{ "z": 1.50, "a":"\u00e4","z":[ 1e3 ]}}"#;
    let request = World::request(Method::PUT, &format!("{TYPES}/ours"))
        .body(body.into())
        .expect("a request");
    let (mut parts, body) = request.into_parts();
    let operator = format!("Bearer {}", herald_local::world::OPERATOR_SECRET);
    parts
        .headers
        .insert("authorization", operator.parse().expect("a value"));
    let kept = world.send(http::Request::from_parts(parts, body)).await;
    assert_eq!(kept.status, 200, "{}", kept.json);
    let fields = json!({ "recipients": [receiver.url("/hook")], "eventTypes": ["ours"] });
    let policy = own(&world, fields).await;
    let tried = world
        .call(Method::POST, &format!("{}/test", path(&policy)), json!({}))
        .await;
    assert_eq!(tried.json["success"], true, "{}", tried.json);
    let request = receiver.received().pop().expect("a webhook");
    assert!(
        request.body.ends_with(&format!(r#""data":{example}}}"#)),
        "{}",
        request.body
    );
}

#[tokio::test]
async fn once_it_is_removed_nothing_more_is_reported_or_named_under_it() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    add(&world, "ours", &["herald"]).await;
    let fields =
        json!({ "recipients": [receiver.url("/hook")], "eventTypes": ["ours", "order.paid"] });
    let policy = own(&world, fields).await;
    assert_eq!(report(&world, "one", "ours").await.status, 202);
    remove(&world, "ours").await;
    world.settle().await;
    assert_eq!(
        receiver.received().len(),
        1,
        "what was accepted before arrives"
    );
    assert_eq!(report(&world, "two", "ours").await.status, 400);
    assert_eq!(
        create_own(&world, json!({ "eventTypes": ["ours"] }))
            .await
            .status,
        400
    );
    let kept = change(&world, &policy, json!({ "name": "Still changes" })).await;
    assert_eq!(
        (kept.status.as_u16(), &kept.json["eventTypes"]),
        (200, &json!(["ours", "order.paid"]))
    );
    let tried = world
        .call(Method::POST, &format!("{}/test", path(&policy)), json!({}))
        .await;
    assert_eq!(tried.json["success"], true, "{}", tried.json);
    let again = put(
        &world,
        "ours",
        json!({ "dialects": ["herald"], "description": "Again" }),
    )
    .await;
    assert_eq!(again.status, 200);
    assert_eq!(report(&world, "three", "ours").await.status, 202);
    world.settle().await;
    assert_eq!(receiver.received().len(), 3);
}

#[tokio::test]
async fn it_is_the_whole_stacks_and_accounts_leave_it_behind() {
    let world = World::new().await;
    add(&world, "ours", &["herald"]).await;
    let account = json!({ "name": "A", "externalId": "acme" });
    let made = world
        .operate(Method::POST, "/herald/v1/accounts", account)
        .await;
    assert_eq!(made.status, 201, "{}", made.json);
    let body = json!({ "mode": "test", "role": "manage" });
    let credentials = "/herald/v1/accounts/acme/credentials";
    let credential: Value = world.operate(Method::POST, credentials, body).await.json;
    let bearer = format!(
        "Bearer {}",
        credential["secret"].as_str().expect("a secret")
    );
    let body = json!({ "id": "e", "type": "ours" });
    let reported = crate::roles::with(&world, &bearer, Method::POST, "/herald/v1/events", body);
    assert_eq!(reported.await.status, 202);
    world.settle().await;
    let deleted = world
        .operate(Method::DELETE, "/herald/v1/accounts/acme", json!(null))
        .await;
    assert_eq!(deleted.status, 202);
    world.settle().await;
    world.turn(herald::queue::MAX_DELAY).await;
    assert_eq!(world.get(&format!("{TYPES}/ours")).await["name"], "ours");
}
