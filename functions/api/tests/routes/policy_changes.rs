use crate::{POLICIES, created, keys};
use futures::future::join_all;
use herald::{catalogue::BuiltIn, dialect::Dialect};
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

const NONE: Value = Value::Null;

#[tokio::test]
async fn the_eight_operations_do_what_sequence_documents() {
    let world = World::new().await;
    let path = created(&world, json!({})).await;
    let shown = world.get(&path).await;
    let types = json!({ "notificationTypes": ["QUOTE_SIGNED", "INVOICE_ISSUED"] });
    let added = world
        .call(Method::POST, &format!("{path}/notification-types"), types)
        .await;
    assert_eq!(added.status, 200);
    assert_eq!(
        added.json["notificationTypes"],
        json!(["INVOICE_ISSUED", "QUOTE_SIGNED"])
    );
    let removed = format!("{path}/notification-types/INVOICE_ISSUED");
    let removed = world.call(Method::DELETE, &removed, NONE).await;
    assert_eq!(removed.json["notificationTypes"], json!(["QUOTE_SIGNED"]));
    let recipients =
        json!({ "recipients": ["https://example.com/b", "https://api.example.com/hooks"] });
    let added = world
        .call(Method::POST, &format!("{path}/recipients"), recipients)
        .await;
    let both = json!(["https://api.example.com/hooks", "https://example.com/b"]);
    assert_eq!(
        (added.status.as_u16(), &added.json["recipients"]),
        (200, &both)
    );
    let removed = format!("{path}/recipients/https%3A%2F%2Fapi.example.com%2Fhooks");
    let removed = world.call(Method::DELETE, &removed, NONE).await;
    assert_eq!(removed.json["recipients"], json!(["https://example.com/b"]));
    assert_eq!(removed.json["webhookSecret"], shown["webhookSecret"]);
    assert_eq!(removed.json["createdAt"], shown["createdAt"]);
    let deleted = world.call(Method::DELETE, &path, NONE).await;
    assert_eq!(
        (deleted.status.as_u16(), &deleted.json),
        (200, &removed.json)
    );
    assert_eq!(world.call(Method::GET, &path, NONE).await.status, 404);
    world.settle().await;
}

#[tokio::test]
async fn the_seeds_e_mail_example_works() {
    let world = World::new().await;
    let email = json!({
        "name": "Finance team emails", "channel": "EMAIL",
        "recipients": ["finance@example.com"], "notificationTypes": ["CUSTOMER_CREATED"],
    });
    let path = created(&world, email).await;
    let body = json!({ "recipients": ["operations@example.com"] });
    let reply = world
        .call(Method::POST, &format!("{path}/recipients"), body)
        .await;
    assert_eq!(
        reply.json["recipients"],
        json!(["finance@example.com", "operations@example.com"])
    );
    assert_eq!(reply.json["notificationTypes"], json!(["CUSTOMER_CREATED"]));
    assert_eq!(reply.json["channel"], "EMAIL");
    for recipient in ["finance@example.com", "operations%40example.com"] {
        let gone = format!("{path}/recipients/{recipient}");
        let status = world
            .call(Method::DELETE, &gone, NONE)
            .await
            .status
            .as_u16();
        assert_eq!(
            status,
            if recipient.starts_with('f') { 200 } else { 400 },
            "the last one stays"
        );
    }
}

/// Asserts that a change is refused for a field, and changes nothing.
async fn assert_refused(
    world: &World,
    policy: &str,
    (method, below, body): (Method, &str, Value),
    key: &str,
) {
    let before = world.get(policy).await;
    let reply = world
        .call(method.clone(), &format!("{policy}/{below}"), body)
        .await;
    assert_eq!(
        (reply.status.as_u16(), keys(&reply)),
        (400, vec![key]),
        "{method} {below}"
    );
    assert_eq!(world.get(policy).await, before);
}

#[tokio::test]
async fn types_that_would_widen_or_narrow_a_policy_silently_are_refused() {
    let world = World::new().await;
    let named = created(&world, json!({})).await;
    let all = created(&world, json!({ "notificationTypes": null })).await;
    for (policy, below) in [
        (&named, "notification-types/INVOICE_ISSUED"),
        (&named, "notification-types/QUOTE_SIGNED"),
        (&named, "notification-types/NOPE"),
        (&all, "notification-types/INVOICE_ISSUED"),
    ] {
        assert_refused(
            &world,
            policy,
            (Method::DELETE, below, NONE),
            "notificationType",
        )
        .await;
    }
    for (policy, body) in [
        (&all, json!({ "notificationTypes": ["QUOTE_SIGNED"] })),
        (&named, json!({ "notificationTypes": [] })),
        (&named, json!({})),
    ] {
        let change = (Method::POST, "notification-types", body);
        assert_refused(&world, policy, change, "notificationTypes").await;
    }
}

