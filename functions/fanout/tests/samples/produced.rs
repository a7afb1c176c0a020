//! Events that producers inside AWS sent: accepted once, or dead letters that say why.

use crate::{URL, dead_letters, handle, take_sent};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use herald::{
    event::EventId,
    message::WebhookMessage,
    queue::QueueName,
    store::{AcceptedEvent, Marking},
    tenant::{Mode, Tenant},
};
use herald_local::world::{
    samples::{body, sample},
    stage::Stage,
};
use serde_json::{Value, json};

const ID: &str = "inv_2026_0003";

async fn known(stage: &Stage, tenant: Tenant, id: &str) -> Option<AcceptedEvent> {
    let id: EventId = id.parse().expect("an id");
    let known = stage.world.service.parts.store.event(tenant, &id).await;
    known.expect("the store")
}

/// Hands messages to the fan-out; none may stay in the queue.
async fn take(stage: &Stage, bodies: &[String]) {
    let answer = answer(stage, bodies).await;
    assert_eq!(answer.batch_item_failures.len(), 0, "{answer:?}");
}

/// Hands messages to the fan-out; returns those that stay in the queue.
async fn answer(stage: &Stage, bodies: &[String]) -> SqsBatchResponse {
    let mut event = SqsEvent::default();
    let record = |body: &String| {
        let mut record = SqsMessage::default();
        record.message_id = Some(body.clone());
        record.body = Some(body.clone());
        record
    };
    event.records = bodies.iter().map(record).collect();
    let service = &stage.world.service;
    service.invoke(QueueName::Events, event).await
}

/// The sample's event, with some fields replaced; null removes one.
fn produced(fields: &Value) -> String {
    let mut event: Value = serde_json::from_str(&body("fanout", "produced")).expect("JSON");
    let event_fields = event.as_object_mut().expect("an object");
    for (name, value) in fields.as_object().expect("an object") {
        match value {
            Value::Null => event_fields.remove(name),
            value => event_fields.insert(name.clone(), value.clone()),
        };
    }
    event.to_string()
}

/// The reason of the only dead letter, which holds a body unchanged.
fn reason(stage: &Stage, body: &str) -> String {
    let letters = dead_letters(stage);
    assert_eq!(letters.len(), 1, "{body}: {letters:?}");
    assert_eq!(letters[0].body, body);
    letters[0].reason.as_ref().expect("a reason").to_string()
}

#[tokio::test]
async fn a_produced_event_is_recorded_once_and_fanned_out() {
    let stage = Stage::set().await;
    stage.policy(1, &[URL]).await;
    handle(&stage, "produced").await;
    let first = known(&stage, stage.tenant, ID).await.expect("the event");
    assert!(first.fanned_out);
    let data = first.event.report.data.as_ref().expect("data");
    let reported = r#"{"total":"12.00","currency":"EUR","customer":{"name":"Müller & Söhne"}}"#;
    assert_eq!(data.as_str(), reported, "letter for letter");
    let sent = take_sent(&stage);
    assert_eq!(sent.len(), 1, "{sent:?}");
    let WebhookMessage::Deliver(message) = serde_json::from_str(&sent[0]).expect("a message")
    else {
        panic!("no delivery")
    };
    assert_eq!(message.reference.event, first.event.reference);
    assert_eq!(message.event.as_ref(), Some(&first.event));

    stage.world.clock.advance(std::time::Duration::from_secs(1));
    handle(&stage, "produced").await;
    assert_eq!(take_sent(&stage), [""; 0], "the message came again");
    assert_eq!(known(&stage, stage.tenant, ID).await, Some(first));
}

#[tokio::test]
async fn the_same_message_twice_in_a_batch_is_one_event() {
    let stage = Stage::set().await;
    stage.policy(1, &[URL]).await;
    let same = body("fanout", "produced");
    take(&stage, &[same.clone(), same]).await;
    let mut sent = take_sent(&stage);
    sent.dedup();
    assert_eq!(
        sent.len(),
        1,
        "at least once, and always the same: {sent:?}"
    );
}

#[tokio::test]
async fn a_produced_event_belongs_to_the_account_and_mode_that_it_names() {
    let stage = Stage::set().await;
    let by_id = json!({ "accountId": stage.tenant.account, "mode": "test", "id": "by-id" });
    take(&stage, &[produced(&by_id)]).await;
    let in_test = Tenant {
        mode: Mode::Test,
        ..stage.tenant
    };
    assert!(known(&stage, in_test, "by-id").await.is_some());
    assert_eq!(known(&stage, stage.tenant, "by-id").await, None);
}

#[tokio::test]
async fn the_same_id_with_other_content_is_a_dead_letter_and_the_event_stays() {
    let stage = Stage::set().await;
    stage.world.may_leave_messages();
    handle(&stage, "produced").await;
    let first = known(&stage, stage.tenant, ID).await;
    let other = produced(&json!({ "data": { "total": "13.00" } }));
    take(&stage, std::slice::from_ref(&other)).await;
    let reason = reason(&stage, &other);
    assert_eq!(reason, format!("id {ID} is that of another event"));
    assert_eq!(known(&stage, stage.tenant, ID).await, first);
}

