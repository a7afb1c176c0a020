//! Attempts: each failed one is recorded once, on the state that it was made on.

use crate::{
    deliveries::read,
    sample::{attempt, by_default, dawn, delivery, seconds, store, waiting},
};
use futures::future::join_all;
use herald::{
    attempt::{Attempt, Outcome},
    delivery::{CancelReason, Delivery, FailureReason, Status, WithheldReason},
    store::{Recorded, Store},
};

/// Records an attempt that failed, and what follows from it on a delivery.
async fn fail(store: &Store, before: &Delivery, failed: &Attempt) -> (Recorded, Delivery) {
    let after = before.clone().after(failed.clone(), None, by_default);
    let recorded = store.record_failed_attempt(failed, &after, failed.at).await;
    (recorded.expect("an answer"), after)
}

async fn attempts(store: &Store, delivery: &Delivery) -> Vec<Attempt> {
    store.attempts(delivery).await.expect("an answer")
}

#[tokio::test]
async fn the_first_failed_attempt_is_recorded_over_nothing_or_over_a_delivery_that_waits_for_it() {
    let store = store().await;
    for (event, is_recorded) in [("new", false), ("waiting", true)] {
        let before = delivery(event, 0, waiting(dawn()));
        if is_recorded {
            let started = store.start_delivery(&before, dawn()).await;
            assert_eq!(started.expect("an answer"), Recorded::Done);
        }
        let first = attempt(1, 500);
        let (recorded, after) = fail(&store, &before, &first).await;
        assert_eq!(recorded, Recorded::Done, "{event}");
        assert_eq!(read(&store, &before.reference).await, Some(after.clone()));
        assert_eq!(attempts(&store, &after).await, [first]);
        assert_eq!(after.attempts, 1);
    }
}

#[tokio::test]
async fn an_attempt_with_another_number_than_the_next_is_stale() {
    let store = store().await;
    let mut present = delivery("e", 0, waiting(dawn()));
    let (recorded, _) = fail(&store, &present, &attempt(2, 500)).await;
    assert_eq!(recorded, Recorded::Stale, "the second over nothing");
    assert_eq!(read(&store, &present.reference).await, None);
    let mut made = Vec::new();
    for number in 1..=3 {
        let next = attempt(number, 500);
        let (recorded, after) = fail(&store, &present, &next).await;
        assert_eq!(recorded, Recorded::Done, "{number}");
        present = after;
        made.push(next);
        for stale in [1, number, number + 2] {
            let (recorded, _) = fail(&store, &present, &attempt(stale, 503)).await;
            assert_eq!(recorded, Recorded::Stale, "{stale} after {number}");
            assert_eq!(
                read(&store, &present.reference).await,
                Some(present.clone())
            );
            assert_eq!(attempts(&store, &present).await, made);
        }
    }
}

#[tokio::test]
async fn a_failed_attempt_changes_nothing_that_does_not_wait() {
    let store = store().await;
    let at = dawn() + seconds(1);
    let (expired, requested) = (FailureReason::EventExpired, CancelReason::Requested);
    let not_sent = WithheldReason::EmailNotSent;
    for (n, attempts_made, status) in [
        (
            0,
            0,
            Status::Failed {
                at,
                reason: expired,
            },
        ),
        (
            1,
            0,
            Status::Cancelled {
                at,
                reason: requested,
            },
        ),
        (
            2,
            2,
            Status::Cancelled {
                at,
                reason: requested,
            },
        ),
        (
            3,
            0,
            Status::Withheld {
                since: at,
                reason: not_sent,
            },
        ),
        (
            4,
            1,
            Status::Delivered {
                by: attempt(1, 200),
            },
        ),
    ] {
        let present = delivery(&format!("e{n}"), attempts_made, status);
        let started = store.start_delivery(&present, dawn()).await;
        assert_eq!(started.expect("an answer"), Recorded::Done);
        for number in [1, attempts_made + 1] {
            let (recorded, _) = fail(&store, &present, &attempt(number, 500)).await;
            assert_eq!(recorded, Recorded::Stale, "{present:?}");
        }
        assert_eq!(read(&store, &present.reference).await, Some(present));
    }
}

#[tokio::test]
async fn of_many_records_of_one_attempt_at_the_same_moment_one_is_made() {
    let store = store().await;
    let mut present = delivery("e", 0, waiting(dawn()));
    for number in 1..=2 {
        let same = attempt(number, 500);
        let records = join_all((0..10).map(|_| fail(&store, &present, &same))).await;
        let done = records.iter().filter(|(made, _)| *made == Recorded::Done);
        assert_eq!(done.count(), 1);
        present = records[0].1.clone();
        assert_eq!(
            read(&store, &present.reference).await,
            Some(present.clone())
        );
    }
    let made = [attempt(1, 500), attempt(2, 500)];
    assert_eq!(attempts(&store, &present).await, made);
}

