//! How long a receiver has. Nothing is heard of the one here, so that an attempt takes all the time
//! that there is: the runtime's, which is paused and goes on by itself.

use futures::future::{BoxFuture, pending};
use herald::{
    attempt::Outcome,
    delivery::DeliveryRef,
    dialect::Dialect,
    event::Event,
    keyring::Keyring,
    message::WebhookMessage,
    policy::Policy,
    sender::{Carrier, Load},
};
use herald_local::world::{samples::body, stage::Stage};
use herald_webhook::{
    WebhookCarrier,
    client::{Client, Lookup},
};
use std::{io, net::IpAddr, sync::Arc, time::Duration};
use tokio::time::Instant;

const URL: &str = "https://hooks.example.com/ledger";

/// Finds no name, and does not say so.
#[derive(Debug)]
struct Silent;

impl Lookup for Silent {
    fn lookup(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(pending())
    }
}

/// A deployment that gives receivers so many seconds, and none more than a minute.
fn carrier(stage: &Stage, setting: u64) -> WebhookCarrier {
    let parts = &stage.world.service.parts;
    let (rules, setting) = (parts.rules.clone(), Duration::from_secs(setting));
    WebhookCarrier {
        vault: parts.vault.clone(),
        keyring: Keyring::new(parts.store.clone(), parts.vault.clone()),
        clock: Arc::clone(&parts.clock),
        client: Client::new(rules, Arc::new(Silent), setting).expect("a client"),
        longest: Duration::from_mins(1),
    }
}

fn event() -> Event {
    let message = serde_json::from_str(&body("webhook", "deliver"));
    let WebhookMessage::Deliver(message) = message.expect("a message") else {
        panic!("no delivery")
    };
    message.event.expect("an event")
}

/// How many seconds an attempt takes.
async fn seconds(carrier: &WebhookCarrier, policy: &Policy, is_test: bool) -> u64 {
    let (event, recipient) = (event(), &policy.recipients[0]);
    let reference = DeliveryRef {
        owner: policy.owner,
        policy: policy.id,
        recipient: recipient.id.clone(),
        event: event.reference.clone(),
    };
    let load = Load {
        event: &event,
        delivery: &reference,
        policy,
        recipient,
        number: 1,
        is_test,
    };
    let start = Instant::now();
    let carried = carrier.carry(&load, carrier.clock.now()).await;
    assert_eq!(carried.expect("an outcome").outcome, Outcome::TimedOut);
    start.elapsed().as_secs()
}

/// A policy of Herald's own.
async fn own(stage: &Stage) -> Policy {
    let mut policy = stage.policy(1, &[URL]).await;
    policy.dialect = Dialect::Herald;
    policy
}

/// The same, with a word on how many seconds its receivers have.
fn saying(policy: &Policy, seconds: u64) -> Policy {
    let mut saying = policy.clone();
    saying.details.timeout_seconds = Some(seconds);
    saying
}

#[tokio::test]
async fn a_receiver_has_what_its_policy_says_within_what_the_deployment_gives() {
    let stage = Stage::set().await;
    let silent = own(&stage).await;
    let (brief, patient) = (saying(&silent, 5), saying(&silent, 40));
    tokio::time::pause();
    for (setting, policy, expected) in [
        (20, &silent, 20),
        (20, &brief, 5),
        (3, &brief, 3),
        (20, &patient, 20),
        (60, &patient, 40),
    ] {
        let given = seconds(&carrier(&stage, setting), policy, false).await;
        let said = policy.details.timeout_seconds;
        assert_eq!(given, expected, "{setting} s, and the policy says {said:?}");
    }
}

#[tokio::test]
async fn a_receiver_of_lune_has_what_lune_says_whatever_the_deployment_gives() {
    let stage = Stage::set().await;
    let policy = stage.lune_webhook().await;
    tokio::time::pause();
    for setting in [1, 15, 60] {
        let given = seconds(&carrier(&stage, setting), &policy, false).await;
        assert_eq!(given, 30, "{setting} s");
    }
    let brief = saying(&policy, 5);
    assert_eq!(seconds(&carrier(&stage, 15), &brief, false).await, 5);
    let patient = saying(&policy, 40);
    assert_eq!(seconds(&carrier(&stage, 60), &patient, false).await, 30);
    let mut local = carrier(&stage, 15);
    local.longest = Duration::from_secs(2);
    assert_eq!(seconds(&local, &policy, false).await, 2);
}

#[tokio::test]
async fn a_test_delivery_has_ten_seconds_at_most() {
    let stage = Stage::set().await;
    let silent = own(&stage).await;
    let brief = saying(&silent, 5);
    let lune = stage.lune_webhook().await;
    tokio::time::pause();
    for (setting, policy, expected) in [
        (60, &silent, 10),
        (60, &lune, 10),
        (60, &brief, 5),
        (8, &silent, 8),
    ] {
        let given = seconds(&carrier(&stage, setting), policy, true).await;
        assert_eq!(given, expected, "{setting} s for {}", policy.dialect);
    }
}
