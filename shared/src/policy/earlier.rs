//! What an ordered policy heard before it was changed, and who joined it.

use super::{DeliveryMode, EventTypes, Joined, Policy, Scope, event_types::unique};
use crate::{
    dialect::Dialect,
    event_type::EventType,
    id::{AccountId, RecipientId},
    place::Place,
    store::LogEntry,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The most changes that a policy remembers: beyond that the two earliest are one, and hear what
/// either did. Rather something too much is told than something too little.
const MAX_EARLIER: usize = 4;

/// The most types, and the most accounts, of what two earlier ones heard; beyond that, all.
const MAX_TOGETHER: usize = 200;

/// What a policy heard up to a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// Up to the place of this instant.
    #[serde(with = "crate::millis")]
    pub until: Timestamp,
    /// What was told.
    pub event_types: EventTypes,
    /// In which accounts.
    pub scope: Scope,
}

impl Earlier {
    /// What either heard, up to where the later one did.
    fn together(self, later: Self) -> Self {
        let event_types = match (self.event_types, later.event_types) {
            (EventTypes::Named(a), EventTypes::Named(b)) => {
                let both = unique(a.into_iter().chain(b));
                if both.len() <= MAX_TOGETHER {
                    EventTypes::Named(both)
                } else {
                    EventTypes::All
                }
            }
            _ => EventTypes::All,
        };
        let scope = match (self.scope, later.scope) {
            (Scope::Own, Scope::Own) => Scope::Own,
            (Scope::Accounts(a), Scope::Accounts(b)) => {
                let both = unique(a.into_iter().chain(b));
                if both.len() <= MAX_TOGETHER {
                    Scope::Accounts(both)
                } else {
                    Scope::Descendants
                }
            }
            _ => Scope::Descendants,
        };
        Self {
            until: later.until,
            event_types,
            scope,
        }
    }
}

impl Policy {
    /// Remembers of an ordered policy what it heard before a change, and who joined it by that.
    #[must_use]
    pub(super) fn remembering(mut self, before: &Self, now: Timestamp) -> Self {
        let is_same = self.event_types == before.event_types && self.scope == before.scope;
        let is_new = |id: &RecipientId| before.recipient(id).is_none();
        let recipients = self.recipients.iter().map(|recipient| &recipient.id);
        let new: Vec<_> = recipients.filter(|id| is_new(id)).cloned().collect();
        let listed = self.recipients.clone();
        let DeliveryMode::Ordered {
            earlier, joined, ..
        } = &mut self.delivery_mode
        else {
            return self;
        };
        if !before.delivery_mode.is_ordered() {
            return self;
        }
        joined.retain(|joined| listed.iter().any(|known| known.id == joined.recipient));
        joined.extend(
            new.into_iter()
                .map(|recipient| Joined { recipient, at: now }),
        );
        if !is_same {
            earlier.push(Earlier {
                until: now,
                event_types: before.event_types.clone(),
                scope: before.scope.clone(),
            });
        }
        while earlier.len() > MAX_EARLIER {
            let first = earlier.remove(0);
            let second = earlier.remove(0);
            earlier.insert(0, first.together(second));
        }
        self
    }

    /// Whether it hears of an entry of a log, as it was when that was accepted.
    #[must_use]
    pub fn hears_entry(&self, entry: &LogEntry) -> bool {
        let account = entry.event.tenant.account;
        self.heard_at(entry.place, account, &entry.event_type, &entry.dialects)
    }

    /// Whether it heard of a type in an account up to a place.
    pub(super) fn heard_at(
        &self,
        place: Place,
        account: AccountId,
        event_type: &EventType,
        dialects: &[Dialect],
    ) -> bool {
        let earlier = match &self.delivery_mode {
            DeliveryMode::Independent => None,
            DeliveryMode::Ordered { earlier, .. } => earlier
                .iter()
                .find(|earlier| place <= Place::at(earlier.until)),
        };
        let (types, scope) = match earlier {
            Some(earlier) => (&earlier.event_types, &earlier.scope),
            None => (&self.event_types, &self.scope),
        };
        types.hears(self.dialect, event_type, dialects) && scope.covers(self.owner, account)
    }
}

#[cfg(test)]
mod tests;
