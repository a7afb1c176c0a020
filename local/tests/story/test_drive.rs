use herald_local::world::{World, receiver::Receiver};
use standardwebhooks::Webhook;

#[tokio::test]
async fn an_event_becomes_a_signed_webhook() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = world.policy(&[receiver.url("/hook")]).await;

    let reply = world.report("inv_1").await;
    assert_eq!(reply.status, 202);
    assert_eq!(
        reply.json,
        serde_json::json!({ "id": "inv_1", "duplicate": false })
    );
    assert_eq!(
        world.deliveries("inv_1").await.len(),
        0,
        "not fanned out yet"
    );
    world.settle().await;

    let received = receiver.received();
    assert_eq!(received.len(), 1);
    let webhook = &received[0];
    assert_eq!(webhook.path, "/hook");
    let expected = format!(
        r#"{{"notificationType":"INVOICE_ISSUED","sequenceAccountId":"{}","resourceId":"inv_1","resource":{{"total":"12.00"}}}}"#,
        world.tenant.account
    );
    assert_eq!(webhook.body, expected);
    assert_eq!(webhook.header("content-type"), "application/json");
    assert!(webhook.header("user-agent").starts_with("Herald/"));

    let delivery = world.delivery("inv_1").await;
    assert_eq!(delivery["status"], "delivered");
    assert_eq!(webhook.header("webhook-id"), delivery["id"]);
    let secret = policy["webhookSecret"].as_str().expect("a secret");
    let library = Webhook::new(secret).expect("a secret of the standard form");
    let signed = library.sign(
        webhook.header("webhook-id"),
        webhook
            .header("webhook-timestamp")
            .parse()
            .expect("seconds"),
        webhook.body.as_bytes(),
    );
    assert_eq!(webhook.header("webhook-signature"), signed.expect("signs"));
    assert!(
        webhook
            .header("sequence-signature")
            .starts_with("t=1767607200000,s=")
    );
}

#[tokio::test]
async fn data_reaches_the_receiver_letter_for_letter() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    let body = r#"{"type":"INVOICE_ISSUED","id":"e","data":{ "z": 1.10, "a": [1e2, "é\u00e9"], "big": 12345678901234567890123 }}"#;
    let request = World::request(http::Method::POST, "/herald/v1/events").body(body.into());
    assert_eq!(world.send(request.expect("a request")).await.status, 202);
    world.settle().await;
    let received = receiver.received();
    let data = r#""resource":{"z":1.10,"a":[1e2,"é\u00e9"],"big":12345678901234567890123}}"#;
    assert!(received[0].body.ends_with(data), "{}", received[0].body);
}

#[tokio::test]
async fn a_large_event_travels_by_reference() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    let text = "x".repeat(256 * 1024 - 8);
    let body = serde_json::json!({ "id": "e", "type": "INVOICE_ISSUED", "data": { "t": text } });
    let reply = world
        .call(http::Method::POST, "/herald/v1/events", body)
        .await;
    assert_eq!(reply.status, 202, "{}", reply.json);
    world.settle().await;
    assert!(receiver.received()[0].body.len() > 256 * 1024);
}

#[tokio::test]
async fn every_recipient_of_every_matching_policy_is_told() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    for policy in 0..3 {
        let urls: Vec<_> = (0..4)
            .map(|n| receiver.url(&format!("/{policy}/{n}")))
            .collect();
        world.policy(&urls).await;
    }
    let other = serde_json::json!({
        "name": "Other", "channel": "WEBHOOK", "recipients": [receiver.url("/other")],
        "notificationTypes": ["CUSTOMER_CREATED"],
    });
    world
        .call(http::Method::POST, "/api/notifications/policies", other)
        .await;
    world.report("e").await;
    world.settle().await;
    let mut paths: Vec<_> = receiver.received().into_iter().map(|r| r.path).collect();
    paths.sort();
    let expected = (0..12)
        .map(|n| format!("/{}/{}", n / 4, n % 4))
        .collect::<Vec<_>>();
    assert_eq!(paths, expected);
    assert_eq!(world.deliveries("e").await.len(), 12);
}
