use super::*;
use crate::{
    attempt::{Answer, Attempt},
    delivery::{DeliveryRef, WithheldReason},
    event::{EventAccount, EventRef, Report},
    id::{PolicyId, RecipientId},
    policy::samples::{self, live},
    random::SystemRandom,
    recipient::{Channel, RecipientStatus, SuspensionReason, Target},
    store::StoreError,
};
use jiff::SignedDuration;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn event() -> Event {
    Event {
        reference: EventRef {
            tenant: live(1),
            id: "e".parse().expect("an id"),
            accepted_at: NOW,
        },
        account: EventAccount::default(),
        place: None,
        report: Report {
            event_type: "INVOICE_ISSUED".parse().expect("a name"),
            resource_type: None,
            resource_id: None,
            data: None,
            occurred_at: None,
        },
    }
}

fn reference() -> DeliveryRef {
    let event = event().reference;
    DeliveryRef {
        owner: event.tenant,
        policy: PolicyId::from_uuid(Uuid::from_u128(2)),
        recipient: RecipientId::from_bytes([3; 8]),
        event,
    }
}

fn target() -> Target {
    Target::Address("ada@example.com".parse().expect("an address"))
}

fn policy(number: u8, status: RecipientStatus) -> Policy {
    Policy {
        channel: Channel::Email,
        recipients: vec![Recipient {
            id: RecipientId::from_bytes([number; 8]),
            target: target(),
            status,
        }],
        ..samples::policy(samples::draft(Vec::new()), &SystemRandom)
    }
}

/// The message of an attempt, with the event inside.
fn message(attempt: u32) -> Deliver {
    Deliver::new(reference(), attempt, Some(target()), Some(&event()))
}

fn known(attempts: u32, status: Status) -> Delivery {
    Delivery {
        reference: reference(),
        target: Some(target()),
        event_type: event().report.event_type,
        attempts,
        status,
    }
}

const WAITING: Status = Status::Waiting { due: NOW };

/// What was read: the delivery's record, if it has one, and the policy, if it is there.
fn read(delivery: Option<Delivery>, policy: Option<Policy>) -> DeliveryRead {
    let mut read = DeliveryRead::default();
    if let Some(delivery) = delivery {
        read.deliveries.insert(delivery.id(), Ok(delivery));
    }
    if let Some(policy) = policy {
        read.policies.insert(policy.id, Ok(policy));
    }
    read
}

fn active() -> Option<Policy> {
    Some(policy(3, RecipientStatus::Active))
}

/// The step in one word, with the number or the status that it comes to.
fn step(message: &Deliver, received: u32, read: &DeliveryRead) -> String {
    let later = NOW + SignedDuration::from_secs(1);
    match decide(message, received, read, later).expect("rows that can be read") {
        Step::Send(assignment) => format!("send {}", assignment.number),
        Step::Drop(_) => "drop".to_owned(),
        Step::WakeAgain(delivery) => format!("wake after {}", delivery.attempts),
        Step::Move { from, to } => format!("move {} to {}", from.status.name(), end(&to)),
        Step::LeaveToLog(place) => format!("leave to {place}"),
        Step::Start(delivery) => format!("start {}", end(&delivery.status)),
        Step::Withhold { from, to } => {
            let recorded = if from.is_some() { "recorded" } else { "new" };
            format!("withhold {recorded} {} {}", to.attempts, end(&to.status))
        }
    }
}

fn end(status: &Status) -> String {
    match status {
        Status::Failed { reason, .. } => format!("{reason:?}"),
        Status::Cancelled { reason, .. } => format!("{reason:?}"),
        Status::Withheld { reason, .. } => format!("{reason:?}"),
        other => other.name().to_owned(),
    }
}

#[test]
fn an_attempt_is_made_once_and_a_lost_wake_up_is_given_again() {
    for (made, attempt, received, expected) in [
        (None, 1, 1, "send 1"),
        (None, 1, 5, "send 1"),
        (None, 2, 1, "drop"),
        (Some(0), 1, 1, "send 1"),
        (Some(1), 2, 1, "send 2"),
        (Some(1), 1, 1, "drop"),
        (Some(1), 1, 2, "wake after 1"),
        (Some(2), 1, 2, "drop"),
        // Whoever asks for a later one gets the next.
        (Some(1), 7, 1, "send 2"),
    ] {
        let read = read(made.map(|made| known(made, WAITING)), active());
        let step = step(&message(attempt), received, &read);
        assert_eq!(step, expected, "{made:?} {attempt} {received}");
    }
}

