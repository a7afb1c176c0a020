//! A subscription is listed, changed and deleted; those of accounts below are found by their ids.

use crate::{
    cybersource_creation::{WEBHOOKS, path, refused, request, shown, subscription},
    lune_creation::below,
};
use futures::future::join_all;
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

const PRODUCTS: &str = "/notification-subscriptions/v1/products";

#[tokio::test]
async fn only_the_fields_that_are_sent_change() {
    let world = World::new().await;
    let made = subscription(&world, json!({})).await;
    let path = path(&made);
    for (change, field, expected) in [
        (json!({ "name": "Other" }), "name", json!("Other")),
        (json!({ "description": "Why" }), "description", json!("Why")),
        (
            json!({ "eventTypes": ["invoicing.customer.invoice.paid"] }),
            "eventTypes",
            json!(["invoicing.customer.invoice.paid"]),
        ),
        (
            json!({ "webhookUrl": "https://test.com:8443/other" }),
            "webhookUrl",
            json!("https://test.com:8443/other"),
        ),
        (
            json!({ "notificationScope": { "scope": "DESCENDANTS" } }),
            "notificationScope",
            json!("DESCENDANTS"),
        ),
    ] {
        let before = world.get(&path).await;
        world.clock.advance(std::time::Duration::from_secs(1));
        let reply = world.call(Method::PATCH, &path, change).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        let mut after = before;
        after[field] = expected;
        after["updatedOn"] = reply.json["updatedOn"].clone();
        let after = shown(&after);
        assert_eq!(reply.json, after);
        assert_eq!(world.get(&path).await, after);
    }
}

#[tokio::test]
async fn parallel_changes_of_different_fields_lose_nothing() {
    let world = World::new().await;
    let path = path(&subscription(&world, json!({})).await);
    let retry = |name: &str, value: Value| json!({ "retryPolicy": { name: value } });
    let changes = [
        retry("deactivateFlag", json!(true)),
        json!({ "name": "Other" }),
        retry("firstRetry", json!(10)),
        retry("numberOfRetries", json!(2)),
        json!({ "healthCheckUrl": "https://test.com/health" }),
        retry("interval", json!(30)),
        json!({ "description": "Why" }),
    ];
    let replies = changes.map(|change| world.call(Method::PATCH, &path, change));
    for reply in join_all(replies).await {
        assert_eq!(reply.status, 200, "{}", reply.json);
    }
    let shown = world.get(&path).await;
    assert_eq!(shown["name"], "Other");
    assert_eq!(shown["description"], "Why");
    assert_eq!(shown["healthCheckUrl"], "https://test.com/health");
    let expected = json!({
        "algorithm": "ARITHMETIC", "firstRetry": 10, "interval": 30, "numberOfRetries": 2,
        "deactivateFlag": true, "repeatSequenceCount": 0, "repeatSequenceWaitTime": 0,
    });
    assert_eq!(shown["retryPolicy"], expected);
}

#[tokio::test]
async fn health_that_heralds_own_routes_gave_it_stays_where_a_change_does_not_name_it() {
    let world = World::new().await;
    let made = subscription(&world, json!({ "healthCheckUrl": null })).await;
    let path = path(&made);
    let own = path.replace(WEBHOOKS, "/herald/v1/policies");
    let url = json!({ "url": "https://test.com/health", "withhold": true });
    for health in [Value::Null, url] {
        let body = json!({ "health": health });
        let given = world.call(Method::PATCH, &own, body).await;
        assert_eq!(given.status, 200, "{}", given.json);
        let body = json!({ "name": "Other", "webhookUrl": "https://test.com/moved" });
        let changed = world.call(Method::PATCH, &path, body).await;
        assert_eq!(changed.status, 200, "{}", changed.json);
        let mut shown = world.get(&own).await["health"].take();
        if let Some(shown) = shown.as_object_mut() {
            shown.remove("lastProbe");
        }
        assert_eq!(shown, health);
    }
}

