use crate::keys;
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

const EVENTS: &str = "/herald/v1/events";

#[tokio::test]
async fn an_event_is_shown_as_it_was_reported() {
    let world = World::new().await;
    let event = json!({
        "id": "inv-1.issued", "type": "INVOICE_ISSUED", "resourceType": "InvoiceResponse",
        "resourceId": "inv_1", "data": { "b": 1, "a": [] }, "occurredAt": "2026-01-05T09:00:00+01:00",
        "accountId": "invoicetest",
    });
    assert_eq!(world.call(Method::POST, EVENTS, event).await.status, 202);
    world.settle().await;
    let shown = world.get(&format!("{EVENTS}/inv-1.issued")).await;
    assert_eq!(
        shown,
        json!({
            "id": "inv-1.issued", "type": "INVOICE_ISSUED", "accountId": world.tenant.account,
            "resourceType": "InvoiceResponse", "resourceId": "inv_1", "data": { "b": 1, "a": [] },
            "occurredAt": "2026-01-05T08:00:00Z", "acceptedAt": "2026-01-05T10:00:00Z",
            "fannedOut": true, "deliveries": { "items": [], "pagination": {} },
        })
    );
    let missing = world
        .call(Method::GET, &format!("{EVENTS}/nope"), json!(null))
        .await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn every_rule_names_its_field() {
    let world = World::new().await;
    for (body, expected) in [
        (json!({}), vec!["type"]),
        (json!({ "type": "NOPE" }), vec!["type"]),
        (json!({ "type": 1 }), vec!["type"]),
        (json!({ "type": "INVOICE_ISSUED", "id": "a b" }), vec!["id"]),
        (
            json!({ "type": "INVOICE_ISSUED", "id": "x".repeat(257) }),
            vec!["id"],
        ),
        (
            json!({ "type": "INVOICE_ISSUED", "data": [] }),
            vec!["data"],
        ),
        (
            json!({ "type": "INVOICE_ISSUED", "data": "{}" }),
            vec!["data"],
        ),
        (
            json!({ "type": "INVOICE_ISSUED", "occurredAt": "yesterday" }),
            vec!["occurredAt"],
        ),
        (
            json!({ "type": "INVOICE_ISSUED", "resourceId": "" }),
            vec!["resourceId"],
        ),
        (
            json!({ "type": "INVOICE_ISSUED", "accountId": "nobody" }),
            vec!["accountId"],
        ),
        (
            json!({ "type": "INVOICE_ISSUED", "accountId": "x".repeat(3_000) }),
            vec!["accountId"],
        ),
        (
            json!({ "type": "INVOICE_ISSUED", "resourceID": "x" }),
            vec!["resourceID"],
        ),
        (
            json!({ "id": "", "type": "x y", "data": 1 }),
            vec!["id", "type", "data"],
        ),
    ] {
        let reply = world.call(Method::POST, EVENTS, body.clone()).await;
        assert_eq!(
            (reply.status.as_u16(), keys(&reply)),
            (400, expected),
            "{body}: {}",
            reply.json
        );
        assert_eq!(reply.headers["content-type"], "application/problem+json");
    }
    let reply = world
        .call(Method::POST, EVENTS, json!({ "type": "INVOICE_ISUED" }))
        .await;
    let detail = reply.json["detail"].as_str().expect("a detail");
    assert!(detail.contains("did you mean INVOICE_ISSUED"), "{detail}");
}

#[tokio::test]
async fn data_may_be_256_kib_and_not_more() {
    let world = World::new().await;
    for (length, status) in [
        (256 * 1024 - 8, 202),
        (256 * 1024 - 7, 400),
        (2 * 1024 * 1024, 413),
    ] {
        let event = json!({ "type": "INVOICE_ISSUED", "data": { "t": "x".repeat(length) } });
        let reply = world.call(Method::POST, EVENTS, event).await;
        assert_eq!(reply.status, status, "{}", reply.json);
        if status == 400 {
            assert_eq!(keys(&reply), ["data"]);
        }
    }
    let spaced = format!(
        "{{\"type\":\"INVOICE_ISSUED\",\"data\":{{ {} }}}}",
        " ".repeat(500_000)
    );
    let request = World::request(Method::POST, EVENTS).body(spaced.into());
    assert_eq!(
        world.send(request.expect("a request")).await.status,
        202,
        "white space does not count"
    );
    world.settle().await;
}

#[tokio::test]
async fn deeply_nested_data_harms_nobody() {
    let world = World::new().await;
    let deep = format!(
        "{{\"type\":\"INVOICE_ISSUED\",\"id\":\"deep\",\"data\":{{\"a\":{}{}}}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let request = World::request(Method::POST, EVENTS).body(deep.into());
    let status = world
        .send(request.expect("a request"))
        .await
        .status
        .as_u16();
    assert!(status == 202 || status == 400, "{status}");
    world.settle().await;
}

#[tokio::test]
async fn a_failure_of_ours_is_a_500_without_detail_and_loses_nothing() {
    let world = World::new().await;
    let event: Value = json!({ "id": "e", "type": "INVOICE_ISSUED" });
    let mut failed = 0;
    for requests in 0.. {
        world.wire.cut_after(requests);
        let reply = world.call(Method::POST, EVENTS, event.clone()).await;
        if !world.wire.mend() {
            break;
        }
        assert_eq!(reply.status, 500);
        let detail = reply.json["detail"].as_str().expect("a detail");
        assert!(detail.starts_with("something failed here"), "{detail}");
        failed += 1;
    }
    assert_eq!(
        failed, 6,
        "at the credential, the account, its log, the event, the queue, and the event that is known by \
         then"
    );
    world.settle().await;
}
