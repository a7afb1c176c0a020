//! Herald's own view of policies, whatever dialect they were made in.

use crate::{created, refuse_queries};
use herald_local::world::{
    World, give_credential,
    receiver::{Answer, Receiver},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const OWN: &str = "/herald/v1/policies";

/// Herald's path of a policy that has Sequence's.
pub(crate) fn own(path: &str) -> String {
    let id = path.rsplit('/').next().expect("an id");
    format!("{OWN}/{id}")
}

async fn names(world: &World, query: &str) -> Vec<String> {
    let list = world.get(&format!("{OWN}?{query}")).await;
    let items = list["items"].as_array();
    let items = items.unwrap_or_else(|| panic!("no list: {list}"));
    let name = |item: &Value| item["name"].as_str().expect("a name").to_owned();
    items.iter().map(name).collect()
}

#[tokio::test]
async fn a_policy_is_shown_in_neutral_words() {
    let world = World::new().await;
    let path = created(&world, json!({})).await;
    let shown = world.get(&own(&path)).await;
    let expected = json!({
        "id": shown["id"], "dialect": "sequence", "name": "Dev hooks",
        "description": null, "eventTypes": ["INVOICE_ISSUED"], "scope": "own", "retryPolicy": { "schedule": "default" }, "status": "active", "statusSince": null,
            "health": null, "deliveryMode": "independent", "maxPerSecond": null, "channel": "webhook",
        "timeoutSeconds": null, "headers": {}, "contact": null, "metadata": {},
        "recipients": [{
            "id": shown["recipients"][0]["id"], "target": "https://api.example.com/hooks",
            "status": "active",
        }],
        "createdAt": "2026-01-05T10:00:00Z", "updatedAt": "2026-01-05T10:00:00Z", "version": 1,
    });
    assert_eq!(shown, expected);
    world.clock.advance(Duration::from_secs(1));
    let all = created(&world, json!({ "notificationTypes": null })).await;
    assert_eq!(world.get(&own(&all)).await["eventTypes"], Value::Null);
    let listed = world.get(OWN).await;
    assert_eq!(listed["items"][1], expected, "the list shows the same");
}

#[tokio::test]
async fn a_suspended_recipient_says_since_when_and_why() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(410)]).await;
    let policy = world.policy(&[receiver.url("/gone")]).await;
    world.report("e").await;
    world.settle().await;
    let id = policy["id"].as_str().expect("an id");
    let shown = world.get(&format!("{OWN}/{id}")).await;
    let recipient = &shown["recipients"][0];
    assert_eq!(recipient["status"], "suspended");
    assert_eq!(recipient["reason"], "gone");
    assert_eq!(recipient["since"], "2026-01-05T10:00:00Z");
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let world = World::new().await;
    for (name, types) in [
        ("Ledger", json!(["INVOICE_ISSUED"])),
        ("CRM", json!(["CUSTOMER_CREATED"])),
        ("Second ledger", json!(null)),
    ] {
        created(&world, json!({ "name": name, "notificationTypes": types })).await;
        world.clock.advance(Duration::from_secs(1));
    }
    let mail = json!({ "name": "Mail", "channel": "EMAIL", "recipients": ["a@example.com"] });
    created(&world, mail).await;
    for (query, expected) in [
        ("", vec!["Mail", "Second ledger", "CRM", "Ledger"]),
        ("q=LEDGER", vec!["Second ledger", "Ledger"]),
        ("channel=email", vec!["Mail"]),
        (
            "dialect=sequence&channel=webhook&q=c",
            vec!["Second ledger", "CRM"],
        ),
        ("eventType=CUSTOMER_CREATED", vec!["Second ledger", "CRM"]),
        ("eventType=SOMETHING_ELSE", vec![]),
        ("limit=2", vec!["Mail", "Second ledger"]),
    ] {
        assert_eq!(names(&world, query).await, expected, "{query}");
    }
    let first = world.get(&format!("{OWN}?limit=3")).await;
    let after = first["pagination"]["after"].as_str().expect("a cursor");
    assert_eq!(
        names(&world, &format!("limit=3&after={after}")).await,
        ["Ledger"]
    );
    let cases = [
        ("dialect=x", "dialect"),
        ("channel=WEBHOOK", "channel"),
        ("eventType=a%20b", "eventType"),
        ("q=", "q"),
        ("limit=0", "limit"),
        ("after=x", "after"),
        ("name=x", "name"),
    ];
    refuse_queries(&world, OWN, &cases).await;
}

#[tokio::test]
async fn a_deleted_policy_is_gone_and_what_it_left_is_cancelled() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500)]).await;
    let policy = world.policy(&[receiver.url("/hook")]).await;
    let path = format!("{OWN}/{}", policy["id"].as_str().expect("an id"));
    world.report("e").await;
    world.settle().await;
    let call = async |method| world.call(method, &path, json!(null)).await.status;
    assert_eq!(call(Method::DELETE).await, StatusCode::NO_CONTENT);
    assert_eq!(call(Method::DELETE).await, StatusCode::NOT_FOUND);
    assert_eq!(call(Method::GET).await, StatusCode::NOT_FOUND);
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "cancelled");
    world.may_leave_messages();
}

#[tokio::test]
async fn the_secret_is_shown_where_there_is_one() {
    let world = World::new().await;
    let secret = "whsec_UserSubmittedSecret1234567890abc";
    let path = created(&world, json!({ "webhookSecret": secret })).await;
    let shown = world.get(&format!("{}/secret", own(&path))).await;
    assert_eq!(shown, json!({ "secret": secret }));
    let mail = json!({ "channel": "EMAIL", "recipients": ["a@example.com"] });
    let path = created(&world, mail).await;
    let path = format!("{}/secret", own(&path));
    let none = world.call(Method::GET, &path, json!(null));
    assert_eq!(none.await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_tenant_finds_nothing_here() {
    let world = World::new().await;
    let path = own(&created(&world, json!({})).await);
    let other = herald::tenant::Tenant {
        mode: herald::tenant::Mode::Test,
        ..world.tenant
    };
    give_credential(&world.service.api, other, "other:other-secret").await;
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::GET, format!("{path}/secret")),
        (Method::GET, format!("{OWN}/not-an-id")),
    ] {
        let request = http::Request::builder().method(method).uri(&path);
        let request = request.header("authorization", "Bearer other-secret");
        let reply = world
            .send(request.body("".into()).expect("a request"))
            .await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(world.get(&path).await["name"], "Dev hooks");
}
