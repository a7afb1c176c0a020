//! Tenants are walls: what belongs to another looks like what is not there.

use herald::tenant::{Mode, Tenant};
use herald_local::world::{World, give_credential, receiver::Receiver};
use http::{Method, header};
use serde_json::{Value, json};

async fn as_other(
    world: &World,
    method: Method,
    path: &str,
    body: Value,
) -> herald_local::world::Reply {
    let request = World::request(method, path).body(body.to_string().into());
    let mut request = request.expect("a request");
    let bearer = header::HeaderValue::from_static("Bearer other-secret");
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    world.send(request).await
}

async fn stranger(world: &World, mode: Mode) -> Tenant {
    let account = match mode {
        Mode::Test => world.tenant.account,
        Mode::Live => {
            let body = json!({ "name": "Other" });
            let made = world.operate(Method::POST, "/herald/v1/accounts", body);
            let id = made.await.json["id"].take();
            serde_json::from_value(id).expect("an id")
        }
    };
    let tenant = Tenant { account, mode };
    give_credential(&world.service.api, tenant, "other:other-secret").await;
    tenant
}

/// A world with a stranger in it, and paths to what is the first account's own.
struct Walls {
    world: World,
    receiver: Receiver,
    policy: String,
    delivery: String,
}

async fn walls(mode: Mode) -> Walls {
    let world = World::new().await;
    stranger(&world, mode).await;
    let receiver = Receiver::start([]).await;
    let policy = world.policy(&[receiver.url("/hook")]).await;
    world.report("e").await;
    world.settle().await;
    let delivery = world.delivery("e").await;
    let path = |of: &str, shown: &Value| format!("{of}/{}", shown["id"].as_str().expect("an id"));
    Walls {
        policy: path("/api/notifications/policies", &policy),
        delivery: path("/herald/v1/deliveries", &delivery),
        world,
        receiver,
    }
}

#[tokio::test]
async fn nothing_of_one_tenant_is_seen_or_touched_by_another() {
    for mode in [Mode::Live, Mode::Test] {
        let Walls {
            world,
            receiver,
            policy,
            delivery,
        } = walls(mode).await;
        let types = json!({ "notificationTypes": ["INVOICE_ISSUED"] });
        let urls = json!({ "recipients": [receiver.url("/mine")] });
        for (method, path, body) in [
            (Method::GET, policy.clone(), json!(null)),
            (Method::DELETE, policy.clone(), json!(null)),
            (Method::POST, format!("{policy}/notification-types"), types),
            (
                Method::DELETE,
                format!("{policy}/notification-types/INVOICE_ISSUED"),
                json!(null),
            ),
            (Method::POST, format!("{policy}/recipients"), urls),
            (
                Method::DELETE,
                format!("{policy}/recipients/x"),
                json!(null),
            ),
            (Method::GET, "/herald/v1/events/e".to_owned(), json!(null)),
            (Method::GET, delivery.clone(), json!(null)),
            (Method::POST, format!("{delivery}/retry"), json!(null)),
            (Method::POST, format!("{delivery}/cancel"), json!(null)),
            (
                Method::GET,
                "/herald/v1/deliveries?eventId=e".to_owned(),
                json!(null),
            ),
        ] {
            let theirs = as_other(&world, method.clone(), &path, body).await;
            assert_eq!(theirs.status, 404, "{method} {path}: {}", theirs.json);
        }
    }
}

#[tokio::test]
async fn lists_and_events_of_one_tenant_know_nothing_of_another() {
    for mode in [Mode::Live, Mode::Test] {
        let Walls {
            world, receiver, ..
        } = walls(mode).await;
        let listed = as_other(
            &world,
            Method::GET,
            "/api/notifications/policies",
            json!(null),
        )
        .await;
        assert_eq!(
            listed.json,
            json!({ "items": [], "pagination": { "totalResultSize": 0 } })
        );
        let listed = as_other(&world, Method::GET, "/herald/v1/deliveries", json!(null)).await;
        assert_eq!(listed.json["items"], json!([]));
        let event = json!({ "id": "e", "type": "INVOICE_ISSUED", "data": {} });
        let reported = as_other(&world, Method::POST, "/herald/v1/events", event).await;
        assert_eq!(
            reported.json,
            json!({ "id": "e", "duplicate": false }),
            "ids are per tenant"
        );
        world.settle().await;
        assert_eq!(
            receiver.received().len(),
            1,
            "its event reaches nobody else"
        );
    }
}

#[tokio::test]
async fn an_account_outside_the_callers_reach_cannot_be_acted_for() {
    let world = World::new().await;
    let other = stranger(&world, Mode::Live).await;
    let event = json!({ "type": "INVOICE_ISSUED", "accountId": other.account });
    let reply = world.call(Method::POST, "/herald/v1/events", event).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json["errors"][0]["field"], "accountId");
    let request = World::request(Method::GET, "/api/notifications/policies")
        .header("herald-account", other.account.to_string())
        .body(axum::body::Body::empty());
    assert_eq!(world.send(request.expect("a request")).await.status, 400);
}

#[tokio::test]
async fn a_cursor_of_another_tenant_leads_nowhere() {
    let world = World::new().await;
    stranger(&world, Mode::Live).await;
    for _ in 0..3 {
        world.policy(&["https://example.com/hook".to_owned()]).await;
    }
    let page = world.get("/api/notifications/policies?limit=1").await;
    let after = page["pagination"]["after"].as_str().expect("a cursor");
    for side in ["after", "before"] {
        let path = format!("/api/notifications/policies?{side}={after}");
        let theirs = as_other(&world, Method::GET, &path, json!(null)).await;
        assert_eq!(
            (theirs.status.as_u16(), &theirs.json["items"]),
            (200, &json!([]))
        );
    }
}
