//! The key of an organization, one after another.

use super::{report, subscription, told};
use crate::pulse::is_signed;
use herald_local::world::{
    World,
    receiver::{Receiver, Request},
};
use http::Method;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

/// Makes a key that is good for a year; returns its id, and the library that verifies with it.
async fn key(world: &World) -> (String, Webhook) {
    let own = world.tenant.account;
    let body = json!({ "clientRequestAction": "CREATE", "keyInformation": {
        "provider": "nrtd", "tenant": own, "keyType": "sharedSecret", "organizationId": own,
        "expiryDuration": "365",
    } });
    let made = world
        .call(Method::POST, "/kms/egress/v2/keys-sym", body)
        .await;
    assert_eq!(made.status, 201, "{}", made.json);
    let text = |name: &str| -> &Value { &made.json["keyInformation"][name] };
    let id = text("keyId").as_str().expect("an id").to_owned();
    let secret = text("key").as_str().expect("a key");
    (id, Webhook::new(secret).expect("a secret"))
}

/// Tells an event; returns the notification of it.
async fn notification(world: &World, receiver: &Receiver, id: &str) -> Request {
    report(world, id).await;
    told(receiver).pop().expect("a notification")
}

#[tokio::test]
async fn the_key_before_counts_for_a_day_and_an_expired_one_signs_on() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let (_, old) = key(&world).await;
    subscription(&world, &receiver, json!({})).await;
    let (id, new) = key(&world).await;
    for (number, (wait, old_counts)) in [
        (Duration::ZERO, true),
        (24 * HOUR - Duration::from_secs(31), true),
        (Duration::from_secs(31), false),
        (366 * 24 * HOUR, false),
    ]
    .into_iter()
    .enumerate()
    {
        world.clock.advance(wait);
        let sent = notification(&world, &receiver, &number.to_string()).await;
        assert!(is_signed(&new, &sent), "{number}");
        assert_eq!(is_signed(&old, &sent), old_counts, "{number}");
        let own = sent.header("v-c-signature");
        assert!(own.contains(&format!(";keyId={id};")), "{own}");
    }
}
