//! New policies: made once, however often the request is repeated under one idempotency key.

use super::{
    Store, StoreError,
    guard::{Guard, Key, Written},
    policy_rows::{self, PolicyRow},
};
use crate::{id::PolicyId, policy::Policy, tenant::Tenant};
use aws_sdk_dynamodb::types::TransactWriteItem;
use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long an idempotency key is remembered.
pub const IDEMPOTENCY_PERIOD: SignedDuration = SignedDuration::from_hours(24);

/// What became of a request to create a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[expect(
    clippy::large_enum_variant,
    reason = "made once for a request, and taken apart at once"
)]
pub enum Created {
    /// It was created.
    New,
    /// The same request created this policy before.
    Again(Policy),
    /// Another request used the same idempotency key.
    Conflict,
}

/// What makes two requests the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    key: String,
    fingerprint: String,
}

impl Idempotency {
    /// From the caller's key and the body that it came with.
    #[must_use]
    pub fn new(key: &str, body: &[u8]) -> Self {
        Self {
            key: HEXLOWER.encode(&Sha256::digest(key)),
            fingerprint: HEXLOWER.encode(&Sha256::digest(body)),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct IdempotencyRow {
    policy: PolicyId,
    fingerprint: String,
    expires: i64,
}

fn key(owner: Tenant, idempotency: &Idempotency) -> Key {
    Key {
        pk: format!("{owner}#IDEMPOTENCY#{}", idempotency.key),
        sk: "POLICY".to_owned(),
    }
}

impl Store {
    /// Writes a new policy.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn create_policy(
        &self,
        policy: &Policy,
        idempotency: Option<&Idempotency>,
    ) -> Result<Created, StoreError> {
        let now = policy.created_at;
        let earlier = self.earlier_creation(policy.owner, idempotency, now);
        if let Some(earlier) = earlier.await? {
            return Ok(earlier);
        }
        self.add_hints(policy, &policy.hint_keys()).await?;
        match self
            .data
            .transact(self.creation(policy, idempotency)?)
            .await?
        {
            Written::Done => Ok(Created::New),
            Written::Refused => {
                self.remove_hints(policy, &policy.hint_keys()).await?;
                let earlier = self.earlier_creation(policy.owner, idempotency, now);
                earlier.await?.ok_or_else(StoreError::contended)
            }
        }
    }

    /// The writes that make a policy, and remember under which key.
    pub(super) fn creation(
        &self,
        policy: &Policy,
        idempotency: Option<&Idempotency>,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let now = policy.created_at;
        let policy_key = policy_rows::key(policy.owner, policy.id);
        let row = PolicyRow::new(policy);
        let mut writes = vec![self.data.guarded(policy_key, &row, &Guard::Absent)?];
        if let Some(idempotency) = idempotency {
            let key = key(policy.owner, idempotency);
            let row = IdempotencyRow {
                policy: policy.id,
                fingerprint: idempotency.fingerprint.clone(),
                expires: (now + IDEMPOTENCY_PERIOD).as_second(),
            };
            let guard = Guard::AbsentOrAtMost("expires", now.as_second());
            writes.push(self.data.guarded(key, &row, &guard)?);
        }
        Ok(writes)
    }

    /// What became of an earlier request under an idempotency key that is still remembered.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn earlier_creation(
        &self,
        owner: Tenant,
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Option<Created>, StoreError> {
        let Some(idempotency) = idempotency else {
            return Ok(None);
        };
        let row: Option<IdempotencyRow> = self.data.get(key(owner, idempotency)).await?;
        let Some(row) = row.filter(|row| row.expires > now.as_second()) else {
            return Ok(None);
        };
        if row.fingerprint != idempotency.fingerprint {
            return Ok(Some(Created::Conflict));
        }
        let policy = self.policy(owner, row.policy).await?;
        Ok(Some(policy.map_or(Created::Conflict, Created::Again)))
    }
}
