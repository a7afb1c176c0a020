//! Credentials. Each stands under the digest of its secret, by which callers are found, under its
//! id, and under its account.

use super::{
    Accounts, StoreError,
    accounts::account_key,
    guard::{Guard, Key, Written},
    query::Query,
};
use crate::{
    account::Account,
    credential::{Credential, CredentialId, SecretDigest},
    id::AccountId,
    secret::Secret,
};
use serde::{Deserialize, Serialize};

/// The sort keys of an account's credentials start with this.
const OF_ACCOUNT: &str = "CREDENTIAL#";

/// The first text after all that start with it.
const AFTER_OF_ACCOUNT: &str = "CREDENTIAL$";

/// A credential and the account that it opens.
#[derive(Clone, Debug)]
pub struct FoundCredential {
    /// The credential.
    pub credential: Credential,
    /// Its account, which is in use.
    pub account: Account,
}

/// What became of a new credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum CredentialCreation {
    /// It was.
    Created,
    /// Its id or its secret is taken.
    Taken,
}

/// A page of an account's credentials, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialPage {
    /// The credentials.
    pub credentials: Vec<Credential>,
    /// The id to go on after, if there may be more.
    pub next: Option<CredentialId>,
}

/// A credential, and the digest that it is found by.
#[derive(Serialize, Deserialize)]
struct CredentialRow {
    credential: Credential,
    digest: SecretDigest,
}

fn by_secret(digest: &SecretDigest) -> Key {
    Key {
        pk: format!("CREDENTIAL#{digest}"),
        sk: "CREDENTIAL".to_owned(),
    }
}

fn by_id(id: &CredentialId) -> Key {
    Key {
        pk: format!("CREDENTIAL-ID#{id}"),
        sk: "CREDENTIAL".to_owned(),
    }
}

fn by_account(account: AccountId, id: &CredentialId) -> Key {
    let Key { pk, .. } = account_key(account);
    let sk = format!("{OF_ACCOUNT}{id}");
    Key { pk, sk }
}

fn keys(row: &CredentialRow) -> [Key; 3] {
    let Credential { id, account, .. } = &row.credential;
    [by_secret(&row.digest), by_id(id), by_account(*account, id)]
}

impl Accounts {
    /// Writes a new credential, which is found by its secret from then on.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn create_credential(
        &self,
        credential: &Credential,
        secret: &Secret,
    ) -> Result<CredentialCreation, StoreError> {
        let row = CredentialRow {
            credential: credential.clone(),
            digest: SecretDigest::of(secret),
        };
        let writes = keys(&row)
            .into_iter()
            .map(|key| self.table.guarded(key, &row, &Guard::Absent))
            .collect::<Result<_, _>>()?;
        if self.table.transact(writes).await? == Written::Done {
            return Ok(CredentialCreation::Created);
        }
        // The answer may have been lost, and the SDK's repetition refused.
        let standing = self.row(by_secret(&row.digest)).await?;
        let is_same = |standing: CredentialRow| standing.credential == *credential;
        Ok(if standing.is_some_and(is_same) {
            CredentialCreation::Created
        } else {
            CredentialCreation::Taken
        })
    }

    /// The credential with a secret and its account, if that is in use.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn find_credential(
        &self,
        secret: &Secret,
    ) -> Result<Option<FoundCredential>, StoreError> {
        let row = self.row(by_secret(&SecretDigest::of(secret))).await?;
        self.with_account(row).await
    }

    /// The credential with an id and its account, if that is in use.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn find_credential_by_id(
        &self,
        id: &CredentialId,
    ) -> Result<Option<FoundCredential>, StoreError> {
        let row = self.row(by_id(id)).await?;
        self.with_account(row).await
    }

    async fn with_account(
        &self,
        row: Option<CredentialRow>,
    ) -> Result<Option<FoundCredential>, StoreError> {
        let Some(CredentialRow { credential, .. }) = row else {
            return Ok(None);
        };
        let account = self.account(credential.account).await?;
        let account = account.filter(Account::is_active);
        Ok(account.map(|account| FoundCredential {
            credential,
            account,
        }))
    }

    /// The credential with an id.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn credential(&self, id: &CredentialId) -> Result<Option<Credential>, StoreError> {
        Ok(self.row(by_id(id)).await?.map(|row| row.credential))
    }

    /// Lists an account's credentials of both modes.
    ///
    /// * `limit`: credentials of a page, at least one.
    /// * `after`: the id to go on after; `None` for the first page.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn list_credentials(
        &self,
        account: AccountId,
        after: Option<&CredentialId>,
        limit: usize,
    ) -> Result<CredentialPage, StoreError> {
        let Key { pk, .. } = account_key(account);
        let query = Query {
            between: Some((OF_ACCOUNT.to_owned(), AFTER_OF_ACCOUNT.to_owned())),
            after: after.map(|id| format!("{OF_ACCOUNT}{id}")),
            ..Query::all(pk, limit)
        };
        let page = self.table.query::<CredentialRow>(query).await?;
        let id = |sk: String| {
            let id = sk.strip_prefix(OF_ACCOUNT).unwrap_or(&sk);
            id.parse().map_err(StoreError::corrupt)
        };
        Ok(CredentialPage {
            credentials: page
                .rows
                .into_iter()
                .map(|(_, row)| row.credential)
                .collect(),
            next: page.next.map(id).transpose()?,
        })
    }

    /// Removes a credential: from now on its secret opens nothing. Returns whether there was one.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn revoke_credential(
        &self,
        account: AccountId,
        id: &CredentialId,
    ) -> Result<bool, StoreError> {
        let Some(row) = self.row(by_account(account, id)).await? else {
            return Ok(false);
        };
        let deletions = keys(&row)
            .into_iter()
            .map(|key| self.table.deletion(key))
            .collect::<Result<_, _>>()?;
        match self.table.transact(deletions).await? {
            Written::Done | Written::Refused => Ok(true),
        }
    }

    async fn row(&self, key: Key) -> Result<Option<CredentialRow>, StoreError> {
        self.table.get(key).await
    }
}
