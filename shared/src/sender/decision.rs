//! What is to be done about a message: a pure decision over what was read.

use crate::{
    delivery::{CancelReason, Delivery, FailureReason, Status},
    error_chain::error_chain,
    event::Event,
    id::RecipientId,
    message::Deliver,
    place::Place,
    policy::Policy,
    recipient::Recipient,
    store::{DeliveryRead, Read},
};
use jiff::Timestamp;

/// The next step for a message.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// Make the attempt.
    Send(Box<Assignment<'a>>),
    /// Nothing: the attempt was made, or the delivery has ended.
    Drop(&'static str),
    /// The message came again after its attempt was recorded: perhaps the next one's message
    /// was never sent.
    WakeAgain(Delivery),
    /// Its policy became ordered meanwhile: the log tells it, at this place.
    LeaveToLog(Place),
    /// End a recorded delivery without an attempt.
    Move {
        /// The delivery as it is recorded.
        from: Delivery,
        /// How it ends.
        to: Status,
    },
    /// Record the end of a delivery that has no record.
    Start(Delivery),
    /// Withhold a delivery whose policy is not active.
    Withhold {
        /// The delivery as it is recorded, if it is.
        from: Option<Delivery>,
        /// The delivery, withheld.
        to: Delivery,
    },
}

/// A row that a message needs cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

/// An attempt to make.
#[derive(Debug)]
pub(super) struct Assignment<'a> {
    /// What to tell.
    pub(super) event: Event,
    /// The delivery before the attempt.
    pub(super) delivery: Delivery,
    /// The policy as it is now.
    pub(super) policy: &'a Policy,
    /// Whom to send to.
    pub(super) recipient: &'a Recipient,
    /// The attempt's number.
    pub(super) number: u32,
}

/// Decides about a message that was received for the `received`th time.
///
/// # Errors
/// Where a row that it takes cannot be read.
pub(super) fn decide<'a>(
    message: &Deliver,
    received: u32,
    read: &'a DeliveryRead,
    now: Timestamp,
) -> Result<Step<'a>, Unreadable> {
    let reference = &message.reference;
    let known = readable(read.deliveries.get(&reference.id()))?;
    if let Some(step) = stale(message, received, known) {
        return Ok(step);
    }
    let event = match &message.event {
        Some(event) => Some(event),
        None => readable(read.events.get(&reference.event))?,
    };
    let Some(event) = event.cloned() else {
        let reason = FailureReason::EventExpired;
        let failed = Status::Failed { at: now, reason };
        return Ok(
            known.map_or(Step::Drop("the event is no longer kept"), |known| {
                Step::Move {
                    from: known.clone(),
                    to: failed,
                }
            }),
        );
    };
    let policy = readable(read.policies.get(&reference.policy))?;
    if let Some(place) = policy.and_then(|policy| policy.reads_in_log(&event)) {
        return Ok(Step::LeaveToLog(place));
    }
    let recipient = policy.and_then(|policy| policy.recipient(&reference.recipient));
    let (policy, recipient) = match (policy, recipient) {
        (Some(policy), Some(recipient)) if recipient.is_active() => (policy, recipient),
        (policy, _) => {
            let end = end_without_attempt(policy, &reference.recipient, now);
            return Ok(settle(message, &event, known, end));
        }
    };
    if let Some(reason) = policy.status.withholds() {
        let withheld = Status::Withheld { since: now, reason };
        let target = Some(recipient.target.clone());
        let bare = match known {
            Some(known) => known.clone(),
            None => unsent(message, &event, withheld.clone()),
        };
        return Ok(Step::Withhold {
            from: known.cloned(),
            to: Delivery { target, ..bare }.into_status(withheld),
        });
    }
    let number = known.map_or(0, |known| known.attempts) + 1;
    Ok(Step::Send(Box::new(Assignment {
        delivery: Delivery {
            target: Some(recipient.target.clone()),
            ..unsent(message, &event, Status::Waiting { due: now })
        },
        event,
        policy,
        recipient,
        number,
    })))
}

/// How a delivery ends whose policy or recipient is gone, or suspended.
fn end_without_attempt(policy: Option<&Policy>, recipient: &RecipientId, now: Timestamp) -> Status {
    match CancelReason::of_missing(policy, recipient) {
        Some(reason) => Status::Cancelled { at: now, reason },
        None => Status::Failed {
            at: now,
            reason: FailureReason::RecipientSuspended,
        },
    }
}

fn settle<'a>(message: &Deliver, event: &Event, known: Option<&Delivery>, end: Status) -> Step<'a> {
    match known {
        Some(known) => Step::Move {
            from: known.clone(),
            to: end,
        },
        None => Step::Start(unsent(message, event, end)),
    }
}

/// A delivery that no attempt was made of, as the message knows it.
fn unsent(message: &Deliver, event: &Event, status: Status) -> Delivery {
    Delivery {
        reference: message.reference.clone(),
        target: message.target.clone(),
        event_type: event.report.event_type.clone(),
        attempts: 0,
        status,
    }
}

fn readable<T>(row: Option<&Read<T>>) -> Result<Option<&T>, Unreadable> {
    match row {
        None => Ok(None),
        Some(Ok(row)) => Ok(Some(row)),
        Some(Err(error)) => Err(Unreadable(error_chain(error))),
    }
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

#[cfg(test)]
mod tests;
