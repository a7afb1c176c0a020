//! Many rows of a table in one request.

use super::{
    error::StoreError,
    guard::{Item, Key},
    table::{Table, key_of, write},
};
use aws_sdk_dynamodb::types::{DeleteRequest, KeysAndAttributes, PutRequest, WriteRequest};
use serde::Serialize;
use std::{collections::HashMap, time::Duration};

/// The most keys of one `BatchGetItem`.
pub(crate) const MAX_BATCH_GET: usize = 100;
const MAX_BATCH_WRITE: usize = 25;
/// Rounds in which the rest of a batch is asked for: about three seconds in all.
const MAX_BATCH_ROUNDS: u32 = 7;
const FIRST_PAUSE: Duration = Duration::from_millis(25);

impl Table {
    /// The rows at many keys, each named once, as they are after every acknowledged write.
    pub(crate) async fn batch_get(&self, keys: Vec<Key>) -> Result<HashMap<Key, Item>, StoreError> {
        let mut found = HashMap::with_capacity(keys.len());
        for chunk in keys.chunks(MAX_BATCH_GET) {
            let mut wanted: Vec<Item> = chunk.iter().cloned().map(Key::into_item).collect();
            for round in 0..MAX_BATCH_ROUNDS {
                let (items, rest) = self.batch_get_once(wanted).await?;
                found.extend(
                    items
                        .into_iter()
                        .filter_map(|item| Some((key_of(&item)?, item))),
                );
                wanted = rest;
                if wanted.is_empty() {
                    break;
                }
                pause(round).await;
            }
            if !wanted.is_empty() {
                return Err(StoreError::service("a batch of reads was never finished"));
            }
        }
        Ok(found)
    }

    async fn batch_get_once(&self, keys: Vec<Item>) -> Result<(Vec<Item>, Vec<Item>), StoreError> {
        let request = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true)
            .build()
            .map_err(StoreError::service)?;
        let answer = self
            .client
            .batch_get_item()
            .request_items(&self.name, request)
            .send()
            .await
            .map_err(StoreError::service)?;
        let items = answer
            .responses
            .and_then(|mut tables| tables.remove(&self.name))
            .unwrap_or_default();
        let rest = answer
            .unprocessed_keys
            .and_then(|mut tables| tables.remove(&self.name))
            .map_or_else(Vec::new, |rest| rest.keys);
        Ok((items, rest))
    }

    /// Writes many rows, each over whatever stands there; each key is named once.
    pub(crate) async fn batch_put<R: Serialize>(
        &self,
        rows: Vec<(Key, R)>,
    ) -> Result<(), StoreError> {
        let mut requests = Vec::with_capacity(rows.len());
        for (key, row) in rows {
            let put = PutRequest::builder()
                .set_item(Some(write(key, &row)?))
                .build()
                .map_err(StoreError::service)?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        self.batch_write(&requests).await
    }

    /// Deletes many rows, each named once.
    pub(crate) async fn batch_delete(&self, keys: Vec<Key>) -> Result<(), StoreError> {
        let mut requests = Vec::with_capacity(keys.len());
        for key in keys {
            let delete = DeleteRequest::builder()
                .set_key(Some(key.into_item()))
                .build()
                .map_err(StoreError::service)?;
            requests.push(WriteRequest::builder().delete_request(delete).build());
        }
        self.batch_write(&requests).await
    }

    async fn batch_write(&self, requests: &[WriteRequest]) -> Result<(), StoreError> {
        for chunk in requests.chunks(MAX_BATCH_WRITE) {
            let mut wanted = chunk.to_vec();
            for round in 0..MAX_BATCH_ROUNDS {
                let answer = self
                    .client
                    .batch_write_item()
                    .request_items(&self.name, wanted)
                    .send()
                    .await
                    .map_err(StoreError::service)?;
                wanted = answer
                    .unprocessed_items
                    .and_then(|mut tables| tables.remove(&self.name))
                    .unwrap_or_default();
                if wanted.is_empty() {
                    break;
                }
                pause(round).await;
            }
            if !wanted.is_empty() {
                return Err(StoreError::service("a batch of writes was never finished"));
            }
        }
        Ok(())
    }
}

/// Waits before what the table had no capacity for, or what met another transaction, is asked
/// again: 25 ms, doubling.
#[expect(
    clippy::disallowed_methods,
    reason = "only a throttled or contended table makes it wait, as in the SDK's own retries"
)]
pub(super) async fn pause(round: u32) {
    tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(round)).await;
}
