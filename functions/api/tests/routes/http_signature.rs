//! HTTP Signature: signed here by another implementation than what verifies it, and taken on every
//! dialect's routes.

use crate::{
    POLICIES,
    accounts::made,
    cybersource_creation::request as subscription,
    lune_creation::{WEBHOOKS as LUNE, below},
    pulse_creation::WEBHOOKS as PULSE,
};
use axum::body::Body;
use data_encoding::BASE64;
use herald::tenant::Tenant;
use herald_local::world::{Reply, World, give_credential};
use http::{Method, Request, header::CONTENT_TYPE};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

const WEBHOOKS: &str = "/notification-subscriptions/v1/webhooks";
const HOST: &str = "herald.example.com";
const NOW: &str = "Mon, 05 Jan 2026 10:00:00 GMT";

/// HMAC-SHA256 by its definition (RFC 2104), not by the library that verifies.
fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(text)
        .finalize();
    Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize()
        .to_vec()
}

/// A request as CyberSource's libraries sign it, with what a test makes different.
struct Signed {
    method: Method,
    path: String,
    body: String,
    names: &'static str,
    key_id: String,
    secret: Vec<u8>,
    /// Headers that are other than they should be when they are signed.
    before: HashMap<&'static str, String>,
    /// Headers that become other than they were signed.
    after: HashMap<&'static str, String>,
    /// Headers that are there a second time.
    twice: Vec<(&'static str, String)>,
}

/// The value of a header that is taken away.
const GONE: &str = "gone";

/// A credential that signs, by the id that the world made it with.
const ID: &str = "t";

impl Signed {
    fn get(path: &str) -> Self {
        Self {
            method: Method::GET,
            path: path.to_owned(),
            body: String::new(),
            names: "host date request-target v-c-merchant-id",
            key_id: ID.to_owned(),
            secret: b"s".to_vec(),
            before: HashMap::new(),
            after: HashMap::new(),
            twice: Vec::new(),
        }
    }

    fn post(path: &str, body: &Value) -> Self {
        Self {
            method: Method::POST,
            body: body.to_string(),
            names: "host date request-target digest v-c-merchant-id",
            ..Self::get(path)
        }
    }

