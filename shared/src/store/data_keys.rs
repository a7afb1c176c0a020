//! The data key that seals secrets, wrapped by the key service.

use super::{
    Store, StoreError,
    guard::{Guard, Key, Written},
};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct DataKeyRow {
    wrapped: String,
}

fn key() -> Key {
    Key {
        pk: "VAULT".to_owned(),
        sk: "DATA-KEY".to_owned(),
    }
}

impl Store {
    /// The wrapped data key, if one was made.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn data_key(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<DataKeyRow> = self.data.get(key()).await?;
        row.map(|row| {
            BASE64
                .decode(row.wrapped.as_bytes())
                .map_err(StoreError::corrupt)
        })
        .transpose()
    }

    /// Keeps a wrapped data key, unless there is one. Returns the one that stands.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn keep_data_key(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let row = DataKeyRow {
            wrapped: BASE64.encode(&wrapped),
        };
        match self.data.put_if(key(), &row, &Guard::Absent).await? {
            Written::Done => Ok(wrapped),
            Written::Refused => self
                .data_key()
                .await?
                .ok_or_else(|| StoreError::corrupt("the data key was deleted")),
        }
    }
}