#[tokio::test]
async fn what_cannot_be_accepted_is_a_dead_letter_that_names_field_and_rule() {
    let unknown_type = "type must be a known event type; did you mean INVOICE_ISSUED";
    for (fields, told) in [
        (
            json!({ "accountId": "nobody" }),
            "accountId must name an account",
        ),
        (json!({ "accountId": "" }), "accountId must name an account"),
        (
            json!({ "accountId": "x".repeat(3_000) }),
            "accountId must name an account",
        ),
        (json!({ "accountId": null }), "accountId is required"),
        (json!({ "accountId": 1 }), "accountId must be a string"),
        (json!({ "id": null }), "id is required"),
        (
            json!({ "id": "a b" }),
            "id must be 1 to 256 of A-Z a-z 0-9 . _ -",
        ),
        (json!({ "mode": null }), "mode is required"),
        (json!({ "mode": "LIVE" }), "mode must be live or test"),
        (json!({ "total": 1 }), "total is not a known field"),
        (json!({ "type": "INVOICE_ISUED" }), unknown_type),
        (json!({ "type": null }), "type is required"),
        (json!({ "data": [] }), "data must be a JSON object"),
        (
            json!({ "data": { "t": "x".repeat(256 * 1024) } }),
            "data must be at most 256 KiB",
        ),
        (
            json!({ "occurredAt": "soon" }),
            "occurredAt must be an RFC 3339 time",
        ),
    ] {
        let stage = Stage::set().await;
        stage.world.may_leave_messages();
        let body = produced(&fields);
        take(&stage, std::slice::from_ref(&body)).await;
        let reason = reason(&stage, &body);
        assert!(reason.starts_with(told), "{told}: {reason}");
        assert_eq!(known(&stage, stage.tenant, ID).await, None, "{told}");
    }
}

#[tokio::test]
async fn what_is_no_event_at_all_is_a_dead_letter_that_says_so() {
    for (body, told) in [
        ("", "body must be a JSON object"),
        ("{", "body must be a JSON object"),
        ("[]", "body must be a JSON object"),
        ("null", "body must be a JSON object"),
        ("\"fan_out\"", "body must be a JSON object"),
        (r#"{"Someone@example.com":1}"#, "… is not a known field"),
    ] {
        let stage = Stage::set().await;
        stage.world.may_leave_messages();
        take(&stage, &[body.to_owned()]).await;
        let reason = reason(&stage, body);
        assert!(reason.contains(told), "{body}: {reason}");
    }
}

#[tokio::test]
async fn a_message_of_ours_that_this_version_cannot_read_stays_in_the_queue() {
    for body in [
        r#"{"fan_out":{"v":2}}"#,
        r#"{"fan_out":null}"#,
        r#"{"erase_account":{"v":1},"id":"x"}"#,
    ] {
        let stage = Stage::set().await;
        let answer = answer(&stage, &[body.to_owned()]).await;
        assert_eq!(answer.batch_item_failures.len(), 1, "{body}");
        assert_eq!(dead_letters(&stage), [], "{body}");
    }
}

#[tokio::test]
async fn a_message_with_a_time_at_the_end_of_all_time_harms_no_other() {
    let stage = Stage::set().await;
    stage.policy(1, &[URL]).await;
    let cancel = r#"{"cancel_deliveries":{"v":1,
        "owner":{"account":"0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90","mode":"live"},
        "policy":"019b8d99-6900-7000-8000-000000000009","since":-377705023201000}}"#;
    take(&stage, &[cancel.to_owned(), body("fanout", "produced")]).await;
    assert!(known(&stage, stage.tenant, ID).await.is_some());
    take_sent(&stage);
}

#[tokio::test]
async fn all_that_is_wrong_with_an_event_is_told_at_once() {
    let stage = Stage::set().await;
    stage.world.may_leave_messages();
    let body = r#"{"a":1,"mode":"x","type":"y z","resourceId":""}"#.to_owned();
    take(&stage, std::slice::from_ref(&body)).await;
    let reason = reason(&stage, &body);
    for field in ["a", "id", "accountId", "mode", "type", "resourceId"] {
        let is_told = reason
            .split("; ")
            .any(|told| told.starts_with(&format!("{field} ")));
        assert!(is_told, "{field}: {reason}");
    }
}

#[tokio::test]
async fn the_good_record_of_a_bad_batch_is_accepted_and_each_bad_one_is_a_dead_letter() {
    let stage = Stage::set().await;
    stage.world.may_leave_messages();
    stage.policy(1, &[URL]).await;
    handle(&stage, "produced-invalid").await;
    assert_eq!(take_sent(&stage).len(), 1);
    assert!(known(&stage, stage.tenant, ID).await.is_some());
    let batch: Value = serde_json::from_str(&sample("fanout", "produced-invalid")).expect("JSON");
    let records = batch["Records"].as_array().expect("records");
    let bodies = records.iter().map(|record| &record["body"]);
    let letters = dead_letters(&stage);
    let buried = |body: &&Value| letters.iter().any(|letter| **body == letter.body);
    assert_eq!(bodies.filter(buried).count(), records.len() - 1);
    assert_eq!(letters.len(), records.len() - 1);
    assert!(letters.iter().all(|letter| letter.reason.is_some()));
}

#[tokio::test]
async fn an_event_of_an_account_that_is_being_erased_is_not_recorded() {
    let stage = Stage::set().await;
    stage.world.may_leave_messages();
    let accounts = &stage.world.service.parts.accounts;
    let closed = accounts.mark_erasing(stage.tenant.account).await;
    assert!(matches!(closed, Ok(Marking::Done(_))));
    handle(&stage, "produced").await;
    assert_eq!(dead_letters(&stage), [], "nothing of it stays");
    assert_eq!(known(&stage, stage.tenant, ID).await, None);
    assert_eq!(take_sent(&stage), [""; 0]);
}
