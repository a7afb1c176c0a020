use super::*;
use crate::{
    delivery_id::DeliveryId,
    event::{EventAccount, EventRef, Report},
    policy::{
        AdditionalAttributes, Details, PolicyDraft, Scope, Subscription,
        samples::{self, account, live},
    },
    random::SystemRandom,
    signing_key::KeyId,
};
use serde_json::{Value, json};
use uuid::Uuid;

const PAID: &str = "invoicing.customer.invoice.paid";

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Policy 2 of account 1, made under one of its names.
fn policy(organization: &str) -> Policy {
    let subscription = Subscription {
        organization_id: organization.parse().expect("an id"),
        product_id: "customerInvoicing".parse().expect("a product"),
        has_health_url: false,
        proxy_type: None,
        additional_attributes: AdditionalAttributes::default(),
    };
    let draft = PolicyDraft {
        dialect: super::super::Dialect::Cybersource,
        scope: Scope::Descendants,
        details: Details {
            subscription: Some(subscription),
            ..Details::default()
        },
        ..samples::draft(Vec::new())
    };
    samples::policy(draft, &SystemRandom)
}

fn event(number: u128, data: &str) -> Event {
    Event {
        reference: EventRef {
            tenant: live(number),
            id: "e1".parse().expect("an id"),
            accepted_at: at("2026-01-05T10:00:00.789Z"),
        },
        account: EventAccount::default(),
        place: None,
        report: Report {
            event_type: PAID.parse().expect("a type"),
            resource_type: None,
            resource_id: None,
            data: Some(data.parse().expect("an object")),
            occurred_at: None,
        },
    }
}

/// What an attempt sends: headers, body and signature.
fn sent(event: &Event, number: u32, is_test: bool) -> (Value, Value, String) {
    sent_for("invoicetest", event, number, is_test)
}

fn sent_for(
    organization: &str,
    event: &Event,
    number: u32,
    is_test: bool,
) -> (Value, Value, String) {
    let (policy, secrets) = (
        policy(organization),
        [Secret::new("dGVzdF9rZXk=".to_owned())],
    );
    let parcel = Parcel {
        policy: &policy,
        events: &[event],
        id: DeliveryId::from_bytes([7; 20]),
        number,
        is_test,
    };
    let body = envelope(&parcel);
    let signer = Signer {
        secrets: &secrets,
        organisation: account(1),
        key: Some(KeyId::from_uuid(Uuid::from_u128(1))),
    };
    let signed = signature(&signer, &body, at("2026-01-05T10:00:01Z"));
    let told: Vec<_> = headers(&parcel);
    let told = told
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value)));
    let body = serde_json::from_str(&body).expect("JSON");
    (
        Value::Object(told.collect()),
        body,
        signed.expect("signed").value,
    )
}

#[test]
fn the_first_attempt_is_new_and_every_later_one_counts_as_a_retry() {
    for (number, retries, request_type, trace) in [
        (1, 0, "NEW", "07070707-0707-8001-8707-070707070707"),
        (3, 2, "RETRY", "07070707-0707-8003-8707-070707070707"),
    ] {
        let (headers, body, _) = sent(&event(1, r#"{"b":1,"a":2}"#), number, false);
        let webhook = "00000000-0000-0000-0000-000000000002";
        assert_eq!(
            headers,
            json!({
                "v-c-event-type": PAID,
                "v-c-organization-id": "invoicetest",
                "v-c-product-name": "customerInvoicing",
                "v-c-request-type": request_type,
                "v-c-retry-count": retries.to_string(),
                "v-c-transaction-trace-id": trace,
                "v-c-webhook-id": webhook,
            })
        );
        assert_eq!(
            body,
            json!({
                "eventType": PAID, "webhookId": webhook, "productId": "customerInvoicing",
                "organizationId": "invoicetest", "eventDate": "2026-01-05T10:00:00",
                "transactionTraceId": trace, "retryNumber": retries, "requestType": request_type,
                "payload": { "data": { "b": 1, "a": 2 }, "organizationId": "invoicetest" },
            })
        );
    }
}

#[test]
fn an_event_of_an_account_below_names_that_account_as_who_subscribed_names_accounts() {
    let (own, below) = (account(1).to_string(), account(9).to_string());
    for (organization, external_id, expected) in [
        ("invoicetest", Some("branch"), "branch"),
        ("invoicetest", None, below.as_str()),
        (&own, Some("branch"), &below),
        (&own, None, &below),
    ] {
        let event = Event {
            account: EventAccount {
                external_id: external_id.map(|id| id.parse().expect("an id")),
                ..EventAccount::default()
            },
            ..event(9, "{}")
        };
        let (_, body, _) = sent_for(organization, &event, 1, false);
        assert_eq!(body["organizationId"], organization);
        assert_eq!(
            body["payload"]["organizationId"], expected,
            "{organization}"
        );
    }
}

#[test]
fn a_test_tells_its_payloads_and_is_signed_over_them() {
    let (_, body, signature) = sent(&event(1, r#"{"testPayload":{}}"#), 1, true);
    assert_eq!(body["payloads"], json!({ "testPayload": {} }));
    assert_eq!(body.get("payload"), None);
    assert!(
        signature.starts_with("t=1767607201000;keyId="),
        "{signature}"
    );
}

#[test]
fn the_payload_is_signed_letter_for_letter_as_it_stands_in_the_body() {
    let data = r#"{"z":1.50,"a":"\u00e4 / \/","z":2}"#;
    let (_, _, signature) = sent(&event(1, data), 1, false);
    let payload = format!(r#"{{"data":{data},"organizationId":"invoicetest"}}"#);
    let mac = hmac_sha256(b"test_key", &["1767607201000", ".", &payload]);
    let expected = format!(
        "t=1767607201000;keyId=00000000-0000-0000-0000-000000000001;sig={}",
        BASE64.encode(&mac)
    );
    assert_eq!(signature, expected);
}
