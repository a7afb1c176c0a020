//! Deliveries: arriving dominates, every other change is guarded.

use crate::{
    policy_changes::keep,
    sample::{
        attempt, dawn, delivery, delivery_on, event, event_ref, named, policy, route, seconds,
        store, tenant, waiting,
    },
};
use futures::future::join_all;
use herald::{
    delivery::{CancelReason, Delivery, FailureReason, Route, State, WithheldReason},
    store::{Recorded, Store},
};
use std::collections::HashMap;

pub(crate) async fn read(store: &Store, route: &Route) -> Option<Delivery> {
    let read = store.deliveries(std::slice::from_ref(route)).await;
    read.expect("an answer").remove(&route.id())
}

async fn start(store: &Store, delivery: &Delivery) -> Recorded {
    let started = store.start_delivery(delivery, dawn()).await;
    started.expect("an answer")
}

async fn change(store: &Store, from: &Delivery, to: State) -> Recorded {
    let moved = store.move_delivery(from, to, dawn()).await;
    moved.expect("an answer")
}

fn cancelled() -> State {
    State::Cancelled {
        at: dawn() + seconds(7),
        reason: CancelReason::Requested,
    }
}

/// Every state, with the number of attempts that leads there.
fn states() -> Vec<(u32, State)> {
    let at = dawn() + seconds(5);
    let failed = |reason| State::Failed { at, reason };
    let cancelled = |reason| State::Cancelled { at, reason };
    vec![
        (0, waiting(at)),
        (3, waiting(at)),
        (
            2,
            State::Delivered {
                by: attempt(2, 204),
            },
        ),
        (10, failed(FailureReason::Exhausted)),
        (1, failed(FailureReason::Gone)),
        (0, failed(FailureReason::RecipientSuspended)),
        (1, failed(FailureReason::EventExpired)),
        (0, cancelled(CancelReason::Requested)),
        (0, cancelled(CancelReason::PolicyDeleted)),
        (4, cancelled(CancelReason::RecipientRemoved)),
        (
            0,
            State::Withheld {
                since: at,
                reason: WithheldReason::EmailNotSent,
            },
        ),
    ]
}

#[tokio::test]
async fn a_delivery_is_started_once_and_read_as_it_was_written() {
    let store = store().await;
    for (n, (attempts, state)) in states().into_iter().enumerate() {
        let mut first = delivery(&format!("e{n}"), attempts, state);
        first.target = first.target.filter(|_| n % 2 == 0);
        assert_eq!(read(&store, &first.route).await, None);
        assert_eq!(start(&store, &first).await, Recorded::Done);
        assert_eq!(start(&store, &first).await, Recorded::Stale);
        let other = first.clone().into_state(cancelled());
        assert_eq!(start(&store, &other).await, Recorded::Stale);
        assert_eq!(read(&store, &first.route).await, Some(first));
    }
}

#[tokio::test]
async fn arriving_dominates_whatever_stood_there() {
    let store = store().await;
    for (n, (attempts, state)) in states().into_iter().enumerate() {
        let earlier = delivery(&format!("e{n}"), attempts, state);
        assert_eq!(start(&store, &earlier).await, Recorded::Done);
        let by = attempt(attempts + 1, 200);
        let arrived = delivery(&format!("e{n}"), attempts + 1, State::Delivered { by });
        let recorded = store.record_delivered(std::slice::from_ref(&arrived), dawn());
        recorded.await.expect("an answer");
        assert_eq!(read(&store, &earlier.route).await, Some(arrived));
    }
}

