//! A lane: the way of an ordered recipient through the logs of the accounts that its policy hears.
//!
//! Who wakes a lane takes its *lease*, so that one request is in flight at a time, and reads each
//! log after its *cursor*. A batch of events goes out in one request; what accepts it moves the
//! cursors, under the *fence* of the lease: who lost the lease moves nothing. What refuses it makes
//! the lane wait, and the same batch is sent again. The *backlog* names the accounts whose logs
//! hold more. So the log is the queue: nothing overtakes, and nothing is lost where a worker stops.

mod plan;

use crate::{
    attempt::Attempt,
    delivery::DeliveryRef,
    event::EventRef,
    id::{AccountId, PolicyId, RecipientId},
    message::{Version1, Wake},
    place::Place,
    policy::Policy,
    tenant::{Mode, Tenant},
};
use jiff::{SignedDuration, Timestamp};
pub use plan::{AccountLog, Batch, Plan};
use serde::{Deserialize, Serialize};

/// Which lane.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LaneRef {
    /// The policy's owner.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
    /// Its recipient.
    pub recipient: RecipientId,
}

impl LaneRef {
    /// The lane of a policy's recipient.
    #[must_use]
    pub fn of(policy: &Policy, recipient: &RecipientId) -> Self {
        Self {
            owner: policy.owner,
            policy: policy.id,
            recipient: recipient.clone(),
        }
    }

    /// Its delivery of an event.
    #[must_use]
    pub fn delivery_of(&self, event: EventRef) -> DeliveryRef {
        DeliveryRef {
            owner: self.owner,
            policy: self.policy,
            recipient: self.recipient.clone(),
            event,
        }
    }

    /// The message that wakes it.
    #[must_use]
    pub fn wake(&self) -> Wake {
        Wake {
            v: Version1,
            owner: self.owner,
            policy: self.policy,
            recipient: self.recipient.clone(),
            at_once: false,
            due: None,
        }
    }

    /// An account whose log it reads: in the mode of its policy.
    #[must_use]
    pub fn tenant(&self, account: AccountId) -> Tenant {
        let mode: Mode = self.owner.mode;
        Tenant { account, mode }
    }
}

impl From<&DeliveryRef> for LaneRef {
    fn from(delivery: &DeliveryRef) -> Self {
        Self {
            owner: delivery.owner,
            policy: delivery.policy,
            recipient: delivery.recipient.clone(),
        }
    }
}

impl From<&Wake> for LaneRef {
    fn from(wake: &Wake) -> Self {
        Self {
            owner: wake.owner,
            policy: wake.policy,
            recipient: wake.recipient.clone(),
        }
    }
}

/// How far a batch goes in the log of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchEnd {
    /// The account.
    pub account: AccountId,
    /// The last place that belongs to it.
    pub to: Place,
}

/// A lane as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Which one.
    pub reference: LaneRef,
    /// Rises with every lease.
    pub fence: i64,
    /// Rises with every wake-up that met a lease.
    pub wakes: i64,
    /// Rises with every wake-up that met a lease and asks for the next attempt at once.
    pub calls: i64,
    /// Until when it is leased; `None` where nobody has it.
    pub leased_until: Option<Timestamp>,
    /// Before when nothing is sent; `None` where nothing waits.
    pub due: Option<Timestamp>,
    /// The slot of its next request, where it waits for that.
    pub slot: Option<Timestamp>,
    /// How often the batch that is next was refused.
    pub failures: u32,
    /// The batch that is sent again: it was refused, or its worker may have stopped while it was on
    /// its way; empty where there is none.
    pub batch: Vec<BatchEnd>,
    /// The attempt that failed last.
    pub last_failure: Option<Attempt>,
    /// How far the keeping of what is not read yet has come.
    pub keeping: Keeping,
    /// After which account its worker goes on, so that none waits for all others; `None` for the
    /// first.
    pub next: Option<AccountId>,
    /// Where it shall go in every log before anything else is sent.
    pub seek: Option<Place>,
    /// The last place that was told, or refused, when it was sent back: up to there deliveries may have
    /// a record, or attempts.
    pub told_to: Option<Place>,
}

/// When somebody looks again at a lane that is behind and is not told: its policy is not active, or
/// its recipient is suspended. Who changes that wakes it at once.
const LOOK: SignedDuration = SignedDuration::from_hours(1);

/// The same, where what it has not read is not all kept yet.
const LOOK_SOON: SignedDuration = SignedDuration::from_mins(1);

/// How far the keeping of what a lane has not read yet has come: entries and events are kept longer
/// where the retention would take them before they were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeping {
    /// When the present round began, in milliseconds since 1970.
    pub since: i64,
    /// The last entry that was kept in it; `None` once it is over.
    pub at: Option<(AccountId, Place)>,
    /// For how long it kept what it read, in milliseconds: the retention then, whatever it is now.
    #[serde(default)]
    pub retention: i64,
}

impl Keeping {
    /// A round that begins.
    #[must_use]
    pub fn beginning(now: Timestamp, retention: SignedDuration) -> Self {
        Self {
            since: now.as_millisecond(),
            at: None,
            retention: i64::try_from(retention.as_millis()).unwrap_or(i64::MAX),
        }
    }

    /// How long a lane may wait for an attempt, so that a round is never late: what was kept in one
    /// has half of the retention left at least, and the next begins after a quarter of it.
    #[must_use]
    pub fn longest_wait(retention: SignedDuration) -> SignedDuration {
        retention / 8
    }

    /// When somebody looks again at a lane that is behind and is not told.
    #[must_use]
    pub fn next_look(&self, now: Timestamp) -> Timestamp {
        now + if self.at.is_some() { LOOK_SOON } else { LOOK }
    }

    /// Whether there is something to do at an instant: a round is under way, or the last one began
    /// a quarter of the retention ago, the one then or the present one.
    #[must_use]
    pub fn is_due(&self, now: Timestamp, retention: SignedDuration) -> bool {
        let age = now.as_millisecond().saturating_sub(self.since);
        let kept_for = retention.as_millis().min(self.retention.into());
        self.at.is_some() || i128::from(age) > kept_for / 4
    }
}
