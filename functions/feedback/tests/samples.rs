//! The samples `events/feedback.*.json`: what SQS hands over in, the failed records out, and what
//! becomes of the mail that they are about.

use herald::{
    attempt::{Bounce, Outcome},
    delivery::{Delivery, FailureReason, Status},
    delivery_id::DeliveryId,
    email::EmailAddress,
    policy::Policy,
    queue::QueueName,
    recipient::{Channel, Recipient, RecipientStatus, SuspensionReason, Target},
    store::Created,
};
use herald_local::world::{
    World,
    samples::{answers, body, is_answered, sample},
    stage::Stage,
};
use http::{HeaderValue, Method, header};
use serde_json::{Value, json};
use std::time::Duration;

/// A stage on which the mail of the samples was sent.
struct Sent {
    stage: Stage,
    policy: Policy,
    delivery: Delivery,
}

fn address() -> EmailAddress {
    let address = "finance@customer.example".parse();
    address.expect("an address")
}

/// The delivery that the samples are about.
fn id() -> DeliveryId {
    let told: Value = serde_json::from_str(&body("feedback", "hard-bounce")).expect("JSON");
    let id = &told["detail"]["mail"]["tags"]["herald-delivery"][0];
    let id = id.as_str().expect("a text").parse();
    id.expect("an id")
}

async fn set() -> Sent {
    let stage = Stage::set().await;
    let webhooks = stage.policy(2, &["https://hooks.example.com/ledger"]).await;
    let store = &stage.world.service.parts.store;
    let deleted = store.delete_policy(stage.tenant, webhooks.id).await;
    deleted.expect("the store");
    let recipient = Recipient {
        target: Target::Address(address()),
        ..webhooks.recipients[0].clone()
    };
    let policy = Policy {
        channel: Channel::Email,
        recipients: vec![recipient],
        secrets: None,
        ..webhooks
    };
    let created = store.create_policy(&policy, None).await;
    assert_eq!(created.expect("the store"), Created::New);
    let event = json!({ "id": "inv_2026_0001", "type": "INVOICE_ISSUED" });
    let request = World::request(Method::POST, "/herald/v1/events").body(event.to_string().into());
    let mut request = request.expect("a request");
    let bearer = HeaderValue::from_static("Bearer sample-secret");
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    let reported = stage.world.send(request).await;
    assert_eq!(reported.status, 202, "{}", reported.json);
    stage.world.settle().await;
    stage.world.clock.advance(Duration::from_secs(3));
    let delivery = delivery(&stage).await;
    assert_eq!(delivery.status.name(), "delivered");
    Sent {
        delivery,
        policy,
        stage,
    }
}

async fn delivery(stage: &Stage) -> Delivery {
    let store = &stage.world.service.parts.store;
    let found = store.find_delivery(stage.tenant, id()).await;
    let (reference, _) = found.expect("the store").expect("the samples' delivery");
    let mut read = store.deliveries(&[reference]).await.expect("the store");
    read.remove(&id()).expect("a record")
}

impl Sent {
    /// Hands a sample to the reader of the feedback queue; returns what SQS is answered.
    async fn handle(&self, case: &str) -> Value {
        let event = serde_json::from_str(&sample("feedback", case)).expect("an event of SQS");
        let service = &self.stage.world.service;
        let response = service.invoke(QueueName::Feedback, event).await;
        serde_json::to_value(response).expect("JSON")
    }

    /// The outcomes of the delivery's attempts.
    async fn outcomes(&self) -> Vec<Outcome> {
        let store = &self.stage.world.service.parts.store;
        let attempts = store.attempts(&delivery(&self.stage).await).await;
        let attempts = attempts.expect("the store").into_iter();
        attempts.map(|attempt| attempt.outcome).collect()
    }

