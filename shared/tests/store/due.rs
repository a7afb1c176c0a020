//! The index of what waits: what the timer shall look at, and when.

use crate::{
    deliveries::read,
    sample::{
        attempt, by_default, dawn, delivery, delivery_on, engine, event_ref, reference, seconds,
        store, tenant, waiting,
    },
};
use aws_sdk_dynamodb::types::AttributeValue;
use herald::{
    delivery::{CancelReason, Delivery, FailureReason, Status, WithheldReason},
    queue::MAX_DELAY,
    settings,
    store::{DUE_SHARDS, DueDelivery, Recorded, Store},
};
use herald_local::engine::Engine;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// How long the queue has for a wake-up.
const GRACE: SignedDuration = SignedDuration::from_mins(5);

const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

fn longest_short_wait() -> SignedDuration {
    SignedDuration::try_from(MAX_DELAY).expect("15 minutes")
}

async fn start(store: &Store, delivery: &Delivery, now: Timestamp) {
    let started = store.start_delivery(delivery, now).await;
    assert_eq!(started.expect("an answer"), Recorded::Done);
}

/// What the timer shall look at by an instant, from every part of the index.
async fn due(store: &Store, by: Timestamp) -> Vec<DueDelivery> {
    let mut due = Vec::new();
    for shard in 0..DUE_SHARDS {
        let page = store.due_deliveries(shard, by, None, 1_000).await;
        let page = page.expect("an answer");
        assert!(page.next.is_none());
        let in_its_shard = |one: &DueDelivery| one.delivery.id().shard(DUE_SHARDS) == shard;
        assert!(page.due.iter().all(in_its_shard));
        due.extend(page.due);
    }
    due
}

/// Asserts that the timer looks at the only delivery from an instant on, and not before.
async fn assert_looked_at(store: &Store, delivery: &Delivery, from: Timestamp) {
    let before = due(store, from - MILLISECOND).await;
    assert!(before.is_empty(), "too early: {before:?}");
    let found = due(store, from).await;
    assert_eq!(found.len(), 1, "not in time: {delivery:?}");
    assert_eq!(found[0].delivery, *delivery);
}

#[tokio::test]
async fn a_short_wait_is_looked_at_only_after_the_queue_had_its_time() {
    for wait in [SignedDuration::ZERO, seconds(5), longest_short_wait()] {
        let store = store().await;
        let planned = dawn() + wait;
        let waits = delivery("e", 0, waiting(planned));
        start(&store, &waits, dawn()).await;
        assert_looked_at(&store, &waits, planned + GRACE).await;
    }
}

#[tokio::test]
async fn a_long_wait_is_looked_at_when_it_ends() {
    for wait in [
        longest_short_wait() + MILLISECOND,
        SignedDuration::from_hours(24),
    ] {
        let store = store().await;
        let waits = delivery("e", 0, waiting(dawn() + wait));
        start(&store, &waits, dawn()).await;
        assert_looked_at(&store, &waits, dawn() + wait).await;
    }
}

#[tokio::test]
async fn what_was_due_before_is_looked_at_after_the_queue_had_its_time_from_now() {
    for ago in [seconds(1), SignedDuration::from_hours(24)] {
        let store = store().await;
        let late = delivery("e", 0, waiting(dawn() - ago));
        start(&store, &late, dawn()).await;
        assert_looked_at(&store, &late, dawn() + GRACE).await;
    }
}

#[tokio::test]
async fn each_attempt_plans_the_next_look() {
    let store = store().await;
    let mut present = delivery("e", 0, waiting(dawn()));
    for number in 1..=9 {
        let failed = attempt(number, 500);
        present = present.after(failed.clone(), None, by_default);
        let recorded = store.record_failed_attempt(&failed, &present, failed.at);
        assert_eq!(recorded.await.expect("an answer"), Recorded::Done);
        let planned = present.due().expect("it waits");
        let from = if number <= 2 {
            planned + GRACE
        } else {
            planned
        };
        assert_looked_at(&store, &present, from).await;
    }
    let last = attempt(10, 500);
    let failed = present.after(last.clone(), None, by_default);
    let recorded = store.record_failed_attempt(&last, &failed, last.at).await;
    assert_eq!(recorded.expect("an answer"), Recorded::Done);
    assert!(due(&store, Timestamp::MAX).await.is_empty());
}

#[tokio::test]
async fn what_does_not_wait_is_not_in_the_index() {
    let store = store().await;
    let (at, by) = (dawn(), attempt(1, 200));
    let (gone, requested) = (FailureReason::Gone, CancelReason::Requested);
    let not_sent = WithheldReason::EmailNotSent;
    for (n, status) in [
        Status::Delivered { by: by.clone() },
        Status::Failed { at, reason: gone },
        Status::Cancelled {
            at,
            reason: requested,
        },
        Status::Withheld {
            since: at,
            reason: not_sent,
        },
    ]
    .into_iter()
    .enumerate()
    {
        start(
            &store,
            &delivery(&format!("never{n}"), 0, status.clone()),
            dawn(),
        )
        .await;
        let waits = delivery(&format!("moved{n}"), 0, waiting(dawn()));
        start(&store, &waits, dawn()).await;
        let moved = store.move_delivery(&waits, status, dawn()).await;
        assert_eq!(moved.expect("an answer"), Recorded::Done);
    }
    let waits = delivery("arrived", 0, waiting(dawn()));
    start(&store, &waits, dawn()).await;
    assert_eq!(due(&store, Timestamp::MAX).await.len(), 1);
    let arrived = [waits.clone().after(by, None, by_default)];
    let recorded = store.record_delivered(&arrived, dawn()).await;
    recorded.expect("an answer");
    assert!(due(&store, Timestamp::MAX).await.is_empty());

    let again = store.move_delivery(&arrived[0], waiting(dawn()), dawn());
    assert_eq!(again.await.expect("an answer"), Recorded::Done);
    assert_eq!(due(&store, Timestamp::MAX).await.len(), 1, "it waits again");
}

