//! What only a creation may say, what goes with which channel, and bodies that break many rules.

use crate::{
    keys,
    own_policies::{OWN, create_own, own, path, told},
};
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};

async fn send(world: &World, method: Method, path: &str, body: impl Into<String>) -> Reply {
    let request = World::request(method, path).body(body.into().into());
    world.send(request.expect("a request")).await
}

#[tokio::test]
async fn channels_and_secrets_follow_their_rules() {
    let world = World::new().await;
    let secret = "secret must be 24 to 75 visible ASCII characters";
    for (fields, expected) in [
        (json!({ "channel": null }), "channel is required"),
        (json!({ "channel": 7 }), "channel must be a string"),
        (
            json!({ "channel": "WEBHOOK" }),
            "channel must be webhook or email",
        ),
        (
            json!({ "channel": "ｅmail" }),
            "channel must be webhook or email",
        ),
        (json!({ "secret": "x".repeat(23) }), secret),
        (json!({ "secret": "x".repeat(76) }), secret),
        (json!({ "secret": "ä".repeat(30) }), secret),
        (json!({ "secret": "two words are in this secret" }), secret),
        (json!({ "secret": 7 }), "secret must be a string"),
        (
            json!({ "dialect": "sequence" }),
            "dialect is not a known field",
        ),
        (
            json!({ "notificationTypes": null }),
            "notificationTypes is not a known field",
        ),
        (
            json!({ "webhookSecret": "x" }),
            "webhookSecret is not a known field",
        ),
    ] {
        let reply = create_own(&world, fields).await;
        assert_eq!(
            (reply.status.as_u16(), told(&reply)),
            (400, vec![expected.to_owned()])
        );
    }
    assert_eq!(world.get(OWN).await["items"], json!([]));
    for secret in ["x".repeat(24), "~".repeat(75)] {
        let made = own(&world, json!({ "secret": secret })).await;
        let shown = world.get(&format!("{}/secret", path(&made))).await;
        assert_eq!(shown, json!({ "secret": secret }));
        assert!(
            !made.to_string().contains(&secret),
            "no answer but that one shows it"
        );
    }
}

#[tokio::test]
async fn what_belongs_to_webhooks_is_refused_for_mails() {
    let world = World::new().await;
    let body = |fields: Value| {
        let mut body = json!({ "channel": "email", "recipients": ["a@example.com"] });
        body.as_object_mut()
            .expect("an object")
            .extend(fields.as_object().expect("fields").clone());
        body
    };
    let fields =
        json!({ "timeoutSeconds": 5, "headers": { "X-A": "a" }, "secret": "x".repeat(24) });
    let reply = create_own(&world, body(fields)).await;
    let rule = "is for policies of the channel webhook only";
    let expected = ["secret", "timeoutSeconds", "headers"].map(|name| format!("{name} {rule}"));
    assert_eq!(
        (reply.status.as_u16(), told(&reply)),
        (400, expected.to_vec())
    );
    let nulls = json!({ "timeoutSeconds": null, "headers": null, "secret": null });
    let made = own(&world, body(nulls)).await;
    let change =
        json!({ "timeoutSeconds": 5, "headers": {}, "recipients": ["https://example.com/"] });
    let reply = world.call(Method::PATCH, &path(&made), change).await;
    assert_eq!(keys(&reply), ["recipients[0]", "timeoutSeconds", "headers"]);
    assert_eq!(world.get(&path(&made)).await, made);
}

