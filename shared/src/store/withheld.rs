//! What is withheld: found by its policy, the oldest first, and kept with its event for as long as
//! it may be wanted.

use super::{
    Store, StoreError,
    delivery_rows::DeliveryRow,
    events,
    guard::{Guard, Item, Written},
    query::IndexQuery,
    schema::DUE_INDEX,
    update::Update,
};
use crate::{
    delivery::{Delivery, WithheldReason},
    error_chain::error_chain,
    event::EventRef,
    id::PolicyId,
};
use jiff::{SignedDuration, Timestamp};

/// How long something may be withheld, counted from when it was: lists and replays look back so far, and
/// the retention in which it was. It is given up then, with its event.
pub const HELD_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);

/// The field of an event that says that something of it is, or was, withheld: in seconds since
/// 1970, until when it is kept.
pub(super) const HELD: &str = "held";

/// When what is withheld from an instant on is given up.
pub(super) fn held_until(since: Timestamp) -> Timestamp {
    since.saturating_add(HELD_FOR).unwrap_or(Timestamp::MAX)
}

/// The partition of the index `due` where a delivery stands that is withheld.
pub(super) fn partition(policy: PolicyId, reason: WithheldReason) -> Option<String> {
    match reason {
        WithheldReason::EmailNotSent => None,
        WithheldReason::PolicyInactive => Some(format!("WITHHELD#{policy}#KEPT")),
        WithheldReason::PolicySuspended | WithheldReason::PolicyPending => {
            Some(format!("WITHHELD#{policy}"))
        }
    }
}

/// A page of what is withheld of a policy.
#[derive(Debug)]
pub struct WithheldPage {
    /// The deliveries, the oldest first.
    pub deliveries: Vec<Delivery>,
    /// Where to go on, if there may be more.
    pub next: Option<WithheldPosition>,
}

/// Where a reading of what is withheld stands.
#[derive(Debug)]
pub struct WithheldPosition(Item);

impl Store {
    /// What is withheld of a policy until it is active, the oldest first.
    ///
    /// * `start`: where an earlier page ended; `None` for the first page.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn withheld(
        &self,
        policy: PolicyId,
        start: Option<WithheldPosition>,
        limit: usize,
    ) -> Result<WithheldPage, StoreError> {
        let query = IndexQuery {
            partition: format!("WITHHELD#{policy}"),
            at_most: i64::MAX,
            start: start.map(|WithheldPosition(start)| start),
            limit,
        };
        let page = self.data.query_index::<DeliveryRow>(&DUE_INDEX, query);
        let page = page.await?;
        let mut deliveries = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            // One that cannot be read keeps no other from being sent.
            match row.and_then(DeliveryRow::into_delivery) {
                Ok(delivery) => deliveries.push(delivery),
                Err(error) => tracing::error!(
                    error = error_chain(&error),
                    "a withheld delivery cannot be read and is passed over"
                ),
            }
        }
        Ok(WithheldPage {
            deliveries,
            next: page.next.map(WithheldPosition),
        })
    }

    /// Keeps an event for as long as something of it may be withheld from now on. Returns whether
    /// it is there, and not another that was reported under its id.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn hold_event(&self, event: &EventRef, now: Timestamp) -> Result<bool, StoreError> {
        let until = held_until(now).as_second();
        // Whoever else heard of it may need it for the whole retention.
        let expires = until.max(self.expiry(now));
        let update = Update::default()
            .number(HELD, until)
            .number("expires", expires);
        let key = events::key(event.tenant, &event.id);
        let is_meant = Guard::Equals("accepted_at", event.accepted_at.as_millisecond());
        let held = self.data.update_if(key, &update, &is_meant).await?;
        Ok(held == Written::Done)
    }
}
