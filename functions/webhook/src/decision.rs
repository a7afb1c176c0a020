//! What is to be done about a message: a pure decision over what was read.

use herald::{
    delivery::{CancelReason, Delivery, FailureReason, State},
    destination::WebhookUrl,
    event::Event,
    message::Deliver,
    policy::Policy,
    recipient::Target,
    store::DeliveryRead,
};
use jiff::Timestamp;

/// The next step for a message.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    /// Make the attempt.
    Send(Box<Assignment<'a>>),
    /// Nothing: the attempt was made, or the delivery has ended.
    Drop(&'static str),
    /// The message came again after its attempt was recorded: perhaps the next one's message
    /// was never sent.
    WakeAgain(Delivery),
    /// End the delivery without an attempt.
    Settle(Delivery, State),
}

/// An attempt to make.
#[derive(Debug)]
pub(crate) struct Assignment<'a> {
    /// What to tell.
    pub(crate) event: Event,
    /// The delivery before the attempt.
    pub(crate) delivery: Delivery,
    /// The policy as it is now.
    pub(crate) policy: &'a Policy,
    /// Where to send.
    pub(crate) url: &'a WebhookUrl,
    /// The attempt's number.
    pub(crate) number: u32,
}

/// Decides about a message that was received for the `received`th time.
pub(crate) fn decide(
    message: Deliver,
    received: u32,
    read: &DeliveryRead,
    now: Timestamp,
) -> Step<'_> {
    let known = read.deliveries.get(&message.route.id());
    if let Some(step) = stale(&message, received, known) {
        return step;
    }
    let event = message
        .event
        .or_else(|| read.events.get(&message.route.event).cloned());
    let policy = read.policies.get(&message.route.policy);
    let delivery = |event_type| {
        known.cloned().unwrap_or(Delivery {
            route: message.route.clone(),
            target: message.target.clone(),
            event_type,
            attempts: 0,
            state: State::Waiting { due: now },
        })
    };
    let Some(event) = event else {
        let Some(known) = known else {
            return Step::Drop("the event is no longer kept");
        };
        let reason = FailureReason::EventExpired;
        return Step::Settle(known.clone(), State::Failed { at: now, reason });
    };
    let mut delivery = delivery(event.report.event_type.clone());
    let cancel = |reason| State::Cancelled { at: now, reason };
    let Some(policy) = policy else {
        return Step::Settle(delivery, cancel(CancelReason::PolicyDeleted));
    };
    let Some(recipient) = policy.recipient(&message.route.recipient) else {
        return Step::Settle(delivery, cancel(CancelReason::RecipientRemoved));
    };
    if !recipient.is_active() {
        let reason = FailureReason::RecipientSuspended;
        return Step::Settle(delivery, State::Failed { at: now, reason });
    }
    let Target::Url(url) = &recipient.target else {
        return Step::Drop("the recipient is no webhook");
    };
    delivery.target = Some(url.to_string());
    Step::Send(Box::new(Assignment {
        event,
        number: delivery.attempts + 1,
        delivery,
        policy,
        url,
    }))
}

/// The step for a message whose attempt was made already, or is wanted no more.
fn stale<'a>(message: &Deliver, received: u32, known: Option<&Delivery>) -> Option<Step<'a>> {
    let Some(known) = known else {
        let is_first = message.attempt == 1;
        return (!is_first).then_some(Step::Drop("the delivery's record is no longer kept"));
    };
    if known.due().is_none() {
        return Some(Step::Drop("the delivery has ended or is withheld"));
    }
    if message.attempt > known.attempts {
        return None;
    }
    let came_again = received > 1 && message.attempt == known.attempts;
    Some(if came_again {
        Step::WakeAgain(known.clone())
    } else {
        Step::Drop("the attempt was made already")
    })
}
