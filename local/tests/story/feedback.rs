//! What becomes of mails after they were sent, as SES tells it: samples of its notifications, about
//! the mails of a world.

mod bounces;
mod complaints;
mod late;
mod soft_bounces;
mod strangers;

use crate::email::inbox::{Mail, mails};
use herald::queue::{Outgoing, Queue, QueueName};
use herald_local::{
    mail::KeptMail,
    queue::VISIBILITY,
    world::{Reply, World, samples::body},
};
use http::{HeaderValue, Method, header};
use serde_json::{Value, json};
use std::time::Duration;

const SUPPRESSIONS: &str = "/herald/v1/suppressions";

/// What SES tells of a mail: a sample, with the mail's tags.
fn told(case: &str, mail: &KeptMail) -> Value {
    let mut told = sample(case);
    for (name, value) in &mail.tags {
        told["detail"]["mail"]["tags"][name] = json!([value]);
    }
    told
}

fn sample(case: &str) -> Value {
    serde_json::from_str(&body("feedback", case)).expect("JSON")
}

/// Puts a message on the queue that SES fills.
async fn put(world: &World, body: String) {
    let message = Outgoing {
        body,
        delay: Duration::ZERO,
        group: None,
    };
    let queue = &world.service.parts.queue;
    let sent = queue.send(QueueName::Feedback, vec![message]).await;
    sent.expect("sends");
}

/// Tells of a mail a second after it was sent, and handles what follows from it.
async fn tell(world: &World, case: &str, mail: &Mail) {
    world.clock.advance(Duration::from_secs(1));
    put(world, told(case, &mail.0).to_string()).await;
    world.settle().await;
}

/// Lets what failed come again.
async fn come_again(world: &World) {
    world.clock.advance(VISIBILITY.unsigned_abs());
    world.settle().await;
}

/// The last mail to an address.
fn mail_to(world: &World, address: &str) -> Mail {
    let mut mails = mails(world).into_iter();
    let last = mails.rfind(|mail| mail.to() == address);
    last.expect("a mail to the address")
}

/// Calls the API with a secret.
async fn call_as(world: &World, secret: &str, method: Method, path: &str, body: Value) -> Reply {
    let request = World::request(method, path).body(body.to_string().into());
    let mut request = request.expect("a request");
    let bearer = HeaderValue::from_str(&format!("Bearer {secret}")).expect("a header");
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    world.send(request).await
}

/// The addresses of the first account's suppression list.
async fn suppressed(world: &World) -> Vec<Value> {
    let listed = world.get(SUPPRESSIONS).await;
    let items = listed["items"].as_array().expect("a list");
    items.iter().map(|item| item["address"].clone()).collect()
}

/// The errors of a delivery's attempts in their order; null where one was accepted.
fn errors(delivery: &Value) -> Vec<Value> {
    let attempts = delivery["attempts"].as_array().expect("attempts");
    attempts.iter().map(|made| made["error"].clone()).collect()
}
