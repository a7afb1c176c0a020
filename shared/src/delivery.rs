//! One event on its way to one recipient of one policy.

mod status;

use crate::{
    attempt::Attempt,
    delivery_id::DeliveryId,
    event::EventRef,
    event_type::EventType,
    id::{PolicyId, RecipientId},
    queue::QueueName,
    recipient::{Channel, SuspensionReason, Target},
    tenant::Tenant,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
pub use status::{CancelReason, FailureReason, Status, WithheldReason};
use std::time::Duration;

/// What makes a delivery the one it is: an event, a policy that heard of it, a recipient.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeliveryRef {
    /// The tenant that owns the policy, and so the delivery.
    pub owner: Tenant,
    /// The policy that matched.
    pub policy: PolicyId,
    /// Its recipient.
    pub recipient: RecipientId,
    /// The event.
    pub event: EventRef,
}

impl DeliveryRef {
    /// The delivery's id.
    #[must_use]
    pub fn id(&self) -> DeliveryId {
        let digest = Sha256::new()
            .chain_update(self.event.tenant.to_string())
            .chain_update([0])
            .chain_update(self.event.id.as_str())
            .chain_update([0])
            .chain_update(self.policy.as_uuid())
            .chain_update(self.recipient.as_str())
            .finalize();
        DeliveryId::new(self.event.accepted_at, &digest.into())
    }
}

/// A delivery with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What makes it the one it is.
    pub reference: DeliveryRef,
    /// The recipient's target when the record was written; `None` where it was gone by then.
    pub target: Option<Target>,
    /// The event's type.
    pub event_type: EventType,
    /// How many attempts were made.
    pub attempts: u32,
    /// Where it stands.
    pub status: Status,
}

impl Delivery {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> DeliveryId {
        self.reference.id()
    }

    /// Whether nothing more will happen of itself.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        matches!(
            self.status,
            Status::Delivered { .. } | Status::Failed { .. } | Status::Cancelled { .. }
        )
    }

    /// The queue of the messages about it.
    #[must_use]
    pub fn queue(&self) -> QueueName {
        Channel::of(self.target.as_ref()).queue()
    }

    /// When its next attempt is planned; `None` where there is none.
    #[must_use]
    pub const fn due(&self) -> Option<Timestamp> {
        match self.status {
            Status::Waiting { due } => Some(due),
            _ => None,
        }
    }

    /// The delivery after an attempt: delivered, waiting for the next, or failed.
    ///
    /// * `suspends`: why its recipient is sent to no more, where that follows from the attempt.
    /// * `wait`: how long to wait for the next, from how many attempts were made; see
    ///   [`RetryPolicy::next_wait`](crate::retry::RetryPolicy::next_wait).
    #[must_use]
    pub fn after(
        mut self,
        attempt: Attempt,
        suspends: Option<SuspensionReason>,
        wait: impl Fn(u32) -> Option<Duration>,
    ) -> Self {
        let ended = attempt.at + whole_millis(attempt.duration_ms);
        let failed = |reason| Status::Failed { at: ended, reason };
        self.attempts = attempt.number;
        self.status = if attempt.outcome.is_accepted() {
            Status::Delivered { by: attempt }
        } else if let Some(reason) = suspends {
            failed(reason.into())
        } else {
            match wait(attempt.number) {
                None => failed(FailureReason::Exhausted),
                Some(wait) => Status::Waiting {
                    due: ended + SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX),
                },
            }
        };
        self
    }

    /// The delivery with another status.
    #[must_use]
    pub fn into_status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}

fn whole_millis(millis: u64) -> SignedDuration {
    SignedDuration::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{attempt::Answer, id::AccountId, tenant::Mode};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn reference(millis: i64, event: &str) -> DeliveryRef {
        let tenant = Tenant {
            account: AccountId::from_uuid(Uuid::from_u128(1)),
            mode: Mode::Live,
        };
        DeliveryRef {
            owner: tenant,
            policy: PolicyId::from_uuid(Uuid::from_u128(2)),
            recipient: RecipientId::from_bytes([3; 8]),
            event: EventRef {
                tenant,
                id: event.parse().expect("an id"),
                accepted_at: Timestamp::from_millisecond(millis).expect("an instant"),
            },
        }
    }

    fn delivery() -> Delivery {
        Delivery {
            reference: reference(0, "e"),
            target: None,
            event_type: "INVOICE_ISSUED".parse().expect("a name"),
            attempts: 0,
            status: Status::Waiting {
                due: Timestamp::UNIX_EPOCH,
            },
        }
    }

    fn by_default(attempts: u32) -> Option<Duration> {
        crate::retry::RetryPolicy::Default.next_wait(attempts, 0.0, None)
    }

    fn attempt(number: u32, status: u16) -> Attempt {
        let body = String::new();
        Attempt {
            number,
            at: Timestamp::UNIX_EPOCH,
            duration_ms: 1_000,
            outcome: Answer { status, body }.into(),
        }
    }

    #[test]
    fn any_2xx_delivers() {
        for status in [200, 204, 299] {
            let by = attempt(1, status);
            assert_eq!(
                delivery().after(by.clone(), None, by_default).status,
                Status::Delivered { by }
            );
        }
    }

    #[test]
    fn a_refusal_waits_from_the_end_of_the_attempt() {
        for status in [199, 302, 400, 404, 429, 500, 503] {
            let after = delivery().after(attempt(1, status), None, by_default);
            let due = Timestamp::from_second(6).expect("an instant");
            assert_eq!(after.status, Status::Waiting { due }, "{status}");
            assert_eq!(after.attempts, 1);
        }
    }

    #[test]
    fn gone_and_the_end_of_the_schedule_fail() {
        let gone = Some(SuspensionReason::Gone);
        for (attempt, suspends, reason) in [
            (attempt(1, 410), gone, FailureReason::Gone),
            (attempt(10, 500), None, FailureReason::Exhausted),
        ] {
            let at = Timestamp::from_second(1).expect("an instant");
            assert_eq!(
                delivery().after(attempt, suspends, by_default).status,
                Status::Failed { at, reason }
            );
        }
    }

    proptest! {
        #[test]
        fn ids_sort_by_time_and_read_back(a in 0_i64..1 << 47, b in 0_i64..1 << 47, name in "[a-z]{1,9}") {
            let (early, late) = (a.min(b), a.max(b));
            let (first, second) = (reference(early, &name).id(), reference(late, &name).id());
            prop_assert!(early == late || first.to_string() < second.to_string());
            prop_assert_eq!(first.to_string().parse::<DeliveryId>(), Ok(first));
            prop_assert_eq!(first.accepted_at(), reference(early, &name).event.accepted_at);
        }

        #[test]
        fn no_text_makes_an_id_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<DeliveryId>();
            let _ = format!("dlv_{text}").parse::<DeliveryId>();
        }
    }
}
