//! Erasing what an account left behind: the whole table is read, and every row whose key starts
//! with the account is deleted. An index over all rows would make this faster and every write
//! dearer; accounts are deleted seldom.

use super::{Store, StoreError, guard::Key};
use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// Where an erasure stands: after a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasurePosition {
    pk: String,
    sk: String,
}

/// What one step of an erasure did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Rows that were deleted.
    pub rows: usize,
    /// Where to go on; `None` at the end of the table.
    pub next: Option<ErasurePosition>,
}

impl Store {
    /// Reads up to 1 MB of the table and deletes an account's rows of both modes.
    ///
    /// * `start`: where an earlier step ended; `None` for the first.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn erase_some(
        &self,
        account: AccountId,
        start: Option<ErasurePosition>,
    ) -> Result<Erased, StoreError> {
        let start = start.map(|ErasurePosition { pk, sk }| Key { pk, sk });
        let found = self.data.scan_keys(&format!("{account}#"), start).await?;
        let rows = found.keys.len();
        self.data.batch_delete(found.keys).await?;
        let next = found.next.map(|Key { pk, sk }| ErasurePosition { pk, sk });
        Ok(Erased { rows, next })
    }
}
