//! Which deliveries a list shall show, and where it stands.

use super::delivery_view::{DeliveryView, PENDING};
use crate::failure::Failure;
use ::herald::{
    cursor,
    delivery::Status,
    event::EventId,
    id::PolicyId,
    invalid::{FieldErrors, Invalid},
    store::{DeliveryPosition, ManifestPosition, Period},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, str::FromStr};

/// Items of a page, unless the caller asks for another number.
const DEFAULT_LIMIT: usize = 20;

/// How far back a list goes at the most: it reads one day after the other.
const LONGEST_PERIOD: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Where a list stands: what a cursor holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum ListPosition {
    /// In a part of an event's manifest.
    Event { chunk: u32, skip: usize },
    /// In a policy's records.
    Policy(DeliveryPosition),
    /// In a manifest.
    Account {
        position: ManifestPosition,
        skip: usize,
    },
}

/// What a list is asked for.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) policy: Option<PolicyId>,
    pub(super) event: Option<EventId>,
    pub(super) status: Option<String>,
    pub(super) period: Period,
    pub(super) limit: usize,
    pub(super) after: Option<ListPosition>,
}

impl Filter {
    pub(super) fn keeps(&self, view: &DeliveryView) -> bool {
        let is_wanted = |status| self.status.as_deref().is_none_or(|wanted| wanted == status);
        is_wanted(view.status) && self.policy.is_none_or(|policy| policy == view.policy_id())
    }
}

/// Reads the parameters of a list.
pub(super) fn read_filter(
    query: &HashMap<String, String>,
    now: Timestamp,
    retention: SignedDuration,
) -> Result<Filter, Failure> {
    let mut errors = FieldErrors::default();
    let known = [
        "policyId", "eventId", "status", "since", "until", "limit", "after",
    ];
    for name in query.keys().filter(|name| !known.contains(&name.as_str())) {
        errors.push(Invalid::new("is not a parameter of this list").at(name));
    }
    let time = Invalid::new("must be an RFC 3339 time");
    let limit = Invalid::new("must be a whole number from 1 to 100");
    let policy = read(query, "policyId", &mut errors, PolicyId::from_str);
    let event = read(query, "eventId", &mut errors, EventId::from_str);
    let status = read(query, "status", &mut errors, status);
    let since = read(query, "since", &mut errors, |text| {
        text.parse().map_err(|_| time.clone())
    });
    let until = read(query, "until", &mut errors, |text| {
        text.parse().map_err(|_| time.clone())
    });
    let limit = read(query, "limit", &mut errors, |text| {
        let number = text.parse().ok().filter(|limit| (1..=100).contains(limit));
        number.ok_or_else(|| limit.clone())
    });
    let after = read(query, "after", &mut errors, cursor::decode);
    // Unless something of it is withheld, nothing is kept for longer than twice the retention; who
    // looks for what is withheld names a time.
    let usual = now - retention - retention;
    let oldest = now - LONGEST_PERIOD;
    let latest = now + SignedDuration::from_secs(1);
    errors.finish(Some(()))?;
    Ok(Filter {
        policy,
        event,
        status,
        period: Period {
            since: since.unwrap_or(usual).max(oldest),
            until: until.unwrap_or(latest).clamp(oldest, latest),
        },
        limit: limit.unwrap_or(DEFAULT_LIMIT),
        after,
    })
}

fn read<T>(
    query: &HashMap<String, String>,
    name: &str,
    errors: &mut FieldErrors,
    parse: impl Fn(&str) -> Result<T, Invalid>,
) -> Option<T> {
    errors.check(name, parse(query.get(name)?))
}

fn status(text: &str) -> Result<String, Invalid> {
    if text == PENDING || Status::NAMES.contains(&text) {
        return Ok(text.to_owned());
    }
    let names = Status::NAMES.join(", ");
    Err(Invalid::new(format!("must be one of {PENDING}, {names}")))
}
