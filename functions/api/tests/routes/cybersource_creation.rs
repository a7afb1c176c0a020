//! `POST /notification-subscriptions/v1/webhooks`: made as CyberSource documents it, and refused by
//! its rules.

use crate::{accounts::made, event_types::put, lune_creation::below};
use herald_local::world::{Reply, World};
use http::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};

pub(crate) const WEBHOOKS: &str = "/notification-subscriptions/v1/webhooks";

/// The request of CyberSource's guide to invoicing, with some fields replaced; null takes one away.
pub(crate) fn request(organization: &str, fields: &Value) -> Value {
    let mut body = json!({
        "name": "Invoicing Webhooks",
        "description": "Webhooks for Invoicing Events",
        "organizationId": organization,
        "productId": "customerInvoicing",
        "eventTypes": [
            "invoicing.customer.invoice.cancel",
            "invoicing.customer.invoice.paid",
            "invoicing.customer.invoice.partial-payment",
            "invoicing.customer.invoice.send",
        ],
        "webhookUrl": "https://test.com:443/test",
        "healthCheckUrl": "https://test.com:443/test",
        "notificationScope": "SELF",
        "retryPolicy": {
            "algorithm": "ARITHMETIC",
            "firstRetry": 1,
            "interval": 1,
            "numberOfRetries": 3,
            "deactivateFlag": "false",
            "repeatSequenceCount": 0,
            "repeatSequenceWaitTime": 0,
        },
        "securityPolicy": { "securityType": "KEY", "proxyType": "external" },
    });
    for (name, value) in fields.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

pub(crate) async fn create(world: &World, fields: Value) -> Reply {
    let own = world.tenant.account.to_string();
    let body = request(&own, &fields);
    world.call(Method::POST, WEBHOOKS, body).await
}

/// A new subscription, as it was answered.
pub(crate) async fn subscription(world: &World, fields: Value) -> Value {
    let reply = create(world, fields).await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    reply.json
}

/// A subscription as it is shown later: with its product where the client libraries look for it.
pub(crate) fn shown(made: &Value) -> Value {
    let mut shown = made.clone();
    shown["products"] = json!([{
        "productId": made["productId"], "eventTypes": made["eventTypes"],
    }]);
    shown
}

pub(crate) fn path(subscription: &Value) -> String {
    let id = subscription["webhookId"].as_str().expect("an id");
    format!("{WEBHOOKS}/{id}")
}

/// The fields that a refusal is about, and the reason for all of them.
pub(crate) fn refused(reply: &Reply) -> (u16, &str, Vec<&str>) {
    let details = reply.json["details"].as_array().expect("details");
    let field = |detail: &'static str| move |entry: &'_ Value| entry[detail].as_str().is_some();
    assert!(details.iter().all(field("reason")), "{}", reply.json);
    let fields = details
        .iter()
        .map(|it| it["field"].as_str().expect("a field"));
    let reason = reply.json["reason"].as_str().expect("a reason");
    (reply.status.as_u16(), reason, fields.collect())
}

#[tokio::test]
async fn the_documented_request_has_the_documented_response_field_for_field() {
    let world = World::new().await;
    // The world's own account has this external id.
    let body = request("invoicetest", &json!({}));
    let reply = world.call(Method::POST, WEBHOOKS, body).await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    let expected = json!({
        "organizationId": "invoicetest",
        "productId": "customerInvoicing",
        "eventTypes": [
            "invoicing.customer.invoice.cancel",
            "invoicing.customer.invoice.paid",
            "invoicing.customer.invoice.partial-payment",
            "invoicing.customer.invoice.send",
        ],
        "webhookId": reply.json["webhookId"],
        "name": "Invoicing Webhooks",
        "webhookUrl": "https://test.com:443/test",
        "healthCheckUrl": "https://test.com:443/test",
        "createdOn": "2026-01-05T10:00:00.000Z",
        "status": "INACTIVE",
        "description": "Webhooks for Invoicing Events",
        "retryPolicy": {
            "algorithm": "ARITHMETIC",
            "firstRetry": 1,
            "interval": 1,
            "numberOfRetries": 3,
            "deactivateFlag": false,
            "repeatSequenceCount": 0,
            "repeatSequenceWaitTime": 0,
        },
        "securityPolicy": {
            "securityType": "KEY", "proxyType": "external", "digitalSignatureEnabled": "yes",
        },
        "version": "3",
        "deliveryType": "nrtdCentral",
        "notificationScope": "SELF",
    });
    assert_eq!(reply.json, expected);
    assert_eq!(
        reply.headers[CONTENT_TYPE],
        "application/json;charset=utf-8"
    );
    assert_eq!(
        world.get(&path(&reply.json)).await,
        shown(&reply.json),
        "shown the same"
    );
}

#[tokio::test]
async fn what_is_left_out_is_as_cybersource_has_it() {
    let world = World::new().await;
    let bare = json!({
        "description": null, "healthCheckUrl": null, "notificationScope": null,
        "retryPolicy": null, "securityPolicy": null,
    });
    let made = subscription(&world, bare).await;
    for absent in ["description", "healthCheckUrl", "updatedOn", "scopeData"] {
        assert_eq!(made.get(absent), None, "{absent}");
    }
    assert_eq!(made["notificationScope"], "SELF");
    assert_eq!(made["retryPolicy"]["numberOfRetries"], 3);
    assert_eq!(made["retryPolicy"]["deactivateFlag"], false);
    let security = json!({ "securityType": "KEY", "digitalSignatureEnabled": "yes" });
    assert_eq!(made["securityPolicy"], security);
    assert_eq!(made["status"], "INACTIVE", "the webhook's own URL is asked");
}

#[tokio::test]
async fn a_custom_scope_names_accounts_by_either_id() {
    let world = World::new().await;
    let [left, _] = below(&world, ["left", "right"]).await;
    let data = json!(["left"]);
    for (scope, beside) in [
        (json!("CUSTOM"), data.clone()),
        (json!({ "scope": "CUSTOM", "scopeData": data }), json!(null)),
    ] {
        let fields = json!({ "notificationScope": scope, "scopeData": beside });
        let made = subscription(&world, fields).await;
        assert_eq!(made["notificationScope"], "CUSTOM");
        assert_eq!(made["scopeData"], json!([left]));
    }
}

#[tokio::test]
async fn every_field_that_is_missing_is_told() {
    let world = World::new().await;
    let required = json!({
        "name": null, "organizationId": null, "productId": null, "eventTypes": null,
        "webhookUrl": null,
    });
    let reply = create(&world, required).await;
    let (status, reason, mut fields) = refused(&reply);
    fields.sort_unstable();
    let names = [
        "eventTypes",
        "name",
        "organizationId",
        "productId",
        "webhookUrl",
    ];
    assert_eq!(
        (status, reason, fields.as_slice()),
        (400, "MISSING_FIELD", &names[..])
    );
}

#[tokio::test]
async fn every_rule_that_is_broken_is_told() {
    let world = World::new().await;
    for (fields, field) in [
        (json!({ "organizationId": "nobody" }), "organizationId"),
        (json!({ "eventTypes": ["INVOICE_ISSUED"] }), "eventTypes[0]"),
        (json!({ "productId": "payments" }), "eventTypes[0]"),
        (json!({ "webhookUrl": "http://test.com/" }), "webhookUrl"),
        (
            json!({ "healthCheckUrl": "https://localhost/" }),
            "healthCheckUrl",
        ),
        (json!({ "notificationScope": "ALL" }), "notificationScope"),
        (json!({ "notificationScope": "CUSTOM" }), "scopeData"),
        (
            json!({ "retryPolicy": { "algorithm": "FIXED" } }),
            "retryPolicy.algorithm",
        ),
        (
            json!({ "retryPolicy": { "firstRetry": 0 } }),
            "retryPolicy.firstRetry",
        ),
        (
            json!({ "retryPolicy": { "interval": "soon" } }),
            "retryPolicy.interval",
        ),
        (
            json!({ "retryPolicy": { "numberOfRetries": 1_001 } }),
            "retryPolicy.numberOfRetries",
        ),
        (
            json!({ "retryPolicy": { "deactivateFlag": "no" } }),
            "retryPolicy.deactivateFlag",
        ),
        (
            json!({ "securityPolicy": { "securityType": "oAuth" } }),
            "securityPolicy.securityType",
        ),
        (
            json!({ "securityPolicy": { "proxyType": "x" } }),
            "securityPolicy.proxyType",
        ),
        (json!({ "status": "BLOCKED" }), "status"),
    ] {
        let reply = create(&world, fields.clone()).await;
        let (status, reason, told) = refused(&reply);
        assert_eq!(
            (status, reason, told[0]),
            (400, "INVALID_DATA", field),
            "{fields}"
        );
    }
}

#[tokio::test]
async fn the_first_subscription_makes_the_key_where_there_is_none() {
    let world = World::new().await;
    let store = &world.service.parts.store;
    let key = async || store.signing_key(world.tenant).await.expect("an answer");
    assert!(key().await.is_none());
    subscription(&world, json!({})).await;
    let first = key().await;
    assert!(first.is_some());
    subscription(&world, json!({})).await;
    assert_eq!(key().await, first, "one for all");
}

#[tokio::test]
async fn a_scope_of_too_many_accounts_for_its_types_is_told_by_its_own_name() {
    let world = World::new().await;
    let names: Vec<_> = (0..6).map(|number| format!("branch-{number}")).collect();
    for name in &names {
        let body = json!({
            "name": name, "externalId": name, "parentId": world.tenant.account,
        });
        made(&world, body).await;
    }
    let types: Vec<_> = (0..84).map(|number| format!("payments.{number}")).collect();
    for name in &types {
        let body = json!({
            "dialects": ["cybersource"], "product": "payments", "description": "A payment",
        });
        assert_eq!(put(&world, name, body).await.status, 200);
    }
    let fields = json!({
        "productId": "payments", "eventTypes": types,
        "notificationScope": "CUSTOM", "scopeData": names,
    });
    let refusal = (400, "INVALID_DATA", vec!["scopeData"]);
    assert_eq!(refused(&create(&world, fields.clone()).await), refusal);
    let made = subscription(&world, json!({})).await;
    let changed = world.call(Method::PATCH, &path(&made), fields).await;
    assert_eq!(refused(&changed), refusal);
}
