//! The attempts of a delivery that an answer has room for: the newest, and how many are older.

use super::delivery_view::AttemptView;
use crate::{Api, failure::Failure};
use ::herald::{
    attempt::Attempt,
    delivery::{Delivery, DeliveryRef, Status},
    store::MAX_ANSWER_BYTES,
};
use serde::Serialize;

/// What the delivery itself takes of an answer at most: names, ids, and its target twice.
const DELIVERY_BYTES: usize = 64 * 1024;

/// Attempts, the oldest first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewestAttempts {
    attempts: Vec<AttemptView>,
    /// How many older ones were made that the answer has no room for.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts_omitted: Option<u32>,
}

/// What is taken from the newest attempt on, until there is room for no more.
#[derive(Debug)]
struct Room {
    bytes: usize,
    /// The number of the newest attempt that it does not hold.
    omitted: Option<u32>,
}

impl Room {
    fn takes(&mut self, attempt: &Attempt) -> bool {
        let view = serde_json::to_vec(&AttemptView::from(attempt.clone()));
        // And the comma.
        let bytes = view.map_or(0, |view| view.len()) + 1;
        match self.bytes.checked_sub(bytes) {
            Some(left) => self.bytes = left,
            None => self.omitted = Some(attempt.number),
        }
        self.omitted.is_none()
    }
}

impl Api {
    /// The newest attempts of a delivery that fit into an answer.
    ///
    /// * `delivery`: its record, where it has one.
    pub(super) async fn newest_attempts(
        &self,
        reference: &DeliveryRef,
        delivery: Option<&Delivery>,
    ) -> Result<NewestAttempts, Failure> {
        let mut room = Room {
            bytes: MAX_ANSWER_BYTES - DELIVERY_BYTES,
            omitted: None,
        };
        let arrival = delivery.and_then(|delivery| match &delivery.status {
            Status::Delivered { by } => Some(by.clone()),
            _ => None,
        });
        let arrival = arrival.filter(|arrival| room.takes(arrival));
        let wanted = |attempt: &Attempt| room.takes(attempt);
        let mut attempts = self.store.newest_failed_attempts(reference, wanted).await?;
        // One number may have two attempts: both are shown, or neither.
        attempts.retain(|attempt| room.omitted.is_none_or(|number| attempt.number > number));
        attempts.reverse();
        attempts.extend(arrival);
        Ok(NewestAttempts {
            attempts: attempts.into_iter().map(AttemptView::from).collect(),
            attempts_omitted: room.omitted,
        })
    }
}