    async fn send(&self, world: &World) -> Reply {
        let digest = BASE64.encode(&Sha256::digest(&self.body));
        let mut headers = HashMap::from([
            ("host", HOST.to_owned()),
            ("date", NOW.to_owned()),
            ("v-c-merchant-id", world.tenant.account.to_string()),
            ("digest", format!("SHA-256={digest}")),
        ]);
        headers.extend(self.before.clone());
        let target = format!("{} {}", self.method.as_str().to_lowercase(), self.path);
        let lines = self.names.split_whitespace().map(|name| match name {
            "request-target" | "(request-target)" => format!("{name}: {target}"),
            name => format!("{name}: {}", headers[name.to_lowercase().as_str()]),
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        let signature = BASE64.encode(&hmac(&self.secret, &text));
        let signature = format!(
            r#"keyid="{}", algorithm="HmacSHA256", headers="{}", signature="{signature}""#,
            self.key_id, self.names
        );
        headers.insert("signature", signature);
        headers.extend(self.after.clone());
        headers.retain(|_, value| value != GONE);
        let mut request = Request::builder().method(&self.method).uri(&self.path);
        for (name, value) in headers.into_iter().chain(self.twice.clone()) {
            request = request.header(name, value);
        }
        let request = request.header("content-type", "application/json");
        let request = request.body(Body::from(self.body.clone()));
        world.send(request.expect("a request")).await
    }
}

#[tokio::test]
async fn a_request_that_is_signed_well_is_its_credentials() {
    let world = World::new().await;
    let own = world.tenant.account.to_string();
    let created = Signed::post(WEBHOOKS, &subscription(&own, &json!({})))
        .send(&world)
        .await;
    assert_eq!(created.status, 201, "{}", created.json);
    let query = format!("{WEBHOOKS}?organizationId={own}&productId=a%20b");
    for path in [
        WEBHOOKS,
        &query,
        "/v1/webhooks",
        "/api/notifications/policies",
        "/herald/v1/policies",
    ] {
        let reply = Signed::get(path).send(&world).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.json);
    }
    for names in [
        "v-c-merchant-id (request-target) date host",
        "host date request-target v-c-merchant-id digest",
    ] {
        let signed = Signed {
            names,
            ..Signed::get(WEBHOOKS)
        };
        assert_eq!(signed.send(&world).await.status, 200, "{names}");
    }
}

#[tokio::test]
async fn what_is_not_signed_well_is_nobodys() {
    let world = World::new().await;
    foreign(&world).await;
    let own = world.tenant.account.to_string();
    let get = || Signed::get(WEBHOOKS);
    let post = || Signed::post(WEBHOOKS, &subscription(&own, &json!({})));
    let at = |date: &str| HashMap::from([("date", date.to_owned())]);
    let other = |name, value: &str| HashMap::from([(name, value.to_owned())]);
    #[rustfmt::skip]
    let cases = [
        ("another secret", Signed { secret: b"other".to_vec(), ..get() }),
        ("an unknown key", Signed { key_id: "nobody".to_owned(), ..get() }),
        ("no merchant", Signed { names: "host date request-target", ..get() }),
        ("no date", Signed { names: "host request-target v-c-merchant-id", ..get() }),
        ("no target", Signed { names: "host date v-c-merchant-id", ..get() }),
        ("no host", Signed { names: "date request-target v-c-merchant-id", ..get() }),
        ("no digest", Signed { names: get().names, ..post() }),
        ("too old", Signed { before: at("Mon, 05 Jan 2026 09:54:59 GMT"), ..get() }),
        ("too new", Signed { before: at("Mon, 05 Jan 2026 10:05:01 GMT"), ..get() }),
        ("no date at all", Signed { before: at("yesterday"), ..get() }),
        ("another date", Signed { after: at("Mon, 05 Jan 2026 10:00:01 GMT"), ..get() }),
        ("another host", Signed { after: other("host", "example.org"), ..get() }),
        ("another body", Signed { before: other("digest", "SHA-256=AAAA"), ..post() }),
        ("another merchant", Signed { after: other("v-c-merchant-id", "left"), ..get() }),
        ("a header that is gone", Signed { after: other("v-c-merchant-id", GONE), ..get() }),
        ("a date that is gone", Signed { after: other("date", GONE), ..get() }),
        ("a digest that is gone", Signed { after: other("digest", GONE), ..post() }),
        ("a digest by another rule", Signed { before: other("digest", "SHA-512=AAAA"), ..post() }),
        ("two merchants", Signed { twice: vec![("v-c-merchant-id", "left".to_owned())], ..get() }),
        ("two dates", Signed { twice: vec![("date", NOW.to_owned())], ..get() }),
        ("two hosts", Signed { twice: vec![("host", "example.org".to_owned())], ..get() }),
        ("two digests", Signed { twice: vec![("digest", "SHA-256=AAAA".to_owned())], ..post() }),
        ("two signatures", Signed { twice: vec![("signature", "keyid=t".to_owned())], ..get() }),
        ("a body that was not signed", Signed { body: "{}".to_owned(), ..get() }),
        ("another algorithm", Signed { after: other("signature", r#"keyid="t", algorithm="none""#), ..get() }),
        ("nothing covered", Signed { names: "", ..get() }),
        ("an empty key", Signed { key_id: String::new(), ..get() }),
        ("a key that is no id", Signed { key_id: "é/..".to_owned(), ..get() }),
        ("a foreign key with our secret", Signed { key_id: "foreign".to_owned(), ..get() }),
        ("no form", Signed { after: other("signature", "keyid=t"), ..get() }),
    ];
    let before = world.get(WEBHOOKS).await;
    for (case, signed) in cases {
        let reply = signed.send(&world).await;
        assert_eq!(reply.status, 401, "{case}: {}", reply.json);
        assert_eq!(reply.json["reason"], "UNAUTHORIZED", "{case}");
    }
    assert_eq!(world.get(WEBHOOKS).await, before);
    let late = Signed {
        before: at("Mon, 05 Jan 2026 09:55:00 GMT"),
        ..get()
    };
    assert_eq!(late.send(&world).await.status, 200, "five minutes");
}

/// Gives an account that is nobody's relation a credential.
async fn foreign(world: &World) {
    let account = made(world, json!({ "name": "Foreign" })).await["id"].take();
    let account = serde_json::from_value(account).expect("an account");
    let tenant = Tenant {
        account,
        ..world.tenant
    };
    give_credential(&world.service.api, tenant, "foreign:their-secret").await;
}

#[tokio::test]
async fn a_foreign_key_signs_for_no_account_of_ours() {
    let world = World::new().await;
    foreign(&world).await;
    let own = world.tenant.account.to_string();
    let foreign = |signed| Signed {
        key_id: "foreign".to_owned(),
        secret: b"their-secret".to_vec(),
        ..signed
    };
    for signed in [
        foreign(Signed::get(WEBHOOKS)),
        foreign(Signed::post(WEBHOOKS, &subscription(&own, &json!({})))),
    ] {
        let reply = signed.send(&world).await;
        assert_eq!(reply.status, 400, "{}", reply.json);
        assert_eq!(reply.json["reason"], "INVALID_DATA");
        assert_eq!(reply.json["details"][0]["field"], "v-c-merchant-id");
    }
    assert_eq!(world.get(WEBHOOKS).await, json!([]));
}

#[tokio::test]
async fn the_merchant_is_an_account_within_reach() {
    let world = World::new().await;
    below(&world, ["left"]).await;
    let as_merchant = |name: &str| Signed {
        before: HashMap::from([("v-c-merchant-id", name.to_owned())]),
        ..Signed::get(WEBHOOKS)
    };
    assert_eq!(as_merchant("left").send(&world).await.status, 200);
    let reply = as_merchant("nobody").send(&world).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json["reason"]),
        (400, &json!("INVALID_DATA"))
    );
}

#[tokio::test]
async fn no_other_header_than_the_signed_one_names_the_account() {
    let world = World::new().await;
    below(&world, ["left", "right"]).await;
    for (path, header) in [
        ("/v1/webhooks", "lune-account"),
        ("/v1/webhooks", "herald-account"),
        ("/herald/v1/policies", "herald-account"),
    ] {
        let signed = Signed {
            before: HashMap::from([("v-c-merchant-id", "left".to_owned())]),
            // An account that is not there: had it counted, the answer would say so.
            after: HashMap::from([(header, "nobody".to_owned())]),
            ..Signed::get(path)
        };
        let reply = signed.send(&world).await;
        assert_eq!(reply.status, 200, "{path} {header}: {}", reply.json);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_to_be_looked_at_is_told_in_the_shape_of_its_route() {
    let world = World::new().await;
    let large = json!("x".repeat(1024 * 1024));
    for (path, kind, version) in [
        ("/herald/v1/policies", "application/problem+json", None),
        (POLICIES, "application/json", Some("sequence-version")),
        (LUNE, "text/plain; charset=utf-8", Some("lune-version")),
        (WEBHOOKS, "application/json;charset=utf-8", None),
        (PULSE, "application/vnd.api+json", None),
    ] {
        let reply = Signed::post(path, &large).send(&world).await;
        assert_eq!(reply.status, 413, "{path}");
        assert_eq!(reply.headers[CONTENT_TYPE], kind, "{path}");
        assert!(
            version.is_none_or(|name| reply.headers.contains_key(name)),
            "{path}"
        );
    }
    assert_eq!(world.get(WEBHOOKS).await, json!([]));
}
