//! The answers to the samples of CyberSource's webhook subscriptions.

use crate::answer::Ask;
use herald_local::world::stage::Stage;
use serde_json::json;

#[tokio::test]
async fn a_subscription_is_created() {
    let stage = Stage::set().await;
    let mut answer = stage.sample("cybersource-create-webhook").await;
    let id = answer.take("/webhookId").parse().expect("an id");
    let stored = stage.world.service.parts.store.policy(stage.tenant, id);
    assert!(stored.await.expect("the store").is_some());
    let expected = json!({
        "organizationId": "sample",
        "productId": "customerInvoicing",
        "eventTypes": ["invoicing.customer.invoice.cancel", "invoicing.customer.invoice.paid"],
        "webhookId": "…",
        "name": "Invoicing Webhooks",
        "webhookUrl": "https://hooks.example.com:443/cybersource",
        "healthCheckUrl": "https://hooks.example.com:443/health",
        "createdOn": "2026-01-05T10:00:00.000Z",
        "status": "INACTIVE",
        "description": "Webhooks for Invoicing Events",
        "retryPolicy": {
            "algorithm": "ARITHMETIC", "firstRetry": 1, "interval": 1, "numberOfRetries": 3,
            "deactivateFlag": false, "repeatSequenceCount": 0, "repeatSequenceWaitTime": 0,
        },
        "securityPolicy": {
            "securityType": "KEY", "proxyType": "external", "digitalSignatureEnabled": "yes",
        },
        "version": "3",
        "deliveryType": "nrtdCentral",
        "notificationScope": "SELF",
    });
    assert_eq!((answer.status.as_u16(), answer.body), (201, expected));
}

#[tokio::test]
async fn refusals_have_cybersources_shape() {
    let stage = Stage::set().await;
    for (case, reason, fields) in [
        (
            "cybersource-create-webhook-invalid",
            "INVALID_DATA",
            &["name", "eventTypes[0]", "securityPolicy.securityType"][..],
        ),
        ("cybersource-unknown-webhook", "NOT_FOUND", &[]),
        ("cybersource-unauthorized", "UNAUTHORIZED", &[]),
        ("cybersource-not-offered", "NOT_OFFERED", &[]),
    ] {
        let answer = stage.sample(case).await;
        assert_eq!(answer.body["reason"], reason, "{answer}");
        assert!(answer.body["message"].is_string(), "{answer}");
        let details = answer.body["details"].as_array().expect("details").iter();
        let told: Vec<_> = details.map(|detail| detail["field"].as_str()).collect();
        let expected: Vec<_> = fields.iter().copied().map(Some).collect();
        assert_eq!(told, expected, "{answer}");
    }
}

#[tokio::test]
async fn a_key_is_created_or_refused_from_inside() {
    let stage = Stage::set().await;
    let mut made = stage.sample("cybersource-create-key").await;
    assert_eq!(made.take("/keyInformation/key").len(), 44);
    assert_eq!(made.body["keyInformation"]["organizationId"], "sample");
    let refused = stage.sample("cybersource-create-key-invalid").await;
    let inside = &refused.body["keyInformation"]["errorInformation"];
    assert_eq!(inside["reason"], "INVALID_DATA", "{refused}");
}
