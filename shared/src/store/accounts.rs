//! Accounts and credentials, in a table of their own.

use super::{
    Store, StoreError,
    guard::{Guard, Key, Written},
};
use crate::{
    account::Account,
    credential::{Credential, lookup_key},
    id::AccountId,
    secret::Secret,
};
use serde::{Deserialize, Serialize};

/// The longest external id, in bytes.
const MAX_EXTERNAL_ID_BYTES: usize = 256;

/// Whether a new account was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum NewAccount {
    /// It was.
    Created,
    /// Its id or external id is taken.
    Taken,
}

/// A credential and the account that it opens.
#[derive(Clone, Debug)]
pub struct FoundCredential {
    /// The credential.
    pub credential: Credential,
    /// Its account.
    pub account: Account,
}

#[derive(Serialize, Deserialize)]
struct Pointer {
    account: AccountId,
}

fn account_key(id: AccountId) -> Key {
    Key {
        pk: format!("ACCOUNT#{id}"),
        sk: "ACCOUNT".to_owned(),
    }
}

fn external_key(external_id: &str) -> Key {
    Key {
        pk: format!("EXTERNAL#{external_id}"),
        sk: "ACCOUNT".to_owned(),
    }
}

fn credential_key(lookup: &str) -> Key {
    Key {
        pk: format!("CREDENTIAL#{lookup}"),
        sk: "CREDENTIAL".to_owned(),
    }
}

impl Store {
    /// Writes a new account.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn create_account(&self, account: &Account) -> Result<NewAccount, StoreError> {
        let table = &self.accounts;
        let mut writes = vec![table.guarded(account_key(account.id), account, &Guard::Absent)?];
        if let Some(external_id) = &account.external_id {
            let pointer = Pointer {
                account: account.id,
            };
            writes.push(table.guarded(external_key(external_id), &pointer, &Guard::Absent)?);
        }
        Ok(match table.transact(writes).await? {
            Written::Done => NewAccount::Created,
            Written::Refused => NewAccount::Taken,
        })
    }

    /// The account with an id.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.accounts.get(account_key(id)).await
    }

    /// The account that a caller names by its id or its external id.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn account_named(&self, name: &str) -> Result<Option<Account>, StoreError> {
        if !(1..=MAX_EXTERNAL_ID_BYTES).contains(&name.len()) {
            return Ok(None);
        }
        if let Ok(id) = name.parse()
            && let Some(account) = self.account(id).await?
        {
            return Ok(Some(account));
        }
        let pointer: Option<Pointer> = self.accounts.get(external_key(name)).await?;
        match pointer {
            Some(pointer) => self.account(pointer.account).await,
            None => Ok(None),
        }
    }

    /// Writes a credential, which is found by its secret from then on.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn put_credential(
        &self,
        credential: &Credential,
        secret: &Secret,
    ) -> Result<(), StoreError> {
        let key = credential_key(&lookup_key(secret));
        self.accounts.put(key, credential).await
    }

    /// The credential with a secret, and its account.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn find_credential(
        &self,
        secret: &Secret,
    ) -> Result<Option<FoundCredential>, StoreError> {
        let key = credential_key(&lookup_key(secret));
        let Some(credential) = self.accounts.get::<Credential>(key).await? else {
            return Ok(None);
        };
        let account = self.account(credential.account).await?;
        Ok(account.map(|account| FoundCredential {
            credential,
            account,
        }))
    }

    /// Removes a credential: from now on its secret opens nothing.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn remove_credential(&self, secret: &Secret) -> Result<(), StoreError> {
        self.accounts
            .delete(credential_key(&lookup_key(secret)))
            .await
    }
}