#[tokio::test]
async fn attempts_are_listed_in_order_with_the_one_that_succeeded() {
    let store = store().await;
    let mut present = delivery("e", 0, waiting(dawn()));
    assert_eq!(attempts(&store, &present).await, []);
    let mut made = Vec::new();
    for number in 1..=11 {
        let mut next = attempt(number, 500);
        next.outcome = match number % 3 {
            0 => Outcome::TimedOut,
            1 => Outcome::Unreachable {
                error: "the name does not resolve".to_owned(),
            },
            _ => next.outcome,
        };
        let before = present.clone().into_status(waiting(dawn()));
        if number == 11 {
            // The schedule is at its end, and somebody asks for one more.
            let again = store.move_delivery(&present, waiting(dawn()), dawn()).await;
            assert_eq!(again.expect("an answer"), Recorded::Done);
        }
        let (recorded, after) = fail(&store, &before, &next).await;
        assert_eq!(recorded, Recorded::Done, "{number}");
        present = after;
        made.push(next);
    }
    assert_eq!(attempts(&store, &present).await, made);
    let last = attempt(12, 200);
    let arrived = present.after(last.clone(), None, by_default);
    let recorded = store.record_delivered(std::slice::from_ref(&arrived), dawn());
    recorded.await.expect("an answer");
    made.push(last);
    assert_eq!(attempts(&store, &arrived).await, made);
}

#[tokio::test]
async fn an_attempt_that_succeeded_stays_in_the_history_when_the_delivery_is_sent_again() {
    let store = store().await;
    let first = attempt(1, 200);
    let arrived = delivery("e", 0, waiting(dawn())).after(first.clone(), None, by_default);
    let recorded = store.record_delivered(std::slice::from_ref(&arrived), dawn());
    recorded.await.expect("an answer");
    let moved = store.move_delivery(&arrived, waiting(dawn()), dawn()).await;
    assert_eq!(moved.expect("an answer"), Recorded::Done);
    let again = arrived.into_status(waiting(dawn()));
    assert_eq!(attempts(&store, &again).await, std::slice::from_ref(&first));
    let (recorded, after) = fail(&store, &again, &attempt(2, 500)).await;
    assert_eq!(recorded, Recorded::Done);
    let (second, third) = (attempt(2, 500), attempt(3, 200));
    let arrived = after.after(third.clone(), None, by_default);
    let recorded = store.record_delivered(std::slice::from_ref(&arrived), dawn());
    recorded.await.expect("an answer");
    assert_eq!(attempts(&store, &arrived).await, [first, second, third]);
}

#[tokio::test]
async fn a_delivery_whose_success_came_after_a_later_failure_can_be_sent_again_and_fail() {
    let store = store().await;
    let before = delivery("e", 0, waiting(dawn()));
    let mut present = before.clone();
    for number in 1..=2 {
        let failed = attempt(number, 500);
        present = present.after(failed.clone(), None, by_default);
        let recorded = store.record_failed_attempt(&failed, &present, dawn());
        assert_eq!(recorded.await.expect("an answer"), Recorded::Done);
    }
    let arrived = before.after(attempt(1, 200), None, by_default);
    let recorded = store.record_delivered(std::slice::from_ref(&arrived), dawn());
    recorded.await.expect("an answer");
    let moved = store.move_delivery(&arrived, waiting(dawn()), dawn()).await;
    assert_eq!(moved.expect("an answer"), Recorded::Done);

    let again = read(&store, &arrived.reference).await.expect("a delivery");
    let failed = attempt(again.attempts + 1, 503);
    let after = again.after(failed.clone(), None, by_default);
    let recorded = store.record_failed_attempt(&failed, &after, dawn()).await;
    assert_eq!(recorded.expect("an answer"), Recorded::Done);
    let attempts = store.attempts(&after).await.expect("attempts");
    let numbers: Vec<_> = attempts.iter().map(|made| made.number).collect();
    assert_eq!(numbers, [1, 1, 2, 3]);
}

#[tokio::test]
async fn a_delivery_can_be_sent_again_though_its_arrival_was_written_again_after_that() {
    let store = store().await;
    let arrived = delivery("e", 0, waiting(dawn())).after(attempt(1, 200), None, by_default);
    for _ in 0..2 {
        // The second time it is the SDK, which heard nothing of the first.
        let recorded = store.record_delivered(std::slice::from_ref(&arrived), dawn());
        recorded.await.expect("an answer");
        let ready = store.make_ready(&arrived, dawn()).await.expect("an answer");
        assert_eq!(ready.map(|ready| ready.attempts), Some(1));
    }
}

#[tokio::test]
async fn attempts_are_read_from_the_newest_on_for_as_long_as_they_are_wanted() {
    let store = store().await;
    let mut present = delivery("e", 0, waiting(dawn()));
    for number in 1..=5 {
        let (recorded, after) = fail(&store, &present, &attempt(number, 500)).await;
        assert_eq!(recorded, Recorded::Done, "{number}");
        present = after;
    }
    let (mut asked, mut left) = (Vec::new(), 2);
    let newest = store.newest_failed_attempts(&present.reference, |attempt| {
        asked.push(attempt.number);
        left -= 1;
        left >= 0
    });
    assert_eq!(
        newest.await.expect("an answer"),
        [attempt(5, 500), attempt(4, 500)]
    );
    assert_eq!(
        asked,
        [5, 4, 3],
        "nobody asks for what is behind the first unwanted"
    );
    let all = store.newest_failed_attempts(&present.reference, |_| true);
    let mut all = all.await.expect("an answer");
    all.reverse();
    assert_eq!(attempts(&store, &present).await, all);
}
