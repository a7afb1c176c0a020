use crate::{POLICIES, create, keys, policy_with};
use data_encoding::BASE64;
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_policy_is_answered_as_sequence_documents_it() {
    let world = World::new().await;
    let reply = create(&world, json!({})).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.headers["sequence-version"], "2024-07-30");
    let mut policy = reply.json;
    let secret = policy["webhookSecret"].take();
    let encoded = secret
        .as_str()
        .and_then(|s| s.strip_prefix("whsec_"))
        .expect("a secret");
    assert_eq!(encoded.len(), 32);
    assert_eq!(
        BASE64.decode(encoded.as_bytes()).map(|key| key.len()),
        Ok(24)
    );
    assert_eq!(policy["id"].take().as_str().map(str::len), Some(36));
    assert_eq!(
        policy,
        json!({
            "id": null,
            "createdAt": "2026-01-05T10:00:00Z",
            "sequenceAccountId": world.tenant.account,
            "name": "Dev hooks",
            "notificationTypes": ["INVOICE_ISSUED"],
            "recipients": ["https://api.example.com/hooks"],
            "channel": "WEBHOOK",
            "webhookSecret": null,
        })
    );
}

#[tokio::test]
async fn what_is_left_out_has_its_documented_meaning() {
    let world = World::new().await;
    let all = create(&world, json!({ "notificationTypes": null })).await;
    assert_eq!(
        (all.status.as_u16(), all.json.get("notificationTypes")),
        (201, None)
    );
    let secret = "whsec_UserSubmittedSecret1234567890abc";
    let own = create(&world, json!({ "webhookSecret": secret })).await;
    assert_eq!(own.json["webhookSecret"], secret);
    let email = json!({ "channel": "EMAIL", "recipients": ["finance@example.com"] });
    let email = create(&world, email).await;
    assert_eq!(
        (email.status.as_u16(), email.json.get("webhookSecret")),
        (201, None)
    );
    let more = create(&world, json!({ "unheardOf": 1 })).await;
    assert_eq!(more.status, 201, "fields that Sequence may add are let be");
}

/// Asserts that policies with these fields are refused, each error with its field, and that
/// nothing is stored.
async fn assert_refused<const N: usize>(cases: [(Value, &[&str]); N]) {
    let world = World::new().await;
    for (fields, expected) in cases {
        let reply = create(&world, fields.clone()).await;
        assert_eq!(reply.status, 400, "{fields}");
        assert_eq!(keys(&reply), expected, "{fields}: {}", reply.json);
    }
    let listed = world.get(POLICIES).await;
    assert_eq!(
        listed["pagination"]["totalResultSize"], 0,
        "nothing was changed"
    );
}

#[tokio::test]
async fn names_channels_types_and_secrets_follow_their_rules() {
    let to_email = json!({ "channel": "EMAIL", "recipients": ["a@example.com"], "webhookSecret": "x".repeat(24) });
    let many: Vec<_> = (0..101).map(|n| format!("TYPE_{n}")).collect();
    assert_refused([
        (json!({ "name": null }), &["name"]),
        (json!({ "name": 7 }), &["name"]),
        (json!({ "name": "" }), &["name"]),
        (json!({ "name": "x".repeat(256) }), &["name"]),
        (json!({ "name": "two\nlines" }), &["name"]),
        (json!({ "channel": "FAX" }), &["channel"]),
        (json!({ "channel": null }), &["channel"]),
        (json!({ "notificationTypes": [] }), &["notificationTypes"]),
        (json!({ "notificationTypes": many }), &["notificationTypes"]),
        (
            json!({ "notificationTypes": ["INVOICE_ISSUED", "NOPE"] }),
            &["notificationTypes[1]"],
        ),
        (json!({ "webhookSecret": "short" }), &["webhookSecret"]),
        (
            json!({ "webhookSecret": "ä".repeat(30) }),
            &["webhookSecret"],
        ),
        (
            json!({ "webhookSecret": "x".repeat(76) }),
            &["webhookSecret"],
        ),
        (to_email, &["webhookSecret"]),
    ])
    .await;
}

