//! What arrives of a policy in Herald's own dialect: its envelope, its headers, in its time.

use crate::{own_policies::own, own_policy_changes::change};
use herald_local::world::{
    World,
    receiver::{Receiver, Request},
};
use http::Method;
use serde_json::{Value, json};

async fn report(world: &World, body: Value) {
    let reply = world.call(Method::POST, "/herald/v1/events", body).await;
    assert_eq!(reply.status, 202, "{}", reply.json);
    world.settle().await;
}

fn names(request: &Request) -> Vec<&str> {
    let mut names: Vec<_> = request
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn the_envelope_is_in_neutral_words() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    own(&world, json!({ "recipients": [receiver.url("/hook")] })).await;
    let data = json!({ "total": "12.00" });
    report(&world, json!({ "id": "a", "type": "order.paid" })).await;
    report(
        &world,
        json!({
            "id": "b", "type": "INVOICE_ISSUED", "resourceType": "Invoice", "resourceId": "inv_1",
            "data": data, "occurredAt": "2026-01-04T09:00:00+01:00",
        }),
    )
    .await;
    let account = world.tenant.account;
    let [first, second] = &receiver.received()[..] else {
        panic!("two webhooks");
    };
    let expected = format!(
        r#"{{"id":"a","type":"order.paid","timestamp":"2026-01-05T10:00:00Z","accountId":"{account}","data":{{}}}}"#
    );
    assert_eq!(first.body, expected);
    let expected = format!(
        r#"{{"id":"b","type":"INVOICE_ISSUED","timestamp":"2026-01-04T08:00:00Z","accountId":"{account}","resourceType":"Invoice","resourceId":"inv_1","data":{{"total":"12.00"}}}}"#
    );
    assert_eq!(second.body, expected);
}

#[tokio::test]
async fn its_headers_are_those_of_standard_webhooks_and_its_own() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let headers =
        json!({ "X-Team": "billing", "authorization": "Bearer a b", "x_odd.~": "!\"%;," });
    let fields = json!({ "recipients": [receiver.url("/hook")], "headers": headers });
    let policy = own(&world, fields).await;
    world.report("a").await;
    world.settle().await;
    let cleared = change(&world, &policy, json!({ "headers": null })).await;
    assert_eq!(cleared.status, 200);
    world.report("b").await;
    world.settle().await;
    let [with, without] = &receiver.received()[..] else {
        panic!("two webhooks");
    };
    let always = [
        "accept",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    ];
    assert_eq!(names(without), always);
    let mut expected = [&always[..], &["authorization", "x-team", "x_odd.~"]].concat();
    expected.sort_unstable();
    assert_eq!(names(with), expected);
    for (name, value) in headers.as_object().expect("headers") {
        assert_eq!(with.header(name), value.as_str().expect("a text"));
        assert_eq!(
            with.headers.get_all(name.as_str()).iter().count(),
            1,
            "{name}"
        );
    }
    assert_eq!(with.header("content-type"), "application/json");
}

#[tokio::test]
async fn headers_that_reqwest_sets_itself_are_sent_once() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let headers = json!({ "Accept": "application/json", "Accept-Encoding": "gzip" });
    own(
        &world,
        json!({ "recipients": [receiver.url("/hook")], "headers": headers }),
    )
    .await;
    world.report("e").await;
    world.settle().await;
    let [request] = &receiver.received()[..] else {
        panic!("one webhook");
    };
    for (name, value) in headers.as_object().expect("headers") {
        let values: Vec<_> = request.headers.get_all(name.as_str()).iter().collect();
        assert_eq!(values, [value.as_str().expect("a text")]);
    }
}

#[tokio::test]
async fn the_headers_of_a_policy_of_sequence_come_beside_its_own_signature() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = world.policy(&[receiver.url("/hook")]).await;
    let set = change(
        &world,
        &policy,
        json!({ "headers": { "X-Team": "billing" } }),
    )
    .await;
    assert_eq!(set.status, 200, "{}", set.json);
    world.report("e").await;
    world.settle().await;
    let [request] = &receiver.received()[..] else {
        panic!("one webhook");
    };
    assert_eq!(request.header("x-team"), "billing");
    assert!(request.headers.contains_key("sequence-signature"));
}

#[tokio::test]
async fn a_policy_for_all_types_hears_of_those_of_every_dialect() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let all = own(&world, json!({ "recipients": [receiver.url("/all")] })).await;
    world.policy(&[receiver.url("/sequence")]).await;
    for name in [
        "INVOICE_ISSUED",
        "order.paid",
        "invoicing.customer.invoice.paid",
    ] {
        report(&world, json!({ "id": name, "type": name })).await;
    }
    let paths: Vec<_> = receiver
        .received()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(paths.iter().filter(|path| *path == "/all").count(), 3);
    assert_eq!(paths.iter().filter(|path| *path == "/sequence").count(), 1);
    let narrowed = change(&world, &all, json!({ "eventTypes": ["order.paid"] })).await;
    assert_eq!(narrowed.status, 200);
    for name in ["INVOICE_ISSUED", "order.paid"] {
        report(&world, json!({ "id": format!("{name}-2"), "type": name })).await;
    }
    let paths: Vec<_> = receiver
        .received()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(paths.iter().filter(|path| *path == "/all").count(), 4);
}
