//! When the health of policies is asked for next, and what was heard last: a row per policy, in the
//! index `due` while somebody shall ask.

use super::{
    Store, StoreError,
    due::GRACE,
    guard::{Guard, Key, Written},
    query::IndexQuery,
    schema::DUE_INDEX,
    update::Update,
};
use crate::{error_chain::error_chain, id::PolicyId, tenant::Tenant};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Partitions of the index where probes stand.
pub const PROBE_SHARDS: u8 = 4;

/// How long a row may stand before the policy that it was written for: longer than any request.
const UNFINISHED: SignedDuration = SignedDuration::from_mins(15);

/// When somebody looks again for the policy of such a row.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// Probes that one reading of a partition returns at most.
const PAGE: usize = 1_000;

/// How often a row is written again that others write at the same moment.
const MAX_ROUNDS: usize = 20;

/// What a probe heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastProbe {
    /// When.
    #[serde(with = "crate::millis")]
    pub at: Timestamp,
    /// Whether the policy was healthy.
    pub healthy: bool,
    /// The status of the answer, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What went wrong, where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// When a policy's health is asked for, and what was heard last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeRow {
    owner: Tenant,
    policy: PolicyId,
    /// What was heard last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<LastProbe>,
    /// When somebody asked for a probe, other than the timer and the probes themselves.
    #[serde(with = "crate::millis")]
    asked_at: Timestamp,
    version: i64,
    due_shard: String,
    due_at: i64,
}

/// A probe that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueProbe {
    /// The policy's owner.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
    due_at: i64,
}

fn key((owner, policy): (Tenant, PolicyId)) -> Key {
    Key {
        pk: format!("{owner}#HEALTH"),
        sk: policy.to_string(),
    }
}

fn partition(shard: u8) -> String {
    format!("PROBE#{shard}")
}

impl Store {
    /// Has a policy probed within a minute. Written before the policy that it is for.
    ///
    /// * `forget`: whether what was heard last is of another URL.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn schedule_probe(
        &self,
        of: (Tenant, PolicyId),
        forget: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (owner, policy) = of;
        let [.., last_byte] = *policy.as_uuid().as_bytes();
        for _ in 0..MAX_ROUNDS {
            let present = self.probe_row(of).await?;
            let (version, guard) = match &present {
                None => (1, Guard::Absent),
                Some(row) => (row.version + 1, Guard::Equals("version", row.version)),
            };
            let row = ProbeRow {
                owner,
                policy,
                last: present.and_then(|row| row.last).filter(|_| !forget),
                asked_at: now,
                version,
                due_shard: partition(last_byte % PROBE_SHARDS),
                due_at: now.as_millisecond(),
            };
            if self.data.put_if(key(of), &row, &guard).await? == Written::Done {
                return Ok(());
            }
        }
        Err(StoreError::contended())
    }

    /// The row of a policy, if its health is asked for.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn probe_row(&self, of: (Tenant, PolicyId)) -> Result<Option<ProbeRow>, StoreError> {
        self.data.get(key(of)).await
    }

    /// Records what a probe heard, and when the next is due. Changes nothing where another was
    /// recorded, or asked for, since the row was read.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn record_probe(
        &self,
        read: &ProbeRow,
        heard: LastProbe,
        next: Timestamp,
    ) -> Result<(), StoreError> {
        let row = ProbeRow {
            last: Some(heard),
            version: read.version + 1,
            due_at: next.as_millisecond(),
            ..read.clone()
        };
        let guard = Guard::Equals("version", read.version);
        match self.data.put_if(key(read.of()), &row, &guard).await? {
            Written::Done | Written::Refused => Ok(()),
        }
    }

    /// Removes the row of a policy whose health nobody asks for; one that was written a moment ago
    /// stays until another look, because its policy may be about to be.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn forget_probe(&self, read: &ProbeRow, now: Timestamp) -> Result<(), StoreError> {
        let guard = Guard::Equals("version", read.version);
        let key = key(read.of());
        let is_new = now.duration_since(read.asked_at) < UNFINISHED;
        let done = if is_new {
            let later = (now + LOOK_AGAIN).as_millisecond();
            let update = Update::default().number("due_at", later);
            self.data.update_if(key, &update, &guard).await?
        } else {
            self.data.delete_if(key, &guard).await?
        };
        match done {
            Written::Done | Written::Refused => Ok(()),
        }
    }

    /// The probes of an index partition that are due by an instant, the earliest first.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn due_probes(&self, shard: u8, by: Timestamp) -> Result<Vec<DueProbe>, StoreError> {
        let query = IndexQuery {
            partition: partition(shard),
            at_most: by.as_millisecond(),
            start: None,
            limit: PAGE,
        };
        let page = self.data.query_index::<ProbeRow>(&DUE_INDEX, query).await?;
        let mut due = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            match row {
                Ok(row) => due.push(DueProbe {
                    owner: row.owner,
                    policy: row.policy,
                    due_at: row.due_at,
                }),
                Err(error) => tracing::error!(
                    error = error_chain(&error),
                    "a row about health cannot be read and is passed over"
                ),
            }
        }
        Ok(due)
    }

    /// Notes that the queue has the message about a probe, so that the timer asks again only where
    /// that is lost.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn postpone_probe(&self, asked: &DueProbe, now: Timestamp) -> Result<(), StoreError> {
        let later = (now + GRACE).as_millisecond();
        let update = Update::default().number("due_at", later);
        let guard = Guard::Equals("due_at", asked.due_at);
        let key = key((asked.owner, asked.policy));
        match self.data.update_if(key, &update, &guard).await? {
            Written::Done | Written::Refused => Ok(()),
        }
    }
}

impl ProbeRow {
    const fn of(&self) -> (Tenant, PolicyId) {
        (self.owner, self.policy)
    }
}
