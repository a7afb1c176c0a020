//! What no honest client sends to CyberSource's routes: what it is told, by field, and that nothing
//! changes. One table is asked for creation and for changes: the fields are the same.

use crate::{
    accounts::made,
    cybersource_broken_fields::broken,
    cybersource_creation::{WEBHOOKS, path, refused, request, shown, subscription},
    event_types::put,
    lune_creation::below,
};
use herald_local::world::{Reply, World};
use http::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};

/// A stage for requests that are refused: what is there, and a check that it stays as it is.
pub(crate) struct Kept {
    pub(crate) world: World,
    pub(crate) subscription: Value,
    standing: (Value, Option<String>),
}

impl Kept {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let subscription = subscription(&world, json!({})).await;
        let standing = standing(&world).await;
        Self {
            world,
            subscription,
            standing,
        }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: impl Into<Vec<u8>>) -> Reply {
        let request = World::request(method, path).body(body.into().into());
        self.world.send(request.expect("a request")).await
    }

    /// Sends what is refused; fails where it changes something.
    pub(crate) async fn refuse(
        &self,
        method: Method,
        path: &str,
        body: impl Into<Vec<u8>>,
    ) -> Reply {
        self.world.clock.advance(std::time::Duration::from_secs(1));
        let reply = self.send(method, path, body).await;
        assert!(reply.status.is_client_error(), "{}", reply.json);
        assert_eq!(standing(&self.world).await, self.standing);
        reply
    }
}

/// Every subscription of the account, and its key.
async fn standing(world: &World) -> (Value, Option<String>) {
    let key = world.service.parts.store.signing_key(world.tenant).await;
    let id = key.expect("an answer").map(|key| key.id.to_string());
    (world.get(WEBHOOKS).await, id)
}

async fn stranger(kept: &Kept) -> Value {
    let body = json!({ "name": "Stranger", "externalId": "stranger" });
    made(&kept.world, body).await["id"].take()
}

#[tokio::test]
async fn a_field_that_breaks_a_rule_is_told_and_changes_nothing() {
    let kept = Kept::new().await;
    below(&kept.world, ["left"]).await;
    let other = json!({
        "dialects": ["cybersource"], "product": "payments", "description": "A payment",
    });
    assert_eq!(
        put(&kept.world, "payments.accepted", other).await.status,
        200
    );
    let own = kept.world.tenant.account.to_string();
    let one = path(&kept.subscription);
    for (fields, field) in broken(&stranger(&kept).await) {
        let whole = request(&own, &fields).to_string();
        for (method, path, body) in [
            (Method::POST, WEBHOOKS, whole),
            (Method::PATCH, &one, fields.to_string()),
        ] {
            let reply = kept.refuse(method.clone(), path, body).await;
            let (status, reason, told) = refused(&reply);
            let is_missing = fields["notificationScope"] == json!({});
            let expected = if is_missing {
                "MISSING_FIELD"
            } else {
                "INVALID_DATA"
            };
            let expected = (400, expected, vec![field]);
            // Each type of a product that is not theirs is told.
            let told = told.into_iter().take(1).collect();
            assert_eq!((status, reason, told), expected, "{method} {fields:.200}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let kept = Kept::new().await;
    let one = path(&kept.subscription);
    let nested = format!(r#"{{"name":{}"#, "[".repeat(50_000));
    let bodies: [&[u8]; 12] = [
        b"",
        b"null",
        b"1",
        b"\"{}\"",
        b"[]",
        b"[{}]",
        b"{",
        b"{} {}",
        b"{'name':'a'}",
        b"name=a&organizationId=b",
        b"\xef\xbb\xbf{}",
        b"{\"name\":\"\xff\"}",
    ];
    for body in bodies.into_iter().chain([nested.as_bytes()]) {
        for (method, path) in [(Method::POST, WEBHOOKS), (Method::PATCH, one.as_str())] {
            let reply = kept.refuse(method, path, body).await;
            let case = String::from_utf8_lossy(&body[..body.len().min(40)]);
            assert_eq!(
                refused(&reply),
                (400, "INVALID_DATA", vec!["body"]),
                "{case}"
            );
        }
    }
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(1024 * 1024));
    for (method, path) in [(Method::POST, WEBHOOKS), (Method::PATCH, one.as_str())] {
        let reply = kept.refuse(method, path, large.as_str()).await;
        assert_eq!(refused(&reply), (413, "INVALID_REQUEST", vec![]));
    }
}

#[tokio::test]
async fn a_change_of_something_else_than_a_subscription_changes_nothing() {
    let kept = Kept::new().await;
    let one = path(&kept.subscription);
    let before = shown(&kept.subscription);
    for body in [
        json!({}),
        json!({ "webhookId": "019b8d99-6900-7000-8000-000000000001" }),
        json!({ "createdOn": "2020-01-01T00:00:00.000Z", "updatedOn": null, "version": "4" }),
        json!({ "name": null, "eventTypes": null, "webhookUrl": null, "retryPolicy": null }),
        json!({ "products": [{ "productId": "payments", "eventTypes": ["a"] }] }),
        json!({ "retryPolicy": {}, "securityPolicy": {} }),
    ] {
        let reply = kept.send(Method::PATCH, &one, body.to_string()).await;
        assert_eq!(reply.status, 200, "{body}: {}", reply.json);
        let mut after = reply.json;
        after
            .as_object_mut()
            .expect("an object")
            .remove("updatedOn");
        assert_eq!(after, before, "{body}");
    }
}

#[tokio::test]
async fn what_is_not_known_is_passed_over_and_a_body_is_read_as_json_whatever_it_says_it_is() {
    let world = World::new().await;
    let own = world.tenant.account.to_string();
    let more = json!({
        "additionalAttributes": [{ "a": "b" }], "webhookId": "mine", "version": 4, "__proto__": {},
        "securityPolicy": { "securityType": "key", "config": { "oAuthURL": 1 } },
    });
    let body = request(&own, &more).to_string();
    for kind in [
        None,
        Some("application/json;charset=utf-8"),
        Some("text/plain"),
        Some("é"),
    ] {
        let request = World::request(Method::POST, WEBHOOKS).body(body.clone().into());
        let mut request = request.expect("a request");
        request.headers_mut().remove(CONTENT_TYPE);
        if let Some(kind) = kind {
            let kind = kind.parse().expect("a value");
            request.headers_mut().insert(CONTENT_TYPE, kind);
        }
        let reply = world.send(request).await;
        assert_eq!(reply.status, 201, "{kind:?}: {}", reply.json);
        assert_ne!(reply.json["webhookId"], "mine");
        assert_eq!(reply.json["version"], "3");
        let security = json!({ "securityType": "KEY", "digitalSignatureEnabled": "yes" });
        assert_eq!(reply.json["securityPolicy"], security);
        assert!(reply.json.get("additionalAttributes").is_none());
    }
}
