//! The receiver that the local service brings along verifies what comes, whoever's policy it is.

use herald::{
    clock::{Clock, SystemClock},
    tenant::{Mode, Tenant},
};
use herald_local::{
    receiver,
    world::{World, give_credential},
};
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt;
use url::Url;

/// What the receiver shows of a webhook that was posted to it.
async fn shown(router: &axum::Router) -> Value {
    let request = Request::get("/local/receiver").body(axum::body::Body::empty());
    let reply = router.clone().oneshot(request.expect("a request")).await;
    let body = axum::body::to_bytes(reply.expect("an answer").into_body(), usize::MAX).await;
    serde_json::from_slice(&body.expect("a body")).expect("JSON")
}

#[tokio::test]
async fn webhooks_of_every_account_and_mode_are_verified() {
    let mut world = World::new().await;
    // The receiver does more than others, and judges times by the machine's clock.
    world.be_patient();
    world.clock.advance_to(SystemClock.now());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let address = listener.local_addr().expect("an address");
    let base = Url::parse(&format!("http://{address}")).expect("a URL");
    let router = receiver::routes(base.clone(), world.service.parts.clone());
    tokio::spawn(axum::serve(listener, router.clone()).into_future());
    let made = world
        .operate(Method::POST, "/herald/v1/accounts", json!({ "name": "B" }))
        .await;
    let account = serde_json::from_value(made.json["id"].clone()).expect("an id");
    let tenants = [
        (world.tenant.account, Mode::Live),
        (account, Mode::Live),
        (account, Mode::Test),
    ];
    for (account, mode) in tenants {
        let tenant = Tenant { account, mode };
        let secret = format!("secret-{account}-{mode}");
        let login = format!("id-{account}-{mode}:{secret}");
        give_credential(&world.service.api, tenant, &login).await;
        let call = async |path: &str, body: Value| {
            let request = Request::post(path)
                .header(header::AUTHORIZATION, format!("Bearer {secret}"))
                .body(body.to_string().into());
            world.send(request.expect("a request")).await.status
        };
        let url = format!("{base}local/receiver?of={account}-{mode}");
        let policy = json!({ "name": "P", "channel": "WEBHOOK", "recipients": [url] });
        let made = call("/api/notifications/policies", policy).await;
        assert_eq!(made, StatusCode::CREATED);
        let reported = call("/herald/v1/events", json!({ "type": "INVOICE_ISSUED" })).await;
        assert_eq!(reported, StatusCode::ACCEPTED);
    }
    world.settle().await;
    let shown = shown(&router).await;
    let verdicts = shown.as_array().expect("webhooks").iter();
    let verdicts: Vec<_> = verdicts.map(|webhook| &webhook["verdict"]).collect();
    assert_eq!(verdicts, ["verified"; 3]);
}

#[tokio::test]
async fn who_knows_no_secret_is_told_from_who_is_unknown_and_from_who_asks_for_health() {
    let world = World::new().await;
    let base = Url::parse("http://127.0.0.1:1").expect("a URL");
    let router = receiver::routes(base, world.service.parts.clone());
    world
        .policy(&["http://127.0.0.1:1/local/receiver".to_owned()])
        .await;
    for (path, body) in [
        ("/local/receiver", "{}"),
        ("/local/receiver/elsewhere", "{}"),
        ("/local/receiver", ""),
    ] {
        let request = Request::post(path).body(axum::body::Body::from(body));
        let reply = router.clone().oneshot(request.expect("a request")).await;
        assert_eq!(reply.expect("an answer").status(), StatusCode::OK);
    }
    let shown = shown(&router).await;
    let verdicts = shown.as_array().expect("webhooks").iter();
    let verdicts: Vec<_> = verdicts.map(|webhook| &webhook["verdict"]).collect();
    assert_eq!(verdicts, ["probe", "unknown_sender", "wrong_signature"]);
}
