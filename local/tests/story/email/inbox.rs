//! The mails of a world, read as a program for mails reads them, and policies that bring them.

use herald::clock::Clock;
use herald_local::{
    mail::KeptMail,
    world::{API_URL, Reply, World},
};
use http::{Method, StatusCode};
use jiff::Timestamp;
use mail_parser::{Message, MessageParser};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const POLICIES: &str = "/herald/v1/policies";

/// A mail that was sent.
pub(crate) struct Mail(pub(crate) KeptMail);

impl Mail {
    /// The delivery and the attempt, as the file is called: `dlv_…-1.eml`.
    pub(crate) fn name(&self) -> &str {
        self.0.name.as_str()
    }

    pub(crate) fn parsed(&self) -> Message<'_> {
        let parser = MessageParser::default();
        parser.parse(&self.0.raw).expect("it is a message")
    }

    pub(crate) fn to(&self) -> String {
        let message = self.parsed();
        let to = message.to().and_then(|to| to.first());
        let address = to.and_then(|to| to.address()).expect("a recipient");
        address.to_owned()
    }

    /// A header as it stands in the message.
    pub(crate) fn header(&self, name: &str) -> String {
        let message = self.parsed();
        let raw = message.header_raw(name);
        let raw = raw.unwrap_or_else(|| panic!("no header {name}"));
        raw.trim().to_owned()
    }

    /// The path of the link to unsubscribe.
    pub(crate) fn link(&self) -> String {
        let link = self.header("List-Unsubscribe");
        let link = link
            .strip_prefix('<')
            .and_then(|link| link.strip_suffix('>'));
        let path = link.and_then(|link| link.strip_prefix(API_URL));
        path.expect("a link to the API").to_owned()
    }
}

/// The mails that were sent, by the names of their files: by delivery and attempt.
pub(crate) fn mails(world: &World) -> Vec<Mail> {
    let mut mails = world.mails.newest(usize::MAX).expect("a folder of mails");
    mails.sort_by(|a, b| a.name.cmp(&b.name));
    mails.into_iter().map(Mail).collect()
}

/// The addresses that mails were sent to, one for each mail, in the order of the alphabet.
pub(crate) fn addresses(world: &World) -> Vec<String> {
    let mut addresses: Vec<_> = mails(world).iter().map(Mail::to).collect();
    addresses.sort();
    addresses
}

/// The only mail that was sent.
pub(crate) fn only_mail(world: &World) -> Mail {
    let mut mails = mails(world);
    assert_eq!(mails.len(), 1, "mails that were sent");
    mails.remove(0)
}

/// Makes a policy for e-mail in Sequence's dialect, for all types.
pub(crate) async fn sequence_policy(world: &World, recipients: &[&str]) -> Value {
    let body = json!({ "name": "Finance team", "channel": "EMAIL", "recipients": recipients });
    created(
        world
            .call(Method::POST, "/api/notifications/policies", body)
            .await,
    )
}

/// Makes a policy for e-mail in Herald's own dialect, for issued invoices.
pub(crate) async fn own_policy(world: &World, recipients: &[&str]) -> Value {
    let body = json!({
        "name": "Finance team", "channel": "email", "recipients": recipients,
        "eventTypes": ["INVOICE_ISSUED"],
    });
    created(world.call(Method::POST, POLICIES, body).await)
}

fn created(made: Reply) -> Value {
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json);
    made.json
}

/// The path of a policy on Herald's own routes.
pub(crate) fn path(policy: &Value) -> String {
    format!("{POLICIES}/{}", policy["id"].as_str().expect("an id"))
}

/// Why the recipients of a policy are suspended, in their order; null for those that are not.
pub(crate) async fn suspensions(world: &World, policy: &Value) -> Vec<Value> {
    let shown = world.get(&path(policy)).await;
    let recipients = shown["recipients"].as_array().expect("recipients");
    recipients.iter().map(|one| one["reason"].clone()).collect()
}

/// Reports an event, and handles everything that follows from it.
pub(crate) async fn happen(world: &World, event: &str) {
    let reported = world.report(event).await;
    assert_eq!(reported.status, StatusCode::ACCEPTED, "{}", reported.json);
    world.settle().await;
}

/// Asks for another attempt of the only delivery of an event.
pub(crate) async fn retry(world: &World, event: &str) -> Reply {
    let delivery = world.delivery(event).await;
    let id = delivery["id"].as_str().expect("an id");
    let path = format!("/herald/v1/deliveries/{id}/retry");
    world.call(Method::POST, &path, Value::Null).await
}

/// How long the only delivery of an event waits for its next attempt.
pub(crate) async fn wait_of(world: &World, event: &str) -> Duration {
    let delivery = world.delivery(event).await;
    let due = delivery["nextAttemptAt"].as_str().expect("it waits");
    let due: Timestamp = due.parse().expect("an instant");
    let wait = due.duration_since(world.clock.now());
    Duration::try_from(wait).expect("not in the past")
}

/// Asserts the status and the reason of a delivery.
pub(crate) fn assert_stands(delivery: &Value, status: &str, reason: &str) {
    let stands = (&delivery["status"], &delivery["reason"]);
    assert_eq!(stands, (&json!(status), &json!(reason)), "{delivery}");
}
