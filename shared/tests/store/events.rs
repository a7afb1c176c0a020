//! Events are recorded once, letter for letter.

use crate::sample::{at, dawn, event, event_ref, in_test_mode, reference, seconds, store, tenant};
use futures::future::join_all;
use herald::dialect::Dialect;
use herald::store::{AcceptedEvent, EventContext, Reported};

#[tokio::test]
async fn an_event_is_recorded_once_and_keeps_its_first_moment() {
    let store = store().await;
    let first = event(tenant(1), "e", r#"{"total":"12.00"}"#);
    let mut again = first.clone();
    again.reference.accepted_at = dawn() + seconds(60);
    let recorded = store
        .record_event(&first, &EventContext::default())
        .await
        .expect("an answer");
    assert_eq!(recorded, Reported::New);
    let known = AcceptedEvent {
        event: first.clone(),
        dialects: herald::catalogue::CatalogueEntry::built_in(&first.report.event_type)
            .expect("built in")
            .dialects,
        ancestors: Vec::new(),
        fanned_out: false,
    };
    let recorded = store
        .record_event(&again, &EventContext::default())
        .await
        .expect("an answer");
    assert_eq!(recorded, Reported::Known(known.clone()));
    let kept = store.event(tenant(1), &first.reference.id).await;
    assert_eq!(kept.expect("an answer"), Some(known));
}

#[tokio::test]
async fn other_content_under_a_known_id_is_a_conflict_and_changes_nothing() {
    let store = store().await;
    let first = event(tenant(1), "e", r#"{"total":"12.00"}"#);
    let _ = store
        .record_event(&first, &EventContext::default())
        .await
        .expect("an answer");
    let mut others = vec![event(tenant(1), "e", r#"{"total":"12.0"}"#); 4];
    others[1].report = first.report.clone();
    others[1].report.resource_id = None;
    others[2].report = first.report.clone();
    others[2].report.occurred_at = Some(dawn());
    others[3].report.data = None;
    for other in others {
        let recorded = store
            .record_event(&other, &EventContext::default())
            .await
            .expect("an answer");
        assert_eq!(recorded, Reported::Conflict, "{other:?}");
    }
    let kept = store.event(tenant(1), &first.reference.id).await;
    assert_eq!(kept.expect("an answer").expect("the event").event, first);
}

#[tokio::test]
async fn an_id_belongs_to_one_tenant_in_one_mode() {
    let store = store().await;
    let test = in_test_mode(tenant(1));
    for (owner, data) in [
        (tenant(1), r#"{"n":1}"#),
        (tenant(2), r#"{"n":2}"#),
        (test, r#"{"n":3}"#),
    ] {
        let event = event(owner, "e", data);
        let recorded = store
            .record_event(&event, &EventContext::default())
            .await
            .expect("an answer");
        assert_eq!(recorded, Reported::New, "{owner}");
        let kept = store.event(owner, &event.reference.id).await;
        assert_eq!(kept.expect("an answer").expect("the event").event, event);
    }
    let missing = event_ref(tenant(3), "e", dawn());
    let kept = store.event(tenant(3), &missing.id).await;
    assert_eq!(kept.expect("an answer"), None);
}

#[tokio::test]
async fn of_many_reports_at_the_same_moment_one_is_new() {
    let store = store().await;
    let reports = (0..20).map(|n| {
        let mut event = event(tenant(1), "e", "{}");
        event.reference.accepted_at = dawn() + seconds(n);
        event
    });
    let reports: Vec<_> = reports.collect();
    let context = EventContext::default();
    let records = reports.iter();
    let answers = join_all(records.map(|event| store.record_event(event, &context))).await;
    let kept = store.event(tenant(1), &reports[0].reference.id).await;
    let kept = kept.expect("an answer").expect("the event");
    let mut new = 0;
    for (report, answer) in reports.iter().zip(answers) {
        match answer.expect("an answer") {
            Reported::New => {
                new += 1;
                assert_eq!(kept.event, *report);
            }
            Reported::Known(known) => assert_eq!(known, kept),
            Reported::Conflict => panic!("they have the same content"),
        }
    }
    assert_eq!(new, 1);
}

#[tokio::test]
async fn the_end_of_the_fan_out_is_noted_and_changes_nothing_else() {
    let store = store().await;
    let event = event(tenant(1), "e", "{}");
    let context = EventContext {
        dialects: vec![Dialect::Sequence],
        ancestors: vec![tenant(2).account],
    };
    let _ = store
        .record_event(&event, &context)
        .await
        .expect("an answer");
    for _ in 0..2 {
        let marked = store.mark_fanned_out(&event.reference, dawn());
        marked.await.expect("an answer");
        let recorded = store.record_event(&event, &context).await;
        let known = AcceptedEvent {
            event: event.clone(),
            dialects: context.dialects.clone(),
            ancestors: context.ancestors.clone(),
            fanned_out: true,
        };
        assert_eq!(recorded.expect("an answer"), Reported::Known(known));
    }
}

#[tokio::test]
async fn an_event_that_is_not_kept_is_not_made_by_a_mark() {
    let store = store().await;
    let missing = event_ref(tenant(1), "e", dawn());
    let marked = store.mark_fanned_out(&missing, dawn()).await;
    marked.expect("an answer");
    let kept = store.event(tenant(1), &missing.id).await;
    assert_eq!(kept.expect("an answer"), None);
}

#[tokio::test]
async fn data_comes_back_letter_for_letter() {
    let store = store().await;
    for (n, data) in [
        "{}",
        r#"{"":""}"#,
        r#"{"b":1.50,"a":1e3,"b":-0.0}"#,
        r#"{"n":123456789012345678901234567890.10,"e":1E+400}"#,
        r#"{"s":"\u00e4\/\ud83d\ude00\u0000","t":"ä😀\u2028"}"#,
        r#"{"deep":[[[{"null":null,"true":true}]]],"space":" a  b "}"#,
        &format!(r#"{{"long":"{}"}}"#, "x".repeat(256 * 1024 - 11)),
    ]
    .into_iter()
    .enumerate()
    {
        let event = event(tenant(1), &format!("e{n}"), data);
        let _ = store
            .record_event(&event, &EventContext::default())
            .await
            .expect("an answer");
        let kept = store.event(tenant(1), &event.reference.id).await;
        let kept = kept.expect("an answer").expect("the event").event;
        let kept_data = kept.report.data.as_ref().expect("data");
        assert_eq!(kept_data.as_str(), data);
        assert_eq!(kept, event, "and so does the rest");

        let references = [reference(event.reference.clone(), 1)];
        let read = store.read_for_attempts(references.iter(), [&event.reference].into_iter());
        let read = read.await.expect("an answer");
        assert!(matches!(read.events.get(&event.reference), Some(Ok(read)) if *read == event));
    }
}

#[tokio::test]
async fn what_a_report_leaves_out_stays_out() {
    let store = store().await;
    let mut event = event(tenant(1), "e", "{}");
    event.reference.accepted_at = at("2026-01-05T10:00:00.001Z");
    event.report.resource_type = None;
    event.report.resource_id = Some(String::new());
    event.report.data = None;
    event.report.occurred_at = None;
    let _ = store
        .record_event(&event, &EventContext::default())
        .await
        .expect("an answer");
    let kept = store.event(tenant(1), &event.reference.id).await;
    assert_eq!(kept.expect("an answer").expect("the event").event, event);
}
