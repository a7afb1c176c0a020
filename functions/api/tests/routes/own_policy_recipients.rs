//! The recipients of a policy as a change leaves them: each keeps its id while it is listed, may
//! be suspended by hand and revived, and takes what it left unfinished along when it goes.

use crate::{
    own_policies::{own, path},
    own_policy_changes::change,
};
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use serde_json::{Value, json};
use std::time::Duration;

const URLS: [&str; 3] = [
    "https://hooks.example.com/a",
    "https://hooks.example.com/b",
    "https://hooks.example.com/c",
];

fn ids(policy: &Value) -> Vec<(&str, &str)> {
    let recipients = policy["recipients"].as_array().expect("recipients");
    recipients
        .iter()
        .map(|recipient| {
            let text = |name: &str| recipient[name].as_str().expect("a text");
            (text("target"), text("id"))
        })
        .collect()
}

#[tokio::test]
async fn a_recipient_keeps_its_id_wherever_it_stands() {
    let world = World::new().await;
    let policy = own(&world, json!({ "recipients": URLS })).await;
    let before = ids(&policy);
    let turned = json!([URLS[2], { "target": URLS[0] }, "https://hooks.example.com/new"]);
    let changed = change(&world, &policy, json!({ "recipients": turned }))
        .await
        .json;
    let after = ids(&changed);
    assert_eq!(after[..2], [before[2], before[0]]);
    assert!(before.iter().all(|(_, id)| *id != after[2].1));
    let back = change(&world, &policy, json!({ "recipients": [URLS[1]] }))
        .await
        .json;
    assert_ne!(ids(&back)[0].1, before[1].1, "who was gone is a new one");
    world.settle().await;
}

#[tokio::test]
async fn what_a_policy_shows_of_its_recipients_may_be_sent_back() {
    let world = World::new().await;
    let suspended = json!({ "target": URLS[1], "status": "suspended" });
    let policy = own(&world, json!({ "recipients": [URLS[0], suspended] })).await;
    let mut recipients = policy["recipients"].clone();
    let same = change(&world, &policy, json!({ "recipients": recipients })).await;
    assert_eq!((same.status.as_u16(), &same.json), (200, &policy));
    recipients[0]["id"] = json!("another");
    recipients[1]["since"] = json!("1999-01-01T00:00:00Z");
    recipients[1]["reason"] = json!("bounced");
    let same = change(&world, &policy, json!({ "recipients": recipients })).await;
    assert_eq!(
        (same.status.as_u16(), &same.json),
        (200, &policy),
        "they are not the caller's to say"
    );
}

#[tokio::test]
async fn a_recipient_is_suspended_by_hand_and_revived() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let (a, b) = (receiver.url("/a"), receiver.url("/b"));
    let policy = own(&world, json!({ "recipients": [a, b] })).await;
    let body = json!({ "recipients": [{ "target": a, "status": "suspended" }, b] });
    let suspended = change(&world, &policy, body.clone()).await.json;
    assert_eq!(ids(&suspended), ids(&policy));
    let shown = &suspended["recipients"][0];
    assert_eq!(
        (&shown["status"], &shown["reason"]),
        (&json!("suspended"), &json!("by_hand"))
    );
    world.report("one").await;
    world.settle().await;
    let received: Vec<_> = receiver
        .received()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(received, ["/b"]);
    world.clock.advance(Duration::from_secs(60));
    let again = change(&world, &policy, body).await.json;
    assert_eq!(again, suspended, "it is suspended since the first time");
    let named = change(&world, &policy, json!({ "recipients": [a, b] }))
        .await
        .json;
    assert_eq!(
        named["recipients"][0]["status"], "suspended",
        "naming it revives nobody"
    );
    let body = json!({ "recipients": [{ "target": a, "status": "active" }, b] });
    let revived = change(&world, &policy, body).await.json;
    assert_eq!(revived["recipients"], policy["recipients"]);
    world.report("two").await;
    world.settle().await;
    assert_eq!(receiver.received().len(), 3);
}

#[tokio::test]
async fn a_recipient_that_answered_410_is_revived_by_hand() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(410)]).await;
    let url = receiver.url("/hook");
    let policy = own(&world, json!({ "recipients": [url] })).await;
    world.report("one").await;
    world.settle().await;
    let gone = world.get(&path(&policy)).await;
    assert_eq!(gone["recipients"][0]["reason"], "gone");
    let by_hand = json!({ "recipients": [{ "target": url, "status": "suspended" }] });
    let kept = change(&world, &policy, by_hand).await.json;
    assert_eq!(
        kept["recipients"], gone["recipients"],
        "it keeps its reason"
    );
    let revived = json!({ "recipients": [{ "target": url, "status": "active" }] });
    let revived = change(&world, &policy, revived).await.json;
    assert_eq!(revived["recipients"], policy["recipients"]);
    world.report("two").await;
    world.settle().await;
    assert_eq!(world.delivery("two").await["status"], "delivered");
}

#[tokio::test]
async fn what_a_removed_recipient_left_unfinished_is_cancelled_and_no_more() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500), Answer::Status(500)]).await;
    let (a, b) = (receiver.url("/a"), receiver.url("/b"));
    let policy = own(&world, json!({ "recipients": [a, b] })).await;
    world.report("e").await;
    world.settle().await;
    let changed = change(&world, &policy, json!({ "recipients": [b] })).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    world.settle().await;
    for delivery in world.deliveries("e").await {
        let is_removed = delivery["target"] == json!(a);
        let (status, reason) = if is_removed {
            ("cancelled", json!("recipient_removed"))
        } else {
            ("waiting", json!(null))
        };
        assert_eq!(
            (&delivery["status"], &delivery["reason"]),
            (&json!(status), &reason)
        );
    }
    world.turn(Duration::from_secs(60)).await;
    let received: Vec<_> = receiver
        .received()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(received.iter().filter(|path| *path == "/a").count(), 1);
    assert_eq!(received.last().map(String::as_str), Some("/b"));
    world.may_leave_messages();
}

#[tokio::test]
async fn what_waits_for_a_recipient_that_is_suspended_by_hand_ends_without_another_attempt() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500)]).await;
    let url = receiver.url("/hook");
    let policy = own(&world, json!({ "recipients": [url] })).await;
    world.report("e").await;
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "waiting");
    let body = json!({ "recipients": [{ "target": url, "status": "suspended" }] });
    assert_eq!(change(&world, &policy, body).await.status, 200);
    world.turn(Duration::from_secs(60)).await;
    let delivery = world.delivery("e").await;
    assert_eq!(delivery["status"], "failed", "{delivery}");
    assert_eq!(delivery["reason"], "recipient_suspended");
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn a_refused_change_cancels_nothing() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500)]).await;
    let policy = own(&world, json!({ "recipients": [receiver.url("/a")] })).await;
    world.report("e").await;
    world.settle().await;
    let body = json!({ "recipients": [URLS[0]], "name": "" });
    assert_eq!(change(&world, &policy, body).await.status, 400);
    let stale = crate::own_policy_changes::change_if(
        &world,
        &policy,
        &["\"7\""],
        json!({ "recipients": [URLS[0]] }),
    );
    assert_eq!(stale.await.status, 412);
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "waiting");
    world.may_leave_messages();
}
