//! Accounts, in a table of their own with the credentials: the senders cannot read it.

use super::{
    StoreError,
    batch::MAX_BATCH_GET,
    guard::{Guard, Key, Written},
    query::Query,
    table::{Table, read},
};
use crate::{
    account::{Account, AccountStatus, ExternalId},
    id::AccountId,
    name::Name,
};
use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};

/// How often a change is tried again when others change the account meanwhile.
const MAX_CHANGE_ROUNDS: usize = 100;

/// Accounts and credentials.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub(super) table: Table,
}

/// Whether a new account was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum NewAccount {
    /// It was.
    Created,
    /// Its id or external id is taken.
    Taken,
    /// Its parent is not there, or is being erased.
    NoParent,
}

/// Whether an account was renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Renamed {
    /// The account as it is now.
    Done(Account),
    /// There is no such account in use.
    NotFound,
}

/// Whether an account was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Closed {
    /// It is, now or since earlier.
    Done(Account),
    /// Accounts in use stand below it.
    HasChildren,
    /// There is no such account.
    NotFound,
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
struct Pointer {
    account: AccountId,
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
fn pointer_keys(account: &Account) -> impl Iterator<Item = Key> {
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

    /// The next account's number. Numbers of accounts that were never written are lost.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn next_number(&self) -> Result<u64, StoreError> {
        let key = Key {
            pk: "COUNTER".to_owned(),
            sk: "ACCOUNT".to_owned(),
        };
        self.table.count_up(key, "number").await
    }

    /// Writes a new account. It makes a new version of its parent, so that a parent which is closed
    /// at the same moment is not closed over it.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn create(&self, account: &Account) -> Result<NewAccount, StoreError> {
        for _ in 0..MAX_CHANGE_ROUNDS {
            let mut writes = self.creation(account)?;
            if let Some(parent) = account.parent() {
                let Some(parent) = self.account(parent).await?.filter(Account::is_active) else {
                    return self.if_not_there(account, NewAccount::NoParent).await;
                };
                writes.push(self.next_version(&parent, parent.clone())?.1);
            }
            if self.table.transact(writes).await? == Written::Done {
                return Ok(NewAccount::Created);
            }
            if account.parent().is_none() || self.is_taken(account).await? {
                return self.if_not_there(account, NewAccount::Taken).await;
            }
        }
        Err(StoreError::contended())
    }

    fn creation(&self, account: &Account) -> Result<Vec<TransactWriteItem>, StoreError> {
        let pointer = Pointer {
            account: account.id,
        };
        let table = &self.table;
        let mut writes = vec![table.guarded(account_key(account.id), account, &Guard::Absent)?];
        for key in pointer_keys(account) {
            writes.push(table.guarded(key, &pointer, &Guard::Absent)?);
        }
        Ok(writes)
    }

    async fn is_taken(&self, account: &Account) -> Result<bool, StoreError> {
        let has_id = self.account(account.id).await?.is_some();
        Ok(has_id
            || match &account.external_id {
                Some(external_id) => self.with_external_id(external_id).await?.is_some(),
                None => false,
            })
    }

    /// Why an account was not made; unless it stands, because the answer to its writing was lost
    /// and the SDK's repetition refused.
    async fn if_not_there(
        &self,
        account: &Account,
        why: NewAccount,
    ) -> Result<NewAccount, StoreError> {
        let standing = self.account(account.id).await?;
        let is_same = standing.is_some_and(|standing| standing.name == account.name);
        Ok(if is_same { NewAccount::Created } else { why })
    }

    /// The account with an id, be it in use or not.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.table.get(account_key(id)).await
    }

    /// The account in use that a caller names by its id or its external id.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn named(&self, name: &str) -> Result<Option<Account>, StoreError> {
        let found = self.known(name).await?;
        Ok(found.filter(Account::is_active))
    }

    /// The account with an id or an external id, be it in use or not.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn known(&self, name: &str) -> Result<Option<Account>, StoreError> {
        if let Ok(id) = name.parse()
            && let Some(account) = self.account(id).await?
        {
            return Ok(Some(account));
        }
        match name.parse() {
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
        Ok(AccountPage {
            accounts: accounts.collect::<Result<_, _>>()?,
            next: page.next.and_then(|sk| sk.parse().ok()),
        })
    }

    /// Gives an account another name.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn rename(&self, id: AccountId, name: &Name) -> Result<Renamed, StoreError> {
        for _ in 0..MAX_CHANGE_ROUNDS {
            let Some(present) = self.account(id).await?.filter(Account::is_active) else {
                return Ok(Renamed::NotFound);
            };
            let mut renamed = present.clone();
            renamed.name = name.clone();
            if let Some(account) = self.replace(&present, renamed).await? {
                return Ok(Renamed::Done(account));
            }
        }
        Err(StoreError::contended())
    }

    /// Marks an account as deleted, which closes it, unless one in use stands below it.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn close(&self, id: AccountId) -> Result<Closed, StoreError> {
        for _ in 0..MAX_CHANGE_ROUNDS {
            let Some(present) = self.account(id).await? else {
                return Ok(Closed::NotFound);
            };
            if !present.is_active() {
                return Ok(Closed::Done(present));
            }
            if self.has_active_children(id).await? {
                return Ok(Closed::HasChildren);
            }
            let mut closed = present.clone();
            closed.status = AccountStatus::Erasing;
            if let Some(account) = self.replace(&present, closed).await? {
                return Ok(Closed::Done(account));
            }
        }
        Err(StoreError::contended())
    }

    async fn has_active_children(&self, id: AccountId) -> Result<bool, StoreError> {
        let mut after = None;
        loop {
            let page = self.list(Some(id), after, MAX_BATCH_GET).await?;
            if page.accounts.iter().any(Account::is_active) {
                return Ok(true);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(false),
            }
        }
    }

    /// Writes the next version of an account; `None` where somebody else was faster.
    async fn replace(
        &self,
        present: &Account,
        next: Account,
    ) -> Result<Option<Account>, StoreError> {
        let (next, write) = self.next_version(present, next)?;
        Ok(match self.table.transact(vec![write]).await? {
            Written::Done => Some(next),
            Written::Refused => None,
        })
    }

    fn next_version(
        &self,
        present: &Account,
        mut next: Account,
    ) -> Result<(Account, TransactWriteItem), StoreError> {
        next.version = present.version + 1;
        let version = i64::try_from(present.version).unwrap_or(i64::MAX);
        let guard = Guard::Equals("version", version);
        let write = self.table.guarded(account_key(next.id), &next, &guard)?;
        Ok((next, write))
    }

    /// Removes an account that is being erased, and frees its external id: the last step of an
    /// erasure.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn remove_erased(&self, account: &Account) -> Result<(), StoreError> {
        let erasing = Guard::Is("status", "erasing");
        let mut writes = vec![
            self.table
                .guarded_deletion(account_key(account.id), &erasing)?,
        ];
        for key in pointer_keys(account) {
            writes.push(self.table.deletion(key)?);
        }
        match self.table.transact(writes).await? {
            Written::Done | Written::Refused => Ok(()),
        }
    }
}
