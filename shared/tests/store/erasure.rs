//! The erasure of an account's rows: all of its own, none of anybody else's, in steps.

use crate::{
    manifests::{keep, manifest},
    rows::put,
    sample::{
        attempt, by_default, dawn, delivery_on, engine, event, event_ref, in_test_mode, named,
        policy, reference, tenant, waiting,
    },
};
use herald::{
    id::AccountId,
    settings,
    store::{Created, ErasurePosition, EventContext, Idempotency, Recorded, Reported, Store},
    tenant::Tenant,
};
use herald_local::engine::{DATA_TABLE, Keys};

/// Writes a row of every kind that a tenant has.
async fn fill(store: &Store, owner: Tenant, number: u128) {
    let reported = store
        .record_event(&event(owner, "e", "{}"), &EventContext::default())
        .await;
    assert_eq!(reported.expect("an answer"), Reported::New);
    keep(store, &manifest(event_ref(owner, "e", dawn()), 0, number)).await;
    let made = policy(owner, number, named(&["INVOICE_ISSUED"]));
    let key = Idempotency::new("key", b"the body");
    let created = store.create_policy(&made, Some(&key)).await;
    assert_eq!(created.expect("an answer"), Created::New);
    let of = reference(event_ref(owner, "e", dawn()), number);
    let before = delivery_on(of, 0, waiting(dawn()));
    let failed = attempt(1, 500);
    let after = before.after(failed.clone(), None, by_default);
    let recorded = store.record_failed_attempt(&failed, &after, dawn()).await;
    assert_eq!(recorded.expect("an answer"), Recorded::Done);
}

/// Erases from a place to the end of the table; returns how many rows went, and in how many
/// steps.
async fn erase(
    store: &Store,
    account: AccountId,
    mut start: Option<ErasurePosition>,
) -> (usize, usize) {
    let (mut erased, mut steps) = (0, 0);
    loop {
        let step = store.erase_some(account, start).await.expect("an answer");
        erased += step.rows;
        steps += 1;
        start = step.next;
        if start.is_none() {
            return (erased, steps);
        }
    }
}

fn of(rows: &Keys, account: AccountId) -> Keys {
    let prefix = format!("{account}#");
    let is_of = |(pk, _): &&(String, String)| pk.starts_with(&prefix);
    rows.iter().filter(is_of).cloned().collect()
}

#[tokio::test]
async fn all_rows_of_an_account_go_and_no_others() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    store.keep_data_key(vec![1]).await.expect("a data key");
    for (owner, number) in [(tenant(0x10), 1), (tenant(0x11), 3), (tenant(0x1), 5)] {
        fill(&store, owner, number).await;
        fill(&store, in_test_mode(owner), number + 1).await;
    }
    let account = tenant(0x10).account;
    // No key that is written today, but one that begins alike.
    put(&engine, "data", &format!("{account}0#live#EVENT#e")).await;
    put(&engine, "data", &format!("x{account}#live#EVENT#e")).await;
    let before = engine.keys(DATA_TABLE).await;
    let own = of(&before, account);
    assert_eq!(own.len(), 14, "seven kinds in both modes: {own:?}");
    assert_eq!(erase(&store, account, None).await.0, own.len());
    let left: Keys = before.difference(&own).cloned().collect();
    assert_eq!(engine.keys(DATA_TABLE).await, left);
    assert_eq!(erase(&store, account, None).await.0, 0, "nothing is left");
    assert_eq!(engine.keys(DATA_TABLE).await, left);
}

#[tokio::test]
async fn an_erasure_takes_several_steps_and_goes_on_where_one_ended() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    let data = format!(r#"{{"t":"{}"}}"#, "x".repeat(200_000));
    for number in 0..12 {
        for owner in [tenant(1), tenant(2)] {
            let large = event(owner, &format!("e{number}"), &data);
            let reported = store.record_event(&large, &EventContext::default()).await;
            assert_eq!(reported.expect("an answer"), Reported::New);
        }
    }
    let account = tenant(1).account;
    let first = store.erase_some(account, None).await.expect("an answer");
    let place = first.next.clone().expect("more than 1 MB stands there");
    // A message carries the place.
    let place = serde_json::to_string(&place).expect("JSON");
    let place = serde_json::from_str(&place).expect("a place");
    assert_eq!(Some(&place), first.next.as_ref());
    assert!(first.rows < 12, "{first:?}");
    let (rest, steps) = erase(&store, account, Some(place.clone())).await;
    assert_eq!(first.rows + rest, 12);
    assert!(steps > 1, "{steps}");
    let left = engine.keys(DATA_TABLE).await;
    assert_eq!((left.len(), of(&left, account).len()), (12, 0));
    // The message of the middle comes again: its row is gone, its place is not.
    assert_eq!(erase(&store, account, Some(place)).await.0, 0);
    assert_eq!(engine.keys(DATA_TABLE).await, left);
}

#[tokio::test]
async fn more_rows_than_one_request_deletes_go_in_one_step() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    for number in 0..60 {
        let small = event(tenant(1), &format!("e{number}"), "{}");
        let reported = store.record_event(&small, &EventContext::default()).await;
        assert_eq!(reported.expect("an answer"), Reported::New);
    }
    let erased = store.erase_some(tenant(1).account, None).await;
    let erased = erased.expect("an answer");
    assert_eq!((erased.rows, erased.next), (60, None));
    assert_eq!(engine.keys(DATA_TABLE).await, Keys::new());
}
