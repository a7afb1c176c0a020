//! Hints: which policies an event of a type may concern. They are written before the policy and
//! removed after it, so one may be there too many but never one too few; the fan-out reads the
//! policies themselves and asks them again.

use super::{
    Store, StoreError,
    guard::{Guard, Key, Written},
    table::Query,
};
use crate::{
    id::PolicyId,
    policy::{MatchKey, Policy},
    tenant::Tenant,
};
use serde::{Deserialize, Serialize};

/// Hints of one key, in the order of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HintPage {
    /// The policies and their owners.
    pub hints: Vec<(Tenant, PolicyId)>,
    /// Where to go on, if there may be more.
    pub next: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct HintRow {
    owner: Tenant,
    policy: PolicyId,
    /// The policy's version that wrote the hint.
    version: u64,
}

fn partition(tenant: Tenant, match_key: &MatchKey) -> String {
    format!("{tenant}#MATCH#{match_key}")
}

fn key(policy: &Policy, match_key: &MatchKey) -> Key {
    Key {
        pk: partition(policy.tenant, match_key),
        sk: policy.id.to_string(),
    }
}

impl Store {
    /// Reads hints of a tenant at a key, from a place on.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn hints(
        &self,
        tenant: Tenant,
        match_key: &MatchKey,
        after: Option<String>,
        limit: usize,
    ) -> Result<HintPage, StoreError> {
        let query = Query {
            after,
            ..Query::all(partition(tenant, match_key), limit)
        };
        let page = self.data.query::<HintRow>(query).await?;
        Ok(HintPage {
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
        keys: &[MatchKey],
    ) -> Result<(), StoreError> {
        let row = |match_key| {
            let row = HintRow {
                owner: policy.tenant,
                policy: policy.id,
                version: policy.version,
            };
            (key(policy, match_key), row)
        };
        self.data.batch_put(keys.iter().map(row).collect()).await
    }

    /// Removes hints that a version of a policy has no use for, unless a later one wrote them.
    pub(super) async fn remove_hints(
        &self,
        policy: &Policy,
        keys: &[MatchKey],
    ) -> Result<(), StoreError> {
        let version = i64::try_from(policy.version).unwrap_or(i64::MAX);
        for match_key in keys {
            let guard = Guard::AtMost("version", version);
            match self.data.delete_if(key(policy, match_key), &guard).await? {
                Written::Done | Written::Refused => {}
            }
        }
        Ok(())
    }
}
