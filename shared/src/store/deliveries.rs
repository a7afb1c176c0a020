//! Deliveries and their attempts, as they are read.

use super::{
    Store, StoreError,
    delivery_rows::{AttemptRow, attempts_partition, from_item, key},
    events, policy_rows,
    query::Query,
};
use crate::{
    attempt::Attempt,
    delivery::{Delivery, DeliveryRef, Status},
    delivery_id::DeliveryId,
    error_chain::error_chain,
    event::{Event, EventRef},
    id::PolicyId,
    policy::Policy,
};
use std::collections::HashMap;

/// A row that was found: one that cannot be read concerns only who needs it.
pub type Read<T> = Result<T, StoreError>;

/// What a batch of attempts starts from.
#[derive(Debug, Default)]
pub struct DeliveryRead {
    /// The deliveries that have a record.
    pub deliveries: HashMap<DeliveryId, Read<Delivery>>,
    /// The policies that are still there.
    pub policies: HashMap<PolicyId, Read<Policy>>,
    /// The events that were asked for and are still kept.
    pub events: HashMap<EventRef, Read<Event>>,
}

impl DeliveryRead {
    /// Takes the row of an event for whoever means just that event: others of its id are gone. One
    /// that cannot be read may be anybody's.
    fn take_event(&mut self, wanted: &[&EventRef], row: &Read<Event>) {
        for event in wanted.iter().copied() {
            let read = match row {
                Ok(kept) if kept.reference == *event => Ok(kept.clone()),
                Ok(_) => continue,
                Err(error) => Err(StoreError::corrupt(error_chain(error))),
            };
            self.events.insert(event.clone(), read);
        }
    }
}

impl Store {
    /// Reads what a batch of attempts starts from in one request, as it is after every
    /// acknowledged write.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn read_for_attempts<'a>(
        &self,
        references: impl Iterator<Item = &'a DeliveryRef> + Clone,
        events: impl Iterator<Item = &'a EventRef>,
    ) -> Result<DeliveryRead, StoreError> {
        let deliveries: HashMap<_, _> = references
            .clone()
            .map(|reference| (key(reference), reference.id()))
            .collect();
        let policies: HashMap<_, _> = references
            .map(|reference| {
                (
                    policy_rows::key(reference.owner, reference.policy),
                    reference.policy,
                )
            })
            .collect();
        // An id may name two: one that expired, and one that was reported since.
        let mut wanted: HashMap<_, Vec<&EventRef>> = HashMap::new();
        for event in events {
            let key = events::key(event.tenant, &event.id);
            wanted.entry(key).or_default().push(event);
        }
        let keys = deliveries
            .keys()
            .chain(policies.keys())
            .chain(wanted.keys());
        let mut read = DeliveryRead::default();
        for (key, item) in self.data.batch_get(keys.cloned().collect()).await? {
            if let Some(id) = deliveries.get(&key) {
                read.deliveries.insert(*id, from_item(item));
            } else if let Some(id) = policies.get(&key) {
                read.policies.insert(*id, policy_rows::from_item(item));
            } else if let Some(wanted) = wanted.get(&key) {
                read.take_event(wanted, &events::from_item(item));
            }
        }
        Ok(read)
    }

    /// Those of some deliveries that have a record.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn deliveries(
        &self,
        references: &[DeliveryRef],
    ) -> Result<HashMap<DeliveryId, Delivery>, StoreError> {
        let items = self
            .data
            .batch_get(references.iter().map(key).collect())
            .await?;
        items
            .into_values()
            .map(|item| from_item(item).map(|delivery| (delivery.id(), delivery)))
            .collect()
    }

    /// The attempts of a delivery in order, with the one that succeeded.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn attempts(&self, delivery: &Delivery) -> Result<Vec<Attempt>, StoreError> {
        let mut attempts = self.failed_attempts(&delivery.reference).await?;
        if let Status::Delivered { by } = &delivery.status {
            attempts.push(by.clone());
        }
        Ok(attempts)
    }

    /// The attempts of a delivery in order, without the one that succeeded last.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn failed_attempts(
        &self,
        reference: &DeliveryRef,
    ) -> Result<Vec<Attempt>, StoreError> {
        let pk = attempts_partition(reference.owner, reference.id());
        let mut query = Query::all(pk, 1_000);
        let mut attempts = Vec::new();
        loop {
            let page = self.data.query::<AttemptRow>(query.clone()).await?;
            attempts.extend(page.rows.into_iter().map(|(_, row)| row.attempt));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(attempts),
            }
        }
    }

    /// The attempts of a delivery without the one that succeeded last, the newest first, for as long as
    /// they are wanted: the first that is not ends the reading.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn newest_failed_attempts(
        &self,
        reference: &DeliveryRef,
        mut is_wanted: impl FnMut(&Attempt) -> bool,
    ) -> Result<Vec<Attempt>, StoreError> {
        let pk = attempts_partition(reference.owner, reference.id());
        let mut query = Query {
            descending: true,
            ..Query::all(pk, 1_000)
        };
        let mut attempts = Vec::new();
        loop {
            let page = self.data.query::<AttemptRow>(query.clone()).await?;
            for (_, row) in page.rows {
                if !is_wanted(&row.attempt) {
                    return Ok(attempts);
                }
                attempts.push(row.attempt);
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(attempts),
            }
        }
    }
}