#[test]
fn what_does_not_wait_is_left_alone() {
    let answer = Answer {
        status: 200,
        body: String::new(),
    };
    let by = Attempt {
        number: 1,
        at: NOW,
        duration_ms: 1,
        outcome: answer.into(),
    };
    for status in [
        Status::Delivered { by },
        Status::Failed {
            at: NOW,
            reason: FailureReason::Bounced,
        },
        Status::Cancelled {
            at: NOW,
            reason: CancelReason::Requested,
        },
        Status::Withheld {
            since: NOW,
            reason: WithheldReason::EmailNotSent,
        },
    ] {
        for attempt in [1, 2, 3] {
            let read = read(Some(known(1, status.clone())), active());
            assert_eq!(step(&message(attempt), 2, &read), "drop", "{status:?}");
        }
    }
}

#[test]
fn a_delivery_whose_policy_or_recipient_is_gone_or_suspended_ends_without_an_attempt() {
    let suspended = RecipientStatus::Suspended {
        since: NOW,
        reason: SuspensionReason::Unsubscribed,
    };
    for (policy, expected) in [
        (None, "PolicyDeleted"),
        (Some(policy(4, RecipientStatus::Active)), "RecipientRemoved"),
        (Some(policy(3, suspended)), "RecipientSuspended"),
    ] {
        let new = read(None, policy.clone());
        assert_eq!(step(&message(1), 1, &new), format!("start {expected}"));
        let waits = read(Some(known(1, WAITING)), policy);
        let expected = format!("move waiting to {expected}");
        assert_eq!(step(&message(2), 1, &waits), expected);
    }
}

#[test]
fn an_event_that_is_no_longer_kept_ends_what_waits_for_it_and_starts_nothing() {
    let mut message = message(1);
    message.event = None;
    assert_eq!(step(&message, 1, &read(None, active())), "drop");
    let waits = read(Some(known(0, WAITING)), active());
    assert_eq!(step(&message, 1, &waits), "move waiting to EventExpired");
    let mut kept = read(None, active());
    kept.events.insert(event().reference, Ok(event()));
    assert_eq!(step(&message, 1, &kept), "send 1");
}

#[test]
fn an_attempt_goes_to_where_the_policy_says_and_not_the_message() {
    let mut message = message(1);
    message.target = None;
    let read = read(None, active());
    match decide(&message, 1, &read, NOW) {
        Ok(Step::Send(assignment)) => {
            assert_eq!(assignment.delivery.target, Some(target()));
            assert_eq!(assignment.recipient.target, target());
            assert_eq!(assignment.delivery.attempts, 0);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_row_that_cannot_be_read_fails_only_the_messages_that_need_it() {
    let corrupt = || StoreError::corrupt("a test's row");
    let mut no_delivery = read(None, active());
    no_delivery
        .deliveries
        .insert(reference().id(), Err(corrupt()));
    let mut no_policy = read(None, None);
    no_policy
        .policies
        .insert(reference().policy, Err(corrupt()));
    for read in [&no_delivery, &no_policy] {
        let error = decide(&message(1), 1, read, NOW).expect_err("it cannot be read");
        assert!(error.to_string().contains("a test's row"), "{error}");
    }
    // The event inside the message counts, and a stale message needs no policy.
    let mut no_event = read(None, active());
    no_event.events.insert(event().reference, Err(corrupt()));
    assert_eq!(step(&message(1), 1, &no_event), "send 1");
    assert_eq!(step(&message(2), 1, &no_policy), "drop");
}

#[test]
fn what_a_policy_hears_that_is_not_active_is_withheld_with_the_attempts_that_were_made() {
    use crate::policy::PolicyStatus::{Inactive, Pending, Suspended};
    for (status, reason) in [
        (Pending, "PolicyPending"),
        (Suspended { since: NOW }, "PolicySuspended"),
        (Inactive { since: NOW }, "PolicyInactive"),
    ] {
        let policy = || {
            let mut policy = policy(3, RecipientStatus::Active);
            policy.status = status;
            Some(policy)
        };
        let new = step(&message(1), 1, &read(None, policy()));
        assert_eq!(new, format!("withhold new 0 {reason}"));
        let waits = read(Some(known(3, WAITING)), policy());
        let waits = step(&message(4), 1, &waits);
        assert_eq!(waits, format!("withhold recorded 3 {reason}"));
    }
}
