//! `POST /nrtf/v1/webhooks/{id}/replays`: the rules of its body, and whose subscriptions it takes.

use crate::cybersource_creation::{refused, subscription};
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const PRODUCT: &str = "customerInvoicing";

/// An active subscription's path of replays, a minute after it was made.
async fn replays(world: &World) -> String {
    let made = subscription(world, json!({})).await;
    let id = made["webhookId"].as_str().expect("an id");
    world.clock.advance(Duration::from_secs(60));
    format!("/nrtf/v1/webhooks/{id}/replays")
}

async fn ask(world: &World, path: &str, body: Value) -> Reply {
    world.call(Method::POST, path, body).await
}

async fn assert_refused(world: &World, path: &str, body: Value, fields: Vec<&str>) {
    let reply = ask(world, path, body.clone()).await;
    assert_eq!(reply.status, 400, "{body}: {}", reply.json);
    assert_eq!(refused(&reply).2, fields, "{body}");
}

#[tokio::test]
async fn bodies_that_break_a_rule_are_told_where() {
    let world = World::new().await;
    let path = replays(&world).await;
    let by = |fields: Value| json!({ "byDeliveryStatus": fields });
    let traces = "byTransactionTraceIdentifiers";
    let trace = "0198c7d2-0000-8000-8000-000000000000";
    let many = vec![trace; 101];
    for (body, fields) in [
        (json!({}), vec![traces]),
        (
            json!({ traces: [trace], "byDeliveryStatus": { "status": "FAILED" } }),
            vec![traces],
        ),
        (json!({ traces: [] }), vec![traces]),
        (json!({ traces: many }), vec![traces]),
        (json!({ traces: trace }), vec![traces]),
        (
            json!({ traces: [trace, "x"] }),
            vec!["byTransactionTraceIdentifiers[1]"],
        ),
        (by(json!({})), vec!["byDeliveryStatus.status"]),
        (by(json!("FAILED")), vec!["byDeliveryStatus"]),
        (
            by(json!({ "status": "DELIVERED", "hoursBack": 25, "productId": "payByLink" })),
            vec![
                "byDeliveryStatus.status",
                "byDeliveryStatus.hoursBack",
                "byDeliveryStatus.productId",
            ],
        ),
        (
            by(json!({ "status": "FAILED", "hoursBack": "soon" })),
            vec!["byDeliveryStatus.hoursBack"],
        ),
        (
            by(json!({ "status": "FAILED", "eventType": "no.such" })),
            vec!["byDeliveryStatus.eventType"],
        ),
    ] {
        assert_refused(&world, &path, body, fields).await;
    }
}

#[tokio::test]
async fn a_window_has_two_ends_a_day_between_them_and_lies_within_a_month() {
    let world = World::new().await;
    let path = replays(&world).await;
    let by = |fields: Value| json!({ "byDeliveryStatus": fields });
    for (body, fields) in [
        (
            by(json!({ "status": "RETRY", "startTime": "2026-01-05T09:00:00Z" })),
            vec!["byDeliveryStatus.startTime"],
        ),
        (
            by(json!({
                "status": "RETRY", "hoursBack": 3, "startTime": "2026-01-05T09:00:00Z",
                "endTime": "2026-01-05T10:00:00Z",
            })),
            vec!["byDeliveryStatus.hoursBack"],
        ),
        (
            by(json!({
                "status": "RETRY", "startTime": "2026-01-03T09:00:00Z",
                "endTime": "2026-01-04T09:00:01Z",
            })),
            vec!["byDeliveryStatus.endTime"],
        ),
        (
            by(json!({
                "status": "RETRY", "startTime": "2025-12-05T10:00:59.999Z",
                "endTime": "2025-12-05T10:00:00.000Z",
            })),
            vec!["byDeliveryStatus.startTime", "byDeliveryStatus.endTime"],
        ),
        (
            by(json!({
                "status": "RETRY", "startTime": "2026-01-05T10:01:00Z",
                "endTime": "2026-01-05T10:02:00Z",
            })),
            vec!["byDeliveryStatus.startTime"],
        ),
    ] {
        assert_refused(&world, &path, body, fields).await;
    }
}

#[tokio::test]
async fn a_subscription_that_is_not_active_or_not_there_is_not_replayed() {
    let world = World::new().await;
    let path = replays(&world).await;
    let body = json!({ "byDeliveryStatus": { "status": "FAILED", "productId": PRODUCT } });
    let inactive = ask(&world, &path, body.clone()).await;
    assert_eq!(inactive.status, 409, "{}", inactive.json);
    let traces = json!({
        "byTransactionTraceIdentifiers": ["0198c7d2-0000-8000-8000-000000000000"],
    });
    assert_eq!(ask(&world, &path, traces).await.status, 409);
    let other = "/nrtf/v1/webhooks/0198c7d2-0000-7000-8000-000000000000/replays";
    let unknown = ask(&world, other, body).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.json["reason"], "NOT_FOUND");
}
