//! Manifests: who an event goes to, written before the first message about it is sent. They
//! stand for the deliveries that have no record yet, and lead from an event, or a delivery's
//! id, to the deliveries.

use super::{
    Period, Store, StoreError, day, day_before,
    guard::{Guard, Key, Written},
    query::Query,
};
use crate::{
    delivery::DeliveryRef,
    delivery_id::DeliveryId,
    event::EventRef,
    event_type::EventType,
    id::{PolicyId, RecipientId},
    message::FanOutPosition,
    tenant::Tenant,
    trace_id::TraceId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A part of an event's fan-out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Whose policies these are.
    pub owner: Tenant,
    /// The event.
    pub event: EventRef,
    /// The event's type.
    pub event_type: EventType,
    /// The number of this part.
    pub chunk: u32,
    /// The policies and recipients that hear of it.
    pub entries: Vec<ManifestEntry>,
    /// Where the fan-out goes on after this part.
    pub resume: FanOutPosition,
}

/// A policy that matched, and its recipients at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// The policy.
    pub policy: PolicyId,
    /// Its recipients.
    pub recipients: Vec<RecipientId>,
}

/// Where a listing stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestPosition {
    /// The day that is being read.
    #[serde(with = "crate::millis")]
    day: Timestamp,
    /// The last manifest that was read on it.
    after: Option<String>,
    /// Whether to read that one again.
    again: bool,
}

impl ManifestPosition {
    /// At a manifest, which is read again.
    #[must_use]
    pub fn at(manifest: &Manifest) -> Self {
        Self {
            day: manifest.event.accepted_at,
            after: Some(key(manifest.owner, &manifest.event, manifest.chunk).sk),
            again: true,
        }
    }
}

/// A page of manifests.
#[derive(Clone, Debug)]
pub struct ManifestPage {
    /// The manifests, the newest first.
    pub manifests: Vec<Manifest>,
    /// Where to go on, if there may be more.
    pub next: Option<ManifestPosition>,
}

#[derive(Serialize, Deserialize)]
struct ManifestRow {
    manifest: Manifest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
}

impl Manifest {
    /// Its deliveries.
    pub fn deliveries(&self) -> impl Iterator<Item = DeliveryRef> {
        self.entries.iter().flat_map(|entry| {
            entry.recipients.iter().map(|recipient| DeliveryRef {
                owner: self.owner,
                policy: entry.policy,
                recipient: recipient.clone(),
                event: self.event.clone(),
            })
        })
    }
}

fn partition(owner: Tenant, at: Timestamp) -> String {
    format!("{owner}#MANIFEST#{}", day(at))
}

fn moment(at: Timestamp) -> String {
    format!("{:013}#", at.as_millisecond())
}

fn event_prefix(event: &EventRef) -> String {
    let moment = moment(event.accepted_at);
    format!("{moment}{}#{}#", event.tenant.account, event.id)
}

pub(super) fn key(owner: Tenant, event: &EventRef, chunk: u32) -> Key {
    Key {
        pk: partition(owner, event.accepted_at),
        sk: format!("{}{chunk:06}", event_prefix(event)),
    }
}

/// The sort keys that start with a text; keys are visible ASCII.
fn starting_with(prefix: String) -> (String, String) {
    let end = format!("{prefix}\u{7f}");
    (prefix, end)
}

