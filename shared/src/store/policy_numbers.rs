//! Policies that are known by numbers: unique and rising in their tenant, and so many at most. The
//! last number and their count stand in one row, which changes in the transaction that writes or
//! deletes a policy, so that no crash leaves it wrong.

use super::{
    Store, StoreError,
    guard::{Guard, Key, Written},
    policy_creation::{Created, Idempotency},
    policy_rows,
};
use crate::{id::PolicyId, policy::Policy, tenant::Tenant};
use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};

/// The most policies of a tenant that have numbers.
pub const MAX_NUMBERED: u64 = 1_000;

/// How often a number is taken again that another request took first.
const MAX_ROUNDS: usize = 100;

/// What became of a request to create a policy that has a number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum NumberedCreation {
    /// It was created, with this number.
    New(Policy),
    /// The same request created this policy before.
    Again(Policy),
    /// Another request used the same idempotency key.
    Conflict,
    /// The tenant has as many as it may.
    Full,
}

/// What is known of a tenant's numbers. They are never given twice.
#[derive(Debug, Default, Serialize, Deserialize)]
struct NumbersRow {
    /// The last that was given.
    last: u64,
    /// How many policies have one.
    count: u64,
    /// Counts the changes; 0 where the row is not there.
    version: u64,
}

/// Which policy has a number.
#[derive(Serialize, Deserialize)]
struct NumberRow {
    policy: PolicyId,
}

fn numbers_key(owner: Tenant) -> Key {
    Key {
        pk: format!("{owner}#POLICY-NUMBERS"),
        sk: "NUMBERS".to_owned(),
    }
}

fn number_key(owner: Tenant, number: u64) -> Key {
    Key {
        pk: format!("{owner}#POLICY-NUMBER"),
        sk: number.to_string(),
    }
}

impl NumbersRow {
    /// With one policy more, which has the last number.
    const fn with_another(&self) -> Self {
        Self {
            last: self.last + 1,
            count: self.count + 1,
            version: self.version + 1,
        }
    }

    /// With one policy less.
    const fn with_one_less(&self) -> Self {
        Self {
            last: self.last,
            count: self.count.saturating_sub(1),
            version: self.version + 1,
        }
    }
}

impl Store {
    /// The policy with a number.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn numbered_policy(
        &self,
        owner: Tenant,
        number: u64,
    ) -> Result<Option<Policy>, StoreError> {
        let row: Option<NumberRow> = self.data.get(number_key(owner, number)).await?;
        match row {
            Some(row) => self.policy(owner, row.policy).await,
            None => Ok(None),
        }
    }

    /// Writes a new policy with the next number of its tenant.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn create_numbered_policy(
        &self,
        mut policy: Policy,
        idempotency: Option<&Idempotency>,
    ) -> Result<NumberedCreation, StoreError> {
        let owner = policy.owner;
        for round in 0..MAX_ROUNDS {
            let numbers = self.numbers(owner).await?;
            if let Some(refusal) = self.refusal(&policy, &numbers, idempotency).await? {
                if round > 0 {
                    self.remove_hints(&policy, &policy.hint_keys()).await?;
                }
                return Ok(refusal);
            }
            if round == 0 {
                self.add_hints(&policy, &policy.hint_keys()).await?;
            }
            let next = numbers.with_another();
            policy.details.number = Some(next.last);
            let pointer = NumberRow { policy: policy.id };
            let pointer_key = number_key(owner, next.last);
            let mut writes = self.creation(&policy, idempotency)?;
            writes.push(self.data.guarded(pointer_key, &pointer, &Guard::Absent)?);
            writes.push(self.numbers_after(owner, &numbers, &next)?);
            if self.data.transact(writes).await? == Written::Done {
                return Ok(NumberedCreation::New(policy));
            }
        }
        self.remove_hints(&policy, &policy.hint_keys()).await?;
        Err(StoreError::contended())
    }

    /// Why a policy is not written: the same request made it before, or there is no room.
    async fn refusal(
        &self,
        policy: &Policy,
        numbers: &NumbersRow,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<NumberedCreation>, StoreError> {
        let earlier = self.earlier_creation(policy.owner, idempotency, policy.created_at);
        Ok(match earlier.await? {
            Some(Created::Again(policy)) => Some(NumberedCreation::Again(policy)),
            Some(Created::New | Created::Conflict) => Some(NumberedCreation::Conflict),
            None if numbers.count >= MAX_NUMBERED => Some(NumberedCreation::Full),
            None => None,
        })
    }

    /// Deletes a version of a policy that has a number. Where that is refused, another version
    /// stands, or another policy came or went: who asks again finds out.
    pub(super) async fn delete_numbered(
        &self,
        policy: &Policy,
        number: u64,
        guard: &Guard,
    ) -> Result<Written, StoreError> {
        let owner = policy.owner;
        let numbers = self.numbers(owner).await?;
        let next = numbers.with_one_less();
        let policy_key = policy_rows::key(owner, policy.id);
        self.data
            .transact(vec![
                self.data.guarded_deletion(policy_key, guard)?,
                self.data.deletion(number_key(owner, number))?,
                self.numbers_after(owner, &numbers, &next)?,
            ])
            .await
    }

    async fn numbers(&self, owner: Tenant) -> Result<NumbersRow, StoreError> {
        Ok(self.data.get(numbers_key(owner)).await?.unwrap_or_default())
    }

    /// The write that follows on what was read.
    fn numbers_after(
        &self,
        owner: Tenant,
        read: &NumbersRow,
        next: &NumbersRow,
    ) -> Result<TransactWriteItem, StoreError> {
        let guard = match i64::try_from(read.version).map_err(StoreError::corrupt)? {
            0 => Guard::Absent,
            version => Guard::Equals("version", version),
        };
        self.data.guarded(numbers_key(owner), next, &guard)
    }
}
