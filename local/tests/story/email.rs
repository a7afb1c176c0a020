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

#[tokio::test]
async fn what_is_withheld_for_a_removed_address_is_cancelled() {
    let world = World::new().await;
    let body = json!({
        "name": "E-mails", "channel": "EMAIL", "recipients": ["a@example.com", "b@example.com"],
    });
    let policies = "/api/notifications/policies";
    let policy = world.call(Method::POST, policies, body).await.json;
    world.report("e").await;
    world.settle().await;
    let id = policy["id"].as_str().expect("an id");
    let gone = format!("{policies}/{id}/recipients/a%40example.com");
    assert_eq!(
        world.call(Method::DELETE, &gone, json!(null)).await.status,
        200
    );
    world.settle().await;
    let mut states: Vec<_> = world
        .deliveries("e")
        .await
        .into_iter()
        .map(|d| {
            (
                d["target"].to_string(),
                d["status"].to_string(),
                d["reason"].to_string(),
            )
        })
        .collect();
    states.sort();
    assert_eq!(states[0].1, r#""cancelled""#);
    assert_eq!(states[0].2, r#""recipient_removed""#);
    assert_eq!(states[1].1, r#""withheld""#);
}
