//! Notifications that come too early or too late: SES may be faster than our own record, and slower
//! than whoever deletes a policy.

use super::{call_as, come_again, errors, put, suppressed, tell, told};
use crate::email::inbox::{
    POLICIES, assert_stands, happen, mails, only_mail, own_policy, path, suspensions,
};
use herald::{clock::Clock, queue::QueueName};
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// A world in which the mail of the event `e` was sent, and its attempt could not be recorded.
async fn unrecorded() -> (World, Value) {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com"]).await;
    // The key that links are signed with is there.
    let test = format!("{}/test", path(&policy));
    world.call(Method::POST, &test, json!({})).await;
    let of_test = only_mail(&world);
    std::fs::remove_file(world.mails.path().join(of_test.name())).expect("a mail");
    world.report("e").await;
    world.service.step(QueueName::Events).await.expect("a step");
    // What a batch starts from and the suppression list are read, and nothing is written.
    world.wire.cut_after(2);
    world.service.step(QueueName::Email).await.expect("a step");
    assert!(world.wire.mend(), "the record was not written");
    assert_eq!(world.delivery("e").await["status"], "pending");
    (world, policy)
}

#[tokio::test]
async fn a_soft_bounce_that_is_faster_than_the_record_comes_again() {
    let (world, _) = unrecorded().await;
    tell(&world, "soft-bounce", &only_mail(&world)).await;
    let queue = &world.service.parts.queue;
    assert_eq!(queue.len(QueueName::Feedback), 1, "it stays");
    assert_eq!(world.delivery("e").await["status"], "pending");
    // The e-mail's message comes again first, and its attempt is recorded.
    world.clock.advance(Duration::from_secs(89));
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "delivered");
    world.clock.advance(Duration::from_secs(2));
    world.settle().await;
    let delivery = world.delivery("e").await;
    assert_eq!(delivery["status"], "waiting", "{delivery}");
    assert_eq!(errors(&delivery).len(), 2);
    assert_eq!(queue.len(QueueName::Feedback), 0);
    world.turn(Duration::from_secs(10)).await;
    assert_eq!(world.delivery("e").await["status"], "delivered");
}

#[tokio::test]
async fn a_hard_bounce_that_is_faster_than_the_record_ends_the_delivery_and_its_own_message() {
    let (world, policy) = unrecorded().await;
    tell(&world, "hard-bounce", &only_mail(&world)).await;
    assert_eq!(suppressed(&world).await, ["ada@example.com"]);
    assert_eq!(suspensions(&world, &policy).await, [json!("bounced")]);
    come_again(&world).await;
    assert_stands(&world.delivery("e").await, "failed", "recipient_suspended");
    only_mail(&world);
    come_again(&world).await;
    assert_eq!(world.service.parts.queue.len(QueueName::Feedback), 0);
}

#[tokio::test]
async fn a_soft_bounce_after_the_record_expired_is_passed_over() {
    let world = World::new().await;
    own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    world.turn(Duration::from_secs(31 * 24 * 60 * 60)).await;
    world.engine.expire(world.clock.now()).await;
    tell(&world, "soft-bounce", &only_mail(&world)).await;
    assert_eq!(world.service.parts.queue.len(QueueName::Feedback), 0);
}

#[tokio::test]
async fn a_crash_between_the_steps_of_a_hard_bounce_is_mended_when_it_comes_again() {
    let mut requests = 0;
    loop {
        let world = World::new().await;
        let policy = own_policy(&world, &["ada@example.com"]).await;
        happen(&world, "e").await;
        world.wire.cut_after(requests);
        tell(&world, "hard-bounce", &only_mail(&world)).await;
        let was_cut = world.wire.mend();
        come_again(&world).await;
        let delivery = world.delivery("e").await;
        assert_stands(&delivery, "failed", "bounced");
        assert_eq!(errors(&delivery).len(), 2, "cut after {requests}");
        assert_eq!(suspensions(&world, &policy).await, [json!("bounced")]);
        assert_eq!(suppressed(&world).await, ["ada@example.com"]);
        if !was_cut {
            break;
        }
        requests += 1;
    }
    assert!(requests > 5, "{requests}");
}

