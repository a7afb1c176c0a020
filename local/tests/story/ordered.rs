//! Policies in ordered mode: what happened in an account is told in the order in which it was
//! accepted, one request at a time, and nothing is lost whatever stops.

mod changes;
mod clocks;
mod crash;
mod expiry;
mod failures;
mod model;
mod races;
mod switches;
mod ten_thousand;

use herald::{
    dialect::Dialect,
    lane::LaneRef,
    policy::{
        Details, EventTypes, Policy, PolicyDraft, PolicyRef, Scope, Secrets, WantedRecipient,
    },
    recipient::{Channel, Target},
    retry::RetryPolicy,
    secret::Secret,
};
use herald_local::world::{World, receiver::Receiver};
use serde_json::Value;

/// What an ordered policy in a story is made of.
struct Ordered {
    dialect: Dialect,
    scope: Scope,
    event_types: EventTypes,
}

impl Default for Ordered {
    fn default() -> Self {
        Self {
            dialect: Dialect::Herald,
            scope: Scope::Own,
            event_types: EventTypes::All,
        }
    }
}

impl Ordered {
    /// Makes the policy, with one recipient.
    async fn policy(self, world: &World, receiver: &Receiver) -> Policy {
        let parts = &world.service.parts;
        let now = parts.clock.now();
        let id = parts.random.policy_id(now);
        let context = Policy::seal_context(world.tenant, id);
        let secret = Secret::for_policy(*b"sample secret, 24 bytes.");
        let sealed = parts.vault.seal(&context, &secret).await.expect("seals");
        let url = parts.rules.parse(&receiver.url("/hook")).expect("a URL");
        let draft = PolicyDraft {
            dialect: self.dialect,
            name: "In order".parse().expect("a name"),
            event_types: self.event_types,
            scope: self.scope,
            channel: Channel::Webhook,
            recipients: vec![WantedRecipient::from(Target::Url(url))],
            health: None,
            ordered: true,
            pace: None,
            retry: RetryPolicy::UntilAcknowledged,
            details: Details::default(),
        };
        let reference = PolicyRef {
            owner: world.tenant,
            organisation: world.tenant.account,
            id,
        };
        let secrets = Some(Secrets::of(sealed));
        let policy = Policy::new(draft, reference, secrets, &*parts.random, now);
        let created = parts.store.create_policy(&policy, None).await;
        let _ = created.expect("a policy");
        policy
    }
}

fn lane(policy: &Policy) -> LaneRef {
    LaneRef {
        owner: policy.owner,
        policy: policy.id,
        recipient: policy.recipients[0].id.clone(),
    }
}

/// The ids of the events of each request that a receiver got.
fn told(receiver: &Receiver) -> Vec<Vec<String>> {
    let of_body = |body: &str| {
        let body: Value = serde_json::from_str(body).expect("JSON");
        let id = |event: &Value, name: &str| event[name].as_str().expect("an id").to_owned();
        match body["events"].as_array() {
            Some(events) => events.iter().map(|event| id(event, "event_id")).collect(),
            None => vec![id(&body, "id")],
        }
    };
    let requests = receiver.received();
    requests
        .iter()
        .map(|request| of_body(&request.body))
        .collect()
}

/// What was told, each request's events one after the other.
fn told_flat(receiver: &Receiver) -> Vec<String> {
    told(receiver).into_iter().flatten().collect()
}

#[tokio::test]
async fn what_happened_is_told_in_the_order_in_which_it_was_accepted() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    Ordered::default().policy(&world, &receiver).await;
    let ids: Vec<_> = (0..30).map(|number| format!("e{number}")).collect();
    for id in &ids {
        assert_eq!(world.report(id).await.status, 202);
    }
    world.settle().await;
    assert_eq!(told_flat(&receiver), ids);
    let delivery = world.delivery("e7").await;
    assert_eq!(delivery["status"], "delivered");
    assert_eq!(delivery["attempts"][0]["number"], 1);
}

#[tokio::test]
async fn lune_gets_many_events_in_one_request_and_their_sequence_rises() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let ordered = Ordered {
        dialect: Dialect::Lune,
        ..Ordered::default()
    };
    ordered.policy(&world, &receiver).await;
    let events: Vec<_> = (0..100)
        .map(|number| {
            serde_json::json!({ "id": format!("o{number}"), "type": "order.received",
                "data": { "order": { "id": number } } })
        })
        .collect();
    let body = serde_json::json!({ "events": events });
    let path = "/herald/v1/events/batch";
    for _ in 0..2 {
        // The second time all of them are known.
        let answer = world.call(http::Method::POST, path, body.clone()).await;
        assert_eq!(answer.status, 200);
    }
    world.settle().await;
    let requests = receiver.received();
    assert_eq!(requests.len(), 1);
    let body: Value = serde_json::from_str(&requests[0].body).expect("JSON");
    let told = body["events"].as_array().expect("events");
    let sequence = |event: &Value| event["sequence"].as_str().expect("a text").to_owned();
    let sequences: Vec<_> = told.iter().map(sequence).collect();
    assert!(
        sequences.windows(2).all(|two| two[0] < two[1]),
        "{sequences:?}"
    );
    let expected: Vec<_> = (0..100).map(|number| format!("o{number}")).collect();
    assert_eq!(told_flat(&receiver), expected);
}

#[tokio::test]
async fn what_is_not_heard_is_passed_and_what_is_heard_costs_no_gap() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let types = ["order.paid".parse().expect("a type")];
    let ordered = Ordered {
        event_types: EventTypes::named(types).expect("a type"),
        ..Ordered::default()
    };
    let policy = ordered.policy(&world, &receiver).await;
    for number in 0..20 {
        let kind = if number % 5 == 0 {
            "order.paid"
        } else {
            "order.placed"
        };
        let body = serde_json::json!({ "id": format!("e{number}"), "type": kind });
        world
            .call(http::Method::POST, "/herald/v1/events", body)
            .await;
    }
    world.settle().await;
    assert_eq!(told_flat(&receiver), ["e0", "e5", "e10", "e15"]);
    let store = &world.service.parts.store;
    let behind = store
        .backlog(&lane(&policy), None, 10)
        .await
        .expect("the store");
    assert_eq!(behind, []);
}
