//! The log of an account: every event once, in the order of acceptance, without a gap.

use crate::{
    rows::number,
    sample::{dawn, engine, event, reference, seconds, store, tenant},
};
use futures::future::join_all;
use herald::{
    event::Event,
    lane::LaneRef,
    place::Place,
    settings,
    store::{AcceptedEvent, EventContext, HELD_FOR, LogEntry, Reported, Store},
};

fn named(id: &str) -> Event {
    event(tenant(1), id, "{}")
}

async fn record(store: &Store, id: &str) -> Reported {
    let context = EventContext::default();
    let recorded = store.record_logged_event(named(id), &context, Place::FIRST);
    recorded.await.expect("the store answers")
}

async fn log(store: &Store) -> Vec<LogEntry> {
    let page = store.read_log(tenant(1), Place::FIRST, None, 1_000).await;
    let page = page.expect("the store answers");
    assert!(page.is_end);
    page.entries
}

fn ids(entries: &[LogEntry]) -> Vec<&str> {
    entries
        .iter()
        .map(|entry| entry.event.id.as_str())
        .collect()
}

#[tokio::test]
async fn events_stand_in_the_order_in_which_they_were_accepted_each_once() {
    let store = store().await;
    for id in ["c", "a", "b"] {
        assert_eq!(record(&store, id).await, Reported::New);
    }
    assert!(matches!(record(&store, "a").await, Reported::Known(_)));
    let entries = log(&store).await;
    assert_eq!(ids(&entries), ["c", "a", "b"]);
    let known = store.event(tenant(1), &"a".parse().expect("an id")).await;
    let known = known.expect("the store answers").expect("an event");
    assert_eq!(known.event.place, Some(entries[1].place));
}

#[tokio::test]
async fn of_many_at_once_none_is_lost_and_no_place_is_given_twice() {
    let store = engine().await.store(settings::DEFAULT_RETENTION);
    let names: Vec<_> = (0..20).map(|number| format!("e{number}")).collect();
    let recorded = join_all(names.iter().map(|id| record(&store, id))).await;
    assert!(recorded.iter().all(|reported| *reported == Reported::New));
    let entries = log(&store).await;
    assert_eq!(entries.len(), 20);
    assert!(entries.windows(2).all(|two| two[0].place < two[1].place));
}

#[tokio::test]
async fn an_event_with_another_content_takes_no_place() {
    let store = store().await;
    assert_eq!(record(&store, "a").await, Reported::New);
    let mut other = named("a");
    other.report.resource_id = Some("another".to_owned());
    let context = EventContext::default();
    let refused = store.record_logged_event(other, &context, Place::FIRST);
    assert_eq!(
        refused.await.expect("the store answers"),
        Reported::Conflict
    );
    assert_eq!(log(&store).await.len(), 1);
}

#[tokio::test]
async fn an_event_stands_behind_where_its_readers_began_whatever_the_clock_says() {
    let store = store().await;
    let start = Place::at(dawn() + seconds(5));
    let context = EventContext::default();
    let recorded = store.record_logged_event(named("a"), &context, start);
    assert_eq!(recorded.await.expect("the store answers"), Reported::New);
    assert!(log(&store).await[0].place > start);
}

#[tokio::test]
async fn an_event_that_was_accepted_without_a_place_gets_one_once() {
    let store = store().await;
    let context = EventContext::default();
    let recorded = store.record_event(&named("a"), &context).await;
    assert_eq!(recorded.expect("the store answers"), Reported::New);
    let found = async || {
        let found = store.event(tenant(1), &"a".parse().expect("an id")).await;
        found.expect("the store answers").expect("an event")
    };
    let accepted: AcceptedEvent = found().await;
    let start = Place::at(dawn());
    let give = async || {
        store
            .log_event(&accepted, start, dawn())
            .await
            .expect("the store answers")
    };
    let place = give().await;
    assert!(place.is_some_and(|place| place > start));
    assert_eq!(give().await, place);
    assert_eq!(found().await.event.place, place);
    assert_eq!(ids(&log(&store).await), ["a"]);
}

#[tokio::test]
async fn a_part_of_the_log_is_read_between_two_places() {
    let store = store().await;
    for id in ["a", "b", "c", "d"] {
        assert_eq!(record(&store, id).await, Reported::New);
    }
    let all = log(&store).await;
    let part = store
        .read_log(tenant(1), all[0].place, Some(all[2].place), 10)
        .await;
    assert_eq!(ids(&part.expect("the store answers").entries), ["b", "c"]);
    let first = store.read_log(tenant(1), Place::FIRST, None, 2).await;
    let first = first.expect("the store answers");
    assert_eq!((ids(&first.entries), first.is_end), (vec!["a", "b"], false));
    let nobodys = store.read_log(tenant(2), Place::FIRST, None, 10).await;
    assert_eq!(nobodys.expect("the store answers").entries, []);
}

#[tokio::test]
async fn an_event_that_is_held_is_kept_so_long_whoever_reads_the_log() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    let event = named("e");
    let recorded = store.record_event(&event, &EventContext::default()).await;
    assert_eq!(recorded.expect("the store answers"), Reported::New);
    let held = store.hold_event(&event.reference, dawn()).await;
    assert!(held.expect("the store answers"));
    let pk = format!("{}#EVENT#e", tenant(1));
    let expires = async || number(&engine, (&pk, "EVENT"), "expires").await;
    let until = Some((dawn() + HELD_FOR).as_second());

    let accepted = store.event(tenant(1), &event.reference.id).await;
    let accepted = accepted.expect("the store answers").expect("an event");
    let place = store.log_event(&accepted, Place::FIRST, dawn()).await;
    let place = place.expect("the store answers");
    assert_eq!(expires().await, until);
    let placed = store.event(tenant(1), &event.reference.id).await;
    let placed = placed.expect("the store answers").expect("an event");
    assert_eq!(placed.event.place, place);

    let [entry] = &log(&store).await[..] else {
        panic!("one entry");
    };
    let lane = LaneRef::from(&reference(event.reference, 1));
    let kept = store.keep_longer(&lane, entry, dawn() + seconds(60)).await;
    kept.expect("the store answers");
    assert_eq!(expires().await, until);
    assert_eq!(
        log(&store).await[0].expires,
        None,
        "it is not fanned out yet"
    );
    for (at, kept) in [(0, 0), (60, 60), (30, 60)] {
        let at = dawn() + seconds(at);
        let marked = store
            .mark_entry_fanned_out(tenant(1), entry.place, at)
            .await;
        marked.expect("the store answers");
        let kept_longer = store.keep_longer(&lane, entry, at).await;
        kept_longer.expect("the store answers");
        let until = (dawn() + store.retention() + seconds(kept)).as_second();
        assert_eq!(log(&store).await[0].expires, Some(until));
    }
}
