//! When health is asked for: once for each turn, and never forgotten while a request may be about
//! to write the policy.

use crate::sample::{dawn, policy_id, seconds, store, tenant};
use herald::store::{DueProbe, LastProbe, PROBE_SHARDS, ProbeRow, Store};
use jiff::Timestamp;

async fn schedule(store: &Store, now: Timestamp) {
    let scheduled = store.schedule_probe((tenant(1), policy_id(1)), false, now);
    scheduled.await.expect("an answer");
}

async fn row(store: &Store) -> Option<ProbeRow> {
    let row = store.probe_row((tenant(1), policy_id(1))).await;
    row.expect("an answer")
}

async fn due(store: &Store, by: Timestamp) -> Vec<DueProbe> {
    let mut due = Vec::new();
    for shard in 0..PROBE_SHARDS {
        due.extend(store.due_probes(shard, by).await.expect("an answer"));
    }
    due
}

fn heard(at: Timestamp) -> LastProbe {
    LastProbe {
        at,
        healthy: true,
        status: Some(200),
        error: None,
    }
}

#[tokio::test]
async fn a_probe_is_due_when_it_is_asked_for_and_again_when_it_was_recorded() {
    let store = store().await;
    schedule(&store, dawn()).await;
    assert_eq!(due(&store, dawn()).await.len(), 1);
    let read = row(&store).await.expect("a row");
    let recorded = store.record_probe(&read, heard(dawn()), dawn() + seconds(60));
    recorded.await.expect("an answer");
    assert_eq!(due(&store, dawn() + seconds(59)).await, []);
    assert_eq!(due(&store, dawn() + seconds(60)).await.len(), 1);
    assert_eq!(row(&store).await.expect("a row").last, Some(heard(dawn())));
}

#[tokio::test]
async fn what_the_queue_has_is_asked_for_again_only_after_the_grace() {
    let store = store().await;
    schedule(&store, dawn()).await;
    let asked = due(&store, dawn()).await.remove(0);
    store
        .postpone_probe(&asked, dawn())
        .await
        .expect("an answer");
    assert_eq!(due(&store, dawn() + seconds(299)).await, []);
    assert_eq!(due(&store, dawn() + seconds(300)).await.len(), 1);
}

#[tokio::test]
async fn a_probe_that_somebody_asked_for_meanwhile_is_not_put_off() {
    let store = store().await;
    schedule(&store, dawn()).await;
    let read = row(&store).await.expect("a row");
    let asked = due(&store, dawn()).await.remove(0);
    schedule(&store, dawn() + seconds(1)).await;
    let recorded = store.record_probe(&read, heard(dawn()), dawn() + seconds(300));
    recorded.await.expect("an answer");
    store
        .postpone_probe(&asked, dawn())
        .await
        .expect("an answer");
    assert_eq!(due(&store, dawn() + seconds(1)).await.len(), 1);
}

#[tokio::test]
async fn a_row_without_a_policy_goes_but_not_while_its_policy_may_be_about_to_be_written() {
    let store = store().await;
    schedule(&store, dawn()).await;
    let read = row(&store).await.expect("a row");
    store.forget_probe(&read, dawn()).await.expect("an answer");
    assert_eq!(due(&store, dawn() + seconds(59)).await, []);
    assert_eq!(due(&store, dawn() + seconds(60)).await.len(), 1);
    let later = dawn() + seconds(15 * 60);
    store.forget_probe(&read, later).await.expect("an answer");
    assert_eq!(row(&store).await, None);
}