#[tokio::test]
async fn a_look_is_postponed_by_the_time_that_the_queue_has() {
    for (wait, woken_at) in [
        (SignedDuration::from_hours(2), -seconds(60)),
        (SignedDuration::from_hours(2), SignedDuration::ZERO),
        (SignedDuration::from_hours(2), SignedDuration::from_hours(3)),
        (seconds(5), GRACE),
    ] {
        let store = store().await;
        let planned = dawn() + wait;
        let waits = delivery("e", 0, waiting(planned));
        start(&store, &waits, dawn()).await;
        let now = planned + woken_at;
        for now in [now, planned.max(now) + GRACE] {
            let found = due(&store, now + seconds(60)).await;
            store.postpone(&found[0], now).await.expect("an answer");
            assert_looked_at(&store, &waits, planned.max(now) + GRACE).await;
        }
        assert_eq!(read(&store, &waits.reference).await, Some(waits));
    }
}

#[tokio::test]
async fn what_moved_on_meanwhile_is_not_postponed() {
    let store = store().await;
    let waits = delivery("e", 0, waiting(dawn()));
    start(&store, &waits, dawn()).await;
    let found = due(&store, Timestamp::MAX).await;
    let failed = attempt(1, 500);
    let after = waits.after(failed.clone(), None, by_default);
    let recorded = store.record_failed_attempt(&failed, &after, failed.at);
    assert_eq!(recorded.await.expect("an answer"), Recorded::Done);
    let later = dawn() + SignedDuration::from_hours(1);
    store.postpone(&found[0], later).await.expect("an answer");
    let planned = after.due().expect("it waits");
    assert_looked_at(&store, &after, planned + GRACE).await;

    let found = due(&store, Timestamp::MAX).await;
    let arrived = [after.after(attempt(2, 200), None, by_default)];
    let recorded = store.record_delivered(&arrived, later).await;
    recorded.expect("an answer");
    store.postpone(&found[0], later).await.expect("an answer");
    assert!(due(&store, Timestamp::MAX).await.is_empty());
    assert_eq!(
        read(&store, &arrived[0].reference).await,
        Some(arrived[0].clone())
    );
}

#[tokio::test]
async fn a_part_of_the_index_is_read_in_pages_the_earliest_first() {
    let store = store().await;
    let mut expected = Vec::new();
    for policy in 0..60_u8 {
        // Not in the order of policies or ids.
        let planned = dawn() + SignedDuration::from_mins(i64::from(policy) * 37 % 60 + 20);
        let way = reference(event_ref(tenant(1), "e", dawn()), u128::from(policy));
        let waits = delivery_on(way, 0, waiting(planned));
        start(&store, &waits, dawn()).await;
        expected.push((planned, waits.id()));
    }
    expected.sort_unstable();
    let mut read = 0;
    for shard in 0..DUE_SHARDS {
        let (mut position, mut times) = (None, Vec::new());
        loop {
            let page = store
                .due_deliveries(shard, Timestamp::MAX, position, 2)
                .await;
            let page = page.expect("an answer");
            assert!(page.due.len() <= 2);
            times.extend(page.due.iter().filter_map(|one| {
                let due = one.delivery.due()?;
                Some((due, one.delivery.id()))
            }));
            position = page.next;
            if position.is_none() {
                break;
            }
        }
        let of_shard = expected
            .iter()
            .filter(|(_, id)| id.shard(DUE_SHARDS) == shard);
        assert!(of_shard.eq(&times), "part {shard}: {times:?}");
        read += times.len();
    }
    assert_eq!(read, expected.len());
}

/// Gives the row of a delivery a form that this version does not know.
#[expect(clippy::disallowed_types, reason = "does what the store never does")]
async fn spoil(engine: &Engine, delivery: &Delivery) {
    let client = aws_sdk_dynamodb::Client::from_conf(engine.config().build());
    let rows = client.scan().table_name("data").send().await.expect("rows");
    let id = AttributeValue::S(delivery.id().to_string());
    let is_it = |row: &HashMap<String, AttributeValue>| row.get("sk") == Some(&id);
    let mut row = rows
        .items()
        .iter()
        .find(|row| is_it(row))
        .expect("a row")
        .clone();
    row.insert("format".to_owned(), AttributeValue::N("99".to_owned()));
    let put = client.put_item().table_name("data").set_item(Some(row));
    put.send().await.expect("a row is put");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_no_other_from_being_woken() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    for id in ["a", "b", "c"] {
        start(&store, &delivery(id, 0, waiting(dawn())), dawn()).await;
    }
    spoil(&engine, &delivery("a", 0, waiting(dawn()))).await;
    assert_eq!(due(&store, dawn() + GRACE).await.len(), 2);
}
