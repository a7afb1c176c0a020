//! Accounts, in a table of their own with the credentials: the senders cannot read it.

use super::{
    StoreError,
    guard::Key,
    query::Query,
    table::{Table, read},
};
use crate::{
    account::{Account, ExternalId},
    id::AccountId,
};
use serde::{Deserialize, Serialize};

/// Accounts and credentials.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub(super) table: Table,
}

/// A page of accounts, in the order of their creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPage {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The account to go on after, if there may be more.
    pub next: Option<AccountId>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Pointer {
    pub(super) account: AccountId,
}

pub(super) fn account_key(id: AccountId) -> Key {
    Key {
        pk: format!("ACCOUNT#{id}"),
        sk: "ACCOUNT".to_owned(),
    }
}

fn external_key(external_id: &ExternalId) -> Key {
    Key {
        pk: format!("EXTERNAL#{external_id}"),
        sk: "ACCOUNT".to_owned(),
    }
}

fn list_partition(parent: Option<AccountId>) -> String {
    parent.map_or_else(
        || "ACCOUNTS".to_owned(),
        |parent| format!("CHILDREN#{parent}"),
    )
}

/// The keys under which an account is found, beside its own: all but the first only where it has
/// what they name.
pub(super) fn pointer_keys(account: &Account) -> impl Iterator<Item = Key> {
    let listed = |parent| Key {
        pk: list_partition(parent),
        sk: account.id.to_string(),
    };
    [
        Some(listed(None)),
        account.parent().map(|parent| listed(Some(parent))),
        account.external_id.as_ref().map(external_key),
    ]
    .into_iter()
    .flatten()
}

impl Accounts {
    /// The accounts and credentials in a table.
    #[must_use]
    #[expect(clippy::disallowed_types, reason = "the owner of the DynamoDB client")]
    pub fn new(client: &aws_sdk_dynamodb::Client, table: impl Into<String>) -> Self {
        Self {
            table: Table {
                client: client.clone(),
                name: table.into(),
            },
        }
    }

    /// The account with an id, be it in use or not.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.table.get(account_key(id)).await
    }

    /// The account in use with a handle: its id, else its external id.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn find_active(&self, handle: &str) -> Result<Option<Account>, StoreError> {
        let found = self.find(handle).await?;
        Ok(found.filter(Account::is_active))
    }

    /// The account with a handle, be it in use or not.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn find(&self, handle: &str) -> Result<Option<Account>, StoreError> {
        if let Ok(id) = handle.parse()
            && let Some(account) = self.account(id).await?
        {
            return Ok(Some(account));
        }
        match handle.parse() {
            Ok(external_id) => self.with_external_id(&external_id).await,
            Err(_) => Ok(None),
        }
    }

    /// The account with an external id, be it in use or not.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn with_external_id(
        &self,
        external_id: &ExternalId,
    ) -> Result<Option<Account>, StoreError> {
        let pointer: Option<Pointer> = self.table.get(external_key(external_id)).await?;
        match pointer {
            Some(pointer) => self.account(pointer.account).await,
            None => Ok(None),
        }
    }

    /// Lists all accounts, or those directly below one.
    ///
    /// * `limit`: accounts of a page, at least one.
    /// * `after`: the account to go on after; `None` for the first page.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn list(
        &self,
        parent: Option<AccountId>,
        after: Option<AccountId>,
        limit: usize,
    ) -> Result<AccountPage, StoreError> {
        let query = Query {
            after: after.map(|id| id.to_string()),
            ..Query::all(list_partition(parent), limit)
        };
        let page = self.table.query::<Pointer>(query).await?;
        let ids = page.rows.iter().map(|(_, pointer)| pointer.account);
        let keys: Vec<_> = ids.map(account_key).collect();
        let mut found = self.table.batch_get(keys.clone()).await?;
        let accounts = keys.iter().filter_map(|key| found.remove(key)).map(read);
        let next = page.next.map(|sk| sk.parse().map_err(StoreError::corrupt));
        Ok(AccountPage {
            accounts: accounts.collect::<Result<_, _>>()?,
            next: next.transpose()?,
        })
    }
}
