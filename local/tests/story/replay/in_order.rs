//! A replay of an ordered policy: its recipients go back in the logs, and are told everything since
//! then again, in order, what comes meanwhile behind it.

use super::{replay, started};
use crate::health::{MINUTE, heard, report, with_health};
use herald_local::{
    queue::VISIBILITY,
    world::{
        World,
        receiver::{Answer, Receiver},
    },
};
use http::Method;
use serde_json::{Value, json};

/// Makes an ordered policy that told five events, a second after each other; returns its path.
async fn told_in_order(world: &World, receiver: &Receiver) -> String {
    let fields = json!({ "health": null, "deliveryMode": "ordered" });
    let policy = with_health(world, receiver, fields).await;
    report(world, &["a", "b", "c", "d", "e"]).await;
    assert_eq!(heard(receiver), ["a", "b", "c", "d", "e"]);
    policy
}

/// When the third of them was accepted.
fn since_third() -> Value {
    json!({ "since": "2026-01-05T10:00:02Z" })
}

#[tokio::test]
async fn everything_since_then_is_told_again_in_order_and_what_comes_meanwhile_behind_it() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = told_in_order(&world, &receiver).await;
    let dry = json!({ "since": since_third()["since"], "dryRun": true });
    let counted = replay(&world, &policy, dry).await;
    assert_eq!(counted.json["matched"], 3, "{}", counted.json);
    receiver.answer([Answer::Status(200), Answer::Status(503)]);
    let path = started(&world, &policy, since_third()).await;
    report(&world, &["f"]).await;
    world.turn(MINUTE).await;
    assert_eq!(heard(&receiver)[5..], ["c", "d", "d", "e", "f"]);
    let shown = world.get(&path).await;
    assert_eq!(shown["status"], "completed");
    assert_eq!(shown["sent"], 1, "one recipient went back");
    let delivery = world.delivery("d").await;
    let attempts = delivery["attempts"].as_array().expect("attempts");
    let made: Vec<_> = attempts
        .iter()
        .map(|attempt| (attempt["number"].clone(), attempt["statusCode"].clone()))
        .collect();
    let expected = [(1, 200), (2, 503), (3, 200)];
    let expected = expected.map(|(number, status)| (json!(number), json!(status)));
    assert_eq!(made, expected, "each attempt stays on record");
}

#[tokio::test]
async fn a_later_time_goes_forward_again_and_passes_nothing_that_was_not_told() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = told_in_order(&world, &receiver).await;
    receiver.answer_at("/hook", Answer::Status(503));
    report(&world, &["f"]).await;
    started(&world, &policy, since_third()).await;
    world.settle().await;
    let refused = receiver.received().len();
    receiver.answer_at("/hook", Answer::Status(200));
    // Somebody did not mean it.
    world.clock.advance(MINUTE);
    let now = world.service.parts.clock.now() - jiff::SignedDuration::from_secs(1);
    started(&world, &policy, json!({ "since": now.to_string() })).await;
    world.settle().await;
    assert_eq!(heard(&receiver)[refused..], ["f"]);
    let lag = world.get(&policy).await["recipients"][0]["id"].clone();
    let id = lag.as_str().expect("an id");
    let shown = world.get(&format!("{policy}/recipients/{id}")).await;
    assert_eq!(shown["lag"]["events"], 0);
}

#[tokio::test]
async fn what_makes_no_sense_in_order_is_refused() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = told_in_order(&world, &receiver).await;
    let body = json!({
        "since": "2026-01-05T10:00:00Z", "until": "2026-01-05T10:00:02Z",
        "statuses": ["failed"], "eventTypes": ["order.shipped"],
    });
    let refused = replay(&world, &policy, body).await;
    assert_eq!(refused.status, 400);
    let errors = refused.json["errors"].as_array().expect("errors");
    let fields: Vec<_> = errors.iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["until", "statuses", "eventTypes"]);
}

