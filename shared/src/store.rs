//! Everything that is kept. One concrete store that speaks DynamoDB through the official SDK;
//! the local service and the tests swap the wire, never this code.
//!
//! Two tables: [`Accounts`] and their credentials in one, which senders cannot read; everything
//! else in the other, [`Store`]. Every key of a tenant's row starts with the tenant:
//!
//! | row | partition | sort |
//! |---|---|---|
//! | event | `<tenant>#EVENT#<id>` | `EVENT` |
//! | manifest | `<owner>#MANIFEST#<day>` | `<ms>#<event's account>#<event>#<chunk>` |
//! | policy | `<owner>#POLICY` | `<id>` |
//! | hint, in an account | `<tenant>#MATCH#<type, *dialect or *ordered>` | `<policy>` |
//! | hint, below an account | `<tenant>#BELOW#<type, *dialect or *ordered>` | `<policy>` |
//! | idempotency key | `<owner>#IDEMPOTENCY#<digest>` | `POLICY` |
//! | delivery | `<owner>#DELIVERIES#<policy>#<day>` | `<id>` |
//! | when health is asked for, and what was heard | `<owner>#HEALTH` | `<policy>` |
//! | pace | `<owner>#PACE` | `<policy>` |
//! | replay | `<owner>#REPLAY#<policy>` | `<id>` |
//! | the one that runs | `<owner>#REPLAYING` | `<policy>` |
//! | key that signs all webhooks of an account | `<owner>#SIGNING-KEY` | `KEY` |
//! | the last number of a policy, and how many have one | `<owner>#POLICY-NUMBERS` | `NUMBERS` |
//! | policy with a number | `<owner>#POLICY-NUMBER` | `<number>` |
//! | where a policy of an account below is | `<tenant>#SIGNPOST` | `<policy>` |
//! | attempt that failed | `<owner>#ATTEMPTS#<delivery>` | `<number>` |
//! | attempt that delivered, once another followed | `<owner>#ATTEMPTS#<delivery>` | `<number>#<ms>` |
//! | bounce of the mail that it sent | `<owner>#ATTEMPTS#<delivery>` | `<number>#<ms>#bounce` |
//! | place of an event in its account's log | `<tenant>#LOG` | `<place>` |
//! | the last place of a log | `<tenant>#LOG-HEAD` | `LOG` |
//! | lane of an ordered recipient | `<owner>#LANE#<policy>` | `<recipient>` |
//! | how far it has read an account's log | `<owner>#CURSOR#<policy>#<recipient>` | `<account>` |
//! | that there is more in it | `<owner>#BACKLOG#<policy>#<recipient>` | `<account>` |
//! | suppressed address | `<owner>#SUPPRESSION` | `<address in lower case>` |
//! | event type that was added | `CATALOGUE` | `<name>` |
//! | wrapped data key | `VAULT` | `DATA-KEY` |
//!
//! | row of the accounts table | partition | sort |
//! |---|---|---|
//! | account | `ACCOUNT#<id>` | `ACCOUNT` |
//! | external id | `EXTERNAL#<external id>` | `ACCOUNT` |
//! | account in the list of all | `ACCOUNTS` | `<id>` |
//! | account below another | `CHILDREN#<parent>` | `<id>` |
//! | the last account's number | `COUNTER` | `ACCOUNT` |
//! | credential, by secret | `CREDENTIAL#<SHA-256 of the secret>` | `CREDENTIAL` |
//! | the same, by id | `CREDENTIAL-ID#<id>` | `CREDENTIAL` |
//! | the same, by account | `ACCOUNT#<account>` | `CREDENTIAL#<id>` |
//!
//! Days are UTC days of the event's acceptance. The sparse index `due` holds the deliveries
//! that wait (`DUE#<shard>`) and the lanes that do, or whose worker may have stopped
//! (`LANE#<shard>`), by when the timer shall look; the policies whose health is asked for, by when
//! (`PROBE#<shard>`); and what is withheld of a policy, by when its event was accepted: until the
//! policy is active (`WITHHELD#<policy>`), or until somebody has it tried again
//! (`WITHHELD#<policy>#KEPT`).

