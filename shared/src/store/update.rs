//! Changing some fields of a row and leaving the others alone, whoever else writes those.

use super::{
    error::StoreError,
    guard::{Guard, Item, Key, Written, written},
    table::{ROW_FORMAT, Table},
};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update as TransactUpdate};
use std::collections::HashMap;

/// What becomes of some fields of a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Update {
    sets: Vec<(&'static str, AttributeValue)>,
    adds: Vec<(&'static str, i64)>,
    removes: Vec<&'static str>,
}

impl Update {
    /// A change that makes the row where there is none.
    pub(crate) fn of_row() -> Self {
        Self::default().number("format", i64::from(ROW_FORMAT))
    }

    /// A number field has this value then.
    pub(crate) fn number(mut self, field: &'static str, value: i64) -> Self {
        self.sets
            .push((field, AttributeValue::N(value.to_string())));
        self
    }

    /// A text field has this value then.
    pub(crate) fn text(mut self, field: &'static str, value: String) -> Self {
        self.sets.push((field, AttributeValue::S(value)));
        self
    }

    /// A number field is larger by so much then.
    pub(crate) fn add(mut self, field: &'static str, value: i64) -> Self {
        self.adds.push((field, value));
        self
    }

    /// A field is gone then.
    pub(crate) fn remove(mut self, field: &'static str) -> Self {
        self.removes.push(field);
        self
    }

    fn expression(&self) -> String {
        let all = |count: usize, part: fn(usize) -> String| (0..count).map(part).collect();
        let sets: Vec<_> = all(self.sets.len(), |index| format!("#s{index} = :s{index}"));
        let adds: Vec<_> = all(self.adds.len(), |index| format!("#a{index} :a{index}"));
        let removes: Vec<_> = all(self.removes.len(), |index| format!("#r{index}"));
        [("SET", sets), ("ADD", adds), ("REMOVE", removes)]
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(word, parts)| format!("{word} {}", parts.join(", ")))
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn names(&self, guard: &Guard) -> HashMap<String, String> {
        let sets = self.sets.iter().map(|(field, _)| *field).enumerate();
        let adds = self.adds.iter().map(|(field, _)| *field).enumerate();
        let removes = self.removes.iter().copied().enumerate();
        let named = |prefix: char| {
            move |(index, field): (usize, &str)| (format!("#{prefix}{index}"), field.to_owned())
        };
        let mut names = guard.names().unwrap_or_default();
        names.extend(sets.map(named('s')));
        names.extend(adds.map(named('a')));
        names.extend(removes.map(named('r')));
        names
    }

    fn values(&self, guard: &Guard) -> Option<Item> {
        let mut values = guard.values().unwrap_or_default();
        for (index, (_, value)) in self.sets.iter().enumerate() {
            values.insert(format!(":s{index}"), value.clone());
        }
        for (index, (_, value)) in self.adds.iter().enumerate() {
            values.insert(format!(":a{index}"), AttributeValue::N(value.to_string()));
        }
        (!values.is_empty()).then_some(values)
    }
}

impl Table {
    /// Changes fields of a row if the guard holds.
    pub(crate) async fn update_if(
        &self,
        key: Key,
        update: &Update,
        guard: &Guard,
    ) -> Result<Written, StoreError> {
        let change = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.into_item()))
            .update_expression(update.expression())
            .condition_expression(guard.expression())
            .set_expression_attribute_names(Some(update.names(guard)))
            .set_expression_attribute_values(update.values(guard));
        written(|| change.clone().send()).await
    }

    /// Makes a guarded update for [`Table::transact`].
    pub(crate) fn guarded_update(
        &self,
        key: Key,
        update: &Update,
        guard: &Guard,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = TransactUpdate::builder()
            .table_name(&self.name)
            .set_key(Some(key.into_item()))
            .update_expression(update.expression())
            .condition_expression(guard.expression())
            .set_expression_attribute_names(Some(update.names(guard)))
            .set_expression_attribute_values(update.values(guard))
            .build()
            .map_err(StoreError::service)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}
