//! Policies that become ordered, hear of many accounts, are switched off, changed and deleted.

use super::{Ordered, lane, told_flat};
use crate::organisation::account;
use herald::policy::{Policy, PolicyChange, PolicyStatus, Scope};
use herald_local::world::{World, receiver::Receiver};
use http::Method;
use serde_json::json;
use std::time::Duration;

/// Changes a policy in the store.
async fn change(world: &World, policy: &Policy, change: impl Fn(Policy) -> Policy) {
    let store = &world.service.parts.store;
    let changed = store
        .change_policy(policy.owner, policy.id, |mut policy| {
            policy.version += 1;
            Ok::<_, herald::store::StoreError>(change(policy))
        })
        .await;
    let _ = changed.expect("the store");
}

async fn wake(world: &World, policy: &Policy) {
    let wake = lane(policy).wake().outgoing(Duration::ZERO);
    let queue = &world.service.parts.sender;
    queue
        .send(herald::queue::QueueName::Webhook, vec![wake])
        .await
        .expect("a queue");
    world.settle().await;
}

#[tokio::test]
async fn a_policy_that_is_off_keeps_its_place_and_goes_on_from_there() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = Ordered::default().policy(&world, &receiver).await;
    world.report("a").await;
    world.settle().await;
    let since = herald::clock::Clock::now(&*world.clock);
    change(&world, &policy, |policy| Policy {
        status: PolicyStatus::Inactive { since },
        ..policy
    })
    .await;
    for id in ["b", "c"] {
        world.report(id).await;
        world.settle().await;
    }
    world.turn(Duration::from_secs(50 * 60 * 60)).await;
    assert_eq!(told_flat(&receiver), ["a"]);
    change(&world, &policy, |policy| Policy {
        status: PolicyStatus::Active,
        ..policy
    })
    .await;
    wake(&world, &policy).await;
    assert_eq!(told_flat(&receiver), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_deleted_policy_is_told_nothing_and_leaves_no_lane() {
    let world = World::new().await;
    let receiver = Receiver::start([herald_local::world::receiver::Answer::Status(500)]).await;
    let policy = Ordered::default().policy(&world, &receiver).await;
    world.report("a").await;
    world.settle().await;
    let path = format!("/herald/v1/policies/{}", policy.id);
    let deleted = world.call(Method::DELETE, &path, json!(null)).await;
    assert_eq!(deleted.status, 204);
    for _ in 0..4 {
        world.turn(Duration::from_secs(600)).await;
    }
    assert_eq!(told_flat(&receiver), ["a"]);
    let keys = world.engine.keys(herald_local::engine::DATA_TABLE).await;
    let left = keys.iter().filter(|(pk, _)| {
        ["#LANE#", "#CURSOR#", "#BACKLOG#"]
            .iter()
            .any(|kind| pk.contains(kind))
    });
    assert_eq!(left.count(), 0);
    let delivery = world.delivery("a").await;
    assert_eq!(delivery["status"], "cancelled", "{delivery}");
}

#[tokio::test]
async fn who_was_told_everything_and_is_gone_leaves_no_lane() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let body = json!({ "name": "P", "channel": "webhook", "deliveryMode": "ordered",
        "recipients": [receiver.url("/stays"), receiver.url("/goes")] });
    let made = world.call(Method::POST, "/herald/v1/policies", body).await;
    let path = format!(
        "/herald/v1/policies/{}",
        made.json["id"].as_str().expect("an id")
    );
    world.report("a").await;
    world.settle().await;
    let left = async || {
        let keys = world.engine.keys(herald_local::engine::DATA_TABLE).await;
        let of_lanes = |pk: &String| pk.contains("#LANE#") || pk.contains("#CURSOR#");
        keys.iter().filter(|(pk, _)| of_lanes(pk)).count()
    };
    assert_eq!(left().await, 4);
    let one = json!({ "recipients": [receiver.url("/stays")] });
    let changed = world.call(Method::PATCH, &path, one).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    world.settle().await;
    assert_eq!(left().await, 2);
    let deleted = world.call(Method::DELETE, &path, json!(null)).await;
    assert_eq!(deleted.status, 204);
    world.settle().await;
    assert_eq!(left().await, 0);
}

#[tokio::test]
async fn order_is_kept_in_each_of_many_accounts() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    for name in ["north", "south"] {
        account(&world, name, Some("invoicetest")).await;
    }
    let ordered = Ordered {
        scope: Scope::Descendants,
        ..Ordered::default()
    };
    ordered.policy(&world, &receiver).await;
    account(&world, "later", Some("invoicetest")).await;
    for number in 0..5 {
        for name in ["north", "south", "later"] {
            let body = json!({ "id": format!("{name}{number}"), "type": "INVOICE_ISSUED",
                "accountId": name });
            let answer = world.call(Method::POST, "/herald/v1/events", body).await;
            assert_eq!(answer.status, 202, "{}", answer.json);
        }
    }
    world.settle().await;
    let told = told_flat(&receiver);
    assert_eq!(told.len(), 15);
    for name in ["north", "south", "later"] {
        let of_account: Vec<_> = told.iter().filter(|id| id.starts_with(name)).collect();
        let expected: Vec<_> = (0..5).map(|number| format!("{name}{number}")).collect();
        assert!(of_account.into_iter().eq(&expected), "{told:?}");
    }
}

