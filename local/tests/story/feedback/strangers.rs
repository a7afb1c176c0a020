//! Notifications about mails that are not ours, or that say what cannot be.

use super::{come_again, mail_to, put, sample, suppressed, tell, told};
use crate::email::inbox::{Mail, happen, mails, own_policy, suspensions};
use herald::queue::QueueName;
use herald_local::{queue::MAX_RECEIVES, world::World};
use serde_json::{Value, json};
use std::time::Duration;

/// A world in which a mail was sent to each recipient of a policy.
async fn set() -> (World, Value, Mail) {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com", "bob@example.com"]).await;
    happen(&world, "e").await;
    world.clock.advance(Duration::from_secs(1));
    let mail = mail_to(&world, "ada@example.com");
    (world, policy, mail)
}

/// Asserts that nothing was suppressed, suspended or recorded.
async fn assert_untouched(world: &World, policy: &Value, why: &str) {
    assert!(suppressed(world).await.is_empty(), "{why}");
    assert_eq!(
        suspensions(world, policy).await,
        [json!(null), json!(null)],
        "{why}"
    );
    for delivery in world.deliveries("e").await {
        assert_eq!(delivery["status"], "delivered", "{why}");
    }
    assert_eq!(mails(world).len(), 2, "{why}");
    let queue = &world.service.parts.queue;
    assert_eq!(queue.len(QueueName::Feedback), 0, "{why}");
}

#[tokio::test]
async fn a_mail_of_somebody_else_in_the_aws_account_is_passed_over() {
    let (world, policy, _) = set().await;
    put(&world, sample("foreign").to_string()).await;
    // The samples' own tags name an account that this world does not know.
    for case in ["hard-bounce", "soft-bounce", "complaint"] {
        put(&world, sample(case).to_string()).await;
    }
    world.settle().await;
    assert_untouched(&world, &policy, "strangers").await;
}

#[tokio::test]
async fn tags_that_cannot_be_ours_are_passed_over() {
    let (world, policy, mail) = set().await;
    let nobody = "00000000-0000-0000-0000-000000000001";
    for (name, forged) in [
        ("herald-account", json!(["*"])),
        ("herald-account", json!([])),
        ("herald-account", json!([nobody])),
        ("herald-mode", json!(["Live"])),
        ("herald-mode", json!(["test"])),
        ("herald-policy", json!([nobody])),
        ("herald-recipient", json!(["ada@example.com"])),
        ("herald-delivery", json!(["dlv_"])),
        ("herald-attempt", json!(["first"])),
        ("herald-attempt", json!(["-1"])),
    ] {
        let mut told = told("hard-bounce", &mail.0);
        told["detail"]["mail"]["tags"][name] = forged.clone();
        put(&world, told.to_string()).await;
        world.settle().await;
        assert_untouched(&world, &policy, &format!("{name} {forged}")).await;
    }
}

#[tokio::test]
async fn a_bounce_of_one_recipient_fails_no_delivery_of_another() {
    let (world, policy, mail) = set().await;
    let other = mail_to(&world, "bob@example.com");
    let mut mixed = told("soft-bounce", &mail.0);
    let delivery = json!([other.0.tags["herald-delivery"]]);
    mixed["detail"]["mail"]["tags"]["herald-delivery"] = delivery;
    put(&world, mixed.to_string()).await;
    world.settle().await;
    assert_untouched(&world, &policy, "mixed").await;
}

#[tokio::test]
async fn other_news_of_our_mails_changes_nothing() {
    let (world, policy, mail) = set().await;
    for kind in ["Delivery", "Open", "Bounce", "Something new"] {
        let mut told = told("complaint", &mail.0);
        told["detail"]["eventType"] = json!(kind);
        put(&world, told.to_string()).await;
        world.settle().await;
        assert_untouched(&world, &policy, kind).await;
    }
}

#[tokio::test]
async fn what_is_no_notification_becomes_a_dead_letter_and_harms_no_other() {
    let (world, policy, mail) = set().await;
    world.may_leave_messages();
    let garbage = [
        "{",
        "{}",
        "[]",
        r#"{"detail":null}"#,
        r#"{"detail":{"eventType":"Bounce"}}"#,
    ];
    for body in garbage {
        put(&world, body.to_owned()).await;
    }
    tell(&world, "complaint", &mail).await;
    assert_eq!(
        suspensions(&world, &policy).await,
        [json!("complained"), json!(null)]
    );
    for _ in 0..MAX_RECEIVES {
        come_again(&world).await;
    }
    let queue = &world.service.parts.queue;
    let dead = queue.dead_letters(QueueName::Feedback);
    let dead: Vec<_> = dead.iter().map(|letter| letter.body.as_str()).collect();
    assert_eq!(
        (queue.len(QueueName::Feedback), dead),
        (0, garbage.to_vec())
    );
}
