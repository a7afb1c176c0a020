//! `PUT`, `GET` and `DELETE /v1/webhooks/{id}`.

use crate::lune_creation::{URL, WEBHOOKS, below, path, second, webhook};
use herald::{
    id::RecipientId,
    message::WebhookMessage,
    policy::{DeliveryMode, EventTypes, Policy, PolicyStatus, Scope},
    queue::QueueName,
    recipient::SuspensionReason,
    retry::RetryPolicy,
};
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};

const ELSEWHERE: &str = "https://hooks.example.com/elsewhere";

pub(crate) async fn put(world: &World, webhook: &Value, body: Value) -> Reply {
    world.call(Method::PUT, &path(webhook), body).await
}

async fn updated(world: &World, webhook: &Value, body: Value) -> Value {
    let reply = put(world, webhook, body).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    reply.json
}

/// The policy that a webhook is.
pub(crate) async fn stored(world: &World, webhook: &Value) -> Policy {
    let id = webhook["id"].as_str().and_then(|id| id.parse().ok());
    let store = &world.service.parts.store;
    let policy = store.policy(world.tenant, id.expect("an id")).await;
    policy.expect("the store").expect("the policy")
}

fn recipient(policy: &Policy) -> RecipientId {
    policy.recipients[0].id.clone()
}

/// Whom the messages on the webhook queue wake.
fn woken(world: &World) -> Vec<RecipientId> {
    world.may_leave_messages();
    let bodies = world.service.parts.queue.bodies(QueueName::Webhook);
    let message = |body: String| serde_json::from_str(&body).expect("a message");
    let wake = |message| match message {
        WebhookMessage::Wake(wake) => wake.recipient,
        other => panic!("{other:?}"),
    };
    bodies.into_iter().map(message).map(wake).collect()
}

#[tokio::test]
async fn a_webhook_is_a_policy_that_keeps_order_until_acknowledged() {
    let world = World::new().await;
    let made = webhook(&world, json!({ "url": URL })).await;
    let policy = stored(&world, &made).await;
    assert_eq!(policy.event_types, EventTypes::All);
    assert_eq!(policy.scope, Scope::Descendants);
    assert_eq!(policy.retry, RetryPolicy::UntilAcknowledged);
    assert!(matches!(policy.delivery_mode, DeliveryMode::Ordered { .. }));
    assert_eq!(policy.status, PolicyStatus::Active);
    assert_eq!(policy.recipients.len(), 1);
}

#[tokio::test]
async fn a_webhook_is_shown_with_the_end_of_its_secret() {
    let world = World::new().await;
    let made = webhook(&world, json!({ "url": URL })).await;
    let secret = made["secret"].as_str().expect("a secret");
    let mut expected = made.clone();
    expected["secret"] = json!(secret[secret.len() - 4..]);
    assert_eq!(world.get(&path(&made)).await, expected);
    assert_eq!(world.get(WEBHOOKS).await, json!([expected]));
    let same = updated(&world, &made, json!({ "url": URL, "enabled": true })).await;
    assert_eq!(same, expected);
    assert_eq!(stored(&world, &made).await.version, 1, "nothing changed");
    world.may_leave_messages();
}

#[tokio::test]
async fn what_an_update_leaves_out_stays_as_it_is() {
    let world = World::new().await;
    let [left, right] = below(&world, ["left", "right"]).await;
    let made = webhook(&world, json!({ "url": URL, "account_ids": ["left"] })).await;
    let off = json!({ "url": URL, "enabled": false });
    let off = updated(&world, &made, off).await;
    assert_eq!(
        (&off["enabled"], &off["account_ids"]),
        (&json!(false), &json!([left]))
    );
    for body in [
        json!({ "url": ELSEWHERE }),
        json!({ "url": ELSEWHERE, "enabled": null, "account_ids": null }),
    ] {
        let moved = updated(&world, &made, body).await;
        assert_eq!(moved["url"], ELSEWHERE);
        assert_eq!(
            (&moved["enabled"], &moved["account_ids"]),
            (&json!(false), &json!([left]))
        );
    }
    let other = json!({ "url": ELSEWHERE, "enabled": true, "account_ids": [right] });
    let other = updated(&world, &made, other).await;
    assert_eq!(
        (&other["enabled"], &other["account_ids"]),
        (&json!(true), &json!([right]))
    );
    assert_eq!(other["created_at"], made["created_at"]);
    world.may_leave_messages();
}