#[tokio::test]
async fn many_deliveries_are_recorded_and_read_at_once() {
    let store = store().await;
    let by = attempt(1, 200);
    let arrived = |policy| {
        let event = event_ref(tenant(1), "e", dawn());
        delivery_on(route(event, policy), 1, State::Delivered { by: by.clone() })
    };
    let arrived: Vec<_> = (0..110).map(arrived).collect();
    let recorded = store.record_delivered(&arrived, dawn()).await;
    recorded.expect("an answer");
    let routes: Vec<_> = arrived.iter().map(|one| one.route.clone()).collect();
    let read = store.deliveries(&routes).await.expect("an answer");
    let expected: HashMap<_, _> = arrived.into_iter().map(|one| (one.id(), one)).collect();
    assert_eq!(read, expected);
    let nothing = store.record_delivered(&[], dawn()).await;
    nothing.expect("no deliveries are recorded as they should be");
    let none = store.deliveries(&[]).await.expect("an answer");
    assert!(none.is_empty());
}

#[tokio::test]
async fn a_delivery_is_moved_from_the_state_in_which_it_was_read() {
    let store = store().await;
    for (n, (attempts, state)) in states().into_iter().enumerate() {
        let from = delivery(&format!("e{n}"), attempts, state);
        assert_eq!(start(&store, &from).await, Recorded::Done);
        let due = dawn() + seconds(60);
        let to = match from.state {
            State::Waiting { .. } => cancelled(),
            _ => waiting(due),
        };
        assert_eq!(change(&store, &from, to.clone()).await, Recorded::Done);
        let moved = from.clone().into_state(to);
        assert_eq!(read(&store, &from.route).await, Some(moved.clone()));
        let again = change(&store, &from, cancelled()).await;
        assert_eq!(again, Recorded::Stale, "it moved on: {from:?}");
        assert_eq!(read(&store, &from.route).await, Some(moved));
    }
}

#[tokio::test]
async fn a_delivery_that_an_attempt_overtook_is_not_moved() {
    let store = store().await;
    let from = delivery("e", 0, waiting(dawn()));
    assert_eq!(change(&store, &from, cancelled()).await, Recorded::Stale);
    assert_eq!(read(&store, &from.route).await, None, "nothing is made");
    assert_eq!(start(&store, &from).await, Recorded::Done);
    let first = attempt(1, 500);
    let after = from.clone().after(first.clone(), None, 0.0);
    let recorded = store.record_failed_attempt(&first, &after, dawn()).await;
    assert_eq!(recorded.expect("an answer"), Recorded::Done);
    assert_eq!(change(&store, &from, cancelled()).await, Recorded::Stale);
    assert_eq!(read(&store, &from.route).await, Some(after));
}

#[tokio::test]
async fn of_many_moves_at_the_same_moment_one_is_made() {
    let store = store().await;
    let from = delivery("e", 0, waiting(dawn()));
    assert_eq!(start(&store, &from).await, Recorded::Done);
    let moves = join_all((0..10).map(|_| change(&store, &from, cancelled()))).await;
    let made = moves.iter().filter(|moved| **moved == Recorded::Done);
    assert_eq!(made.count(), 1, "{moves:?}");
}

#[tokio::test]
async fn a_batch_of_attempts_reads_all_that_it_starts_from() {
    let store = store().await;
    let known = policy(tenant(1), 1, named(&["INVOICE_ISSUED"]));
    keep(&store, &known).await;
    let large = event(tenant(1), "large", "{}");
    let _ = store.record_event(&large).await.expect("an answer");
    let on_its_way = route(large.reference.clone(), 1);
    let recorded = delivery_on(on_its_way.clone(), 1, waiting(dawn()));
    assert_eq!(start(&store, &recorded).await, Recorded::Done);
    let expired = event_ref(tenant(1), "expired", dawn());
    let routes = [
        on_its_way,
        route(expired.clone(), 1),
        route(expired.clone(), 2),
    ];
    let events = [&large.reference, &expired, &expired];
    let read = store.read_for_attempts(routes.iter(), events.into_iter());
    let read = read.await.expect("an answer");
    assert_eq!(read.deliveries, [(recorded.id(), recorded)].into());
    assert_eq!(read.policies, [(known.id, known)].into());
    assert_eq!(read.events, [(large.reference.clone(), large)].into());
}