#[tokio::test]
async fn a_crash_between_the_steps_of_a_soft_bounce_loses_no_attempt() {
    let mut requests = 0;
    loop {
        let world = World::new().await;
        own_policy(&world, &["ada@example.com"]).await;
        happen(&world, "e").await;
        world.wire.cut_after(requests);
        tell(&world, "soft-bounce", &only_mail(&world)).await;
        let was_cut = world.wire.mend();
        come_again(&world).await;
        // The wake-up that was lost is given again by the timer, after its grace.
        world.turn(Duration::from_secs(10 * 60)).await;
        let delivery = world.delivery("e").await;
        assert_eq!(
            delivery["status"], "delivered",
            "cut after {requests}: {delivery}"
        );
        assert_eq!((errors(&delivery).len(), mails(&world).len()), (3, 2));
        if !was_cut {
            break;
        }
        requests += 1;
    }
    assert!(requests > 3, "{requests}");
}

#[tokio::test]
async fn nothing_is_written_about_a_mail_of_a_deleted_policy() {
    for case in ["hard-bounce", "soft-bounce", "complaint"] {
        let world = World::new().await;
        let policy = own_policy(&world, &["ada@example.com"]).await;
        happen(&world, "e").await;
        world
            .call(Method::DELETE, &path(&policy), Value::Null)
            .await;
        world.settle().await;
        let before = (
            world.delivery("e").await,
            world.rows_of(world.tenant.account).await,
        );
        tell(&world, case, &only_mail(&world)).await;
        let after = (
            world.delivery("e").await,
            world.rows_of(world.tenant.account).await,
        );
        assert_eq!(after, before, "{case}");
        assert!(suppressed(&world).await.is_empty());
    }
}

#[tokio::test]
async fn a_bounce_after_its_recipient_was_removed_fails_the_delivery_alone() {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    let body = json!({ "recipients": ["bob@example.com"] });
    world.call(Method::PATCH, &path(&policy), body).await;
    world.settle().await;
    tell(&world, "hard-bounce", &only_mail(&world)).await;
    assert_stands(&world.delivery("e").await, "failed", "bounced");
    assert_eq!(suspensions(&world, &policy).await, [json!(null)]);
}

#[tokio::test]
async fn an_erased_account_leaves_nothing_and_nothing_comes_back() {
    let world = World::new().await;
    let accounts = "/herald/v1/accounts";
    let body = json!({ "name": "Leaver", "externalId": "leaver" });
    let made = world.operate(Method::POST, accounts, body).await.json;
    let account = serde_json::from_value(made["id"].clone()).expect("an id");
    let credentials = format!("{accounts}/leaver/credentials");
    let body = json!({ "mode": "live", "role": "manage" });
    let secret = world.operate(Method::POST, &credentials, body).await.json["secret"].take();
    let secret = secret.as_str().expect("a secret");
    let body = json!({ "name": "P", "channel": "email", "recipients": ["ada@example.com"] });
    call_as(&world, secret, Method::POST, POLICIES, body).await;
    let body = json!({ "id": "e", "type": "INVOICE_ISSUED" });
    call_as(&world, secret, Method::POST, "/herald/v1/events", body).await;
    world.settle().await;
    let mail = only_mail(&world);
    let path = format!("{accounts}/leaver");
    assert_eq!(
        world
            .operate(Method::DELETE, &path, Value::Null)
            .await
            .status,
        202
    );
    world.settle().await;
    for case in ["hard-bounce", "soft-bounce", "complaint"] {
        put(&world, told(case, &mail.0).to_string()).await;
        world.settle().await;
        assert_eq!(world.rows_of(account).await, 0, "{case}");
    }
    world.turn(Duration::from_secs(15 * 60)).await;
    tell(&world, "hard-bounce", &mail).await;
    assert_eq!(world.rows_of(account).await, 0);
}
