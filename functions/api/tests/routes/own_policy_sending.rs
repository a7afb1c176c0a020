//! Whether a policy sends, in which order and how fast: the fields' rules, and what may be changed.

use crate::{
    own_policies::{OWN, create_own, own, path, told},
    own_policy_fields::{Cases, case},
};
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

/// Fields that are refused, each with what is told.
pub(crate) fn sending() -> Cases {
    let health = |value, told: &str| case("health", value, told);
    let pace = "maxPerSecond must be a whole number from 1 to 1000";
    let url = "https://hooks.example.com/health";
    vec![
        case(
            "status",
            json!("pending"),
            "status must be active or inactive",
        ),
        case("status", json!(true), "status must be a string"),
        health(json!(url), "health must be null, or an object with url"),
        health(json!({}), "health.url is required"),
        health(json!({ "url": 7 }), "health.url must be a string"),
        health(
            json!({ "url": "http://example.com/" }),
            "health.url must be an https URL",
        ),
        health(
            json!({ "url": url, "withhold": "no" }),
            "health.withhold must be true or false",
        ),
        health(
            json!({ "url": url, "every": 5 }),
            "health.every is not a known field",
        ),
        case(
            "deliveryMode",
            json!("fifo"),
            "deliveryMode must be independent or ordered",
        ),
        case("deliveryMode", json!(1), "deliveryMode must be a string"),
        case("maxPerSecond", json!(0), pace),
        case("maxPerSecond", json!(1_001), pace),
        case("maxPerSecond", json!(2.5), pace),
        case("maxPerSecond", json!("7"), "maxPerSecond must be a number"),
    ]
}

async fn change(world: &World, policy: &Value, fields: Value) -> Value {
    let changed = world.call(Method::PATCH, &path(policy), fields).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    changed.json
}

#[tokio::test]
async fn a_policy_becomes_ordered_and_stays_so() {
    let world = World::new().await;
    let policy = own(&world, json!({})).await;
    assert_eq!(policy["deliveryMode"], "independent");
    let ordered = change(&world, &policy, json!({ "deliveryMode": "ordered" })).await;
    assert_eq!(ordered["deliveryMode"], "ordered");
    let back = json!({ "deliveryMode": "independent", "maxPerSecond": 0 });
    let refused = world.call(Method::PATCH, &path(&policy), back).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        told(&refused),
        [
            "maxPerSecond must be a whole number from 1 to 1000",
            "deliveryMode cannot be changed back: a policy that is ordered stays so",
        ]
    );
    // Its recipient was woken, and there is nothing to tell.
    world.settle().await;
}

#[tokio::test]
async fn what_is_made_ordered_is_tried_until_it_is_acknowledged_unless_it_says_otherwise() {
    let world = World::new().await;
    let policy = own(&world, json!({ "deliveryMode": "ordered" })).await;
    assert_eq!(policy["retryPolicy"]["schedule"], "until_acknowledged");
    let default = json!({ "schedule": "default" });
    let said = json!({ "deliveryMode": "ordered", "retryPolicy": default });
    assert_eq!(own(&world, said).await["retryPolicy"], default);
}

#[tokio::test]
async fn e_mails_keep_no_order() {
    let world = World::new().await;
    let fields = json!({
        "channel": "email", "recipients": ["ada@example.com"], "deliveryMode": "ordered",
    });
    let refused = create_own(&world, fields).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json["errors"][0]["field"], "deliveryMode");
}

#[tokio::test]
async fn what_is_shown_of_health_and_pace_may_be_sent_back_or_cleared() {
    let world = World::new().await;
    let health = json!({ "url": "https://hooks.example.com/health", "withhold": true });
    let policy = own(&world, json!({ "health": health, "maxPerSecond": 5 })).await;
    assert_eq!(policy["status"], "pending");
    let same = json!({ "health": policy["health"], "maxPerSecond": policy["maxPerSecond"] });
    assert_eq!(change(&world, &policy, same).await, policy);
    let listed = &world.get(OWN).await["items"][0];
    assert_eq!(listed["health"], health);
    world.may_leave_messages();
    let none = json!({ "health": null, "maxPerSecond": null });
    let cleared = change(&world, &policy, none).await;
    let (health, pace) = (&cleared["health"], &cleared["maxPerSecond"]);
    assert_eq!(
        (health, pace, &cleared["status"]),
        (&Value::Null, &Value::Null, &json!("active"))
    );
}

#[tokio::test]
async fn since_when_a_policy_is_inactive_is_not_the_callers_to_say() {
    let world = World::new().await;
    let policy = own(&world, json!({})).await;
    let fields = json!({ "statusSince": "2026-01-01T00:00:00Z" });
    let refused = world.call(Method::PATCH, &path(&policy), fields).await;
    assert_eq!(told(&refused), ["statusSince cannot be changed"]);
}