    /// Why the recipient is suspended, if it is.
    async fn suspended(&self) -> Option<SuspensionReason> {
        let store = &self.stage.world.service.parts.store;
        let policy = store.policy(self.policy.owner, self.policy.id).await;
        match policy.expect("the store").expect("the policy").recipients[0].status {
            RecipientStatus::Active => None,
            RecipientStatus::Suspended { reason, .. } => Some(reason),
        }
    }

    async fn is_suppressed(&self) -> bool {
        let store = &self.stage.world.service.parts.store;
        let found = store.suppression(self.policy.owner, &address()).await;
        found.expect("the store").is_some()
    }
}

#[tokio::test]
async fn every_sample_is_answered() {
    for (case, expected) in answers("feedback") {
        let sent = set().await;
        sent.stage.world.may_leave_messages();
        let answer = sent.handle(&case).await;
        assert!(is_answered(&expected, &answer), "{case}: {answer}");
        let empty = Stage::set().await;
        let event = serde_json::from_str(&sample("feedback", &case)).expect("an event of SQS");
        let answer = empty.world.service.invoke(QueueName::Feedback, event).await;
        let answer = serde_json::to_value(answer).expect("JSON");
        assert!(is_answered(&expected, &answer), "{case}, unknown: {answer}");
    }
}

#[tokio::test]
async fn a_hard_bounce_suppresses_suspends_and_fails() {
    let sent = set().await;
    sent.handle("hard-bounce").await;
    assert!(sent.is_suppressed().await);
    assert_eq!(sent.suspended().await, Some(SuspensionReason::Bounced));
    let after = delivery(&sent.stage).await;
    let reason = FailureReason::Bounced;
    assert!(matches!(after.status, Status::Failed { reason: why, .. } if why == reason));
    let error = "smtp; 550 5.1.1 user unknown".to_owned();
    let bounce = Bounce::Hard;
    let outcomes = sent.outcomes().await;
    assert_eq!(outcomes[1..], [Outcome::Bounced { bounce, error }]);
}

#[tokio::test]
async fn a_soft_bounce_plans_the_next_attempt_on_the_queue_of_mails() {
    let sent = set().await;
    sent.stage.world.may_leave_messages();
    sent.handle("soft-bounce").await;
    assert!(!sent.is_suppressed().await);
    assert_eq!(sent.suspended().await, None);
    let due = delivery(&sent.stage).await.due().expect("it waits");
    let queue = &sent.stage.world.service.parts.queue;
    assert_eq!(queue.next_visible(QueueName::Email), Some(due));
    assert_eq!(queue.len(QueueName::Webhook), 0);
    let outcomes = sent.outcomes().await;
    let soft = |outcome: &Outcome| {
        matches!(
            outcome,
            Outcome::Bounced {
                bounce: Bounce::Soft,
                ..
            }
        )
    };
    assert!(outcomes.len() == 2 && soft(&outcomes[1]), "{outcomes:?}");
}

#[tokio::test]
async fn a_complaint_suspends_and_nothing_else() {
    let sent = set().await;
    sent.handle("complaint").await;
    assert_eq!(sent.suspended().await, Some(SuspensionReason::Complained));
    assert!(!sent.is_suppressed().await);
    assert_eq!(delivery(&sent.stage).await, sent.delivery);
}

#[tokio::test]
async fn an_automatic_reply_and_the_mail_of_somebody_else_change_nothing() {
    for case in ["auto-reply", "foreign"] {
        let sent = set().await;
        sent.handle(case).await;
        assert!(!sent.is_suppressed().await, "{case}");
        assert_eq!(sent.suspended().await, None, "{case}");
        assert_eq!(delivery(&sent.stage).await, sent.delivery, "{case}");
    }
}

#[tokio::test]
async fn a_poisoned_record_stays_and_the_good_one_beside_it_is_heard() {
    let sent = set().await;
    sent.handle("poison").await;
    assert_eq!(sent.suspended().await, Some(SuspensionReason::Complained));
}