impl Store {
    /// Writes a part of a fan-out, once: returns the part that stands, which on a second run
    /// may differ from the given one.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn keep_manifest(
        &self,
        manifest: Manifest,
        now: Timestamp,
    ) -> Result<Manifest, StoreError> {
        let key = key(manifest.owner, &manifest.event, manifest.chunk);
        // Deliveries end, and their retention starts, days after this: hence twice.
        let expires = Some(self.expiry(now + self.retention));
        let row = ManifestRow { manifest, expires };
        match self.data.put_if(key.clone(), &row, &Guard::Absent).await? {
            Written::Done => Ok(row.manifest),
            Written::Refused => {
                let stood: Option<ManifestRow> = self.data.get(key).await?;
                stood
                    .map(|row| row.manifest)
                    .ok_or_else(StoreError::contended)
            }
        }
    }

    /// The parts of an event's fan-out to one owner's policies, from a part on.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn event_manifests(
        &self,
        owner: Tenant,
        event: &EventRef,
        from_chunk: u32,
        limit: usize,
    ) -> Result<Vec<Manifest>, StoreError> {
        let last = starting_with(event_prefix(event)).1;
        let query = Query {
            between: Some((key(owner, event, from_chunk).sk, last)),
            ..Query::all(partition(owner, event.accepted_at), limit)
        };
        let page = self.data.query::<ManifestRow>(query).await?;
        Ok(page.rows.into_iter().map(|(_, row)| row.manifest).collect())
    }

    /// The delivery with an id, recorded or not, and its event's type.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn find_delivery(
        &self,
        owner: Tenant,
        id: DeliveryId,
    ) -> Result<Option<(DeliveryRef, EventType)>, StoreError> {
        self.find_delivery_of(owner, id.accepted_at(), |other| *other == id)
            .await
    }

    /// The delivery of which a trace id names an attempt, recorded or not, and its event's type.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn find_traced(
        &self,
        owner: Tenant,
        trace: TraceId,
    ) -> Result<Option<(DeliveryRef, EventType)>, StoreError> {
        self.find_delivery_of(owner, trace.accepted_at(), |id| trace.is_of(id))
            .await
    }

    async fn find_delivery_of(
        &self,
        owner: Tenant,
        accepted_at: Timestamp,
        is_meant: impl Fn(&DeliveryId) -> bool,
    ) -> Result<Option<(DeliveryRef, EventType)>, StoreError> {
        let mut query = Query {
            between: Some(starting_with(moment(accepted_at))),
            ..Query::all(partition(owner, accepted_at), 100)
        };
        loop {
            let page = self.data.query::<ManifestRow>(query.clone()).await?;
            for (_, ManifestRow { manifest, .. }) in page.rows {
                let is_it = |reference: &DeliveryRef| is_meant(&reference.id());
                let reference = manifest.deliveries().find(is_it);
                if let Some(reference) = reference {
                    return Ok(Some((reference, manifest.event_type)));
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(None),
            }
        }
    }

    /// Lists an owner's manifests of events accepted in a period, the newest first.
    ///
    /// * `start`: where an earlier page ended; `None` for the first page.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn list_manifests(
        &self,
        owner: Tenant,
        period: &Period,
        start: Option<ManifestPosition>,
        limit: usize,
    ) -> Result<ManifestPage, StoreError> {
        let mut position = start.unwrap_or(ManifestPosition {
            day: period.until,
            after: None,
            again: false,
        });
        position.day = position.day.min(period.until);
        let first = moment(period.since);
        let end = moment(period.until).max(first.clone());
        let mut manifests = Vec::new();
        while day(position.day) >= day(period.since) {
            let (after, again) = (position.after.take(), position.again);
            let after = after.filter(|sk| *sk < end);
            let last = after
                .clone()
                .filter(|_| again)
                .unwrap_or_else(|| end.clone());
            if last < first || after.as_ref().is_some_and(|sk| *sk < first) {
                break;
            }
            let query = Query {
                between: Some((first.clone(), last)),
                after: after.filter(|_| !again),
                descending: true,
                ..Query::all(partition(owner, position.day), limit - manifests.len())
            };
            let page = self.data.query::<ManifestRow>(query).await?;
            manifests.extend(page.rows.into_iter().map(|(_, row)| row.manifest));
            position.again = false;
            match page.next {
                Some(sk) => position.after = Some(sk),
                None => position.day = day_before(position.day),
            }
            if manifests.len() >= limit {
                return Ok(ManifestPage {
                    manifests,
                    next: Some(position),
                });
            }
        }
        Ok(ManifestPage {
            manifests,
            next: None,
        })
    }
}
