use crate::{POLICIES, created};
use herald::{
    credential::{Credential, Role},
    secret::Secret,
    store::CredentialCreation,
};
use herald_local::world::{Reply, World};
use http::{Method, header};
use serde_json::{Value, json};

pub(crate) async fn give(world: &World, role: Role, secret: &str) {
    let parts = &world.service.parts;
    let secret = Secret::new(secret.to_owned());
    let id = format!("id-{}", secret.expose()).parse().expect("an id");
    let context = Credential::seal_context(&id);
    let credential = Credential {
        id,
        account: world.tenant.account,
        mode: world.tenant.mode,
        role,
        secret: parts.vault.seal(&context, &secret).await.expect("sealed"),
        created_at: parts.clock.now(),
    };
    let created = parts.accounts.create_credential(&credential, &secret).await;
    assert_eq!(created.expect("an answer"), CredentialCreation::Created);
}

pub(crate) async fn with(
    world: &World,
    authorization: &str,
    method: Method,
    path: &str,
    body: Value,
) -> Reply {
    let request = World::request(method, path).body(body.to_string().into());
    let mut request = request.expect("a request");
    let value = authorization.parse().expect("a value");
    request.headers_mut().insert(header::AUTHORIZATION, value);
    world.send(request).await
}

#[tokio::test]
async fn a_role_covers_what_it_says_and_only_manage_sees_secrets() {
    let world = World::new().await;
    let path = created(&world, json!({})).await;
    for (role, secret) in [(Role::Publish, "p"), (Role::Read, "r"), (Role::Manage, "m")] {
        give(&world, role, secret).await;
    }
    let event = json!({ "type": "INVOICE_ISSUED" });
    for (method, path, body, publish, read, manage) in [
        (Method::POST, "/herald/v1/events", event, 202, 403, 202),
        (Method::GET, POLICIES, json!(null), 403, 200, 200),
        (Method::GET, &path, json!(null), 403, 200, 200),
        (
            Method::GET,
            "/herald/v1/deliveries",
            json!(null),
            403,
            200,
            200,
        ),
        (Method::POST, POLICIES, json!({}), 403, 403, 400),
        (Method::DELETE, &path, json!(null), 403, 403, 200),
    ] {
        for (secret, expected) in [("p", publish), ("r", read), ("m", manage)] {
            let authorization = format!("Bearer {secret}");
            let reply = with(&world, &authorization, method.clone(), path, body.clone()).await;
            assert_eq!(reply.status, expected, "{method} {path} as {secret}");
            if path != POLICIES && method == Method::GET && reply.json.get("channel").is_some() {
                assert_eq!(reply.json.get("webhookSecret").is_some(), secret == "m");
            }
        }
    }
    world.settle().await;
}

#[tokio::test]
async fn whoever_is_not_known_is_told_so_in_the_shape_of_the_api() {
    let world = World::new().await;
    for authorization in [
        "Bearer nope",
        "Basic dDpub3Bl",
        "Basic bm9wZTpz",
        "Digest x",
        "Bearer",
    ] {
        let reply = with(&world, authorization, Method::GET, POLICIES, json!(null)).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json["errors"][0]["key"]),
            (401, &"Authorization".into())
        );
        let reply = with(
            &world,
            authorization,
            Method::GET,
            "/herald/v1/deliveries",
            json!(null),
        )
        .await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json["status"]),
            (401, &401.into())
        );
        assert_eq!(reply.headers["content-type"], "application/problem+json");
    }
    let reply = world.call(Method::GET, "/healthz", json!(null)).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json["status"]),
        (200, &"ok".into())
    );
}
