//! How lanes stand in the table.

use super::{StoreError, due::DUE_SHARDS, guard::Key, query::Query};
use crate::{
    id::{AccountId, PolicyId},
    lane::{Keeping, Lane, LaneRef},
    place::Place,
    tenant::Tenant,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Numbers and texts at the top, each of which is changed by itself; 0 is no instant.
#[derive(Serialize, Deserialize)]
pub(super) struct LaneRow {
    pub(super) reference: LaneRef,
    fence: i64,
    wakes: i64,
    #[serde(default)]
    calls: i64,
    leased_until: i64,
    due: i64,
    #[serde(default, rename = "turn")]
    slot: i64,
    failures: u32,
    /// JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    batch: Option<String>,
    /// JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_failure: Option<String>,
    /// JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keeping: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<AccountId>,
    #[serde(default)]
    seek: i64,
    #[serde(default)]
    told_to: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_shard: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) due_at: Option<i64>,
}

impl Lane {
    /// A lane that is leased for the first time.
    pub(super) fn new(reference: LaneRef, keeping: Keeping, leased_until: Timestamp) -> Self {
        Self {
            reference,
            fence: 1,
            wakes: 0,
            calls: 0,
            leased_until: Some(leased_until),
            due: None,
            slot: None,
            failures: 0,
            batch: Vec::new(),
            last_failure: None,
            keeping,
            next: None,
            seek: None,
            told_to: None,
        }
    }
}

impl LaneRow {
    /// A new lane.
    ///
    /// * `look_at`: when the timer shall look at it.
    pub(super) fn new(lane: &Lane, look_at: Timestamp) -> Self {
        Self {
            reference: lane.reference.clone(),
            fence: lane.fence,
            wakes: lane.wakes,
            calls: lane.calls,
            leased_until: millis(lane.leased_until),
            due: millis(lane.due),
            slot: millis(lane.slot),
            failures: lane.failures,
            batch: None,
            last_failure: None,
            keeping: text(&lane.keeping).ok(),
            next: None,
            seek: 0,
            told_to: 0,
            due_shard: Some(shard(&lane.reference)),
            due_at: Some(look_at.as_millisecond()),
        }
    }

    pub(super) fn into_lane(self) -> Result<Lane, StoreError> {
        Ok(Lane {
            reference: self.reference,
            fence: self.fence,
            wakes: self.wakes,
            calls: self.calls,
            leased_until: instant(self.leased_until)?,
            due: instant(self.due)?,
            slot: instant(self.slot)?,
            failures: self.failures,
            batch: read(self.batch)?.unwrap_or_default(),
            last_failure: read(self.last_failure)?,
            keeping: read(self.keeping)?.unwrap_or_default(),
            next: self.next,
            seek: place(self.seek),
            told_to: place(self.told_to),
        })
    }
}

pub(super) fn key(lane: &LaneRef) -> Key {
    Key {
        pk: partition(lane.owner, lane.policy),
        sk: lane.recipient.to_string(),
    }
}

/// The rows of a policy's lanes.
pub(super) fn of_policy(owner: Tenant, policy: PolicyId, limit: usize) -> Query {
    Query::all(partition(owner, policy), limit)
}

fn partition(owner: Tenant, policy: PolicyId) -> String {
    format!("{owner}#LANE#{policy}")
}

/// The index partition of a lane.
pub(super) fn shard(lane: &LaneRef) -> String {
    let sum = lane.recipient.as_str().bytes().fold(0_u8, u8::wrapping_add);
    shard_name(sum % DUE_SHARDS)
}

pub(super) fn shard_name(shard: u8) -> String {
    format!("LANE#{shard}")
}

/// An instant as a number field has it.
pub(super) fn millis(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::as_millisecond)
}

fn place(microsecond: i64) -> Option<Place> {
    let at = Timestamp::from_microsecond(microsecond).ok();
    at.filter(|_| microsecond != 0).map(Place::at)
}

fn instant(millis: i64) -> Result<Option<Timestamp>, StoreError> {
    let at = (millis != 0).then(|| Timestamp::from_millisecond(millis));
    at.transpose().map_err(StoreError::corrupt)
}

/// A value as a text field has it.
pub(super) fn text<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::corrupt)
}

fn read<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>, StoreError> {
    let value = text.map(|text| serde_json::from_str(&text));
    value.transpose().map_err(StoreError::corrupt)
}
