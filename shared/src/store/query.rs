//! Reading many rows of a partition, of the table or of its index, in pages.

use super::{
    error::StoreError,
    guard::{Item, Key},
    schema::IndexSchema,
    table::{Table, key_of, read, text},
};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// Which rows of a partition a query reads.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// The partition.
    pub(crate) pk: String,
    /// The first and the last sort key, both included; all where `None`.
    pub(crate) between: Option<(String, String)>,
    /// The key to go on after; inside `between`.
    pub(crate) after: Option<String>,
    /// From the last to the first.
    pub(crate) descending: bool,
    /// The most rows to read.
    pub(crate) limit: usize,
}

impl Query {
    /// All rows of a partition, in order.
    pub(crate) fn all(pk: String, limit: usize) -> Self {
        Self {
            pk,
            between: None,
            after: None,
            descending: false,
            limit,
        }
    }
}

/// The rows that a query read.
#[derive(Debug)]
pub(crate) struct Rows<R> {
    /// The sort keys and the rows.
    pub(crate) rows: Vec<(String, R)>,
    /// Where to go on, if there may be more.
    pub(crate) next: Option<String>,
}

/// Which rows of an index partition a query reads.
#[derive(Debug)]
pub(crate) struct IndexQuery {
    /// The partition.
    pub(crate) partition: String,
    /// The largest number.
    pub(crate) at_most: i64,
    /// The key to go on after.
    pub(crate) start: Option<Item>,
    /// The most rows to read.
    pub(crate) limit: usize,
}

/// The rows that an index query read.
#[derive(Debug)]
pub(crate) struct IndexRows<R> {
    /// The rows, each read by itself.
    pub(crate) rows: Vec<Result<R, StoreError>>,
    /// Where to go on, if there may be more.
    pub(crate) next: Option<Item>,
}

/// The keys that a scan found.
#[derive(Debug)]
pub(crate) struct FoundKeys {
    /// The keys.
    pub(crate) keys: Vec<Key>,
    /// Where to go on, if there may be more.
    pub(crate) next: Option<Key>,
}

impl Table {
    /// Reads up to 1 MB of the whole table, and returns the keys of rows whose partition starts
    /// with a text.
    pub(crate) async fn scan_keys(
        &self,
        prefix: &str,
        start: Option<Key>,
    ) -> Result<FoundKeys, StoreError> {
        let answer = self
            .client
            .scan()
            .table_name(&self.name)
            .projection_expression("pk, sk")
            .filter_expression("begins_with(pk, :prefix)")
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .set_exclusive_start_key(start.map(Key::into_item))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::service)?;
        let items = answer.items.unwrap_or_default();
        Ok(FoundKeys {
            keys: items.iter().filter_map(key_of).collect(),
            next: answer.last_evaluated_key.as_ref().and_then(key_of),
        })
    }

    /// The rows that a query asks for, as they are after every acknowledged write.
    pub(crate) async fn query<R: DeserializeOwned>(
        &self,
        query: Query,
    ) -> Result<Rows<R>, StoreError> {
        let mut values = HashMap::from([(":pk".to_owned(), AttributeValue::S(query.pk.clone()))]);
        let mut condition = "pk = :pk";
        if let Some((from, to)) = query.between {
            condition = "pk = :pk AND sk BETWEEN :from AND :to";
            values.insert(":from".to_owned(), AttributeValue::S(from));
            values.insert(":to".to_owned(), AttributeValue::S(to));
        }
        let start = query.after.map(|sk| Key { pk: query.pk, sk }.into_item());
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .set_exclusive_start_key(start)
            .scan_index_forward(!query.descending)
            .limit(i32::try_from(query.limit).unwrap_or(i32::MAX))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::service)?;
        let next = answer.last_evaluated_key.as_ref().and_then(key_of);
        Ok(Rows {
            rows: read_all(answer.items.unwrap_or_default())?,
            next: next.map(|key| key.sk),
        })
    }

    /// The rows of an index partition whose number is at most a value, the smallest first.
    pub(crate) async fn query_index<R: DeserializeOwned>(
        &self,
        index: &IndexSchema,
        query: IndexQuery,
    ) -> Result<IndexRows<R>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(index.name)
            .key_condition_expression("#p = :p AND #n <= :n")
            .expression_attribute_names("#p", index.partition_key)
            .expression_attribute_names("#n", index.sort_key)
            .expression_attribute_values(":p", AttributeValue::S(query.partition))
            .expression_attribute_values(":n", AttributeValue::N(query.at_most.to_string()))
            .set_exclusive_start_key(query.start)
            .limit(i32::try_from(query.limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(StoreError::service)?;
        let items = answer.items.unwrap_or_default();
        Ok(IndexRows {
            rows: items.into_iter().map(read).collect(),
            next: answer.last_evaluated_key,
        })
    }
}

fn read_all<R: DeserializeOwned>(items: Vec<Item>) -> Result<Vec<(String, R)>, StoreError> {
    items
        .into_iter()
        .map(|item| {
            let sk = text(&item, "sk").ok_or_else(|| StoreError::corrupt("a row without a key"))?;
            Ok((sk, read(item)?))
        })
        .collect()
}
