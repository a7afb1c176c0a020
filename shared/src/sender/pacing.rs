//! A policy's pace: which messages of a batch are sent now, and which wait in the queue for a
//! second that has room. Neither the delivery nor its number of attempts is touched meanwhile.

use super::{
    Arrived, Carrier, Sender, SenderError,
    decision::{Assignment, Step, decide},
};
use crate::{
    clock::wait_until,
    delivery_id::DeliveryId,
    id::PolicyId,
    message::Deliver,
    pace::Pace,
    queue::inbox::Record,
    store::{DeliveryRead, StoreError},
    tenant::Tenant,
};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use std::{collections::HashMap, sync::Arc};

/// How long a message waits for which nothing could be reserved, and by how much that is more or
/// less, so that a backlog does not come back at once.
const ASK_AGAIN: f64 = 12.0 * 60.0;
const ASK_AGAIN_SPREAD: f64 = 2.0 * 60.0;

/// When a message is sent.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    /// At an instant; now, where that is not in the future.
    At(Timestamp),
    /// When it has asked again: too much is reserved already.
    Later,
    /// Nobody knows: the reservation failed.
    Unknown(Arc<StoreError>),
}

/// The slots of the messages that ask for one.
pub(super) type Slots = HashMap<DeliveryId, Slot>;

impl<C: Carrier> Sender<C> {
    /// Reserves a slot for each message that is to be sent, has none yet, and whose policy has a
    /// pace: all of a policy at once.
    pub(super) async fn slots(&self, messages: &[(Record, Deliver)], read: &DeliveryRead) -> Slots {
        let now = self.clock.now();
        let mut wanted: HashMap<(Tenant, PolicyId), (Pace, Vec<DeliveryId>)> = HashMap::new();
        for (record, message) in messages {
            let reference = &message.reference;
            let policy = read.policies.get(&reference.policy);
            let pace = policy.and_then(|policy| policy.as_ref().ok()?.pace);
            let (Some(pace), None) = (pace, message.slot) else {
                continue;
            };
            if matches!(
                decide(message, record.received, read, now),
                Ok(Step::Send(_))
            ) {
                let of = (reference.owner, reference.policy);
                let (_, ids) = wanted.entry(of).or_insert_with(|| (pace, Vec::new()));
                ids.push(reference.id());
            }
        }
        let reserved = wanted.into_iter().map(async |(of, (pace, ids))| {
            let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            let reserved = self.store.reserve(of, pace, count, now).await;
            let reserved = reserved.map_err(Arc::new);
            let slot = move |(index, id)| {
                let slot = match &reserved {
                    Ok(slots) => slots.get(index).copied().map_or(Slot::Later, Slot::At),
                    Err(error) => Slot::Unknown(Arc::clone(error)),
                };
                (id, slot)
            };
            ids.into_iter().enumerate().map(slot).collect::<Vec<_>>()
        });
        join_all(reserved).await.into_iter().flatten().collect()
    }

    /// Makes an attempt when its slot has come; else the same message comes again then.
    pub(super) async fn send_in_slot(
        &self,
        message: Deliver,
        assignment: Assignment<'_>,
        slot: Option<&Slot>,
        read: &DeliveryRead,
    ) -> Result<Arrived, SenderError<C::Error>> {
        let now = self.clock.now();
        let slot = slot.cloned().or(message.slot.map(Slot::At));
        let (slot, until) = match slot {
            Some(Slot::At(at)) if at > now => (Some(at), at),
            None | Some(Slot::At(_)) => return Box::pin(self.send(assignment)).await,
            Some(Slot::Later) => (None, now + self.asks_again_after()),
            Some(Slot::Unknown(error)) => return Err(SenderError::Batch(error)),
        };
        let queue = message.queue();
        let again = Deliver { slot, ..message }.outgoing(wait_until(until, now));
        self.queue.send(queue, vec![again]).await?;
        if let Some(Ok(recorded)) = read.deliveries.get(&assignment.delivery.id()) {
            self.store.look_after(recorded, until).await?;
        }
        tracing::info!(%until, "an attempt waits for its policy's pace");
        Ok(None)
    }

    fn asks_again_after(&self) -> SignedDuration {
        let seconds = ASK_AGAIN + ASK_AGAIN_SPREAD * self.random.spread();
        SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::ZERO)
    }
}
