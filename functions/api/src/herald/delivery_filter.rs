//! Which deliveries a list shall show, and where it stands.

use super::{
    delivery_view::{DeliveryView, PENDING},
    parameters::Parameters,
};
use crate::failure::Failure;
use ::herald::{
    delivery::Status,
    event::EventId,
    fields::time,
    id::PolicyId,
    invalid::Invalid,
    page_cursor,
    store::{DeliveryPosition, HELD_FOR, ManifestPosition, Period},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, str::FromStr};

/// The parameters of the list.
const PARAMETERS: [&str; 7] = [
    "policyId", "eventId", "status", "since", "until", "limit", "after",
];

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

/// Reads the parameters of a list. It reads one day after the other, and goes back as far as anything
/// is kept.
pub(super) fn read_filter(
    query: &HashMap<String, String>,
    now: Timestamp,
    retention: SignedDuration,
) -> Result<Filter, Failure> {
    let mut parameters = Parameters::new(query, &PARAMETERS);
    let policy = parameters.read("policyId", PolicyId::from_str);
    let event = parameters.read("eventId", EventId::from_str);
    let status = parameters.read("status", status);
    let since: Option<Timestamp> = parameters.read("since", time);
    let until: Option<Timestamp> = parameters.read("until", time);
    let limit = parameters.limit();
    let after = parameters.read("after", page_cursor::decode);
    // Unless something of it is withheld, nothing is kept for longer than twice the retention; who
    // looks for what is withheld names a time.
    let usual = now - retention - retention;
    // It was withheld while its event was kept, and from then on for as long as anything may be.
    let oldest = now - HELD_FOR - retention;
    let latest = now + SignedDuration::from_secs(1);
    parameters.errors.finish(Some(()))?;
    Ok(Filter {
        policy,
        event,
        status,
        period: Period {
            since: since.unwrap_or(usual).max(oldest),
            until: until.unwrap_or(latest).clamp(oldest, latest),
        },
        limit,
        after,
    })
}

fn status(text: &str) -> Result<String, Invalid> {
    if text == PENDING || Status::NAMES.contains(&text) {
        return Ok(text.to_owned());
    }
    let names = Status::NAMES.join(", ");
    Err(Invalid::new(format!("must be one of {PENDING}, {names}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(days: i64) -> SignedDuration {
        SignedDuration::from_hours(24 * days)
    }

    #[test]
    fn a_list_goes_back_twice_the_retention_and_at_most_400_days_behind_it() {
        let now: Timestamp = "2026-01-05T10:00:00Z".parse().expect("an instant");
        let period = |names: &[&str], at: Timestamp| {
            let named = names
                .iter()
                .map(|name| ((*name).to_owned(), at.to_string()));
            let filter = read_filter(&named.collect(), now, days(30));
            filter.expect("a filter").period
        };
        let usual = period(&[], now);
        let soon = SignedDuration::from_secs(1);
        assert_eq!((usual.since, usual.until), (now - days(60), now + soon));
        assert_eq!(period(&["since"], now - days(429)).since, now - days(429));
        let early = period(&["since", "until"], now - days(431));
        assert_eq!(
            (early.since, early.until),
            (now - days(430), now - days(430))
        );
    }
}
