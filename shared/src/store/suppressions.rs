//! The suppression lists, each of one tenant.

use super::{
    Store, StoreError,
    guard::{Guard, Key, Written},
    query::Query,
};
use crate::{
    email::EmailAddress,
    suppression::{Suppression, compared},
    tenant::Tenant,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct SuppressionRow {
    address: EmailAddress,
    #[serde(with = "crate::millis")]
    since: Timestamp,
    error: String,
}

impl From<SuppressionRow> for Suppression {
    fn from(row: SuppressionRow) -> Self {
        Self {
            address: row.address,
            since: row.since,
            error: row.error,
        }
    }
}

/// A page of a suppression list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuppressionPage {
    /// The addresses, in the order of their letters.
    pub suppressions: Vec<Suppression>,
    /// Where to go on, if there may be more.
    pub next: Option<String>,
}

fn partition(owner: Tenant) -> String {
    format!("{owner}#SUPPRESSION")
}

fn key(owner: Tenant, address: &EmailAddress) -> Key {
    Key {
        pk: partition(owner),
        sk: compared(address),
    }
}

impl Store {
    /// Puts an address on a tenant's list; one that stands there stays as it is.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn suppress(&self, owner: Tenant, entry: &Suppression) -> Result<(), StoreError> {
        let row = SuppressionRow {
            address: entry.address.clone(),
            since: entry.since,
            error: entry.error.clone(),
        };
        let key = key(owner, &entry.address);
        match self.data.put_if(key, &row, &Guard::Absent).await? {
            Written::Done | Written::Refused => Ok(()),
        }
    }

    /// What stands on a tenant's list about an address.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn suppression(
        &self,
        owner: Tenant,
        address: &EmailAddress,
    ) -> Result<Option<Suppression>, StoreError> {
        let row: Option<SuppressionRow> = self.data.get(key(owner, address)).await?;
        Ok(row.map(Suppression::from))
    }

    /// A tenant's list.
    ///
    /// * `after`: where an earlier page ended; `None` for the first.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn suppressions(
        &self,
        owner: Tenant,
        after: Option<String>,
        limit: usize,
    ) -> Result<SuppressionPage, StoreError> {
        let query = Query {
            after,
            ..Query::all(partition(owner), limit)
        };
        let page = self.data.query::<SuppressionRow>(query).await?;
        Ok(SuppressionPage {
            suppressions: page.rows.into_iter().map(|(_, row)| row.into()).collect(),
            next: page.next,
        })
    }

    /// Takes an address off a tenant's list; says whether it stood there.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn lift_suppression(
        &self,
        owner: Tenant,
        address: &EmailAddress,
    ) -> Result<bool, StoreError> {
        let key = key(owner, address);
        let deletion = self.data.guarded_deletion(key, &Guard::Present)?;
        match self.data.once(deletion).await? {
            Written::Done => Ok(true),
            Written::Refused => Ok(false),
        }
    }
}
