//! Workers that stop, are slow, or meet each other.

use super::{Ordered, lane, told_flat};
use herald::{
    clock::Clock,
    dialect::Dialect,
    lane::BatchEnd,
    place::Place,
    policy::Policy,
    queue::QueueName,
    store::{Claim, Parking, Recorded},
};
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use jiff::SignedDuration;
use std::{collections::HashMap, time::Duration};

const LEASE: SignedDuration = SignedDuration::from_secs(50);

/// Lets everything that is left happen.
async fn recover(world: &World) {
    for _ in 0..4 {
        world.turn(Duration::from_secs(400)).await;
    }
}

/// Each event in the order of its first arrival.
fn first_arrivals(receiver: &Receiver) -> Vec<String> {
    let mut seen = Vec::new();
    for id in told_flat(receiver) {
        if !seen.contains(&id) {
            seen.push(id);
        }
    }
    seen
}

#[tokio::test]
async fn a_stop_between_any_two_steps_loses_nothing_and_keeps_the_order() {
    let mut stops = 0;
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([Answer::Status(500)]).await;
        let policy = Ordered::default().policy(&world, &receiver).await;
        world.wire.cut_after(requests);
        let mut accepted = Vec::new();
        for id in ["a", "b"] {
            if world.report(id).await.status == 202 {
                accepted.push(id);
            }
            world.settle().await;
            world.clock.advance(Duration::from_secs(1));
        }
        let was_cut = world.wire.mend();
        for id in ["a", "b"] {
            if !accepted.contains(&id) {
                assert_eq!(world.report(id).await.status, 202);
                accepted.push(id);
            }
        }
        recover(&world).await;
        // A report whose answer was lost may have been recorded before one that was answered.
        let mut arrived = first_arrivals(&receiver);
        arrived.sort_unstable();
        assert_eq!(arrived, ["a", "b"], "stopped after {requests}");
        for id in ["a", "b"] {
            let delivery = world.delivery(id).await;
            assert_eq!(delivery["status"], "delivered", "stopped after {requests}");
        }
        let store = &world.service.parts.store;
        let behind = store.backlog(&lane(&policy), None, 10).await;
        assert_eq!(behind.expect("the store"), [], "stopped after {requests}");
        if !was_cut {
            break;
        }
        stops += 1;
    }
    assert!(stops > 30, "the story has more steps than {stops}");
}

#[tokio::test]
async fn a_batch_that_was_sent_before_a_stop_is_sent_again_as_it_was() {
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let lune = Ordered {
            dialect: Dialect::Lune,
            ..Ordered::default()
        };
        lune.policy(&world, &receiver).await;
        let report = async |id| {
            let body = serde_json::json!({ "id": id, "type": "order.paid" });
            let path = "/herald/v1/events";
            world.call(http::Method::POST, path, body).await.status
        };
        world.wire.cut_after(requests);
        report("a").await;
        world.settle().await;
        let was_cut = world.wire.mend();
        for id in ["a", "b"] {
            assert_eq!(report(id).await, 202);
        }
        recover(&world).await;
        assert_eq!(first_arrivals(&receiver), ["a", "b"]);
        let mut bodies = HashMap::new();
        for request in receiver.received() {
            let id = request.header("webhook-id").to_owned();
            let body = bodies.entry(id).or_insert_with(|| request.body.clone());
            assert_eq!(*body, request.body, "stopped after {requests}");
        }
        if !was_cut {
            break;
        }
    }
}

#[tokio::test]
async fn who_lost_the_lease_moves_nothing() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = Ordered::default().policy(&world, &receiver).await;
    let lane = lane(&policy);
    let store = &world.service.parts.store;
    let now = world.clock.now();
    let claimed = async |at| {
        store
            .claim_lane(&lane, at, LEASE, false)
            .await
            .expect("the store")
    };
    let Claim::Started(slow) = claimed(now).await else {
        panic!("nobody has the lane");
    };
    assert_eq!(claimed(now + LEASE / 2).await, Claim::Busy);
    let Claim::Started(fast) = claimed(now + LEASE).await else {
        panic!("the lease is over");
    };
    assert!(fast.fence > slow.fence);
    let ends = [BatchEnd {
        account: policy.owner.account,
        to: Place::at(now + LEASE),
    }];
    assert_eq!(
        store.pass(&slow, &ends).await.expect("the store"),
        Recorded::Stale
    );
    let parked = store
        .park_lane(&slow, Parking::Until(now + LEASE), now)
        .await;
    assert_eq!(parked.expect("the store"), Recorded::Stale);
    let cursors = async || {
        store
            .cursors(&lane, [policy.owner.account])
            .await
            .expect("the store")
    };
    assert!(cursors().await.is_empty());
    assert_eq!(
        store.pass(&fast, &ends).await.expect("the store"),
        Recorded::Done
    );
    assert_eq!(
        cursors().await[&policy.owner.account].place,
        Place::at(now + LEASE)
    );
}

#[tokio::test]
async fn what_comes_while_a_worker_lets_go_is_told_all_the_same() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = Ordered::default().policy(&world, &receiver).await;
    let store = &world.service.parts.store;
    let claim = store
        .claim_lane(&lane(&policy), world.clock.now(), LEASE, false)
        .await;
    let Claim::Started(held) = claim.expect("the store") else {
        panic!("nobody has the lane");
    };
    world.report("a").await;
    world.settle().await;
    assert_eq!(told_flat(&receiver), [""; 0], "its wake-up met a lease");
    let release = store.release_lane(&held).await.expect("the store");
    assert!(
        matches!(release, herald::store::Release::Woken(_)),
        "{release:?}"
    );
    // Its holder stops here, and never lets go.
    world.turn(Duration::from_secs(61)).await;
    assert_eq!(told_flat(&receiver), ["a"]);
}

#[tokio::test]
async fn workers_that_race_send_nothing_beside_each_other() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy: Policy = Ordered::default().policy(&world, &receiver).await;
    for number in 0..40 {
        world.report(&format!("e{number}")).await;
    }
    while world.service.step(QueueName::Events).await.expect("a step") > 0 {}
    let steps = (0..4).map(|_| world.service.step(QueueName::Webhook));
    futures::future::join_all(steps).await;
    world.settle().await;
    let expected: Vec<_> = (0..40).map(|number| format!("e{number}")).collect();
    assert_eq!(told_flat(&receiver), expected);
    let store = &world.service.parts.store;
    let state = store
        .lane(&lane(&policy))
        .await
        .expect("the store")
        .expect("a lane");
    assert_eq!(state.leased_until, None);
}
