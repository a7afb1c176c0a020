//! CyberSource's webhook subscriptions, from their own routes to the receiver: health, withholding
//! and its end, retries to the minute, and attempts that are told apart.

mod gone;
mod keys;
mod replays;

use herald_local::world::{
    Reply, World,
    receiver::{Answer, Receiver, Request},
};
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

const WEBHOOKS: &str = "/notification-subscriptions/v1/webhooks";
const PAID: &str = "invoicing.customer.invoice.paid";
const MINUTE: Duration = Duration::from_secs(60);

/// Makes a subscription with a retry policy, and waits until it is active; returns its path.
async fn subscription(world: &World, receiver: &Receiver, retry: Value) -> String {
    let body = json!({
        "name": "Invoices", "organizationId": world.tenant.account,
        "productId": "customerInvoicing", "eventTypes": [PAID],
        "webhookUrl": receiver.url("/hook"), "healthCheckUrl": receiver.url("/health"),
        "retryPolicy": retry,
    });
    let made = world.call(Method::POST, WEBHOOKS, body).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let path = format!(
        "{WEBHOOKS}/{}",
        made.json["webhookId"].as_str().expect("an id")
    );
    assert_eq!(status(world, &path).await, "INACTIVE");
    world.turn(MINUTE).await;
    assert_eq!(status(world, &path).await, "ACTIVE");
    path
}

async fn status(world: &World, path: &str) -> Value {
    world.get(path).await["status"].clone()
}

async fn report(world: &World, id: &str) {
    let body = json!({ "id": id, "type": PAID, "data": { "invoiceNumber": id } });
    let reply = world.call(Method::POST, "/herald/v1/events", body).await;
    assert_eq!(reply.status, 202, "{}", reply.json);
    world.settle().await;
}

/// The notifications that came in.
fn told(receiver: &Receiver) -> Vec<Request> {
    let received = receiver.received().into_iter();
    received.filter(|request| request.path == "/hook").collect()
}

fn body(request: &Request) -> Value {
    serde_json::from_str(&request.body).expect("JSON")
}

/// The invoices of the notifications that came in.
fn invoices(receiver: &Receiver) -> Vec<String> {
    let number = |request: &Request| {
        let body = body(request);
        let number = body["payload"]["data"]["invoiceNumber"].as_str();
        number.expect("a number").to_owned()
    };
    told(receiver).iter().map(number).collect()
}

#[tokio::test]
async fn what_happens_while_a_receiver_is_down_is_withheld_and_told_when_it_is_back() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let path = subscription(&world, &receiver, json!({ "deactivateFlag": "true" })).await;
    report(&world, "1").await;
    receiver.answer_at("/health", Answer::Status(503));
    world.turn(5 * MINUTE).await;
    assert_eq!(status(&world, &path).await, "SUSPENDED");
    for id in ["2", "3"] {
        report(&world, id).await;
        world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(invoices(&receiver), ["1"]);
    receiver.answer_at("/health", Answer::Status(200));
    world.turn(MINUTE).await;
    assert_eq!(status(&world, &path).await, "ACTIVE");
    let mut heard = invoices(&receiver);
    heard.sort();
    assert_eq!(heard, ["1", "2", "3"]);
}

#[tokio::test]
async fn without_the_flag_a_delivery_runs_out_its_retries_and_the_subscription_stays_active() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let path = subscription(&world, &receiver, json!({ "deactivateFlag": "false" })).await;
    receiver.answer_at("/health", Answer::Status(503));
    receiver.answer_at("/hook", Answer::Status(503));
    world.turn(5 * MINUTE).await;
    report(&world, "1").await;
    for _ in 0..5 {
        world.turn(MINUTE).await;
    }
    assert_eq!(invoices(&receiver), ["1"; 4], "one, and three retries");
    assert_eq!(world.delivery("1").await["status"], "failed");
    assert_eq!(status(&world, &path).await, "ACTIVE");
}

