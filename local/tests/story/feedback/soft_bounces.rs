//! A mail that came back and may arrive another time is tried again by the schedule.

use super::{come_again, errors, mail_to, put, suppressed, tell, told};
use crate::email::inbox::{
    Mail, assert_stands, happen, mails, only_mail, own_policy, path, retry, suspensions, wait_of,
};
use herald::queue::QueueName;
use herald_local::world::World;
use http::Method;
use serde_json::json;
use std::time::Duration;

const OVER_QUOTA: &str =
    "the mail came back: smtp; 452 4.2.2 The email account that you tried to reach is over quota";

#[tokio::test]
async fn a_soft_bounce_is_followed_by_the_next_attempt() {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    tell(&world, "soft-bounce", &only_mail(&world)).await;
    let delivery = world.delivery("e").await;
    assert_eq!(delivery["status"], "waiting", "{delivery}");
    assert_eq!(errors(&delivery), [json!(null), json!(OVER_QUOTA)]);
    assert!(suppressed(&world).await.is_empty());
    assert_eq!(suspensions(&world, &policy).await, [json!(null)]);
    world.turn(wait_of(&world, "e").await).await;
    let delivery = world.delivery("e").await;
    assert_eq!(
        (&delivery["status"], &delivery["attemptCount"]),
        (&json!("delivered"), &json!(2))
    );
    assert_eq!(mails(&world).len(), 2);
}

#[tokio::test]
async fn after_the_tenth_soft_bounce_it_fails_and_can_be_tried_again_by_hand() {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    let planned = [
        5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0,
    ];
    for planned in planned {
        tell(&world, "soft-bounce", &newest(&world)).await;
        let wait = wait_of(&world, "e").await;
        let ratio = wait.as_secs_f64() / planned;
        assert!((ratio - 1.0).abs() < 0.21, "waits {wait:?} for {planned} s");
        world.turn(wait).await;
    }
    tell(&world, "soft-bounce", &newest(&world)).await;
    let delivery = world.delivery("e").await;
    assert_stands(&delivery, "failed", "exhausted");
    assert_eq!(delivery["attemptCount"], 10);
    let errors = errors(&delivery);
    assert_eq!((errors.len(), mails(&world).len()), (20, 10));
    assert_eq!(
        errors.iter().filter(|error| **error == OVER_QUOTA).count(),
        10
    );
    assert_eq!(suspensions(&world, &policy).await, [json!(null)]);

    assert_eq!(retry(&world, "e").await.status, 202);
    world.settle().await;
    let delivery = world.delivery("e").await;
    assert_eq!(
        (&delivery["status"], &delivery["attemptCount"]),
        (&json!("delivered"), &json!(11))
    );
}

/// The mail of the last attempt.
fn newest(world: &World) -> Mail {
    let attempt = |mail: &Mail| {
        let attempt = mail.0.tags["herald-attempt"].parse::<u32>();
        attempt.expect("a number")
    };
    let newest = mails(world).into_iter().max_by_key(attempt);
    newest.expect("a mail")
}

#[tokio::test]
async fn a_soft_bounce_that_is_told_twice_brings_one_attempt() {
    let world = World::new().await;
    own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    let mail = only_mail(&world);
    tell(&world, "soft-bounce", &mail).await;
    let once = world.delivery("e").await;
    tell(&world, "soft-bounce", &mail).await;
    assert_eq!(world.delivery("e").await, once);
    assert_eq!(world.service.parts.queue.len(QueueName::Email), 1);
    world.turn(wait_of(&world, "e").await).await;
    tell(&world, "soft-bounce", &mail).await;
    assert_eq!(
        world.delivery("e").await["status"],
        "delivered",
        "it is about the first mail"
    );
    assert_eq!(mails(&world).len(), 2);
}

#[tokio::test]
async fn a_soft_bounce_that_is_told_twice_at_the_same_moment_brings_one_attempt() {
    let world = World::new().await;
    own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    world.clock.advance(Duration::from_secs(1));
    for _ in 0..3 {
        put(
            &world,
            told("soft-bounce", &only_mail(&world).0).to_string(),
        )
        .await;
    }
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "waiting");
    come_again(&world).await;
    let delivery = world.delivery("e").await;
    assert_eq!(delivery["status"], "delivered");
    assert_eq!((errors(&delivery).len(), mails(&world).len()), (3, 2));
    assert_eq!(world.service.parts.queue.len(QueueName::Feedback), 0);
}

#[tokio::test]
async fn who_is_suspended_after_a_soft_bounce_is_not_tried_again() {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    tell(&world, "soft-bounce", &only_mail(&world)).await;
    let body = json!({ "recipients": [{ "target": "ada@example.com", "status": "suspended" }] });
    world.call(Method::PATCH, &path(&policy), body).await;
    world.turn(wait_of(&world, "e").await).await;
    assert_stands(&world.delivery("e").await, "failed", "recipient_suspended");
    only_mail(&world);
}

#[tokio::test]
async fn an_automatic_reply_is_no_bounce() {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    let before = world.delivery("e").await;
    let rows = world.rows_of(world.tenant.account).await;
    tell(&world, "auto-reply", &mail_to(&world, "ada@example.com")).await;
    assert_eq!(world.delivery("e").await, before);
    assert_eq!(suspensions(&world, &policy).await, [json!(null)]);
    assert!(suppressed(&world).await.is_empty());
    assert_eq!(world.rows_of(world.tenant.account).await, rows);
}
