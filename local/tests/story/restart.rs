//! The process ends at any moment, and starts again on the same folder.

use axum::Router;
use clap::Parser;
use data_encoding::BASE64;
use herald::{
    clock::Clock,
    queue::{DeadLetter, Queue, QueueName, Reason},
};
use herald_local::{
    flags::Flags,
    queue::MAX_RECEIVES,
    setup::Setup,
    world::{
        DAWN, World,
        chance::ManualClock,
        receiver::{Answer, Receiver},
    },
};
use http::Method;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tower::ServiceExt;
use url::Url;

pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // What an earlier run left behind; usually nothing.
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(DAWN.parse().expect("an instant")))
}

pub(crate) async fn start(folder: &Path, clock: &Arc<ManualClock>) -> Setup {
    let folder = folder.to_str().expect("a plain path");
    let flags = [
        "herald-local",
        "--data",
        folder,
        "--credential",
        "t:s",
        "--allow",
        "127.0.0.1",
    ];
    let own = Url::parse("http://127.0.0.1:1/local/receiver").expect("a URL");
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    Setup::new(&Flags::parse_from(flags), own, clock)
        .await
        .expect("a setup")
}

pub(crate) async fn settle(setup: &Setup) {
    loop {
        let mut handled = 0;
        for name in QueueName::ALL {
            handled += setup.service.step(name).await.expect("a step");
        }
        if handled == 0 {
            return;
        }
    }
}

pub(crate) async fn call(router: &Router, method: Method, path: &str, body: Value) -> (u16, Value) {
    let request = World::request(method, path).body(body.to_string());
    let reply = router
        .clone()
        .oneshot(request.expect("a request"))
        .await
        .expect("an answer");
    let status = reply.status().as_u16();
    let body = axum::body::to_bytes(reply.into_body(), usize::MAX)
        .await
        .expect("a body");
    (status, serde_json::from_slice(&body).expect("JSON"))
}

async fn make_policy(router: &Router, receiver: &Receiver) {
    let policy =
        json!({ "name": "P", "channel": "WEBHOOK", "recipients": [receiver.url("/hook")] });
    let (status, _) = call(router, Method::POST, "/api/notifications/policies", policy).await;
    assert_eq!(status, 201);
}

async fn report(router: &Router, id: usize) {
    let event = json!({ "id": format!("e{id}"), "type": "INVOICE_ISSUED", "data": { "n": id } });
    assert_eq!(
        call(router, Method::POST, "/herald/v1/events", event)
            .await
            .0,
        202
    );
}

#[tokio::test]
async fn waiting_deliveries_go_on_after_a_restart() {
    let (folder, clock) = (folder("restart"), clock());
    let receiver = Receiver::start(vec![Answer::Status(500); 3]).await;
    {
        let first = start(&folder, &clock).await;
        let router = first.service.router();
        make_policy(&router, &receiver).await;
        report(&router, 1).await;
        settle(&first).await;
    }
    for wait in [6, 360, 2_160] {
        let next = start(&folder, &clock).await;
        let router = next.service.router();
        let list = "/herald/v1/deliveries?status=waiting";
        let (_, waiting) = call(&router, Method::GET, list, json!(null)).await;
        assert_eq!(
            waiting["items"].as_array().map(Vec::len),
            Some(1),
            "{waiting}"
        );
        clock.advance(Duration::from_secs(wait));
        next.service.tick().await.expect("the timer runs");
        settle(&next).await;
    }
    let last = start(&folder, &clock).await;
    let list = "/herald/v1/deliveries?status=delivered";
    let (_, delivered) = call(&last.service.router(), Method::GET, list, json!(null)).await;
    assert_eq!(delivered["items"][0]["attemptCount"], 4, "{delivered}");
}

#[tokio::test]
async fn what_was_in_flight_or_queued_is_handled_after_a_sudden_end() {
    let (folder, clock) = (folder("sudden"), clock());
    let receiver = Receiver::start([]).await;
    {
        let first = start(&folder, &clock).await;
        let router = first.service.router();
        make_policy(&router, &receiver).await;
        for id in 0..30 {
            report(&router, id).await;
        }
        let queue = &first.service.parts.queue;
        assert_eq!(
            queue
                .receive(QueueName::Events, 10)
                .expect("receives")
                .len(),
            10
        );
        first.service.step(QueueName::Events).await.expect("a step");
        assert_eq!(
            queue
                .receive(QueueName::Webhook, 10)
                .expect("receives")
                .len(),
            10
        );
    }
    let second = start(&folder, &clock).await;
    settle(&second).await;
    assert_eq!(receiver.received().len(), 30);
}