#[tokio::test]
async fn without_retries_a_delivery_fails_at_once() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let retry = json!({ "numberOfRetries": "0", "repeatSequenceCount": 2 });
    subscription(&world, &receiver, retry).await;
    receiver.answer_at("/hook", Answer::Status(500));
    report(&world, "1").await;
    assert_eq!(world.delivery("1").await["status"], "failed");
    world.turn(5 * MINUTE).await;
    assert_eq!(invoices(&receiver), ["1"]);
}

#[tokio::test]
async fn retries_come_to_the_minute_after_the_first_failure_and_repeat() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let retry = json!({
        "algorithm": "ARITHMETIC", "firstRetry": "10", "interval": "30", "numberOfRetries": "3",
        "repeatSequenceCount": "1", "repeatSequenceWaitTime": "60",
    });
    subscription(&world, &receiver, retry).await;
    receiver.answer_at("/hook", Answer::Status(500));
    report(&world, "1").await;
    for _ in 0..220 {
        world.turn(MINUTE).await;
    }
    let id = world.delivery("1").await["id"].clone();
    let path = format!("/herald/v1/deliveries/{}", id.as_str().expect("an id"));
    let delivery = world.get(&path).await;
    let attempts = delivery["attempts"].as_array().expect("attempts").iter();
    let at = |attempt: &Value| -> Timestamp {
        let at = attempt["at"].as_str().expect("an instant");
        at.parse().expect("an instant")
    };
    let times: Vec<_> = attempts.map(at).collect();
    let minutes = times.iter().map(|at| at.duration_since(times[0]).as_mins());
    let minutes: Vec<_> = minutes.collect();
    // An hour after the last of the first time they start anew.
    assert_eq!(minutes, [0, 10, 40, 70, 140, 170, 200]);
    assert_eq!(delivery["status"], "failed");
    assert_eq!(told(&receiver).len(), minutes.len());
}

#[tokio::test]
async fn every_attempt_counts_itself_and_leads_to_its_delivery() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    subscription(&world, &receiver, json!({})).await;
    receiver.answer([Answer::Status(500), Answer::Status(200)]);
    report(&world, "1").await;
    world.turn(2 * MINUTE).await;
    let delivery = world.delivery("1").await;
    let told = told(&receiver);
    assert_eq!(told.len(), 2);
    let mut traces = Vec::new();
    for (request, (count, kind)) in told.iter().zip([(0, "NEW"), (1, "RETRY")]) {
        let body = body(request);
        assert_eq!(
            (&body["retryNumber"], &body["requestType"]),
            (&json!(count), &json!(kind))
        );
        assert_eq!(request.header("v-c-retry-count"), count.to_string());
        assert_eq!(request.header("v-c-request-type"), kind);
        let trace = request.header("v-c-transaction-trace-id").to_owned();
        assert_eq!(body["transactionTraceId"], trace);
        let found = world.get(&format!("/herald/v1/deliveries/{trace}")).await;
        assert_eq!(found["id"], delivery["id"]);
        traces.push(trace);
    }
    assert_ne!(traces[0], traces[1]);
    assert_eq!(told[0].header("webhook-id"), told[1].header("webhook-id"));
}

async fn replay(world: &World, path: &str, body: Value) -> Reply {
    let id = path.trim_start_matches(WEBHOOKS).trim_start_matches('/');
    let path = format!("/nrtf/v1/webhooks/{id}/replays");
    world.call(Method::POST, &path, body).await
}