#[tokio::test]
async fn what_was_accepted_before_a_policy_became_ordered_goes_its_own_way() {
    let world = World::new().await;
    let receiver = Receiver::start([herald_local::world::receiver::Answer::Status(500)]).await;
    let body = json!({ "name": "P", "channel": "webhook", "recipients": [receiver.url("/hook")] });
    let made = world
        .call(Method::POST, "/herald/v1/policies", body)
        .await
        .json;
    let id = made["id"].as_str().expect("an id").parse().expect("an id");
    world.report("before").await;
    world.settle().await;
    world.report("on its way").await;
    world.report("on-its-way").await;
    let store = &world.service.parts.store;
    let policy = store
        .policy(world.tenant, id)
        .await
        .expect("the store")
        .expect("a policy");
    world.clock.advance(Duration::from_millis(1));
    let now = herald::clock::Clock::now(&*world.clock);
    let ordered = || PolicyChange {
        ordered: true,
        ..PolicyChange::default()
    };
    let random = &world.service.parts.random;
    let changed = store
        .change_policy(world.tenant, id, |policy| {
            let changed = policy.apply(ordered(), &**random, now);
            Ok::<_, herald::store::StoreError>(changed.expect("a change"))
        })
        .await;
    let _ = changed.expect("the store");
    for id in ["a", "b"] {
        world.report(id).await;
    }
    world.settle().await;
    world.turn(Duration::from_secs(10)).await;
    assert_eq!(
        told_flat(&receiver),
        ["before", "a", "b", "on-its-way", "before"],
        "{policy:?}"
    );
}

#[tokio::test]
async fn an_ordered_policy_keeps_its_pace() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let body = json!({ "name": "P", "channel": "webhook", "recipients": [receiver.url("/hook")],
        "deliveryMode": "ordered", "maxPerSecond": 2 });
    let made = world.call(Method::POST, "/herald/v1/policies", body).await;
    assert_eq!(made.status, 201, "{}", made.json);
    assert_eq!(made.json["deliveryMode"], "ordered");
    for number in 0..7 {
        world.report(&format!("e{number}")).await;
    }
    let mut told = Vec::new();
    for _ in 0..5 {
        world.settle().await;
        told.push(receiver.received().len());
        world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(told, [2, 4, 6, 7, 7]);
    let expected: Vec<_> = (0..7).map(|number| format!("e{number}")).collect();
    assert_eq!(told_flat(&receiver), expected);
}

#[tokio::test]
async fn who_joins_and_what_is_heard_later_is_told_from_then_on() {
    let world = World::new().await;
    let (first, second) = (Receiver::start([]).await, Receiver::start([]).await);
    let body = json!({ "name": "P", "channel": "webhook", "recipients": [first.url("/hook")],
        "deliveryMode": "ordered", "eventTypes": ["order.paid"] });
    let made = world
        .call(Method::POST, "/herald/v1/policies", body)
        .await
        .json;
    let path = format!(
        "/herald/v1/policies/{}",
        made["id"].as_str().expect("an id")
    );
    let report = async |id: &str, kind: &str| {
        let body = json!({ "id": id, "type": kind });
        let answer = world.call(Method::POST, "/herald/v1/events", body).await;
        assert_eq!(answer.status, 202);
        world.settle().await;
        world.clock.advance(Duration::from_secs(1));
    };
    report("a", "order.placed").await;
    report("b", "order.paid").await;
    report("c", "order.placed").await;
    let change = json!({ "eventTypes": ["order.paid", "order.placed"],
        "recipients": [first.url("/hook"), second.url("/hook")] });
    let changed = world.call(Method::PATCH, &path, change).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    report("d", "order.placed").await;
    report("e", "order.paid").await;
    assert_eq!(told_flat(&first), ["b", "d", "e"]);
    assert_eq!(told_flat(&second), ["d", "e"]);
}

#[tokio::test]
async fn a_webhook_that_moves_keeps_its_place() {
    let world = World::new().await;
    let old = Receiver::start(vec![herald_local::world::receiver::Answer::Status(500); 50]).await;
    let new = Receiver::start([]).await;
    let policy = Ordered::default().policy(&world, &old).await;
    for id in ["a", "b"] {
        world.report(id).await;
        world.settle().await;
    }
    let path = format!("/herald/v1/policies/{}", policy.id);
    let moved = json!({ "recipients": [
        { "id": policy.recipients[0].id, "target": new.url("/hook") } ] });
    let answer = world.call(Method::PATCH, &path, moved).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(
        answer.json["recipients"][0]["id"],
        policy.recipients[0].id.as_str()
    );
    world.turn(Duration::from_secs(60)).await;
    assert_eq!(told_flat(&new), ["a", "b"]);
}