#[tokio::test]
async fn retries_that_heralds_own_routes_gave_it_stay_where_a_change_says_nothing_of_them() {
    let world = World::new().await;
    let made = subscription(&world, json!({})).await;
    let path = path(&made);
    let own = path.replace(WEBHOOKS, "/herald/v1/policies");
    let seconds = json!({
        "schedule": "arithmetic", "firstRetrySeconds": 30, "intervalSeconds": 90, "retries": 2,
        "repeats": 0, "repeatWaitSeconds": 0,
    });
    for retry in [json!({ "schedule": "until_acknowledged" }), seconds] {
        let body = json!({ "retryPolicy": retry });
        let given = world.call(Method::PATCH, &own, body).await;
        assert_eq!(given.status, 200, "{}", given.json);
        for flag in [json!({ "deactivateFlag": "true" }), json!({})] {
            let body = json!({ "retryPolicy": flag });
            let changed = world.call(Method::PATCH, &path, body).await;
            assert_eq!(changed.status, 200, "{}", changed.json);
            assert_eq!(changed.json["retryPolicy"]["deactivateFlag"], true);
            assert_eq!(world.get(&own).await["retryPolicy"], retry);
        }
    }
}

#[tokio::test]
async fn its_status_is_said_and_its_organization_is_not_changed() {
    let world = World::new().await;
    below(&world, ["left"]).await;
    let path = path(&subscription(&world, json!({})).await);
    for status in ["INACTIVE", "ACTIVE"] {
        let reply = world
            .call(Method::PATCH, &path, json!({ "status": status }))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        assert_eq!(reply.json["status"], "INACTIVE", "health has the last word");
    }
    let own = json!({ "organizationId": world.tenant.account });
    assert_eq!(world.call(Method::PATCH, &path, own).await.status, 200);
    for (change, field) in [
        (json!({ "organizationId": "left" }), "organizationId"),
        (json!({ "productId": "payments" }), "eventTypes[0]"),
        (json!({ "status": "SUSPENDED" }), "status"),
    ] {
        let reply = world.call(Method::PATCH, &path, change).await;
        let (status, _, fields) = refused(&reply);
        assert_eq!((status, fields[0]), (400, field));
    }
}

#[tokio::test]
async fn a_list_takes_an_organization_a_product_and_a_type() {
    let world = World::new().await;
    let own = world.tenant.account;
    let paid = "invoicing.customer.invoice.paid";
    let first = shown(&subscription(&world, json!({})).await);
    world.clock.advance(std::time::Duration::from_millis(1));
    let sent = json!({ "eventTypes": ["invoicing.customer.invoice.send"] });
    let second = shown(&subscription(&world, sent).await);
    for (query, expected) in [
        (String::new(), json!([second, first])),
        (format!("?organizationId={own}"), json!([second, first])),
        (
            format!("?organizationId={own}&productId=customerInvoicing&eventType={paid}"),
            json!([first]),
        ),
        ("?productId=payments".to_owned(), json!([])),
    ] {
        assert_eq!(
            world.get(&format!("{WEBHOOKS}{query}")).await,
            expected,
            "{query}"
        );
    }
    let unknown = format!("{WEBHOOKS}?organizationId=nobody");
    let reply = world.call(Method::GET, &unknown, Value::Null).await;
    assert_eq!(refused(&reply), (404, "NOT_FOUND", vec![]));
}

#[tokio::test]
async fn a_deleted_subscription_is_there_no_more() {
    let world = World::new().await;
    let path = path(&subscription(&world, json!({})).await);
    let reply = world.call(Method::DELETE, &path, Value::Null).await;
    let told = json!({ "status": "successfully deleted" });
    assert_eq!((reply.status.as_u16(), reply.json), (200, told));
    for method in [Method::GET, Method::DELETE, Method::POST] {
        let reply = world.call(method, &path, Value::Null).await;
        assert_eq!(refused(&reply), (404, "NOT_FOUND", vec![]));
    }
    world.settle().await;
}

