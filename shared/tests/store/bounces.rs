//! A mail that came back: recorded once, over the delivery as the mail's attempt delivered it.

use crate::{
    deliveries::read,
    sample::{attempt, by_default, dawn, delivery, seconds, store, waiting},
};
use futures::future::join_all;
use herald::{
    attempt::{Attempt, Bounce, Outcome},
    delivery::{CancelReason, Delivery, FailureReason, Status},
    store::{Recorded, Store},
};
use jiff::Timestamp;

/// A delivery that an attempt delivered, with its record.
async fn arrived(store: &Store, event: &str, number: u32) -> Delivery {
    let before = delivery(event, number - 1, waiting(dawn()));
    let arrived = before.after(attempt(number, 200), None, by_default);
    let recorded = store.record_delivered(std::slice::from_ref(&arrived), dawn());
    recorded.await.expect("an answer");
    arrived
}

fn bounced(number: u32, bounce: Bounce, at: Timestamp) -> Attempt {
    let error = "it came back".to_owned();
    Attempt {
        number,
        at,
        duration_ms: 0,
        outcome: Outcome::Bounced { bounce, error },
    }
}

/// Records a bounce a minute after dawn; returns what follows from it, too.
async fn record(store: &Store, from: &Delivery, bounce: Bounce) -> (Recorded, Delivery) {
    let at = dawn() + seconds(60);
    let bounced = bounced(from.attempts, bounce, at);
    let after = from
        .clone()
        .after(bounced.clone(), bounced.outcome.suspends(), by_default);
    let recorded = store.record_bounce(from, &bounced, &after, at).await;
    (recorded.expect("an answer"), after)
}

async fn attempts(store: &Store, delivery: &Delivery) -> Vec<Attempt> {
    store.attempts(delivery).await.expect("an answer")
}

#[tokio::test]
async fn a_bounce_stands_behind_the_attempt_that_it_is_about() {
    let store = store().await;
    for (event, bounce) in [("hard", Bounce::Hard), ("soft", Bounce::Soft)] {
        let from = arrived(&store, event, 1).await;
        let (recorded, after) = record(&store, &from, bounce).await;
        assert_eq!(recorded, Recorded::Done, "{event}");
        assert_eq!(read(&store, &from.reference).await, Some(after.clone()));
        let at = dawn() + seconds(60);
        assert_eq!(
            attempts(&store, &after).await,
            [attempt(1, 200), bounced(1, bounce, at)]
        );
        match (bounce, after.status) {
            (Bounce::Hard, Status::Failed { reason, .. }) => {
                assert_eq!(reason, FailureReason::Bounced);
            }
            (Bounce::Soft, Status::Waiting { due }) => assert_eq!(due, at + seconds(5)),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_bounce_is_recorded_over_nothing_but_what_was_read() {
    let store = store().await;
    let from = arrived(&store, "e", 1).await;
    let never = delivery("never", 1, from.status.clone());
    assert_eq!(
        record(&store, &never, Bounce::Hard).await.0,
        Recorded::Stale
    );
    assert_eq!(read(&store, &never.reference).await, None);

    let later = delivery("e", 2, from.status.clone());
    assert_eq!(
        record(&store, &later, Bounce::Hard).await.0,
        Recorded::Stale
    );
    let moved = store.move_delivery(&from, waiting(dawn()), dawn()).await;
    assert_eq!(moved.expect("an answer"), Recorded::Done);
    assert_eq!(
        record(&store, &from, Bounce::Hard).await.0,
        Recorded::Stale,
        "it was sent again"
    );
    let again = from.into_status(waiting(dawn()));
    assert_eq!(read(&store, &again.reference).await, Some(again.clone()));
    assert_eq!(attempts(&store, &again).await, [attempt(1, 200)]);
}

#[tokio::test]
async fn a_bounce_of_what_was_not_delivered_is_stale() {
    let store = store().await;
    let (at, requested) = (dawn(), CancelReason::Requested);
    let gone = FailureReason::Gone;
    for (n, status) in [
        waiting(at),
        Status::Failed { at, reason: gone },
        Status::Cancelled {
            at,
            reason: requested,
        },
    ]
    .into_iter()
    .enumerate()
    {
        let present = delivery(&format!("e{n}"), 1, status);
        let started = store.start_delivery(&present, at).await;
        assert_eq!(started.expect("an answer"), Recorded::Done);
        let (recorded, _) = record(&store, &present, Bounce::Hard).await;
        assert_eq!(recorded, Recorded::Stale, "{present:?}");
        assert_eq!(
            read(&store, &present.reference).await,
            Some(present.clone())
        );
        assert_eq!(attempts(&store, &present).await, []);
    }
}

#[tokio::test]
async fn a_bounce_is_recorded_though_the_arrival_was_written_again_after_it() {
    let store = store().await;
    let from = arrived(&store, "e", 1).await;
    assert_eq!(record(&store, &from, Bounce::Soft).await.0, Recorded::Done);
    let from = arrived(&store, "e", 1).await;
    assert_eq!(record(&store, &from, Bounce::Soft).await.0, Recorded::Done);
}

#[tokio::test]
async fn of_many_records_of_one_bounce_at_the_same_moment_one_is_made() {
    let store = store().await;
    for (event, bounce) in [("hard", Bounce::Hard), ("soft", Bounce::Soft)] {
        let from = arrived(&store, event, 1).await;
        let records = join_all((0..10).map(|_| record(&store, &from, bounce))).await;
        let done = records.iter().filter(|(made, _)| *made == Recorded::Done);
        assert_eq!(done.count(), 1, "{event}");
        assert_eq!(attempts(&store, &records[0].1).await.len(), 2, "{event}");
    }
}

#[tokio::test]
async fn every_attempt_may_come_back_and_none_is_forgotten() {
    let store = store().await;
    let mut made = Vec::new();
    let mut present = None;
    for number in 1..=3 {
        let from = arrived(&store, "e", number).await;
        let (recorded, after) = record(&store, &from, Bounce::Soft).await;
        assert_eq!(recorded, Recorded::Done, "{number}");
        let at = dawn() + seconds(60);
        made.extend([attempt(number, 200), bounced(number, Bounce::Soft, at)]);
        present = Some(after);
    }
    let present = present.expect("three attempts");
    assert_eq!(attempts(&store, &present).await, made);
}
