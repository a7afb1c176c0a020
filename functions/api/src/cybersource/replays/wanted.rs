//! What the body of a replay asks for.

use super::super::{
    fields::{PRODUCT_ID, TYPES, inner},
    retry::Loose,
};
use crate::{Api, failure::Failure};
use ::herald::{
    catalogue::Product,
    event_type::EventType,
    fields::{Fields, TEXT, TEXTS},
    invalid::{FieldErrors, Invalid},
    policy::Policy,
    replay::{ReplayedStatus, Selection},
    store::Period,
    trace_id::TraceId,
};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};

pub(super) const TRACES: &str = "byTransactionTraceIdentifiers";
const BY_STATUS: &str = "byDeliveryStatus";

/// Trace ids of a request, at the most: each is looked for while the caller waits.
const MAX_TRACES: usize = 100;

/// The longest window of a replay, and the one that counts where a body names none.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A replay that a body asks for.
#[derive(Debug)]
pub(super) enum Wanted {
    /// Of these attempts' deliveries.
    Traced(Vec<TraceId>),
    /// Of deliveries that stand as it says.
    Selected(Selection),
}

/// What `byDeliveryStatus` says.
struct ByStatus {
    status: Option<ReplayedStatus>,
    period: Option<Period>,
    event_type: Option<String>,
}

impl Api {
    pub(super) async fn read_cybersource_replay(
        &self,
        policy: &Policy,
        fields: &Fields,
    ) -> Result<Wanted, Failure> {
        let mut errors = FieldErrors::default();
        if fields.is_null(TRACES) == fields.is_null(BY_STATUS) {
            let rule = format!("must be given, or {BY_STATUS}, and not both");
            errors.push(Invalid::new(rule).at(TRACES));
            return Ok(errors.finish(None)?);
        }
        if !fields.is_null(TRACES) {
            let traces = read_traces(fields, &mut errors);
            return Ok(errors.finish(traces.map(Wanted::Traced))?);
        }
        let now = self.clock.now();
        let said = inner(fields, BY_STATUS, &mut errors, |inner, errors| {
            let said = ByStatus {
                status: read_status(inner, errors),
                period: read_period(inner, now, errors),
                event_type: inner.optional("eventType", TEXT, errors),
            };
            check_product(inner, policy, errors);
            said
        });
        let Some(said) = said else {
            return Ok(errors.finish(None)?);
        };
        let event_type = match said.event_type {
            None => None,
            Some(name) => {
                let known: Result<EventType, _> = self.known_type(TYPES, &name).await?;
                errors.check(&format!("{BY_STATUS}.eventType"), known)
            }
        };
        let selection = || {
            Some(Wanted::Selected(Selection {
                period: said.period?,
                statuses: vec![said.status?],
                event_types: event_type.map(|name| vec![name]),
                in_order: false,
            }))
        };
        Ok(errors.finish(selection())?)
    }
}

fn read_traces(fields: &Fields, errors: &mut FieldErrors) -> Option<Vec<TraceId>> {
    let texts: Vec<String> = fields.optional(TRACES, TEXTS, errors)?;
    if !(1..=MAX_TRACES).contains(&texts.len()) {
        let rule = format!("must name 1 to {MAX_TRACES} trace ids");
        errors.push(Invalid::new(rule).at(TRACES));
        return None;
    }
    let read =
        |(index, text): (usize, &String)| errors.check(&format!("{TRACES}[{index}]"), text.parse());
    Some(texts.iter().enumerate().filter_map(read).collect())
}

fn read_status(fields: &Fields, errors: &mut FieldErrors) -> Option<ReplayedStatus> {
    let named: String = fields.required("status", TEXT, errors)?;
    let status = match named.as_str() {
        "FAILED" => Ok(ReplayedStatus::Failed),
        "RETRY" => Ok(ReplayedStatus::Waiting),
        _ => Err(Invalid::new("must be FAILED or RETRY")),
    };
    errors.check("status", status)
}

fn check_product(fields: &Fields, policy: &Policy, errors: &mut FieldErrors) {
    let named: Option<Product> = fields.text(PRODUCT_ID, errors);
    let known = policy.details.subscription.as_ref();
    let heard = known.map(|known| &known.product_id);
    if named.is_some() && named.as_ref() != heard {
        let rule = Invalid::new("must be the product of the subscription");
        errors.push(rule.at(PRODUCT_ID));
    }
}

/// The events that are meant: of at most a day within the last month.
fn read_period(fields: &Fields, now: Timestamp, errors: &mut FieldErrors) -> Option<Period> {
    let start: Option<String> = fields.optional("startTime", TEXT, errors);
    let end: Option<String> = fields.optional("endTime", TEXT, errors);
    let hours = "must be a whole number from 1 to 24";
    let hours_back = fields.optional::<Loose<i64>>("hoursBack", hours, errors);
    let (start, end) = match (start, end, hours_back) {
        (None, None, None) => return Some(until(now, DAY)),
        (None, None, Some(Loose(back))) => {
            let back = (1..=24).contains(&back).then_some(back);
            let back = errors.check("hoursBack", back.ok_or_else(|| Invalid::new(hours)))?;
            return Some(until(now, SignedDuration::from_hours(back)));
        }
        (Some(start), Some(end), None) => (start, end),
        (_, _, hours_back) => {
            let (name, rule) = if hours_back.is_some() {
                ("hoursBack", "must be left out beside startTime and endTime")
            } else {
                ("startTime", "must be given with endTime, or neither")
            };
            errors.push(Invalid::new(rule).at(name));
            return None;
        }
    };
    let start = errors.check("startTime", time(&start));
    let end = errors.check("endTime", time(&end));
    let (since, until) = (start?, end?);
    let month = now.to_zoned(TimeZone::UTC).checked_sub(1.month());
    let month = month.map_or(now, |month| month.timestamp());
    let rules = [
        ("startTime", since < month, "must be within the last month"),
        ("startTime", since >= now, "must be in the past"),
        ("endTime", until <= since, "must be after startTime"),
        (
            "endTime",
            until.duration_since(since) > DAY,
            "must be at most 24 hours after startTime",
        ),
    ];
    for (name, _, rule) in rules.into_iter().filter(|(_, is_broken, _)| *is_broken) {
        errors.push(Invalid::new(rule).at(name));
    }
    let until = until.min(now);
    Some(Period { since, until })
}

fn until(now: Timestamp, back: SignedDuration) -> Period {
    Period {
        since: now - back,
        until: now,
    }
}

fn time(text: &str) -> Result<Timestamp, Invalid> {
    let rule = |_| Invalid::new("must be a time, such as 2026-01-05T10:00:00.000Z");
    text.parse().map_err(rule)
}