mod account_changes;
mod accounts;
mod batch;
mod catalogue;
mod credentials;
mod cursors;
mod data_keys;
mod deliveries;
mod delivery_changes;
mod delivery_lists;
mod delivery_rows;
mod due;
mod due_lanes;
mod erasure;
mod error;
mod event_places;
mod events;
mod guard;
mod health;
mod kept_events;
mod lane_progress;
mod lane_rows;
mod lanes;
mod log;
mod manifest_keeping;
mod manifests;
mod matches;
mod pace;
mod policies;
mod policy_creation;
mod policy_lists;
mod policy_numbers;
mod policy_rows;
mod query;
mod replays;
mod schema;
mod seeks;
mod signing_keys;
mod signposts;
mod suppressions;
mod table;
mod update;
mod withheld;

pub use account_changes::{AccountCreation, Marking, Renaming};
pub use accounts::{AccountPage, Accounts};
pub use catalogue::KnownReport;
pub use credentials::{CredentialCreation, CredentialPage, FoundCredential};
pub use cursors::{Backlog, Cursor};
pub use deliveries::{DeliveryRead, Read};
pub use delivery_lists::{DeliveryPage, DeliveryPosition, DeliveryQuery};
pub use due::{DUE_SHARDS, DueDelivery, DuePage, DuePosition, is_long_wait};
pub use due_lanes::{DueLane, LanePage};
pub use erasure::{Erased, ErasurePosition};
pub use error::StoreError;
pub use events::{AcceptedEvent, AcceptedReport, EventContext, Reported};
pub use guard::Recorded;
pub use health::{DueProbe, LastProbe, PROBE_SHARDS, ProbeRow};
pub use lanes::{Claim, Parking, Release};
pub use log::{LogEntry, LogPage};
pub use manifests::{Manifest, ManifestEntry, ManifestPage, ManifestPosition};
pub use matches::HintPage;
pub use pace::MAX_RESERVED_AHEAD;
pub use policies::Changed;
pub use policy_creation::{Created, IDEMPOTENCY_PERIOD, Idempotency};
pub use policy_lists::{ListOrder, MAX_ANSWER_BYTES, PolicyPage, PolicyQuery};
pub use policy_numbers::{MAX_NUMBERED, NumberedCreation};
pub use replays::{ReplayPage, ReplayStart};
pub use schema::{ACCOUNTS_SCHEMA, DATA_SCHEMA, IndexSchema, TableSchema};
pub use suppressions::SuppressionPage;
pub use withheld::{HELD_FOR, WithheldPage, WithheldPosition};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use table::Table;

/// Everything that is kept but accounts and credentials.
#[derive(Clone, Debug)]
pub struct Store {
    data: Table,
    retention: SignedDuration,
}

impl Store {
    /// A store on a table.
    ///
    /// * `retention`: how long events, deliveries and attempts are kept after they ended.
    #[must_use]
    #[expect(clippy::disallowed_types, reason = "the owner of the DynamoDB client")]
    pub fn new(
        client: &aws_sdk_dynamodb::Client,
        data_table: impl Into<String>,
        retention: Duration,
    ) -> Self {
        let data = Table {
            client: client.clone(),
            name: data_table.into(),
        };
        Self {
            data,
            retention: SignedDuration::try_from(retention).unwrap_or(SignedDuration::MAX),
        }
    }

    /// How long what has ended is kept.
    #[must_use]
    pub const fn retention(&self) -> SignedDuration {
        self.retention
    }

    /// When a row that ends now may go, in seconds since 1970 (DynamoDB's time to live).
    fn expiry(&self, end: Timestamp) -> i64 {
        end.saturating_add(self.retention)
            .map_or(i64::MAX, Timestamp::as_second)
    }
}

/// Events accepted from one instant on and before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first instant that belongs to it.
    #[serde(with = "crate::millis")]
    pub since: Timestamp,
    /// The first that does not.
    #[serde(with = "crate::millis")]
    pub until: Timestamp,
}

/// The same time of the day before; the earliest instant stays.
fn day_before(at: Timestamp) -> Timestamp {
    at.saturating_sub(SignedDuration::from_hours(24))
        .unwrap_or(Timestamp::MIN)
}

/// The same time of the day after; the latest instant stays.
fn day_after(at: Timestamp) -> Timestamp {
    at.saturating_add(SignedDuration::from_hours(24))
        .unwrap_or(Timestamp::MAX)
}

/// The UTC day of an instant, as it stands in keys: `20260105`.
fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%d").to_string()
}
