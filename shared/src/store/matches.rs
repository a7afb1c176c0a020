//! Hints: which policies an event of a type may concern. They are written before the policy and
//! removed after it, so one may be there too many but never one too few; the fan-out reads the
//! policies themselves and asks them again.

use super::{
    Store, StoreError,
    guard::{Guard, Key, Written},
    query::Query,
};
use crate::{
    id::PolicyId,
    place::Place,
    policy::{HintKey, Policy},
    tenant::Tenant,
};
use serde::{Deserialize, Serialize};

/// Hints of one key, in the order of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HintPage {
    /// The policies and their owners.
    pub hints: Vec<(Tenant, PolicyId)>,
    /// After which place the latest of those began to read the log that do.
    pub latest_start: Option<Place>,
    /// Where to go on, if there may be more.
    pub next: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct HintRow {
    owner: Tenant,
    policy: PolicyId,
    /// The policy's version that wrote the hint.
    version: u64,
    /// After which place it reads the log, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<Place>,
}

impl HintRow {
    fn new(policy: &Policy) -> Self {
        Self {
            owner: policy.owner,
            policy: policy.id,
            version: policy.version,
            start: policy.delivery_mode.present_start(),
        }
    }
}

fn version(policy: &Policy) -> i64 {
    i64::try_from(policy.version).unwrap_or(i64::MAX)
}

fn key(policy: &Policy, hint: &HintKey) -> Key {
    Key {
        pk: hint.to_string(),
        sk: policy.id.to_string(),
    }
}

impl Store {
    /// Reads hints at a key, from a position on.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn hints(
        &self,
        hint: &HintKey,
        after: Option<String>,
        limit: usize,
    ) -> Result<HintPage, StoreError> {
        let query = Query {
            after,
            ..Query::all(hint.to_string(), limit)
        };
        let page = self.data.query::<HintRow>(query).await?;
        Ok(HintPage {
            latest_start: page.rows.iter().filter_map(|(_, row)| row.start).max(),
            hints: page
                .rows
                .iter()
                .map(|(_, row)| (row.owner, row.policy))
                .collect(),
            next: page.next,
        })
    }

    /// Writes hints for a version of a policy that is about to be written.
    pub(super) async fn add_hints(
        &self,
        policy: &Policy,
        keys: &[HintKey],
    ) -> Result<(), StoreError> {
        let row = |hint| (key(policy, hint), HintRow::new(policy));
        self.data.batch_put(keys.iter().map(row).collect()).await
    }

    /// Writes hints for the next version of a policy, which is about to be written. Those of a
    /// later version stay: else who is late would make them look as if nobody needed them.
    pub(super) async fn add_hints_again(
        &self,
        policy: &Policy,
        keys: &[HintKey],
    ) -> Result<(), StoreError> {
        let guard = Guard::AbsentOrAtMost("version", version(policy));
        for hint in keys {
            let row = HintRow::new(policy);
            match self.data.put_if(key(policy, hint), &row, &guard).await? {
                Written::Done | Written::Refused => {}
            }
        }
        Ok(())
    }

    /// Removes hints that a version of a policy has no use for, unless a later one wrote them.
    pub(super) async fn remove_hints(
        &self,
        policy: &Policy,
        keys: &[HintKey],
    ) -> Result<(), StoreError> {
        for hint in keys {
            let guard = Guard::AtMost("version", version(policy));
            match self.data.delete_if(key(policy, hint), &guard).await? {
                Written::Done | Written::Refused => {}
            }
        }
        Ok(())
    }
}