#[tokio::test]
async fn what_an_account_below_holds_is_found_by_its_id_alone() {
    let world = World::new().await;
    below(&world, ["left"]).await;
    let parent = world.tenant.account;
    let before = world.rows_of(parent).await;
    let body = request("left", &json!({}));
    let made = world.call(Method::POST, WEBHOOKS, body).await.json;
    assert_eq!(world.get(&path(&made)).await, shown(&made));
    let listed = world.get(&format!("{WEBHOOKS}?organizationId=left")).await;
    assert_eq!(listed, json!([shown(&made)]));
    assert_eq!(world.get(WEBHOOKS).await, json!([]), "not its parent's");
    let deleted = world.call(Method::DELETE, &path(&made), Value::Null).await;
    assert_eq!(deleted.status, 200);
    assert_eq!(world.rows_of(parent).await, before, "its signpost is gone");
    world.settle().await;
}

#[tokio::test]
async fn products_show_what_may_be_subscribed_to() {
    let world = World::new().await;
    let products = world
        .get(&format!("{PRODUCTS}/{}", world.tenant.account))
        .await;
    let names = |product: &Value| product["eventTypes"].as_array().map(Vec::len);
    assert_eq!(products.as_array().map(Vec::len), Some(1));
    assert_eq!(products[0]["productId"], "customerInvoicing");
    assert_eq!(products[0]["productName"], "Customer Invoicing");
    assert_eq!(names(&products[0]), Some(7));
    let first = json!({
        "eventName": "invoicing.customer.invoice.cancel",
        "displayName": "An invoice was cancelled",
        "frequency": -1, "timeSensitivity": false, "payloadEncryption": false,
    });
    assert_eq!(products[0]["eventTypes"][0], first);
    for nobody in ["nobody", "%ff"] {
        let path = format!("{PRODUCTS}/{nobody}");
        let reply = world.call(Method::GET, &path, Value::Null).await;
        assert_eq!(refused(&reply), (404, "NOT_FOUND", vec![]), "{nobody}");
    }
}

#[tokio::test]
async fn what_is_not_offered_is_told_so() {
    let world = World::new().await;
    for path in [
        "/notification-subscriptions/v2/webhooks",
        "/notification-subscriptions/v2/products/a",
        "/kms/egress/v2/keys-asym",
    ] {
        let reply = world.call(Method::POST, path, json!({})).await;
        assert_eq!(refused(&reply), (501, "NOT_OFFERED", vec![]), "{path}");
    }
    let reply = world.call(Method::PUT, WEBHOOKS, json!({})).await;
    assert_eq!(refused(&reply), (405, "METHOD_NOT_ALLOWED", vec![]));
    let unknown = "/notification-subscriptions/v1/hooks";
    let reply = world.call(Method::GET, unknown, Value::Null).await;
    assert_eq!(refused(&reply), (404, "NOT_FOUND", vec![]));
}

#[tokio::test]
async fn an_account_has_a_hundred_subscriptions_at_most() {
    let world = World::new().await;
    let body = request("invoicetest", &json!({})).to_string();
    let send = async |key: &str| {
        let request = World::request(Method::POST, WEBHOOKS).header("idempotency-key", key);
        let request = request.body(body.clone().into());
        world.send(request.expect("a request")).await
    };
    let first = send("first").await;
    assert_eq!(first.status, 201, "{}", first.json);
    for _ in 1..100 {
        subscription(&world, json!({})).await;
    }
    let reply = send("one-more").await;
    assert_eq!(
        refused(&reply),
        (400, "INVALID_DATA", vec!["organizationId"])
    );
    let repeated = send("first").await;
    assert_eq!(repeated.status, 201, "{}", repeated.json);
    assert_eq!(repeated.json, first.json);
}
