//! What a policy's pace lets through: reservations that run into each other never share a slot.

use crate::sample::{dawn, policy_id, seconds, store, tenant};
use futures::future::join_all;
use herald::{pace::Pace, store::Store};
use jiff::Timestamp;
use std::collections::BTreeMap;

fn pace(per_second: u32) -> Pace {
    per_second.try_into().expect("a pace")
}

async fn reserve(store: &Store, per_second: u32, count: u32, now: Timestamp) -> Vec<Timestamp> {
    let of = (tenant(1), policy_id(1));
    let reserved = store.reserve(of, pace(per_second), count, now).await;
    reserved.expect("an answer")
}

#[tokio::test]
async fn reservations_follow_on_each_other() {
    let store = store().await;
    let first = reserve(&store, 2, 3, dawn()).await;
    assert_eq!(first, [dawn(), dawn(), dawn() + seconds(1)]);
    let second = reserve(&store, 2, 2, dawn()).await;
    assert_eq!(second, [dawn() + seconds(1), dawn() + seconds(2)]);
    let later = reserve(&store, 2, 1, dawn() + seconds(60)).await;
    assert_eq!(later, [dawn() + seconds(60)]);
}

#[tokio::test]
async fn another_policy_has_a_pace_of_its_own() {
    let store = store().await;
    assert_eq!(reserve(&store, 1, 1, dawn()).await, [dawn()]);
    let of = (tenant(1), policy_id(2));
    let other = store.reserve(of, pace(1), 1, dawn()).await;
    assert_eq!(other.expect("an answer"), [dawn()]);
}

#[tokio::test]
async fn what_lies_beyond_fourteen_minutes_is_not_reserved() {
    let store = store().await;
    assert_eq!(reserve(&store, 1, 900, dawn()).await.len(), 841);
    assert_eq!(reserve(&store, 1, 1, dawn()).await, []);
}

#[tokio::test]
async fn many_at_once_share_no_slot() {
    let store = store().await;
    let many = join_all((0..6).map(|_| reserve(&store, 3, 4, dawn()))).await;
    let mut seconds: BTreeMap<Timestamp, u32> = BTreeMap::new();
    for slot in many.into_iter().flatten() {
        *seconds.entry(slot).or_default() += 1;
    }
    assert_eq!(seconds.values().copied().collect::<Vec<_>>(), [3; 8]);
}

#[tokio::test]
async fn what_a_clock_reserved_that_ran_ahead_does_not_count() {
    let store = store().await;
    let of = (tenant(1), policy_id(1));
    let until = async |now| store.reserved_until(of, now).await.expect("an answer");
    reserve(&store, 1, 3, dawn() + seconds(60)).await;
    assert_eq!(until(dawn()).await, Some(dawn() + seconds(62)));
    reserve(&store, 1, 1, dawn() + seconds(24 * 60 * 60)).await;
    assert_eq!(until(dawn()).await, None);
}
