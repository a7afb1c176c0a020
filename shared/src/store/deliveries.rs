//! Deliveries and their attempts. A first attempt that succeeds costs one dominating write;
//! every other change is guarded by the state and the number of attempts that it was made on.

use super::{
    Store, StoreError,
    delivery_rows::{AttemptRow, WAITING, attempt_key, attempts_partition, from_item, key},
    events,
    guard::{Guard, Key, Written},
    policies,
    table::Query,
};
use crate::{
    attempt::Attempt,
    delivery::{Delivery, Route, State},
    delivery_id::DeliveryId,
    event::{Event, EventRef},
    id::PolicyId,
    policy::Policy,
};
use jiff::Timestamp;
use std::collections::HashMap;

/// Whether a change of a delivery was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Recorded {
    /// It was.
    Done,
    /// Somebody else changed the delivery meanwhile; nothing was recorded.
    Stale,
}

/// What a batch of attempts starts from.
#[derive(Clone, Debug, Default)]
pub struct DeliveryRead {
    /// The deliveries that have a record.
    pub deliveries: HashMap<DeliveryId, Delivery>,
    /// The policies that are still there.
    pub policies: HashMap<PolicyId, Policy>,
    /// The events that were asked for and are still kept.
    pub events: HashMap<EventRef, Event>,
}

/// The guard that a delivery stands as it was read.
fn stands(delivery: &Delivery) -> Guard {
    let attempts = ("attempts", i64::from(delivery.attempts));
    Guard::Both(attempts, ("state", delivery.state.name()))
}

impl Store {
    /// Reads what a batch of attempts starts from in one request, as it is after every
    /// acknowledged write.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn read_for_attempts<'a>(
        &self,
        routes: impl Iterator<Item = &'a Route> + Clone,
        events: impl Iterator<Item = &'a EventRef>,
    ) -> Result<DeliveryRead, StoreError> {
        let mut keys: Vec<Key> = routes
            .clone()
            .map(key)
            .chain(routes.map(|route| policies::key(route.owner, route.policy)))
            .chain(events.map(|event| events::key(event.tenant, &event.id)))
            .collect();
        keys.sort_unstable_by(|a, b| (&a.pk, &a.sk).cmp(&(&b.pk, &b.sk)));
        keys.dedup();
        let mut read = DeliveryRead::default();
        for (key, item) in self.data.batch_get(keys).await? {
            if key.sk == "EVENT" {
                let event = events::from_item(item)?;
                read.events.insert(event.reference.clone(), event);
            } else if key.pk.ends_with("#POLICY") {
                let policy = policies::from_item(item)?;
                read.policies.insert(policy.id, policy);
            } else {
                let delivery = from_item(item)?;
                read.deliveries.insert(delivery.id(), delivery);
            }
        }
        Ok(read)
    }

    /// The deliveries on some routes that have a record.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn deliveries(
        &self,
        routes: &[Route],
    ) -> Result<HashMap<DeliveryId, Delivery>, StoreError> {
        let items = self
            .data
            .batch_get(routes.iter().map(key).collect())
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
        let pk = attempts_partition(delivery.route.owner, delivery.id());
        let mut query = Query::all(pk, 1_000);
        let mut attempts = Vec::new();
        loop {
            let page = self.data.query::<AttemptRow>(query.clone()).await?;
            attempts.extend(page.rows.into_iter().map(|(_, row)| row.attempt));
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        if let State::Delivered { by } = &delivery.state {
            attempts.push(by.clone());
        }
        Ok(attempts)
    }

    /// Records deliveries that have arrived, whatever stood there: arriving dominates.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn record_delivered(
        &self,
        delivered: &[Delivery],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = delivered
            .iter()
            .map(|delivery| (key(&delivery.route), self.delivery_row(delivery, now)))
            .collect();
        self.data.batch_put(rows).await
    }

    /// Records a failed attempt and what follows from it.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn record_failed_attempt(
        &self,
        attempt: &Attempt,
        after: &Delivery,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let made = ("attempts", i64::from(attempt.number) - 1);
        let guard = match attempt.number {
            1 => Guard::AbsentOrBoth(made, ("state", WAITING)),
            _ => Guard::Both(made, ("state", WAITING)),
        };
        let row = self.delivery_row(after, now);
        let attempt_key = attempt_key(&after.route, attempt.number);
        let attempt_row = self.attempt_row(attempt);
        let writes = vec![
            self.data.guarded(key(&after.route), &row, &guard)?,
            self.data
                .guarded(attempt_key, &attempt_row, &Guard::Absent)?,
        ];
        self.data.transact(writes).await.map(Recorded::from)
    }

    /// Writes the first record of a delivery, unless it has one.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn start_delivery(
        &self,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let row = self.delivery_row(delivery, now);
        let put = self.data.put_if(key(&delivery.route), &row, &Guard::Absent);
        put.await.map(Recorded::from)
    }

    /// Moves a delivery from the state in which it was read to another.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn move_delivery(
        &self,
        from: &Delivery,
        to: State,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let next = from.clone().into_state(to);
        let row = self.delivery_row(&next, now);
        let mut writes = vec![self.data.guarded(key(&from.route), &row, &stands(from))?];
        if let State::Delivered { by } = &from.state {
            let attempt_key = attempt_key(&from.route, by.number);
            writes.push(
                self.data
                    .guarded(attempt_key, &self.attempt_row(by), &Guard::Absent)?,
            );
        }
        self.data.transact(writes).await.map(Recorded::from)
    }
}

impl From<Written> for Recorded {
    fn from(written: Written) -> Self {
        match written {
            Written::Done => Self::Done,
            Written::Refused => Self::Stale,
        }
    }
}
