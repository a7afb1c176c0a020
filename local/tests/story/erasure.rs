//! A customer leaves: from the deletion on nothing goes out for it, and in the end no row of it is
//! left, while its neighbours notice nothing.

use clap::Parser;
use herald::{clock::Clock, queue::QueueName};
use herald_local::{
    engine::{ACCOUNTS_TABLE, DATA_TABLE},
    flags::Flags,
    setup::Setup,
    world::{
        DAWN,
        chance::ManualClock,
        receiver::{Answer, Receiver},
    },
};
use http::{Method, Request};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tower::ServiceExt;
use url::Url;

const ACCOUNTS: &str = "/herald/v1/accounts";
const POLICIES: &str = "/api/notifications/policies";
const EVENTS: &str = "/herald/v1/events";

/// A service in memory, whose rows can be counted.
struct Town {
    setup: Setup,
    clock: Arc<ManualClock>,
}

impl Town {
    async fn new() -> Self {
        let clock = Arc::new(ManualClock::at(DAWN.parse().expect("an instant")));
        let flags = Flags::parse_from([
            "herald-local",
            "--data=memory",
            "--credential=neighbour:first-secret",
            "--allow=127.0.0.1",
        ]);
        let own = Url::parse("http://127.0.0.1:1/local/receiver").expect("a URL");
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let setup = Setup::new(&flags, own, shared).await.expect("a setup");
        Self { setup, clock }
    }

    async fn call(&self, secret: &str, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", format!("Bearer {secret}"));
        let request = request.body(body.to_string()).expect("a request");
        let reply = self.setup.service.router().oneshot(request).await;
        let reply = reply.expect("an answer");
        let status = reply.status().as_u16();
        let body = axum::body::to_bytes(reply.into_body(), usize::MAX).await;
        let body = body.expect("a body");
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    async fn operate(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let operator = self.setup.operator.exposed();
        let (_, secret) = operator.split_once(':').expect("an id and a secret");
        self.call(secret, method, path, body).await
    }

    /// Makes something; returns it.
    async fn make(&self, secret: &str, path: &str, body: Value) -> Value {
        let (status, made) = self.call(secret, Method::POST, path, body).await;
        assert!((200..300).contains(&status), "{status} {made}");
        made
    }

    async fn settle(&self) {
        loop {
            let mut handled = 0;
            for name in QueueName::ALL {
                handled += self.setup.service.step(name).await.expect("a step");
            }
            if handled == 0 {
                return;
            }
        }
    }

    async fn turn(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.setup.service.tick().await.expect("the timer runs");
        self.settle().await;
    }

    /// Policies, and events in every state that a tenant's have.
    async fn live(&self, secret: &str, receiver: &Receiver) {
        for channel in ["WEBHOOK", "EMAIL"] {
            let recipient = match channel {
                "EMAIL" => "someone@example.com".to_owned(),
                _ => receiver.url("/hook"),
            };
            let policy = json!({ "name": "P", "channel": channel, "recipients": [recipient] });
            self.make(secret, POLICIES, policy).await;
        }
        for id in ["waiting", "delivered"] {
            let event = json!({ "id": id, "type": "INVOICE_ISSUED", "data": { "n": 1 } });
            self.make(secret, EVENTS, event).await;
            self.settle().await;
        }
        let event = json!({ "id": "queued", "type": "INVOICE_ISSUED" });
        self.make(secret, EVENTS, event).await;
    }
}

fn refusing_once() -> [Answer; 1] {
    [Answer::Status(500)]
}

#[tokio::test]
async fn a_customer_that_leaves_is_forgotten_and_its_neighbours_stay() {
    let town = Town::new().await;
    let accounts_before = town.setup.engine.keys(ACCOUNTS_TABLE).await;
    let body = json!({ "name": "Leaver", "externalId": "leaver" });
    let (_, leaver) = town.operate(Method::POST, ACCOUNTS, body.clone()).await;
    let id = leaver["id"].as_str().expect("an id");
    let path = format!("{ACCOUNTS}/{id}");
    let mut secrets = Vec::new();
    for mode in ["live", "test"] {
        let body = json!({ "mode": mode, "role": "manage" });
        let path = format!("{path}/credentials");
        let (_, made) = town.operate(Method::POST, &path, body).await;
        secrets.push(made["secret"].as_str().expect("a secret").to_owned());
    }
    let receiver = Receiver::start(refusing_once()).await;
    for secret in &secrets {
        town.live(secret, &receiver).await;
    }
    let neighbours = Receiver::start(refusing_once()).await;
    town.live("first-secret", &neighbours).await;
    let before = town.setup.engine.keys(DATA_TABLE).await;
    let is_leavers = |(pk, _): &&(String, String)| pk.starts_with(id);
    assert!(before.iter().filter(is_leavers).count() > 20, "{before:#?}");
    let sent = receiver.received().len();

    let (status, answer) = town.operate(Method::DELETE, &path, Value::Null).await;
    assert_eq!((status, &answer["status"]), (202, &json!("erasing")));
    for secret in &secrets {
        let (status, _) = town.call(secret, Method::GET, POLICIES, Value::Null).await;
        assert_eq!(status, 401);
    }
    town.settle().await;
    for seconds in [10, 390, 500] {
        town.turn(seconds).await;
    }
    assert_eq!(
        receiver.received().len(),
        sent,
        "no webhook goes out any more"
    );

    let after = town.setup.engine.keys(DATA_TABLE).await;
    assert_eq!(after.iter().find(is_leavers), None, "no row is left");
    let accounts_after = town.setup.engine.keys(ACCOUNTS_TABLE).await;
    assert_eq!(accounts_after, accounts_before);
    let (status, _) = town.operate(Method::GET, &path, Value::Null).await;
    assert_eq!(status, 404);
    let (status, again) = town.operate(Method::POST, ACCOUNTS, body).await;
    assert_eq!(status, 201, "its external id is free: {again}");

    let others: BTreeSet<_> = before.iter().filter(|row| !is_leavers(row)).collect();
    let gone: Vec<_> = others.iter().filter(|row| !after.contains(**row)).collect();
    assert!(gone.is_empty(), "a neighbour lost {gone:?}");
    for event in ["waiting", "delivered", "queued"] {
        let path = format!("{EVENTS}/{event}");
        let (_, shown) = town
            .call("first-secret", Method::GET, &path, Value::Null)
            .await;
        let items = shown["deliveries"]["items"].as_array().expect("deliveries");
        let mut statuses: Vec<_> = items.iter().map(|item| item["status"].clone()).collect();
        statuses.sort_by_key(Value::to_string);
        assert_eq!(statuses, ["delivered", "delivered"], "{event}");
    }
    assert_eq!(neighbours.received().len(), 4, "one of them twice");
}
