//! One DynamoDB table: rows in, rows out, every write guarded or dominating.
#![expect(clippy::disallowed_types, reason = "the owner of the DynamoDB client")]

use super::{
    batch::pause,
    error::StoreError,
    guard::{Guard, Item, Key, MAX_CONFLICTS, Written, written},
};
use aws_sdk_dynamodb::{
    Client,
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, Delete, Put, ReturnValue, TransactWriteItem},
};
use serde::{Serialize, de::DeserializeOwned};

/// The form of every row that this version writes; it reads no later one.
pub(crate) const ROW_FORMAT: u32 = 1;

/// A table with `pk` and `sk` as its key.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(super) client: Client,
    pub(super) name: String,
}

impl Table {
    /// The row at a key, as it is after every write that was acknowledged.
    pub(crate) async fn get<R: DeserializeOwned>(&self, key: Key) -> Result<Option<R>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.into_item()))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::service)?;
        answer.item.map(read).transpose()
    }

    /// Writes a row if the guard holds.
    pub(crate) async fn put_if<R: Serialize>(
        &self,
        key: Key,
        row: &R,
        guard: &Guard,
    ) -> Result<Written, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(write(key, row)?))
            .condition_expression(guard.expression())
            .set_expression_attribute_names(guard.names())
            .set_expression_attribute_values(guard.values());
        written(|| put.clone().send()).await
    }

    /// Deletes a row if the guard holds.
    pub(crate) async fn delete_if(&self, key: Key, guard: &Guard) -> Result<Written, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key.into_item()))
            .condition_expression(guard.expression())
            .set_expression_attribute_names(guard.names())
            .set_expression_attribute_values(guard.values());
        written(|| delete.clone().send()).await
    }

    /// Makes a put for [`Table::transact`], whatever stands there.
    pub(crate) fn put<R: Serialize>(
        &self,
        key: Key,
        row: &R,
    ) -> Result<TransactWriteItem, StoreError> {
        self.put_item(key, row, None)
    }

    /// Makes a guarded put for [`Table::transact`].
    pub(crate) fn guarded<R: Serialize>(
        &self,
        key: Key,
        row: &R,
        guard: &Guard,
    ) -> Result<TransactWriteItem, StoreError> {
        self.put_item(key, row, Some(guard))
    }

    fn put_item<R: Serialize>(
        &self,
        key: Key,
        row: &R,
        guard: Option<&Guard>,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(write(key, row)?))
            .set_condition_expression(guard.map(|guard| guard.expression().to_owned()))
            .set_expression_attribute_names(guard.and_then(Guard::names))
            .set_expression_attribute_values(guard.and_then(Guard::values))
            .build()
            .map_err(StoreError::service)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Makes a deletion for [`Table::transact`], whatever stands there.
    pub(crate) fn deletion(&self, key: Key) -> Result<TransactWriteItem, StoreError> {
        self.delete_item(key, None)
    }

    /// Makes a guarded deletion for [`Table::transact`].
    pub(crate) fn guarded_deletion(
        &self,
        key: Key,
        guard: &Guard,
    ) -> Result<TransactWriteItem, StoreError> {
        self.delete_item(key, Some(guard))
    }

    fn delete_item(
        &self,
        key: Key,
        guard: Option<&Guard>,
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(key.into_item()))
            .set_condition_expression(guard.map(|guard| guard.expression().to_owned()))
            .set_expression_attribute_names(guard.and_then(Guard::names))
            .set_expression_attribute_values(guard.and_then(Guard::values))
            .build()
            .map_err(StoreError::service)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Adds one to a number field of a row, which is made where there is none, and returns what
    /// it is then.
    pub(crate) async fn count_up(&self, key: Key, field: &str) -> Result<u64, StoreError> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.into_item()))
            .update_expression("ADD #f :one")
            .expression_attribute_names("#f", field)
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(StoreError::service)?;
        answer
            .attributes()
            .and_then(|fields| fields.get(field)?.as_n().ok()?.parse().ok())
            .ok_or_else(|| StoreError::corrupt("a counter that holds no number"))
    }

    /// Makes a write that is known again: where its answer was lost, and the SDK makes it once more,
    /// it is done, and not refused over what it wrote itself. It costs as much as two.
    pub(crate) async fn once(&self, write: TransactWriteItem) -> Result<Written, StoreError> {
        self.transact(vec![write]).await
    }

    /// Makes all writes or none.
    pub(crate) async fn transact(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Written, StoreError> {
        for round in 0..MAX_CONFLICTS {
            let sent = self
                .client
                .transact_write_items()
                .set_transact_items(Some(writes.clone()))
                .send()
                .await;
            let error = match sent {
                Ok(_) => return Ok(Written::Done),
                Err(error) => error,
            };
            let cancelled = |code| match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled
                    .cancellation_reasons()
                    .iter()
                    .any(|reason| reason.code() == Some(code)),
                _ => false,
            };
            if cancelled("ConditionalCheckFailed") {
                return Ok(Written::Refused);
            }
            if !cancelled("TransactionConflict") {
                return Err(StoreError::service(error));
            }
            pause(round).await;
        }
        Err(StoreError::contended())
    }
}

pub(super) fn text(item: &Item, field: &str) -> Option<String> {
    item.get(field)?.as_s().ok().cloned()
}

pub(super) fn key_of(item: &Item) -> Option<Key> {
    Some(Key {
        pk: text(item, "pk")?,
        sk: text(item, "sk")?,
    })
}

/// Writes a row.
pub(super) fn write<R: Serialize>(key: Key, row: &R) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(row).map_err(StoreError::corrupt)?;
    item.extend(key.into_item());
    item.insert(
        "format".to_owned(),
        AttributeValue::N(ROW_FORMAT.to_string()),
    );
    Ok(item)
}

/// Reads a row.
pub(crate) fn read<R: DeserializeOwned>(item: Item) -> Result<R, StoreError> {
    let format = item.get("format").and_then(|format| format.as_n().ok());
    match format.and_then(|format| format.parse().ok()) {
        Some(1..=ROW_FORMAT) => serde_dynamo::from_item(item).map_err(StoreError::corrupt),
        _ => Err(StoreError::corrupt(
            "a row of a form that this version does not know",
        )),
    }
}
