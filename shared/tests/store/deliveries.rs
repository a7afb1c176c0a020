//! Deliveries: arriving dominates, every other change is guarded.

use crate::{
    policy_changes::keep,
    sample::{
        attempt, by_default, dawn, delivery, delivery_on, event, event_ref, named, policy,
        reference, seconds, store, tenant, waiting,
    },
};
use futures::future::join_all;
use herald::{
    delivery::{CancelReason, Delivery, DeliveryRef, FailureReason, Status, WithheldReason},
    store::{EventContext, Recorded, Store},
};
use jiff::SignedDuration;
use std::collections::HashMap;

pub(crate) async fn read(store: &Store, reference: &DeliveryRef) -> Option<Delivery> {
    let read = store.deliveries(std::slice::from_ref(reference)).await;
    read.expect("an answer").remove(&reference.id())
}

async fn start(store: &Store, delivery: &Delivery) -> Recorded {
    let started = store.start_delivery(delivery, dawn()).await;
    started.expect("an answer")
}

async fn change(store: &Store, from: &Delivery, to: Status) -> Recorded {
    let moved = store.move_delivery(from, to, dawn()).await;
    moved.expect("an answer")
}

fn cancelled() -> Status {
    Status::Cancelled {
        at: dawn() + seconds(7),
        reason: CancelReason::Requested,
    }
}

/// Every status, with the number of attempts that leads there.
fn states() -> Vec<(u32, Status)> {
    let at = dawn() + seconds(5);
    let failed = |reason| Status::Failed { at, reason };
    let cancelled = |reason| Status::Cancelled { at, reason };
    vec![
        (0, waiting(at)),
        (3, waiting(at)),
        (
            2,
            Status::Delivered {
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
            Status::Withheld {
                since: at,
                reason: WithheldReason::EmailNotSent,
            },
        ),
    ]
}

#[tokio::test]
async fn a_delivery_is_started_once_and_read_as_it_was_written() {
    let store = store().await;
    for (n, (attempts, status)) in states().into_iter().enumerate() {
        let mut first = delivery(&format!("e{n}"), attempts, status);
        first.target = first.target.filter(|_| n % 2 == 0);
        assert_eq!(read(&store, &first.reference).await, None);
        assert_eq!(start(&store, &first).await, Recorded::Done);
        assert_eq!(start(&store, &first).await, Recorded::Stale);
        let other = first.clone().into_status(cancelled());
        assert_eq!(start(&store, &other).await, Recorded::Stale);
        assert_eq!(read(&store, &first.reference).await, Some(first));
    }
}

#[tokio::test]
async fn arriving_dominates_whatever_stood_there() {
    let store = store().await;
    for (n, (attempts, status)) in states().into_iter().enumerate() {
        let earlier = delivery(&format!("e{n}"), attempts, status);
        assert_eq!(start(&store, &earlier).await, Recorded::Done);
        let by = attempt(attempts + 1, 200);
        let arrived = delivery(&format!("e{n}"), attempts + 1, Status::Delivered { by });
        let recorded = store.record_delivered(std::slice::from_ref(&arrived), dawn());
        recorded.await.expect("an answer");
        assert_eq!(read(&store, &earlier.reference).await, Some(arrived));
    }
}

#[tokio::test]
async fn many_deliveries_are_recorded_and_read_at_once() {
    let store = store().await;
    let by = attempt(1, 200);
    let arrived = |policy| {
        let event = event_ref(tenant(1), "e", dawn());
        delivery_on(
            reference(event, policy),
            1,
            Status::Delivered { by: by.clone() },
        )
    };
    let arrived: Vec<_> = (0..110).map(arrived).collect();
    let recorded = store.record_delivered(&arrived, dawn()).await;
    recorded.expect("an answer");
    let references: Vec<_> = arrived.iter().map(|one| one.reference.clone()).collect();
    let read = store.deliveries(&references).await.expect("an answer");
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
    for (n, (attempts, status)) in states().into_iter().enumerate() {
        let from = delivery(&format!("e{n}"), attempts, status);
        assert_eq!(start(&store, &from).await, Recorded::Done);
        let due = dawn() + seconds(60);
        let to = match from.status {
            Status::Waiting { .. } => cancelled(),
            _ => waiting(due),
        };
        assert_eq!(change(&store, &from, to.clone()).await, Recorded::Done);
        let moved = from.clone().into_status(to);
        assert_eq!(read(&store, &from.reference).await, Some(moved.clone()));
        let again = change(&store, &from, cancelled()).await;
        assert_eq!(again, Recorded::Stale, "it moved on: {from:?}");
        assert_eq!(read(&store, &from.reference).await, Some(moved));
    }
}

#[tokio::test]
async fn a_delivery_that_an_attempt_overtook_is_not_moved() {
    let store = store().await;
    let from = delivery("e", 0, waiting(dawn()));
    assert_eq!(change(&store, &from, cancelled()).await, Recorded::Stale);
    assert_eq!(read(&store, &from.reference).await, None, "nothing is made");
    assert_eq!(start(&store, &from).await, Recorded::Done);
    let first = attempt(1, 500);
    let after = from.clone().after(first.clone(), None, by_default);
    let recorded = store.record_failed_attempt(&first, &after, dawn()).await;
    assert_eq!(recorded.expect("an answer"), Recorded::Done);
    assert_eq!(change(&store, &from, cancelled()).await, Recorded::Stale);
    assert_eq!(read(&store, &from.reference).await, Some(after));
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
    let _ = store
        .record_event(&large, &EventContext::default())
        .await
        .expect("an answer");
    let on_its_way = reference(large.reference.clone(), 1);
    let recorded = delivery_on(on_its_way.clone(), 1, waiting(dawn()));
    assert_eq!(start(&store, &recorded).await, Recorded::Done);
    let expired = event_ref(tenant(1), "expired", dawn());
    let references = [
        on_its_way,
        reference(expired.clone(), 1),
        reference(expired.clone(), 2),
    ];
    let events = [&large.reference, &expired, &expired];
    let read = store.read_for_attempts(references.iter(), events.into_iter());
    let read = read.await.expect("an answer");
    let (deliveries, policies, events) = (read.deliveries, read.policies, read.events);
    assert_eq!((deliveries.len(), policies.len(), events.len()), (1, 1, 1));
    assert!(matches!(&deliveries[&recorded.id()], Ok(read) if *read == recorded));
    assert!(matches!(&policies[&known.id], Ok(read) if *read == known));
    assert!(matches!(&events[&large.reference], Ok(read) if *read == large));
}

#[tokio::test]
async fn an_attempt_starts_from_no_other_event_that_was_reported_under_its_id() {
    let store = store().await;
    let anew = event(tenant(1), "e", "{}");
    let _ = store
        .record_event(&anew, &EventContext::default())
        .await
        .expect("an answer");
    let expired = event_ref(tenant(1), "e", dawn() - SignedDuration::from_hours(24 * 31));
    let references = [&expired, &anew.reference].map(|event| reference(event.clone(), 1));
    for wanted in [
        vec![&expired],
        vec![&expired, &anew.reference],
        vec![&anew.reference, &expired],
    ] {
        let is_wanted = wanted.contains(&&anew.reference);
        let read = store.read_for_attempts(references.iter(), wanted.into_iter());
        let read = read.await.expect("an answer");
        assert!(!read.events.contains_key(&expired));
        assert_eq!(read.events.contains_key(&anew.reference), is_wanted);
    }
}
