//! Reporting events, one or up to a hundred at a time: each is recorded, then its fan-out is
//! enqueued, and only then is it accepted.

use super::{
    problem::{Problem, Told},
    report_fields::NewEvent,
};
use crate::{Api, caller::Caller, failure::Failure, idempotency};
use ::herald::{
    credential::Role,
    event::EventId,
    fields::Fields,
    invalid::{FieldErrors, Invalid},
    message::{EventsMessage, FanOut, Version1},
    place::Place,
    queue::QueueName,
    store::AcceptedReport,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use futures::{StreamExt, stream};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

/// The most events of one batch.
const MAX_BATCH: usize = 100;

/// Events of a batch that are recorded at once.
const CONCURRENCY: usize = 16;

#[derive(Serialize)]
struct AcceptedView {
    id: EventId,
    duplicate: bool,
}

#[derive(Serialize)]
struct BatchView {
    items: Vec<ItemView>,
}

/// What became of an event of a batch, in the place that it had there.
#[derive(Serialize)]
struct ItemView {
    /// As if it had been reported alone.
    status: u16,
    #[serde(flatten)]
    accepted: Option<AcceptedView>,
    #[serde(flatten)]
    told: Option<Told>,
}

impl From<AcceptedReport> for AcceptedView {
    fn from(accepted: AcceptedReport) -> Self {
        Self {
            id: accepted.reference.id,
            duplicate: accepted.duplicate,
        }
    }
}

/// `POST /herald/v1/events`.
pub(super) async fn report(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<impl Serialize>), Problem> {
    let caller = api.caller(&headers, Role::Publish).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?)?;
    let key = idempotency::key(&headers);
    let keyed = key.map(|key| key.map(EventId::from_idempotency_key));
    let accepted = api.accept(&caller, keyed, &fields).await?;
    api.enqueue(std::slice::from_ref(&accepted)).await?;
    Ok((StatusCode::ACCEPTED, Json(AcceptedView::from(accepted))))
}

/// `POST /herald/v1/events/batch`: an answer for each, in their order.
pub(super) async fn report_batch(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<impl Serialize>, Problem> {
    let caller = api.caller(&headers, Role::Publish).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?)?;
    let reports = read_batch(&fields)?;
    let key = idempotency::key(&headers);
    let done = api.accept_batch(&caller, &key, reports).await?;
    let accepted: Vec<_> = done.iter().flatten().cloned().collect();
    api.enqueue(&accepted).await?;
    let items = done.into_iter().map(|done| match done {
        Ok(accepted) => ItemView {
            status: StatusCode::ACCEPTED.as_u16(),
            accepted: Some(accepted.into()),
            told: None,
        },
        Err(failure) => {
            let told = Told::of(failure);
            ItemView {
                status: told.status().as_u16(),
                accepted: None,
                told: Some(told),
            }
        }
    });
    Ok(Json(BatchView {
        items: items.collect(),
    }))
}

fn read_batch(fields: &Fields) -> Result<Vec<Box<RawValue>>, Failure> {
    let mut errors = FieldErrors::default();
    fields.only(&["events"], &mut errors);
    let events: Option<Vec<Box<RawValue>>> =
        fields.required("events", "must be an array of events", &mut errors);
    let events = events.and_then(|events| {
        let rule = || Invalid::new("must hold 1 to 100 events");
        let fits = (1..=MAX_BATCH).contains(&events.len());
        errors.check("events", fits.then_some(events).ok_or_else(rule))
    });
    Ok(errors.finish(events)?)
}

impl Api {
    /// Records the events of a batch. Those of an account whose log is read are recorded one after
    /// the other, so that the log has them in the order of the batch.
    async fn accept_batch(
        &self,
        caller: &Caller,
        key: &Result<Option<&str>, Invalid>,
        reports: Vec<Box<RawValue>>,
    ) -> Result<Vec<Result<AcceptedReport, Failure>>, Failure> {
        let keyed = |index| {
            let key = key.as_ref().map_err(Clone::clone);
            key.map(|key| key.map(|key| EventId::from_batch_key(key, index)))
        };
        let reading = reports.into_iter().enumerate();
        let reading = reading.map(async |(index, report)| {
            let fields = Fields::parse(report.get().as_bytes())?;
            NewEvent::read(self, caller, keyed(index), &fields).await
        });
        let read: Vec<_> = stream::iter(reading).buffered(CONCURRENCY).collect().await;
        let mut starts = HashMap::new();
        for reported in read.iter().flatten() {
            if let Entry::Vacant(vacant) = starts.entry(reported.reference.tenant) {
                vacant.insert(self.log_start(reported).await?);
            }
        }
        let mut done: Vec<Option<Result<AcceptedReport, Failure>>> = Vec::new();
        let mut at_once = Vec::new();
        for (index, read) in read.into_iter().enumerate() {
            let reported = match read {
                Ok(reported) => reported,
                Err(failure) => {
                    done.push(Some(Err(failure)));
                    continue;
                }
            };
            match starts[&reported.reference.tenant] {
                None => {
                    done.push(None);
                    at_once.push((index, reported));
                }
                start => done.push(Some(self.record(reported, start).await)),
            }
        }
        let recording = at_once
            .into_iter()
            .map(async |(index, reported)| (index, self.record(reported, None).await));
        let mut recorded = stream::iter(recording).buffer_unordered(CONCURRENCY);
        while let Some((index, accepted)) = recorded.next().await {
            done[index] = Some(accepted);
        }
        drop(recorded);
        Ok(done.into_iter().flatten().collect())
    }

    /// Records an event, or finds it recorded.
    async fn accept(
        &self,
        caller: &Caller,
        keyed: Result<Option<EventId>, Invalid>,
        fields: &Fields,
    ) -> Result<AcceptedReport, Failure> {
        let reported = NewEvent::read(self, caller, keyed, fields).await?;
        let start = self.log_start(&reported).await?;
        self.record(reported, start).await
    }

    async fn log_start(&self, reported: &NewEvent) -> Result<Option<Place>, Failure> {
        let ancestors = &reported.account.ancestors;
        let tenant = reported.reference.tenant;
        Ok(self.store.log_start(tenant, ancestors).await?)
    }

    async fn record(
        &self,
        reported: NewEvent,
        log_start: Option<Place>,
    ) -> Result<AcceptedReport, Failure> {
        let NewEvent {
            reference,
            account,
            report,
        } = reported;
        let conflict = format!("another event was reported as {}", reference.id);
        let accepted = self
            .store
            .accept_report(reference, account, report, log_start);
        let accepted = accepted.await?;
        accepted.ok_or(Failure::Conflict(conflict))
    }

    /// Enqueues the fan-out of events. A duplicate is enqueued again until its fan-out is known to
    /// be done: the report before it may have been recorded and not enqueued.
    async fn enqueue(&self, accepted: &[AcceptedReport]) -> Result<(), Failure> {
        let waiting = accepted.iter().filter(|accepted| !accepted.fanned_out);
        let messages = waiting.map(|accepted| {
            let message = EventsMessage::FanOut(FanOut {
                v: Version1,
                event: accepted.reference.clone(),
                resume: None,
            });
            message.outgoing()
        });
        let messages = messages.collect();
        Ok(self.queue.send(QueueName::Events, messages).await?)
    }
}
