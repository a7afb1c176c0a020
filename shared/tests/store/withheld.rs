//! What is withheld: found the oldest first while it may be sent, and kept with its event.

use crate::{
    deliveries::read,
    rows::number,
    sample::{
        dawn, delivery_on, engine, event, event_ref, policy_id, reference, seconds, store, tenant,
        waiting,
    },
};
use herald::{
    delivery::{Status, WithheldReason},
    event::EventRef,
    settings,
    store::{EventContext, HELD_FOR, Recorded, Store},
};
use herald_local::engine::Engine;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

const SUSPENDED: WithheldReason = WithheldReason::PolicySuspended;

async fn withhold(store: &Store, event: &str, accepted: i64, reason: WithheldReason) {
    let event = event_ref(tenant(1), event, dawn() + seconds(accepted));
    let since = dawn();
    let delivery = delivery_on(reference(event, 1), 2, Status::Withheld { since, reason });
    let started = store.start_delivery(&delivery, since).await;
    assert_eq!(started.expect("an answer"), Recorded::Done);
}

/// The events of what may be sent, in the order in which it is found.
async fn found(store: &Store) -> Vec<String> {
    let (mut events, mut start) = (Vec::new(), None);
    loop {
        let page = store.withheld(policy_id(1), start, 2).await;
        let page = page.expect("an answer");
        let names = page
            .deliveries
            .iter()
            .map(|one| one.reference.event.id.to_string());
        events.extend(names);
        start = page.next;
        if start.is_none() {
            return events;
        }
    }
}

#[tokio::test]
async fn the_oldest_is_found_first_and_what_waits_for_a_word_is_not() {
    let store = store().await;
    withhold(&store, "late", 30, SUSPENDED).await;
    withhold(&store, "early", 10, WithheldReason::PolicyPending).await;
    withhold(&store, "kept", 5, WithheldReason::PolicyInactive).await;
    withhold(&store, "older", 1, WithheldReason::EmailNotSent).await;
    withhold(&store, "middle", 20, SUSPENDED).await;
    assert_eq!(found(&store).await, ["early", "middle", "late"]);
}

#[tokio::test]
async fn what_waits_again_is_withheld_no_more_and_keeps_its_attempts() {
    let store = store().await;
    withhold(&store, "e", 0, SUSPENDED).await;
    let page = store
        .withheld(policy_id(1), None, 1)
        .await
        .expect("an answer");
    let delivery = &page.deliveries[0];
    assert_eq!(delivery.attempts, 2);
    let moved = store.move_delivery(delivery, waiting(dawn()), dawn()).await;
    assert_eq!(moved.expect("an answer"), Recorded::Done);
    assert_eq!(found(&store).await, [""; 0]);
    let again = store.move_delivery(delivery, waiting(dawn()), dawn()).await;
    assert_eq!(again.expect("an answer"), Recorded::Stale);
}

async fn recorded(store: &Store) -> EventRef {
    let event = event(tenant(1), "e", "{}");
    let done = store.record_event(&event, &EventContext::default()).await;
    let _ = done.expect("an answer");
    event.reference
}

async fn expires(engine: &Engine) -> Option<i64> {
    let pk = format!("{}#EVENT#e", tenant(1));
    number(engine, (&pk, "EVENT"), "expires").await
}

fn second(at: Timestamp) -> Option<i64> {
    Some(at.as_second())
}

#[tokio::test]
async fn an_event_is_kept_for_what_is_withheld_of_it_whether_it_is_fanned_out_before_or_after() {
    let held = second(dawn() + HELD_FOR);
    for fanned_out_first in [true, false] {
        let engine = engine().await;
        let store = engine.store(settings::DEFAULT_RETENTION);
        let event = recorded(&store).await;
        if fanned_out_first {
            let marked = store.mark_fanned_out(&event, dawn()).await;
            marked.expect("an answer");
            assert_eq!(expires(&engine).await, second(dawn() + store.retention()));
        }
        assert!(store.hold_event(&event, dawn()).await.expect("an answer"));
        // A second mark changes nothing.
        let marked = store.mark_fanned_out(&event, dawn()).await;
        marked.expect("an answer");
        assert_eq!(expires(&engine).await, held, "{fanned_out_first}");
        let kept = store.event(event.tenant, &event.id).await;
        assert!(kept.expect("an answer").expect("the event").fanned_out);
    }
}

#[tokio::test]
async fn an_event_is_kept_for_the_whole_retention_where_that_is_longer() {
    let engine = engine().await;
    let store = engine.store(Duration::from_hours(24 * 3_650));
    let event = recorded(&store).await;
    let marked = store.mark_fanned_out(&event, dawn()).await;
    marked.expect("an answer");
    assert!(store.hold_event(&event, dawn()).await.expect("an answer"));
    assert_eq!(expires(&engine).await, second(dawn() + store.retention()));
}

#[tokio::test]
async fn so_is_the_record_of_what_is_withheld() {
    let day = SignedDuration::from_hours(24);
    for (retention, kept) in [(30, HELD_FOR), (600, day * 600)] {
        let engine = engine().await;
        let store = engine.store(Duration::from_hours(24 * retention));
        withhold(&store, "e", 0, SUSPENDED).await;
        let withheld = reference(event_ref(tenant(1), "e", dawn()), 1);
        engine.expire(dawn() + kept - day).await;
        assert_ne!(read(&store, &withheld).await, None, "{retention}");
        engine.expire(dawn() + kept + day).await;
        assert_eq!(read(&store, &withheld).await, None, "{retention}");
    }
}

#[tokio::test]
async fn an_event_that_is_gone_is_not_held() {
    let store = store().await;
    let missing = event_ref(tenant(1), "e", dawn());
    assert!(!store.hold_event(&missing, dawn()).await.expect("an answer"));
    let kept = store.event(tenant(1), &missing.id).await;
    assert_eq!(kept.expect("an answer"), None);
}

#[tokio::test]
async fn neither_is_another_that_was_reported_under_its_id() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    recorded(&store).await;
    let expired = event_ref(tenant(1), "e", dawn() - seconds(1));
    assert!(!store.hold_event(&expired, dawn()).await.expect("an answer"));
    assert_eq!(expires(&engine).await, None);
}