#[tokio::test]
async fn an_end_in_the_middle_of_an_attempt_is_no_failed_one() {
    let (folder, clock) = (folder("ends"), clock());
    let receiver = Receiver::start([]).await;
    for ends in 0..2 * MAX_RECEIVES {
        let run = start(&folder, &clock).await;
        let router = run.service.router();
        if ends == 0 {
            make_policy(&router, &receiver).await;
            report(&router, 1).await;
            run.service.step(QueueName::Events).await.expect("a step");
        }
        let queue = &run.service.parts.queue;
        assert_eq!(
            queue
                .receive(QueueName::Webhook, 10)
                .expect("receives")
                .len(),
            1,
            "{ends}"
        );
    }
    settle(&start(&folder, &clock).await).await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn a_folder_serves_one_process_at_a_time() {
    let (folder, clock) = (folder("shared"), clock());
    let first = start(&folder, &clock).await;
    let path = folder.to_str().expect("a plain path");
    let flags = Flags::parse_from(["herald-local", "--data", path]);
    let own = Url::parse("http://127.0.0.1:1/local/receiver").expect("a URL");
    let second = Setup::new(&flags, own, clock as _).await;
    let error = second.expect_err("the folder is in use").to_string();
    assert!(error.contains("another process uses"), "{error}");
    drop(first);
}

#[tokio::test]
async fn a_new_credential_replaces_the_one_before() {
    let (folder, clock) = (folder("credential"), clock());
    let first = start(&folder, &clock).await;
    let path = "/api/notifications/policies";
    assert_eq!(
        call(&first.service.router(), Method::GET, path, json!(null))
            .await
            .0,
        200
    );
    let account = first.account;
    drop(first);
    let name = folder.to_str().expect("a plain path");
    let flags = Flags::parse_from(["herald-local", "--data", name, "--credential", "new:pair"]);
    let own = Url::parse("http://127.0.0.1:1/local/receiver").expect("a URL");
    let second = Setup::new(&flags, own, clock as _).await.expect("a setup");
    assert_eq!(second.account, account);
    assert_eq!(
        call(&second.service.router(), Method::GET, path, json!(null))
            .await
            .0,
        401
    );
}

#[tokio::test]
async fn the_operators_secret_stays_the_same() {
    let (folder, clock) = (folder("operator"), clock());
    let first = start(&folder, &clock).await.operator.exposed();
    for _ in 0..2 {
        let next = start(&folder, &clock).await;
        assert_eq!(next.operator.exposed(), first);
        let basic = BASE64.encode(first.as_bytes());
        let request = http::Request::get("/herald/v1/accounts")
            .header("authorization", format!("Basic {basic}"))
            .body(String::new());
        let router = next.service.router();
        let reply = router.oneshot(request.expect("a request")).await;
        assert_eq!(reply.expect("an answer").status(), 200);
    }
    let other = start(&self::folder("other-operator"), &clock)
        .await
        .operator;
    assert_ne!(other.exposed(), first, "each folder has its own");
}

#[tokio::test]
async fn a_dead_letter_keeps_its_reason() {
    let (folder, clock) = (folder("letters"), clock());
    let reason = Reason::new("no JSON");
    {
        let first = start(&folder, &clock).await;
        let queue = &first.service.parts.queue;
        let buried = queue.bury("{".to_owned(), reason.clone());
        buried.await.expect("kept");
    }
    let letters = [DeadLetter {
        body: "{".to_owned(),
        reason: Some(reason),
    }];
    let second = start(&folder, &clock).await;
    settle(&second).await;
    let queue = &second.service.parts.queue;
    assert_eq!(queue.dead_letters(QueueName::Events), letters);
    assert_eq!(queue.dead_letters(QueueName::Webhook), []);
}
