//! Policies with numbers: unique, rising, so many at most, and counted right whatever happens.

use crate::{
    hints::hinted,
    interlude::interrupted,
    sample::{engine, in_test_mode, named, of_type, policy, policy_id, store, tenant},
};
use futures::future::join_all;
use herald::{
    policy::Policy,
    settings,
    store::{Idempotency, MAX_NUMBERED, NumberedCreation, Store},
};

fn drawn(number: u128) -> Policy {
    policy(tenant(1), number, named(&["A"]))
}

async fn create(store: &Store, policy: Policy, key: Option<&str>) -> NumberedCreation {
    let idempotency = key.map(|key| Idempotency::new(key, b"the body"));
    let created = store.create_numbered_policy(policy, idempotency.as_ref());
    created.await.expect("an answer")
}

/// Makes a policy; returns its number.
async fn numbered(store: &Store, policy: Policy) -> u64 {
    match create(store, policy, None).await {
        NumberedCreation::New(policy) => policy.details.number.expect("a number"),
        other => panic!("{other:?}"),
    }
}

async fn delete(store: &Store, number: u128) -> Option<Policy> {
    let deleted = store.delete_policy(tenant(1), policy_id(number)).await;
    deleted.expect("an answer")
}

#[tokio::test]
async fn numbers_rise_in_each_tenant_and_are_never_given_twice() {
    let store = store().await;
    assert_eq!(numbered(&store, drawn(1)).await, 1);
    assert_eq!(numbered(&store, drawn(2)).await, 2);
    let elsewhere = policy(in_test_mode(tenant(1)), 3, named(&["A"]));
    assert_eq!(numbered(&store, elsewhere).await, 1);
    let found = store
        .numbered_policy(tenant(1), 2)
        .await
        .expect("an answer");
    assert_eq!(found.map(|policy| policy.id), Some(policy_id(2)));
    let deleted = delete(&store, 2).await.expect("it was there");
    assert_eq!(deleted.details.number, Some(2));
    let found = store.numbered_policy(tenant(1), 2).await;
    assert_eq!(found.expect("an answer"), None);
    assert_eq!(delete(&store, 2).await, None);
    assert_eq!(numbered(&store, drawn(4)).await, 3);
}

#[tokio::test]
async fn many_at_once_get_a_number_each() {
    let store = store().await;
    let made = (1..=20).map(|number| numbered(&store, drawn(number)));
    let mut numbers = join_all(made).await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_too_many_is_refused_until_another_goes_and_a_deletion_counts_once() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    for number in 1..=u128::from(MAX_NUMBERED) {
        numbered(&store, drawn(number)).await;
    }
    let beyond = create(&store, drawn(2_000), None).await;
    assert_eq!(beyond, NumberedCreation::Full);
    assert!(!hinted(&store, &of_type("A")).await.contains(&2_000));
    delete(&store, 7).await.expect("it was there");
    assert_eq!(numbered(&store, drawn(2_001)).await, MAX_NUMBERED + 1);
    let (last, more) = (drawn(2_002), drawn(2_003));
    assert_eq!(create(&store, last, None).await, NumberedCreation::Full);
    // Whoever deletes at once makes room at once, and no more than that.
    join_all((8..12).map(|number| delete(&store, number))).await;
    let made = join_all((0..5).map(|n| create(&store, drawn(3_000 + n), None))).await;
    let full = made.iter().filter(|made| **made == NumberedCreation::Full);
    assert_eq!(full.count(), 1);
    assert_eq!(create(&store, more, None).await, NumberedCreation::Full);
    let other = store.clone();
    let slow = interrupted(&engine, "TransactWriteItems", async move {
        delete(&other, 20).await.expect("it was there");
    });
    delete(&slow, 20).await;
    numbered(&store, drawn(4_000)).await;
    let beyond = create(&store, drawn(4_001), None).await;
    assert_eq!(beyond, NumberedCreation::Full);
}

#[tokio::test]
async fn a_request_that_is_repeated_takes_no_other_number() {
    let store = store().await;
    let made = create(&store, drawn(1), Some("key")).await;
    let NumberedCreation::New(made) = made else {
        panic!("{made:?}");
    };
    let again = create(&store, drawn(2), Some("key")).await;
    assert_eq!(again, NumberedCreation::Again(made));
    let racing = (3..9).map(|number| create(&store, drawn(number), Some("race")));
    let racing = join_all(racing).await;
    let new = racing
        .iter()
        .filter(|made| matches!(made, NumberedCreation::New(_)));
    assert_eq!(new.count(), 1, "{racing:?}");
    assert_eq!(hinted(&store, &of_type("A")).await.len(), 2);
    assert_eq!(numbered(&store, drawn(10)).await, 3);
    let other = Idempotency::new("key", b"another body");
    let other = store.create_numbered_policy(drawn(11), Some(&other)).await;
    assert_eq!(other.expect("an answer"), NumberedCreation::Conflict);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_another_takes_meanwhile_is_left_to_it() {
    let engine = engine().await;
    let other = engine.store(settings::DEFAULT_RETENTION);
    let slow = interrupted(&engine, "TransactWriteItems", async move {
        assert_eq!(numbered(&other, drawn(1)).await, 1);
    });
    assert_eq!(numbered(&slow, drawn(2)).await, 2);
}
