//! Where a policy of an account below is found, by those who know its id and not its owner.

use super::{Store, StoreError, guard::Key};
use crate::{
    id::{AccountId, PolicyId},
    tenant::Tenant,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct SignpostRow {
    owner: AccountId,
}

fn key(at: Tenant, policy: PolicyId) -> Key {
    Key {
        pk: format!("{at}#SIGNPOST"),
        sk: policy.to_string(),
    }
}

fn keys(above: &[AccountId], owner: Tenant, policy: PolicyId) -> impl Iterator<Item = Key> {
    above.iter().map(move |&account| {
        let at = Tenant { account, ..owner };
        key(at, policy)
    })
}

impl Store {
    /// Has each of some accounts know where a policy is. Written before the policy: one without
    /// leads nowhere.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn put_up_signposts(
        &self,
        above: &[AccountId],
        owner: Tenant,
        policy: PolicyId,
    ) -> Result<(), StoreError> {
        let keys = keys(above, owner, policy);
        let owner = owner.account;
        let rows = keys.map(|key| (key, SignpostRow { owner }));
        self.data.batch_put(rows.collect()).await
    }

    /// Has those accounts forget where a policy was, after it is deleted.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn take_down_signposts(
        &self,
        above: &[AccountId],
        owner: Tenant,
        policy: PolicyId,
    ) -> Result<(), StoreError> {
        let keys = keys(above, owner, policy).collect();
        self.data.batch_delete(keys).await
    }

    /// Who owns a policy of an account below, as far as this one knows.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn signpost(
        &self,
        at: Tenant,
        policy: PolicyId,
    ) -> Result<Option<Tenant>, StoreError> {
        let row: Option<SignpostRow> = self.data.get(key(at, policy)).await?;
        Ok(row.map(|row| Tenant {
            account: row.owner,
            mode: at.mode,
        }))
    }
}
