//! What no honest client sends to `keys-sym`: what it is told, and that the key stays the same.

use crate::{
    cybersource_hostile::Kept,
    cybersource_keys::{KEYS, wanted},
};
use http::Method;
use serde_json::{Value, json};

/// Sends what is refused; returns the reason for all of it, and the fields.
async fn told(kept: &Kept, body: &[u8]) -> (String, Vec<String>) {
    let reply = kept.refuse(Method::POST, KEYS, body).await;
    assert_eq!(reply.status, 400, "{}", reply.json);
    assert_eq!(reply.json["status"], "FAILED");
    let told = &reply.json["keyInformation"]["errorInformation"];
    let details = told["details"].as_array().expect("details").iter();
    assert!(details.clone().all(|detail| detail["reason"].is_string()));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let fields = details.map(|detail| text(&detail["field"])).collect();
    (text(&told["reason"]), fields)
}

#[tokio::test]
async fn a_body_that_is_no_request_for_a_key_makes_none() {
    let kept = Kept::new().await;
    for body in ["", "null", "[]", "1", "{", "keyInformation=a"] {
        let expected = ("INVALID_DATA".to_owned(), vec!["body".to_owned()]);
        assert_eq!(told(&kept, body.as_bytes()).await, expected, "{body}");
    }
    for (body, reason, fields) in [
        (
            json!({}),
            "MISSING_FIELD",
            vec!["clientRequestAction", "keyInformation"],
        ),
        (
            json!({ "clientRequestAction": "CREATE", "keyInformation": null }),
            "MISSING_FIELD",
            vec!["keyInformation"],
        ),
        (
            json!({ "clientRequestAction": "CREATE", "keyInformation": "sharedSecret" }),
            "INVALID_DATA",
            vec!["keyInformation"],
        ),
        (
            json!({ "clientRequestAction": "CREATE", "keyInformation": [] }),
            "INVALID_DATA",
            vec!["keyInformation"],
        ),
        (
            json!({ "clientRequestAction": "CREATE", "keyInformation": {} }),
            "MISSING_FIELD",
            vec!["keyType", "organizationId"],
        ),
        (
            json!({ "clientRequestAction": 1, "keyInformation": { "keyType": 1 } }),
            "INVALID_DATA",
            vec!["clientRequestAction", "keyType", "organizationId"],
        ),
    ] {
        let (told, named) = self::told(&kept, body.to_string().as_bytes()).await;
        assert_eq!(
            (told.as_str(), named),
            (reason, fields.iter().map(ToString::to_string).collect()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_field_of_a_key_that_breaks_a_rule_is_told() {
    let kept = Kept::new().await;
    let own = kept.world.tenant.account.to_string();
    for (name, value) in [
        ("keyType", json!("sharedsecret")),
        ("keyType", json!("publickey")),
        ("organizationId", json!("")),
        ("organizationId", json!(1)),
        ("organizationId", json!([own])),
        ("organizationId", json!("nobody")),
        ("provider", json!(1)),
        ("tenant", json!({})),
        ("expiryDuration", json!("")),
        ("expiryDuration", json!("soon")),
        ("expiryDuration", json!("1.5")),
        ("expiryDuration", json!(1.5)),
        ("expiryDuration", json!(-1)),
        ("expiryDuration", json!(0)),
        ("expiryDuration", json!("3651")),
        ("expiryDuration", json!(u64::MAX)),
        ("expiryDuration", json!([365])),
        ("expiryDuration", json!(true)),
    ] {
        let body = wanted(&own, &json!({ name: value })).to_string();
        let expected = ("INVALID_DATA".to_owned(), vec![name.to_owned()]);
        assert_eq!(
            told(&kept, body.as_bytes()).await,
            expected,
            "{name}: {value}"
        );
    }
}
