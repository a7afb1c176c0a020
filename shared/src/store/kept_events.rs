//! Events that are still kept, by what refers to them: an event that expired, and whose id was
//! reported anew, is another.

use super::{Store, StoreError, events, events::AcceptedEvent};
use crate::event::{Event, EventRef};
use std::collections::{HashMap, HashSet};

impl Store {
    /// The event that is meant, if it is still kept.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn kept_event(
        &self,
        reference: &EventRef,
    ) -> Result<Option<AcceptedEvent>, StoreError> {
        let found = self.event(reference.tenant, &reference.id).await?;
        Ok(found.filter(|found| found.event.reference == *reference))
    }

    /// Those of some events that are still kept.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn kept_events<'a>(
        &self,
        references: impl IntoIterator<Item = &'a EventRef>,
    ) -> Result<HashMap<EventRef, Event>, StoreError> {
        // One that expired and was reported anew may be named twice; a key is asked for once.
        let keys: HashSet<_> = references
            .into_iter()
            .map(|event| events::key(event.tenant, &event.id))
            .collect();
        let items = self.data.batch_get(keys.into_iter().collect()).await?;
        let kept = items.into_values().map(|item| {
            let event = events::from_item(item)?;
            Ok((event.reference.clone(), event))
        });
        kept.collect()
    }
}
