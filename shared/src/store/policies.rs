//! Policies, changed only over the version that the change was made on.

use super::{
    Store, StoreError,
    guard::{Guard, Written},
    policy_rows::{PolicyRow, from_item, key, partition},
    query::Query,
};
use crate::{
    attempt::Outcome,
    id::{PolicyId, RecipientId},
    policy::{HintKey, MatchKey, Policy},
    recipient::{Recipient, SuspensionReason},
    tenant::Tenant,
};
use jiff::Timestamp;

/// Policies that are read at a time when many are changed.
const PAGE: usize = 100;

/// Policies that are read at most when many are changed.
const MAX_READ: usize = 10_000;

/// How often a change is tried again when others change the policy meanwhile.
const MAX_CHANGE_ROUNDS: usize = 100;

/// Whether a change was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[expect(
    clippy::large_enum_variant,
    reason = "made once for a request, and taken apart at once"
)]
pub enum Changed {
    /// The policy as it is now.
    Done(Policy),
    /// There is no such policy.
    NotFound,
}

fn at_version(policy: &Policy) -> Guard {
    Guard::Equals("version", i64::try_from(policy.version).unwrap_or(i64::MAX))
}

impl Store {
    /// The policy with an id.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn policy(&self, owner: Tenant, id: PolicyId) -> Result<Option<Policy>, StoreError> {
        let row: Option<PolicyRow> = self.data.get(key(owner, id)).await?;
        Ok(row.map(PolicyRow::into_policy))
    }

    /// The policies behind hints, those that are still there, in the order of the hints.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn policies(&self, hints: &[(Tenant, PolicyId)]) -> Result<Vec<Policy>, StoreError> {
        let keys: Vec<_> = hints.iter().map(|(owner, id)| key(*owner, *id)).collect();
        let mut found = self.data.batch_get(keys.clone()).await?;
        keys.iter()
            .filter_map(|key| found.remove(key))
            .map(from_item)
            .collect()
    }

    /// Writes the next version of a policy, if there is one. `change` makes it from the present
    /// one, and is asked again where somebody else was faster; what it refuses changes nothing.
    ///
    /// # Errors
    /// What `change` refuses, or where the table does not answer.
    pub async fn change_policy<E: From<StoreError>>(
        &self,
        owner: Tenant,
        id: PolicyId,
        change: impl Fn(Policy) -> Result<Policy, E>,
    ) -> Result<Changed, E> {
        let mut last_try: Option<Policy> = None;
        for _ in 0..MAX_CHANGE_ROUNDS {
            let Some(present) = self.policy(owner, id).await? else {
                if let Some(tried) = last_try {
                    self.remove_hints(&tried, &tried.hint_keys()).await?;
                }
                return Ok(Changed::NotFound);
            };
            // The answer to a try may have been lost, and the SDK's repetition refused.
            if last_try.as_ref() == Some(&present) {
                return Ok(Changed::Done(present));
            }
            let next = change(present.clone())?;
            if next.version == present.version {
                return Ok(Changed::Done(present));
            }
            let (old_keys, new_keys) = (present.hint_keys(), next.hint_keys());
            let mut added = without(&new_keys, &old_keys);
            if next.delivery_mode != present.delivery_mode {
                // What is accepted from now on stands behind its present start.
                let of_log = |key: &&HintKey| key.heard == MatchKey::Ordered;
                added.extend(new_keys.iter().filter(of_log).cloned());
                added.dedup();
            }
            self.add_hints_again(&next, &added).await?;
            let row = PolicyRow::new(&next);
            match self
                .data
                .put_if(key(owner, id), &row, &at_version(&present))
                .await?
            {
                Written::Done => {
                    self.remove_hints(&next, &without(&old_keys, &new_keys))
                        .await?;
                    return Ok(Changed::Done(next));
                }
                Written::Refused => last_try = Some(next),
            }
        }
        Err(StoreError::contended().into())
    }

    /// Changes every policy of an owner for which a change makes a next version, among the ten
    /// thousand oldest; returns how many that were.
    ///
    /// # Errors
    /// Where the table does not answer. Some may be changed then; a repetition changes the rest.
    pub async fn change_policies(
        &self,
        owner: Tenant,
        change: impl Fn(Policy) -> Policy,
    ) -> Result<usize, StoreError> {
        let (mut read, mut changed) = (0, 0);
        let mut query = Query::all(partition(owner), PAGE);
        loop {
            let page = self.data.query::<PolicyRow>(query.clone()).await?;
            read += page.rows.len();
            for (_, row) in page.rows {
                let policy = row.into_policy();
                if change(policy.clone()).version == policy.version {
                    continue;
                }
                let next = |policy| Ok::<_, StoreError>(change(policy));
                match self.change_policy(owner, policy.id, next).await? {
                    Changed::Done(_) => changed += 1,
                    Changed::NotFound => {}
                }
            }
            match page.next {
                Some(next) if read < MAX_READ => query.after = Some(next),
                _ => return Ok(changed),
            }
        }
    }

    /// Why a recipient is sent to no more, by the outcome of an attempt. Nothing follows where it
    /// moved while the attempt was made: the answer is of where it was.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn suspends(
        &self,
        (owner, policy): (Tenant, PolicyId),
        told: &Recipient,
        outcome: &Outcome,
    ) -> Result<Option<SuspensionReason>, StoreError> {
        let Some(reason) = outcome.suspends() else {
            return Ok(None);
        };
        let policy = self.policy(owner, policy).await?;
        let has_moved = policy.is_some_and(|policy| policy.has_moved(told));
        Ok((!has_moved).then_some(reason))
    }

    /// Suspends a recipient of a policy where it was told something, unless it moved meanwhile.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn suspend_there(
        &self,
        (owner, policy): (Tenant, PolicyId),
        told: &Recipient,
        reason: SuspensionReason,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        self.change_policy(owner, policy, |policy| {
            Ok(match policy.has_moved(told) {
                true => policy,
                false => policy.suspend_recipient(&told.id, reason, now),
            })
        })
        .await
    }

    /// Suspends a recipient of a policy: what follows from a hard bounce, a complaint and an
    /// unsubscription.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn suspend_recipient(
        &self,
        (owner, policy): (Tenant, PolicyId),
        recipient: &RecipientId,
        reason: SuspensionReason,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        self.change_policy(owner, policy, |policy| {
            Ok(policy.suspend_recipient(recipient, reason, now))
        })
        .await
    }

    /// Deletes a policy and returns it as it was.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn delete_policy(
        &self,
        owner: Tenant,
        id: PolicyId,
    ) -> Result<Option<Policy>, StoreError> {
        self.delete_policy_if(owner, id, |_| Ok(())).await
    }

    /// Deletes a policy and returns it as it was. `allow` is asked about the version that is
    /// deleted; what it refuses changes nothing.
    ///
    /// # Errors
    /// What `allow` refuses, or where the table does not answer.
    pub async fn delete_policy_if<E: From<StoreError>>(
        &self,
        owner: Tenant,
        id: PolicyId,
        allow: impl Fn(&Policy) -> Result<(), E>,
    ) -> Result<Option<Policy>, E> {
        let mut last_try: Option<Policy> = None;
        for _ in 0..MAX_CHANGE_ROUNDS {
            let Some(present) = self.policy(owner, id).await? else {
                // The answer to a try may have been lost, and the SDK's repetition refused.
                return Ok(self.forget(last_try).await?);
            };
            allow(&present)?;
            let guard = at_version(&present);
            let written = match present.details.number {
                None => self.data.delete_if(key(owner, id), &guard).await?,
                Some(number) => self.delete_numbered(&present, number, &guard).await?,
            };
            match written {
                Written::Done => return Ok(self.forget(Some(present)).await?),
                Written::Refused => last_try = Some(present),
            }
        }
        Err(StoreError::contended().into())
    }

    /// Removes the hints of a deleted policy.
    async fn forget(&self, deleted: Option<Policy>) -> Result<Option<Policy>, StoreError> {
        if let Some(policy) = &deleted {
            self.remove_hints(policy, &policy.hint_keys()).await?;
        }
        Ok(deleted)
    }
}

/// The keys of one list that another lacks.
fn without(keys: &[HintKey], others: &[HintKey]) -> Vec<HintKey> {
    keys.iter()
        .filter(|key| !others.contains(key))
        .cloned()
        .collect()
}