#[tokio::test]
async fn recipients_that_are_the_last_or_none_or_wrong_are_refused() {
    let world = World::new().await;
    let policy = created(&world, json!({})).await;
    for below in [
        "recipients/https%3A%2F%2Fapi.example.com%2Fhooks",
        "recipients/https%3A%2F%2Fnobody.example.com",
    ] {
        assert_refused(&world, &policy, (Method::DELETE, below, NONE), "recipient").await;
    }
    let twice = json!(["https://example.com/x", "https://example.com/x"]);
    for (recipients, key) in [
        (json!([]), "recipients"),
        (twice, "recipients[1]"),
        (json!(["a@example.com"]), "recipients[0]"),
    ] {
        let change = (
            Method::POST,
            "recipients",
            json!({ "recipients": recipients }),
        );
        assert_refused(&world, &policy, change, key).await;
    }
}

#[tokio::test]
async fn no_policy_has_more_than_a_hundred_recipients() {
    let world = World::new().await;
    let urls = |from: usize, to: usize| {
        (from..to)
            .map(|n| format!("https://example.com/{n}"))
            .collect::<Vec<_>>()
    };
    let path = created(&world, json!({ "recipients": urls(0, 100) })).await;
    let add = format!("{path}/recipients");
    let known = world
        .call(Method::POST, &add, json!({ "recipients": urls(0, 100) }))
        .await;
    assert_eq!(known.status, 200, "adding what is there changes nothing");
    let more = world
        .call(Method::POST, &add, json!({ "recipients": urls(100, 101) }))
        .await;
    assert_eq!(
        (more.status.as_u16(), keys(&more)),
        (400, vec!["recipients"])
    );
}

#[tokio::test]
async fn concurrent_additions_lose_none() {
    let world = World::new().await;
    let path = created(&world, json!({})).await;
    let names: Vec<_> = BuiltIn::of(Dialect::Sequence)
        .map(|entry| entry.name)
        .collect();
    let (adds, types) = (
        format!("{path}/recipients"),
        format!("{path}/notification-types"),
    );
    let recipients = (0..20).map(|n| {
        let body = json!({ "recipients": [format!("https://example.com/{n}")] });
        world.call(Method::POST, &adds, body)
    });
    let types = names
        .iter()
        .map(|name| world.call(Method::POST, &types, json!({ "notificationTypes": [name] })));
    let (recipients, types) = futures::join!(join_all(recipients), join_all(types));
    for reply in recipients.iter().chain(&types) {
        assert_eq!(reply.status, 200, "{}", reply.json);
    }
    let shown = world.get(&path).await;
    assert_eq!(shown["recipients"].as_array().map(Vec::len), Some(21));
    assert_eq!(
        shown["notificationTypes"].as_array().map(Vec::len),
        Some(names.len())
    );
}

#[tokio::test]
async fn a_cut_recipient_is_found_where_only_one_fits() {
    let world = World::new().await;
    let urls = [
        "https://example.com/a?x=1",
        "https://example.com/a?x=2",
        "https://example.com/b?x=1",
    ];
    let path = created(&world, json!({ "recipients": urls })).await;
    let ambiguous = format!("{path}/recipients/https://example.com/a");
    let reply = world.call(Method::DELETE, &ambiguous, NONE).await;
    let error = reply.json["errors"][0]["error"].as_str().expect("an error");
    assert!(
        reply.status == 400 && error.contains("?recipient="),
        "{error}"
    );
    let cut = format!("{path}/recipients/https://example.com/b");
    let reply = world.call(Method::DELETE, &cut, NONE).await;
    assert_eq!(reply.json["recipients"], json!([urls[0], urls[1]]));
    let whole = format!("{path}/recipients?recipient=https%3A%2F%2Fexample.com%2Fa%3Fx%3D2");
    let reply = world.call(Method::DELETE, &whole, NONE).await;
    assert_eq!(reply.json["recipients"], json!([urls[0]]));
}

#[tokio::test]
async fn the_version_is_told_with_every_answer_and_an_unknown_one_refused() {
    let world = World::new().await;
    let path = created(&world, json!({})).await;
    for (version, status) in [("2024-07-30", 200), ("2024-05-09", 400), ("latest", 400)] {
        let request = World::request(Method::GET, &path).header("Sequence-Version", version);
        let reply = world
            .send(request.body(axum::body::Body::empty()).expect("a request"))
            .await;
        assert_eq!(
            (reply.status.as_u16(), &reply.headers["sequence-version"]),
            (status, &"2024-07-30".parse().expect("a value"))
        );
        if status == 400 {
            assert_eq!(reply.json["error"]["type"], "UnrecognisedApiVersion");
            assert!(
                reply.json["error"]["message"]
                    .as_str()
                    .is_some_and(|m| m.contains(version))
            );
        }
    }
    for (method, path, status) in [
        (Method::GET, format!("{POLICIES}/nope"), 404),
        (Method::GET, format!("{path}/nope"), 404),
        (Method::PUT, path.clone(), 405),
        (Method::GET, format!("{path}/recipients"), 405),
    ] {
        let reply = world.call(method, &path, NONE).await;
        assert_eq!(reply.status, status, "{path}");
        assert!(reply.headers.contains_key("sequence-version") && !keys(&reply).is_empty());
    }
    let request = http::Request::get(&path).body(axum::body::Body::empty());
    let reply = world.send(request.expect("a request")).await;
    assert_eq!(reply.status, 401);
    assert!(reply.headers.contains_key("sequence-version"));
    assert!(reply.headers.contains_key("www-authenticate"));
}