#[tokio::test]
async fn every_error_is_told_at_once() {
    let world = World::new().await;
    let body = json!({
        "name": "", "description": "", "eventTypes": ["order.paid", "x", "a b"], "channel": "webhook",
        "recipients": ["http://example.com/", 7, { "status": "x", "y": 1 }, "a@example.com"],
        "timeoutSeconds": "x", "headers": { "Host": "x" }, "contact": "x", "metadata": 7,
        "secret": "x", "z": 1,
    });
    let reply = create_own(&world, body.clone()).await;
    let mut found = keys(&reply);
    found.sort_unstable();
    let expected = [
        "contact",
        "description",
        "eventTypes[1]",
        "eventTypes[2]",
        "headers",
        "metadata",
        "name",
        "recipients[0]",
        "recipients[1]",
        "recipients[2].status",
        "recipients[2].target",
        "recipients[2].y",
        "recipients[3]",
        "secret",
        "timeoutSeconds",
        "z",
    ];
    assert_eq!((reply.status.as_u16(), found), (400, expected.to_vec()));
    assert_eq!(reply.headers["content-type"], "application/problem+json");
    let detail = reply.json["detail"].as_str().expect("a detail");
    assert_eq!(detail, told(&reply).join("; "));
    assert_eq!(world.get(OWN).await["items"], json!([]));
}

#[tokio::test]
async fn null_everywhere_is_told_of_what_is_required_and_no_more() {
    let world = World::new().await;
    let names = [
        "name",
        "description",
        "eventTypes",
        "channel",
        "recipients",
        "timeoutSeconds",
        "headers",
        "contact",
        "metadata",
        "secret",
    ];
    let nulls: Value = names.iter().map(|name| (*name, json!(null))).collect();
    let reply = world.call(Method::POST, OWN, nulls).await;
    let required = ["name", "channel", "recipients"].map(|name| format!("{name} is required"));
    assert_eq!(
        (reply.status.as_u16(), told(&reply)),
        (400, required.to_vec())
    );
    let empty = world.call(Method::POST, OWN, json!({})).await;
    assert_eq!(told(&empty), required);
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let world = World::new().await;
    let policy = own(&world, json!({})).await;
    let nested = format!(r#"{{"metadata":{}"#, "[".repeat(100_000));
    let bodies = [
        "",
        "null",
        "[]",
        "\"x\"",
        "7",
        "{",
        "{}x",
        "\u{feff}{}",
        "{'a':1}",
        &nested,
    ];
    for (method, path) in [
        (Method::POST, OWN.to_owned()),
        (Method::PATCH, path(&policy)),
    ] {
        for body in bodies {
            let reply = send(&world, method.clone(), &path, body).await;
            assert_eq!(
                (reply.status.as_u16(), keys(&reply)),
                (400, vec!["body"]),
                "{body:.20}"
            );
        }
        let large = send(&world, method, &path, " ".repeat(1_024 * 1_024 + 1)).await;
        assert_eq!(large.status, 413);
    }
    assert_eq!(world.get(&path(&policy)).await, policy);
}

#[tokio::test]
async fn a_body_with_ever_so_many_errors_is_answered_with_a_hundred() {
    let world = World::new().await;
    let recipients = "7,".repeat(400_000);
    let fields: String = (0..60_000).map(|n| format!(r#""f{n}":1,"#)).collect();
    for body in [
        format!(r#"{{"recipients":[{recipients}7]}}"#),
        format!(r#"{{{fields}"name":"x"}}"#),
    ] {
        let reply = send(&world, Method::POST, OWN, body).await;
        assert_eq!((reply.status.as_u16(), keys(&reply).len()), (400, 100));
    }
}

#[tokio::test]
async fn odd_texts_come_back_letter_for_letter() {
    let world = World::new().await;
    for text in [
        "<b>'\"\\&amp;</b>",
        "\u{202e}txt.exe\u{200b}",
        "👩‍👩‍👧‍👦 ﷽ Z̸͓̆",
        "null",
        "{{7*7}} ${x} %s %00",
        "'; DROP TABLE policies; --",
        "\u{fffd}\u{e000}\u{10ffff}",
    ] {
        let metadata = json!({ text.chars().take(40).collect::<String>(): text });
        let fields = json!({ "name": text, "description": text, "metadata": metadata });
        let made = own(&world, fields.clone()).await;
        let shown = world.get(&path(&made)).await;
        for name in ["name", "description", "metadata"] {
            assert_eq!(shown[name], fields[name], "{text}");
        }
    }
}