#[tokio::test]
async fn what_failed_within_the_last_hours_is_replayed_and_is_a_retry_under_a_new_trace_id() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let retry = json!({ "numberOfRetries": 1 });
    let path = subscription(&world, &receiver, retry).await;
    receiver.answer_at("/hook", Answer::Status(500));
    report(&world, "early").await;
    world.turn(2 * MINUTE).await;
    world.clock.advance(120 * MINUTE);
    world.turn(MINUTE).await;
    report(&world, "late").await;
    world.turn(2 * MINUTE).await;
    receiver.answer_at("/hook", Answer::Status(200));
    let before = invoices(&receiver).len();
    world.clock.advance(MINUTE);
    let body = json!({ "byDeliveryStatus": {
        "status": "FAILED", "hoursBack": "1", "productId": "customerInvoicing", "eventType": PAID,
    } });
    let reply = replay(&world, &path, body.clone()).await;
    assert_eq!((reply.status.as_u16(), &reply.json), (202, &Value::Null));
    let second = replay(&world, &path, body).await;
    assert_eq!(
        (second.status.as_u16(), &second.json["reason"]),
        (409, &json!("CONFLICT"))
    );
    world.settle().await;
    assert_eq!(invoices(&receiver)[before..], ["late"]);
    assert_eq!(world.delivery("early").await["status"], "failed");
    let told = told(&receiver);
    let last = body_of_last(&told);
    assert_eq!(
        (&last["requestType"], &last["retryNumber"]),
        (&json!("RETRY"), &json!(2))
    );
}

fn body_of_last(told: &[Request]) -> Value {
    body(told.last().expect("a notification"))
}

#[tokio::test]
async fn any_attempts_trace_id_has_its_notification_replayed_once() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let path = subscription(&world, &receiver, json!({})).await;
    receiver.answer([Answer::Status(500)]);
    report(&world, "1").await;
    world.turn(2 * MINUTE).await;
    report(&world, "2").await;
    assert_eq!(invoices(&receiver), ["1", "1", "2"]);
    let traces = told(&receiver).into_iter();
    let traces: Vec<_> = traces
        .map(|request| request.header("v-c-transaction-trace-id").to_owned())
        .collect();
    let body = |traces: &[String]| json!({ "byTransactionTraceIdentifiers": traces });
    let unknown = "0198c7d2-0000-8000-8000-000000000000".to_owned();
    let refused = replay(&world, &path, body(&[traces[0].clone(), unknown])).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.json["details"][0]["field"],
        "byTransactionTraceIdentifiers[1]"
    );
    world.settle().await;
    assert_eq!(told(&receiver).len(), 3, "nothing was sent");
    // The first two name one notification.
    let reply = replay(&world, &path, body(&traces[..2])).await;
    assert_eq!(reply.status, 202, "{}", reply.json);
    world.settle().await;
    assert_eq!(invoices(&receiver), ["1", "1", "2", "1"]);
    assert_eq!(world.delivery("1").await["attemptCount"], 3);
    let other = subscription(&world, &receiver, json!({})).await;
    let foreign = replay(&world, &other, body(&traces[..1])).await;
    assert_eq!(foreign.status, 400, "it is another subscription's");
}

#[tokio::test]
async fn what_arrived_at_a_url_that_is_gone_stays_as_it_is() {
    let world = World::new().await;
    let (receiver, other) = (Receiver::start([]).await, Receiver::start([]).await);
    let path = subscription(&world, &receiver, json!({})).await;
    let own = path.replace(WEBHOOKS, "/herald/v1/policies");
    let both = json!({ "recipients": [receiver.url("/hook"), other.url("/hook")] });
    let changed = world.call(Method::PATCH, &own, both).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    report(&world, "1").await;
    let trace = told(&other)[0]
        .header("v-c-transaction-trace-id")
        .to_owned();
    other.answer_at("/hook", Answer::Status(410));
    report(&world, "2").await;
    let body = json!({ "byTransactionTraceIdentifiers": [trace] });
    let refused = replay(&world, &path, body).await;
    assert_eq!(refused.status, 400, "{}", refused.json);
    world.settle().await;
    for delivery in world.deliveries("1").await {
        assert_eq!(delivery["status"], "delivered");
    }
}
