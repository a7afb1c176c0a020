//! The erasure of a deleted account, message by message.

use crate::{URL, deliver, handle, record_event, take_sent};
use herald::{
    message::{EraseAccount, EventsMessage, Reading},
    queue::{MAX_DELAY, QueueName},
    store::{EventContext, Marking, Reported},
};
use herald_local::world::{samples::body, stage::Stage};

/// A stage with a policy and an event, whose account is being erased.
async fn erasing() -> Stage {
    let stage = Stage::set().await;
    stage.policy(1, &[URL]).await;
    record_event(&stage).await;
    begin(&stage).await;
    stage
}

async fn begin(stage: &Stage) {
    let accounts = &stage.world.service.parts.accounts;
    let closed = accounts.mark_erasing(stage.tenant.account).await;
    assert!(matches!(closed, Ok(Marking::Done(_))));
}

async fn rows(stage: &Stage) -> usize {
    stage.world.rows_of(stage.tenant.account).await
}

#[tokio::test]
async fn the_first_reading_erases_and_enqueues_the_last_which_ends_the_account() {
    let stage = erasing().await;
    let start = EraseAccount::start(stage.tenant.account, Reading::First);
    let start = EventsMessage::EraseAccount(start).outgoing();
    assert_eq!(start.body, body("fanout", "erase-account"));
    let parts = &stage.world.service.parts;
    let account = stage.tenant.account;

    handle(&stage, "erase-account").await;
    let credentials = parts.accounts.list_credentials(account, None, 10).await;
    assert_eq!(credentials.expect("the store").credentials, []);
    let standing = parts.accounts.account(account).await;
    assert!(
        standing.expect("the store").is_some(),
        "until the last reading"
    );
    let last = EraseAccount::start(account, Reading::Last);
    let last = EventsMessage::EraseAccount(last).outgoing().body;
    assert_eq!(parts.queue.bodies(QueueName::Events), [last]);

    // Something that was under way writes behind the first reading.
    record_event(&stage).await;
    stage.world.settle().await;
    assert_eq!(parts.queue.len(QueueName::Events), 1, "not before its time");
    stage.world.clock.advance(MAX_DELAY);
    stage.world.settle().await;
    assert_eq!(rows(&stage).await, 0);
    let standing = parts.accounts.account(account).await;
    assert_eq!(standing.expect("the store"), None);
    assert_eq!(
        parts
            .accounts
            .find_active("sample")
            .await
            .expect("the store"),
        None
    );

    handle(&stage, "erase-account").await;
    assert_eq!(
        parts.queue.len(QueueName::Events),
        0,
        "there is nothing left to do"
    );
}

#[tokio::test]
async fn an_account_that_is_in_use_is_not_erased() {
    let stage = Stage::set().await;
    stage.policy(1, &[URL]).await;
    record_event(&stage).await;
    handle(&stage, "erase-account").await;
    let parts = &stage.world.service.parts;
    assert_eq!(parts.queue.len(QueueName::Events), 0);
    assert!(
        rows(&stage).await >= 3,
        "the event, the policy and its hint"
    );
    let account = stage.tenant.account;
    let credentials = parts.accounts.list_credentials(account, None, 10).await;
    assert_eq!(credentials.expect("the store").credentials.len(), 1);
}

#[tokio::test]
async fn the_events_and_deliveries_of_an_erased_account_reach_nobody() {
    let stage = erasing().await;
    handle(&stage, "erase-account").await;
    handle(&stage, "event").await;
    assert_eq!(take_sent(&stage), [""; 0]);
    stage.world.clock.advance(MAX_DELAY);
    stage.world.settle().await;
}

#[tokio::test]
async fn an_erasure_that_takes_many_steps_is_handed_over_to_another_message() {
    let stage = Stage::set().await;
    let store = &stage.world.service.parts.store;
    let mut event = deliver().event.expect("an event");
    let data = format!(r#"{{"t":"{}"}}"#, "x".repeat(250_000));
    event.report.data = Some(data.parse().expect("an object"));
    // More than ten requests read, of 1 MB each.
    for number in 0..50 {
        event.reference.id = format!("e{number}").parse().expect("an id");
        let recorded = store.record_event(&event, &EventContext::default()).await;
        assert_eq!(recorded.expect("the store"), Reported::New);
    }
    begin(&stage).await;
    handle(&stage, "erase-account").await;
    let queue = &stage.world.service.parts.queue;
    let handed_over = queue.bodies(QueueName::Events);
    assert_eq!(handed_over.len(), 1, "{handed_over:?}");
    assert!(handed_over[0].contains(r#""reading":"first","resume":{"#));
    stage.world.settle().await;
    assert_eq!(rows(&stage).await, 0);
    stage.world.clock.advance(MAX_DELAY);
    stage.world.settle().await;
    let accounts = &stage.world.service.parts.accounts;
    let standing = accounts.account(stage.tenant.account).await;
    assert_eq!(standing.expect("the store"), None);
}
