use herald_local::world::World;
use http::Method;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn deliveries_of_e_mail_policies_are_withheld_and_kept() {
    let world = World::new().await;
    let body = json!({
        "name": "Finance team emails", "channel": "EMAIL",
        "recipients": ["finance@example.com", "operations@example.com"],
        "notificationTypes": ["INVOICE_ISSUED"],
    });
    let policy = world
        .call(Method::POST, "/api/notifications/policies", body)
        .await;
    assert_eq!(
        (policy.status.as_u16(), policy.json.get("webhookSecret")),
        (201, None)
    );
    world.report("e").await;
    world.settle().await;
    world.turn(Duration::from_secs(86_400)).await;
    let deliveries = world.deliveries("e").await;
    assert_eq!(deliveries.len(), 2);
    for delivery in &deliveries {
        assert_eq!(delivery["status"], "withheld");
        assert_eq!(delivery["reason"], "email_not_sent");
        assert_eq!(delivery["withheldSince"], "2026-01-05T10:00:00Z");
    }
    let id = deliveries[0]["id"].as_str().expect("an id");
    let retry = format!("/herald/v1/deliveries/{id}/retry");
    assert_eq!(
        world.call(Method::POST, &retry, json!(null)).await.status,
        409
    );
    let listed = world.get("/herald/v1/deliveries?status=withheld").await;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
}
