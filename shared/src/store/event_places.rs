//! Events that take a place in the log of their account: event, log entry and the log's head are
//! written together, over the head that was read.

use super::{
    Store, StoreError,
    events::{AcceptedEvent, EventContext, EventRow, Reported, key},
    guard::{Guard, Written},
    log::EntryRow,
    update::Update,
};
use crate::{
    event::{Event, EventRef},
    place::Place,
};
use jiff::Timestamp;

/// The field of an event that holds its place.
const PLACE: &str = "place";

/// How often a place is asked for again when others take it meanwhile.
const MAX_PLACE_ROUNDS: usize = 1_000;

impl Store {
    /// Records an event, once, and with it its place in the log of its account, after every event
    /// that was accepted there before.
    ///
    /// * `start`: after which place it stands at least, as [`Store::log_start`] says.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn record_logged_event(
        &self,
        mut event: Event,
        context: &EventContext,
        start: Place,
    ) -> Result<Reported, StoreError> {
        let EventRef {
            tenant,
            id,
            accepted_at,
        } = event.reference.clone();
        for _ in 0..MAX_PLACE_ROUNDS {
            let last = self.log_head(tenant).await?;
            let place = Place::next(accepted_at, last.max(Some(start)));
            event.place = Some(place);
            let row = EventRow::new(&event, context);
            let entry = EntryRow::new(&event, &context.dialects);
            let mut writes = self.log_append(tenant, (last, place), &entry)?;
            writes.push(self.data.guarded(key(tenant, &id), &row, &Guard::Absent)?);
            match self.data.transact(writes).await? {
                Written::Done => return Ok(Reported::New),
                // Another event took the place, or it was reported before.
                Written::Refused => {
                    if let Some(known) = self.reported(&event, &row.fingerprint).await? {
                        return Ok(known);
                    }
                }
            }
        }
        Err(StoreError::contended())
    }

    /// Gives a recorded event its place in the log of its account, once: it was accepted when
    /// nobody was known to read that. Returns the place that it has then; none, where it is no
    /// longer kept.
    ///
    /// * `start`: after which place it stands at least.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn log_event(
        &self,
        accepted: &AcceptedEvent,
        start: Place,
        now: Timestamp,
    ) -> Result<Option<Place>, StoreError> {
        let EventRef { tenant, id, .. } = accepted.event.reference.clone();
        let entry = EntryRow::new(&accepted.event, &accepted.dialects);
        for _ in 0..MAX_PLACE_ROUNDS {
            let last = self.log_head(tenant).await?;
            let place = Place::next(now, last.max(Some(start)));
            let mut writes = self.log_append(tenant, (last, place), &entry)?;
            // The rest of the row stays: how long it is kept for what is withheld of it.
            let placed = Update::default().number(PLACE, place.as_microsecond());
            let (key, guard) = (key(tenant, &id), Guard::Lacks(PLACE));
            writes.push(self.data.guarded_update(key, &placed, &guard)?);
            if self.data.transact(writes).await? == Written::Done {
                return Ok(Some(place));
            }
            match self.event(tenant, &id).await? {
                None => return Ok(None),
                Some(known) if known.event.place.is_some() => return Ok(known.event.place),
                Some(_) => {}
            }
        }
        Err(StoreError::contended())
    }
}