#[tokio::test]
async fn recipients_follow_their_rules_and_every_error_is_told() {
    let many: Vec<_> = (0..101)
        .map(|n| format!("https://example.com/{n}"))
        .collect();
    let path = "ä".repeat(2_000);
    let large: Vec<_> = (0..100)
        .map(|n| format!("https://example.com/{n}/{path}"))
        .collect();
    let url = "https://example.com/a";
    let all = json!({ "name": "", "channel": "x", "recipients": [], "notificationTypes": ["x"] });
    assert_refused([
        (json!({ "recipients": null }), &["recipients"]),
        (json!({ "recipients": [] }), &["recipients"]),
        (
            json!({ "recipients": "https://example.com" }),
            &["recipients"],
        ),
        (json!({ "recipients": many }), &["recipients"]),
        (json!({ "recipients": large }), &["recipients"]),
        (json!({ "recipients": [url, url] }), &["recipients[1]"]),
        (
            json!({ "recipients": [url, "http://example.com/"] }),
            &["recipients[1]"],
        ),
        (
            json!({ "recipients": ["operations@example.com"] }),
            &["recipients[0]"],
        ),
        (json!({ "channel": "EMAIL" }), &["recipients[0]"]),
        (
            all,
            &["name", "channel", "notificationTypes[0]", "recipients"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_misspelt_type_is_answered_with_what_was_meant() {
    let world = World::new().await;
    let reply = create(&world, json!({ "notificationTypes": ["INVOICE_ISUED"] })).await;
    let error = reply.json["errors"][0]["error"].as_str().expect("an error");
    assert!(error.contains("did you mean INVOICE_ISSUED"), "{error}");
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let world = World::new().await;
    for body in [json!([]), json!("x"), json!(null)] {
        let reply = world.call(Method::POST, POLICIES, body).await;
        assert_eq!((reply.status.as_u16(), keys(&reply)), (400, vec!["body"]));
    }
    let request = World::request(Method::POST, POLICIES).body("{".into());
    assert_eq!(world.send(request.expect("a request")).await.status, 400);
    let request = World::request(Method::POST, POLICIES).body(" ".repeat(2 << 20).into());
    let reply = world.send(request.expect("a request")).await;
    assert_eq!((reply.status.as_u16(), keys(&reply)), (413, vec!["body"]));
}

#[tokio::test]
async fn every_destination_that_must_be_refused_is_refused() {
    let vectors: Value = serde_json::from_str(include_str!(
        "../../../../shared/tests/vectors/destinations.json"
    ))
    .expect("the vectors are JSON");
    let world = World::with_rules(herald::destination::DestinationRules::strict()).await;
    let judged = |list: &'static str| vectors[list].as_array().expect("a list").clone();
    for vector in judged("refused") {
        // What a name resolves to decides before the attempt, not when it is stored.
        let expected = if vector.get("resolves_to").is_some() {
            201
        } else {
            400
        };
        let reply = create(&world, json!({ "recipients": [vector["url"]] })).await;
        assert_eq!(reply.status, expected, "{vector}");
    }
    for vector in judged("accepted") {
        let reply = create(&world, json!({ "recipients": [vector["url"]] })).await;
        assert_eq!(
            reply.json["recipients"],
            json!([vector["url"]]),
            "echoed as it was sent"
        );
    }
}

#[tokio::test]
async fn an_idempotency_key_makes_one_policy() {
    let world = World::new().await;
    let send = async |key: &str, fields: Value| {
        let request = World::request(Method::POST, POLICIES)
            .header("idempotency-key", key)
            .body(policy_with(&fields).to_string().into());
        world.send(request.expect("a request")).await
    };
    let first = send("k", json!({})).await;
    let second = send("k", json!({})).await;
    assert_eq!(
        (first.status, second.status),
        (second.status, http::StatusCode::CREATED)
    );
    assert_eq!(first.json, second.json);
    assert_eq!(send("k", json!({ "name": "Other" })).await.status, 409);
    assert_ne!(send("other", json!({})).await.json["id"], first.json["id"]);
    let listed = world.get(POLICIES).await;
    assert_eq!(listed["pagination"]["totalResultSize"], 2);
}