#[tokio::test]
async fn a_stop_between_any_two_steps_keeps_the_order_and_tells_everything() {
    let mut stops = 0;
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let policy = told_in_order(&world, &receiver).await;
        world.wire.cut_after(requests);
        let accepted = replay(&world, &policy, since_third()).await.status == 202;
        world.settle().await;
        let was_cut = world.wire.mend();
        if !accepted {
            let again = replay(&world, &policy, since_third()).await.status;
            assert!(again == 202 || again == 409, "{again}");
        }
        for _ in 0..7 {
            world.turn(VISIBILITY.unsigned_abs()).await;
        }
        for _ in 0..3 {
            world.turn(5 * MINUTE).await;
        }
        report(&world, &["f"]).await;
        let told = heard(&receiver).split_off(5);
        assert_in_order(&told, requests);
        if !was_cut {
            break;
        }
        stops += 1;
    }
    assert!(stops > 15, "the story has more steps than {stops}");
}

/// What is told again may come twice where a worker stopped, and goes back only as a whole.
fn assert_in_order(told: &[String], requests: usize) {
    let expected = ["c", "d", "e", "f"];
    let mut next = 0;
    for id in told {
        let place = expected.iter().position(|known| known == id);
        let place = place.unwrap_or_else(|| panic!("{told:?} after {requests}"));
        assert!(
            place <= next,
            "{id} overtook another: {told:?} after {requests}"
        );
        next = place + 1;
    }
    assert_eq!(next, expected.len(), "{told:?} after {requests}");
}

#[tokio::test]
async fn a_recipient_that_is_behind_goes_back_and_forgets_nothing() {
    let world = World::new().await;
    // What waits for its next attempt is woken before.
    world.may_leave_messages();
    let receiver = Receiver::start([]).await;
    let policy = told_in_order(&world, &receiver).await;
    receiver.answer_at("/hook", Answer::Status(503));
    report(&world, &["f", "g"]).await;
    started(&world, &policy, since_third()).await;
    world.settle().await;
    let refused = receiver.received().len();
    receiver.answer_at("/hook", Answer::Status(200));
    let body = json!({ "description": "Somebody wakes it" });
    world.call(Method::PATCH, &policy, body).await;
    world.settle().await;
    assert_eq!(heard(&receiver)[refused..], ["c", "d", "e", "f", "g"]);
}

#[tokio::test]
async fn who_joined_later_is_not_told_what_came_before() {
    let world = World::new().await;
    let (old, new) = (Receiver::start([]).await, Receiver::start([]).await);
    let policy = told_in_order(&world, &old).await;
    let both = json!({ "recipients": [old.url("/hook"), new.url("/hook")] });
    let changed = world.call(Method::PATCH, &policy, both).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    report(&world, &["f"]).await;
    started(&world, &policy, since_third()).await;
    world.settle().await;
    assert_eq!(heard(&old)[6..], ["c", "d", "e", "f"]);
    assert_eq!(heard(&new), ["f", "f"]);
}

#[tokio::test]
async fn a_later_policy_is_not_told_what_came_before_it() {
    let world = World::new().await;
    let (first, second) = (Receiver::start([]).await, Receiver::start([]).await);
    // Whose log the other reads, too.
    told_in_order(&world, &first).await;
    let fields = json!({ "health": null, "deliveryMode": "ordered" });
    let policy = with_health(&world, &second, fields).await;
    report(&world, &["f"]).await;
    started(&world, &policy, since_third()).await;
    world.settle().await;
    assert_eq!(heard(&second), ["f", "f"]);
}

#[tokio::test]
async fn what_was_refused_before_and_after_somebody_asked_stays_on_record() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = told_in_order(&world, &receiver).await;
    receiver.answer_at("/hook", Answer::Status(503));
    report(&world, &["f"]).await;
    for _ in 0..2 {
        started(&world, &policy, since_third()).await;
        world.settle().await;
    }
    receiver.answer_at("/hook", Answer::Status(200));
    world.turn(MINUTE).await;
    assert_eq!(heard(&receiver)[5..], ["f", "c", "c", "c", "d", "e", "f"]);
    for (event, expected) in [("c", &[200, 503, 503, 200][..]), ("f", &[503, 200])] {
        let delivery = world.delivery(event).await;
        let attempts = delivery["attempts"].as_array().expect("attempts");
        let made = attempts.iter();
        let made: Vec<_> = made.map(|it| (&it["number"], &it["statusCode"])).collect();
        let expected: Vec<_> = (1..).zip(expected).collect();
        assert_eq!(json!(made), json!(expected), "{event}");
        assert_eq!(delivery["attemptCount"], expected.len());
    }
}
