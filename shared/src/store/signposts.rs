//! Where a policy of an account below is found, by those who know its id and not its owner.

use super::{Store, StoreError, guard::Key, query::Query};
use crate::{
    id::{AccountId, PolicyId},
    tenant::{Mode, Tenant},
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct SignpostRow {
    owner: AccountId,
}

/// Signposts that are read at a time.
const PAGE: usize = 1_000;

fn partition(at: Tenant) -> String {
    format!("{at}#SIGNPOST")
}

fn key(at: Tenant, policy: PolicyId) -> Key {
    Key {
        pk: partition(at),
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

    /// Has those accounts forget where all policies of one are that is deleted, in both modes.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn take_down_all_signposts(
        &self,
        above: &[AccountId],
        owner: AccountId,
    ) -> Result<(), StoreError> {
        let modes = [Mode::Live, Mode::Test];
        let places = above
            .iter()
            .flat_map(|&account| modes.map(|mode| Tenant { account, mode }));
        for at in places {
            let mut query = Query::all(partition(at), PAGE);
            loop {
                let page = self.data.query::<SignpostRow>(query.clone()).await?;
                let is_of_owner = |(sk, row): (String, SignpostRow)| {
                    let pk = partition(at);
                    (row.owner == owner).then_some(Key { pk, sk })
                };
                let keys = page.rows.into_iter().filter_map(is_of_owner).collect();
                self.data.batch_delete(keys).await?;
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
        }
        Ok(())
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
