//! Events: each recorded once.

use super::{
    Store, StoreError,
    catalogue::KnownReport,
    guard::{Guard, Key, Written},
    update::Update,
    withheld::HELD,
};
use crate::{
    account::Account,
    catalogue::CatalogueEntry,
    dialect::Dialect,
    event::{Event, EventAccount, EventId, EventRef, Report},
    event_type::EventType,
    id::AccountId,
    place::Place,
    tenant::Tenant,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[expect(
    clippy::large_enum_variant,
    reason = "made once for a request, and taken apart at once"
)]
pub enum Reported {
    /// It is a new event.
    New,
    /// The event was reported before, with the same content.
    Known(AcceptedEvent),
    /// Another event has this id.
    Conflict,
}

/// A report that became an event, now or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedReport {
    /// Where the event is found.
    pub reference: EventRef,
    /// Whether it was accepted before.
    pub duplicate: bool,
    /// Whether every policy that hears of it was found.
    pub fanned_out: bool,
}

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedEvent {
    /// The event.
    pub event: Event,
    /// The dialects that knew its type when it was accepted.
    pub dialects: Vec<Dialect>,
    /// The ancestors of its account.
    pub ancestors: Vec<AccountId>,
    /// Whether every policy that hears of it was found.
    pub fanned_out: bool,
}

/// What is known of an event beside what was reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventContext {
    /// The dialects that know its type.
    pub dialects: Vec<Dialect>,
    /// The ancestors of its account, which never change.
    pub ancestors: Vec<AccountId>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct EventRow {
    tenant: Tenant,
    id: EventId,
    #[serde(with = "crate::millis")]
    accepted_at: Timestamp,
    #[serde(flatten)]
    account: EventAccount,
    #[serde(rename = "type")]
    event_type: EventType,
    /// Empty where an earlier version accepted it: that knew built-in types only.
    #[serde(default)]
    dialects: Vec<Dialect>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ancestors: Vec<AccountId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    occurred_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    pub(super) fingerprint: String,
    /// 0 or 1.
    fanned_out: u8,
}

impl EventRow {
    pub(super) fn new(event: &Event, context: &EventContext) -> Self {
        let report = &event.report;
        Self {
            tenant: event.reference.tenant,
            id: event.reference.id.clone(),
            accepted_at: event.reference.accepted_at,
            account: event.account.clone(),
            event_type: report.event_type.clone(),
            dialects: context.dialects.clone(),
            ancestors: context.ancestors.clone(),
            resource_type: report.resource_type.clone(),
            resource_id: report.resource_id.clone(),
            data: report.data.as_ref().map(|data| data.as_str().to_owned()),
            occurred_at: report.occurred_at,
            place: event.place,
            fingerprint: report.fingerprint(),
            fanned_out: 0,
        }
    }

    fn into_event(self) -> Result<AcceptedEvent, StoreError> {
        let data = self.data.map(|data| data.parse()).transpose();
        let dialects = if self.dialects.is_empty() {
            let entry = CatalogueEntry::built_in(&self.event_type);
            entry.map_or_else(Vec::new, |entry| entry.dialects)
        } else {
            self.dialects
        };
        Ok(AcceptedEvent {
            fanned_out: self.fanned_out == 1,
            dialects,
            ancestors: self.ancestors,
            event: Event {
                account: self.account,
                place: self.place,
                reference: EventRef {
                    tenant: self.tenant,
                    id: self.id,
                    accepted_at: self.accepted_at,
                },
                report: Report {
                    event_type: self.event_type,
                    resource_type: self.resource_type,
                    resource_id: self.resource_id,
                    data: data.map_err(StoreError::corrupt)?,
                    occurred_at: self.occurred_at,
                },
            },
        })
    }
}

pub(super) fn key(tenant: Tenant, id: &EventId) -> Key {
    Key {
        pk: format!("{tenant}#EVENT#{id}"),
        sk: "EVENT".to_owned(),
    }
}

pub(super) fn from_item(item: super::guard::Item) -> Result<Event, StoreError> {
    let row: EventRow = super::table::read(item)?;
    row.into_event().map(|known| known.event)
}

impl Store {
    /// Records an event, once.
    ///
    /// * `context`: what is remembered of it.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn record_event(
        &self,
        event: &Event,
        context: &EventContext,
    ) -> Result<Reported, StoreError> {
        let EventRef { tenant, id, .. } = &event.reference;
        let row = EventRow::new(event, context);
        let key = key(*tenant, id);
        match self.data.put_if(key, &row, &Guard::Absent).await? {
            Written::Done => Ok(Reported::New),
            Written::Refused => {
                let known = self.reported(event, &row.fingerprint).await?;
                known.ok_or_else(StoreError::contended)
            }
        }
    }

    /// What is known of an event that may have been reported before.
    pub(super) async fn reported(
        &self,
        event: &Event,
        fingerprint: &str,
    ) -> Result<Option<Reported>, StoreError> {
        let EventRef { tenant, id, .. } = &event.reference;
        let known: Option<EventRow> = self.data.get(key(*tenant, id)).await?;
        let Some(known) = known else {
            return Ok(None);
        };
        Ok(Some(if known.fingerprint == fingerprint {
            Reported::Known(known.into_event()?)
        } else {
            Reported::Conflict
        }))
    }

    /// Accepts a report, once; `None` where another event has its id.
    ///
    /// * `log_start`: where its account's log is read, as [`Store::log_start`] says.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn accept_report(
        &self,
        reference: EventRef,
        account: Account,
        KnownReport { report, dialects }: KnownReport,
        log_start: Option<Place>,
    ) -> Result<Option<AcceptedReport>, StoreError> {
        let event = Event {
            reference: reference.clone(),
            account: (&account).into(),
            place: None,
            report,
        };
        let context = EventContext {
            dialects,
            ancestors: account.ancestors,
        };
        let reported = match log_start {
            Some(start) => self.record_logged_event(event, &context, start).await?,
            None => self.record_event(&event, &context).await?,
        };
        Ok(match reported {
            Reported::New => Some(AcceptedReport {
                reference,
                duplicate: false,
                fanned_out: false,
            }),
            Reported::Known(known) => Some(AcceptedReport {
                reference: known.event.reference,
                duplicate: true,
                fanned_out: known.fanned_out,
            }),
            Reported::Conflict => None,
        })
    }

    /// The event with an id.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn event(
        &self,
        tenant: Tenant,
        id: &EventId,
    ) -> Result<Option<AcceptedEvent>, StoreError> {
        let row: Option<EventRow> = self.data.get(key(tenant, id)).await?;
        row.map(EventRow::into_event).transpose()
    }

    /// Notes that every policy that hears of an event was found. Its retention starts.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn mark_fanned_out(
        &self,
        event: &EventRef,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Update::default()
            .number("fanned_out", 1)
            .number("expires", self.expiry(now));
        let key = key(event.tenant, &event.id);
        let guard = Guard::EqualsWithout(("fanned_out", 0), HELD);
        if self.data.update_if(key.clone(), &update, &guard).await? == Written::Refused {
            // It was marked before, or it is held for longer than the retention.
            let guard = Guard::Equals("fanned_out", 0);
            let marked = Update::default().number("fanned_out", 1);
            let _ = self.data.update_if(key, &marked, &guard).await?;
        }
        Ok(())
    }
}