#[tokio::test]
async fn a_url_that_changes_keeps_the_recipients_place_in_the_log() {
    let world = World::new().await;
    let made = webhook(&world, json!({ "url": URL })).await;
    let before = recipient(&stored(&world, &made).await);
    updated(&world, &made, json!({ "url": ELSEWHERE })).await;
    let after = stored(&world, &made).await;
    assert_eq!(recipient(&after), before);
    assert_eq!(after.recipients[0].target.as_str(), ELSEWHERE);
    assert_eq!(woken(&world), [before]);
}

#[tokio::test]
async fn only_what_is_stored_and_sends_is_woken() {
    let world = World::new().await;
    let made = webhook(&world, json!({ "url": URL })).await;
    assert!(woken(&world).is_empty(), "there is nothing to read yet");
    put(&world, &made, json!({ "url": URL, "enabled": false })).await;
    assert!(woken(&world).is_empty());
    put(&world, &made, json!({ "url": "http://example.com/" })).await;
    assert!(woken(&world).is_empty());
    put(&world, &made, json!({ "url": URL, "enabled": true })).await;
    let policy = stored(&world, &made).await;
    // At once, and with a delay in case the request had stopped.
    assert_eq!(woken(&world), [recipient(&policy), recipient(&policy)]);
}

#[tokio::test]
async fn an_update_that_is_repeated_after_a_failure_is_made_and_wakes() {
    for requests in 0.. {
        let world = World::new().await;
        let made = webhook(&world, json!({ "url": URL })).await;
        let place = recipient(&stored(&world, &made).await);
        let body = json!({ "url": ELSEWHERE });
        world.wire.cut_after(requests);
        let first = put(&world, &made, body.clone()).await;
        let is_cut = world.wire.mend();
        assert_eq!(first.status.is_server_error(), is_cut, "{}", first.json);
        let shown = updated(&world, &made, body).await;
        assert_eq!(shown["url"], ELSEWHERE, "cut after {requests}");
        assert!(woken(&world).contains(&place), "cut after {requests}");
        assert_eq!(stored(&world, &made).await.version, 2);
        if !is_cut {
            return;
        }
    }
}

#[tokio::test]
async fn a_webhook_whose_receiver_is_gone_hears_again_when_it_is_updated() {
    for (body, enabled) in [
        (json!({ "url": URL }), true),
        (json!({ "url": ELSEWHERE }), true),
        (json!({ "url": URL, "enabled": true }), true),
        (json!({ "url": URL, "enabled": false }), false),
    ] {
        let world = World::new().await;
        let made = webhook(&world, json!({ "url": URL })).await;
        let policy = stored(&world, &made).await;
        let (place, now) = ((world.tenant, policy.id), policy.created_at);
        let store = &world.service.parts.store;
        let gone = SuspensionReason::Gone;
        let recipient = recipient(&policy);
        let suspended = store.suspend_recipient(place, &recipient, gone, now);
        let _ = suspended.await.expect("the store");
        let shown = world.get(&path(&made)).await;
        assert_eq!(shown["enabled"], false, "nothing is sent, and that is seen");
        let shown = updated(&world, &made, body.clone()).await;
        assert_eq!(shown["enabled"], enabled, "{body}");
        assert_eq!(woken(&world).len(), usize::from(enabled), "{body}");
    }
}

#[tokio::test]
async fn a_disabled_webhook_says_since_when_to_herald() {
    let world = World::new().await;
    let made = webhook(&world, json!({ "url": URL })).await;
    second(&world);
    updated(&world, &made, json!({ "url": URL, "enabled": false })).await;
    let since = "2026-01-05T10:00:01Z".parse().expect("an instant");
    second(&world);
    updated(&world, &made, json!({ "url": URL, "enabled": false })).await;
    let policy = stored(&world, &made).await;
    assert_eq!(policy.status, PolicyStatus::Inactive { since });
    assert_eq!(policy.version, 2);
}

#[tokio::test]
async fn a_deleted_webhook_is_gone() {
    let world = World::new().await;
    let made = webhook(&world, json!({ "url": URL })).await;
    let call = async |method: Method, body: Value| {
        let reply = world.call(method, &path(&made), body).await;
        (reply.status.as_u16(), reply.json)
    };
    let none = json!(null);
    assert_eq!(
        call(Method::DELETE, none.clone()).await,
        (204, none.clone())
    );
    assert_eq!(call(Method::DELETE, none.clone()).await.0, 404);
    assert_eq!(call(Method::GET, none.clone()).await.0, 404);
    assert_eq!(call(Method::PUT, json!({ "url": URL })).await.0, 404);
    assert_eq!(world.get(WEBHOOKS).await, json!([]));
    world.settle().await;
}
