//! Deliveries with more attempts than an answer has room for.

use herald::{
    attempt::{Answer, Attempt, KEPT_ANSWER_BYTES},
    clock::Clock,
    delivery::{Delivery, DeliveryRef},
    delivery_id::DeliveryId,
    store::{MAX_ANSWER_BYTES, Recorded},
};
use herald_local::world::{World, receiver};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const DELIVERIES: &str = "/herald/v1/deliveries";

/// So many of the largest pages make 3.3 MB: each of their bytes is escaped.
const ATTEMPTS: u32 = 400;

/// A delivery that was refused once by a receiver, and then as often as that by a page of quotation marks.
struct Refused {
    world: World,
    receiver: receiver::Receiver,
    path: String,
}

/// A world in which a receiver refused a delivery once.
async fn refused_once() -> (World, receiver::Receiver) {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = receiver::Receiver::start([receiver::Answer::Status(503)]).await;
    world.policy(&[receiver.url("/hook")]).await;
    world.report("e").await;
    world.settle().await;
    (world, receiver)
}

impl Refused {
    async fn new() -> Self {
        let (world, receiver) = refused_once().await;
        let shown = world.delivery("e").await;
        let id = shown["id"].as_str().expect("an id").to_owned();
        let this = Self {
            world,
            receiver,
            path: format!("{DELIVERIES}/{id}"),
        };
        let id: DeliveryId = id.parse().expect("an id");
        let store = &this.world.service.parts.store;
        let found = store.find_delivery(this.world.tenant, id).await;
        let (reference, _) = found.expect("the store answers").expect("a delivery");
        for number in 2..=ATTEMPTS {
            this.refuse(&reference, number).await;
        }
        this
    }

    async fn refuse(&self, reference: &DeliveryRef, number: u32) {
        let (store, now) = (&self.world.service.parts.store, self.world.clock.now());
        let answer = Answer {
            status: 503,
            body: "\"".repeat(KEPT_ANSWER_BYTES),
        };
        let attempt = Attempt::new(number, now, now, answer.into());
        let read = store.deliveries(std::slice::from_ref(reference)).await;
        let before: Delivery = read
            .expect("the store answers")
            .remove(&reference.id())
            .expect("a record");
        let after = before.after(attempt.clone(), None, |_| Some(Duration::from_secs(900)));
        let recorded = store.record_failed_attempt(&attempt, &after, now).await;
        assert_eq!(recorded.expect("the store answers"), Recorded::Done);
    }

    async fn call(&self, method: Method, action: &str) -> (u16, Value) {
        let path = format!("{}{action}", self.path);
        let reply = self.world.call(method, &path, json!(null)).await;
        (reply.status.as_u16(), reply.json)
    }
}

/// Asserts that the newest attempts are shown, as many as there is room for, and how many are not.
fn assert_newest(shown: &Value, newest: u32) {
    let bytes = shown.to_string().len();
    assert!(
        (MAX_ANSWER_BYTES - 100_000..=MAX_ANSWER_BYTES).contains(&bytes),
        "{bytes}"
    );
    let attempts = shown["attempts"].as_array().expect("attempts");
    let numbers = attempts.iter().map(|attempt| attempt["number"].as_u64());
    let omitted = shown["attemptsOmitted"].as_u64().expect("a number");
    assert!(
        numbers.eq((omitted + 1..=u64::from(newest)).map(Some)),
        "{omitted}"
    );
}

#[tokio::test]
async fn a_delivery_with_too_many_attempts_shows_the_newest_and_how_many_are_omitted() {
    let refused = Refused::new().await;
    let (status, shown) = refused.call(Method::GET, "").await;
    assert_eq!(status, 200);
    assert_newest(&shown, ATTEMPTS);
    assert_eq!(shown["attemptCount"], ATTEMPTS);
}

#[tokio::test]
async fn such_a_delivery_is_retried_and_cancelled_as_others_are() {
    let refused = Refused::new().await;
    let (status, shown) = refused.call(Method::POST, "/cancel").await;
    assert_eq!((status, &shown["status"]), (200, &json!("cancelled")));
    assert_newest(&shown, ATTEMPTS);
    let (status, shown) = refused.call(Method::POST, "/retry").await;
    assert_eq!((status, &shown["status"]), (202, &json!("waiting")));
    assert_newest(&shown, ATTEMPTS);
    refused.world.settle().await;
    assert_eq!(refused.receiver.received().len(), 2);
    let (_, shown) = refused.call(Method::GET, "").await;
    assert_eq!(shown["status"], "delivered");
    assert_newest(&shown, ATTEMPTS + 1);
}

#[tokio::test]
async fn where_there_is_room_for_all_none_is_said_to_be_omitted() {
    let (world, _receiver) = refused_once().await;
    let shown = world.delivery("e").await;
    assert_eq!(shown["attempts"][0]["number"], 1);
    assert_eq!(shown.get("attemptsOmitted"), None);
}
