//! Accounts are made, renamed, marked as deleted, and removed when nothing of them is left.

use super::{
    Accounts, StoreError,
    accounts::{Pointer, account_key, pointer_keys},
    batch::MAX_BATCH_GET,
    guard::{Guard, Key, Written},
};
use crate::{
    account::{Account, AccountStatus},
    id::AccountId,
    name::Name,
};
use aws_sdk_dynamodb::types::TransactWriteItem;

/// How often a change is tried again when others change the account meanwhile.
const MAX_CHANGE_ROUNDS: usize = 100;

/// What became of a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum AccountCreation {
    /// It was.
    Created,
    /// Another one has its external id.
    ExternalIdTaken,
    /// Its parent is not there, or is being erased.
    NoParent,
}

/// What became of a new name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Renaming {
    /// The account as it is now.
    Done(Account),
    /// There is no such account in use.
    NotFound,
}

/// What became of the wish to delete an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Marking {
    /// The account is marked, now or since earlier.
    Done(Account),
    /// Accounts in use stand below it.
    HasChildren,
    /// There is no such account.
    NotFound,
}

impl Accounts {
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

    /// Writes a new account. It makes a new version of its parent, so that a parent which is
    /// deleted at the same moment is not deleted over it.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn create(&self, account: &Account) -> Result<AccountCreation, StoreError> {
        for _ in 0..MAX_CHANGE_ROUNDS {
            let mut writes = self.creation(account)?;
            if let Some(parent) = account.parent() {
                let Some(parent) = self.account(parent).await?.filter(Account::is_active) else {
                    return self.if_not_there(account, AccountCreation::NoParent).await;
                };
                writes.push(self.next_version(&parent, parent.clone())?.1);
            }
            if self.table.transact(writes).await? == Written::Done {
                return Ok(AccountCreation::Created);
            }
            if account.parent().is_none() || self.is_taken(account).await? {
                return self
                    .if_not_there(account, AccountCreation::ExternalIdTaken)
                    .await;
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
        why: AccountCreation,
    ) -> Result<AccountCreation, StoreError> {
        let standing = self.account(account.id).await?;
        let is_same = standing.is_some_and(|standing| standing.name == account.name);
        Ok(if is_same {
            AccountCreation::Created
        } else {
            why
        })
    }

    /// Gives an account another name.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn rename(&self, id: AccountId, name: &Name) -> Result<Renaming, StoreError> {
        for _ in 0..MAX_CHANGE_ROUNDS {
            let Some(present) = self.account(id).await?.filter(Account::is_active) else {
                return Ok(Renaming::NotFound);
            };
            let mut renamed = present.clone();
            renamed.name = name.clone();
            if let Some(account) = self.replace(&present, renamed).await? {
                return Ok(Renaming::Done(account));
            }
        }
        Err(StoreError::contended())
    }

    /// Marks an account as being erased, from when on nobody can act for it; unless one in use
    /// stands below it.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn mark_erasing(&self, id: AccountId) -> Result<Marking, StoreError> {
        for _ in 0..MAX_CHANGE_ROUNDS {
            let Some(present) = self.account(id).await? else {
                return Ok(Marking::NotFound);
            };
            if !present.is_active() {
                return Ok(Marking::Done(present));
            }
            if self.has_active_children(id).await? {
                return Ok(Marking::HasChildren);
            }
            let mut erasing = present.clone();
            erasing.status = AccountStatus::Erasing;
            if let Some(account) = self.replace(&present, erasing).await? {
                return Ok(Marking::Done(account));
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
        Ok(match self.table.once(write).await? {
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
        let erasing = Guard::Is("status", AccountStatus::Erasing.as_str());
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
