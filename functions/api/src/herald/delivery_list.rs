//! Lists of deliveries: of an event and of an account by the manifests, pending ones included; of
//! a policy by its records.

use super::{
    delivery_view::{DeliveryView, Listed, PENDING, Pagination},
    problem::Problem,
};
use crate::{Api, failure::Failure};
use ::herald::{
    credential::Role,
    cursor,
    delivery::{DeliveryRef, Status},
    event::{EventId, EventRef},
    id::PolicyId,
    invalid::{FieldErrors, Invalid},
    store::{DeliveryPosition, Manifest, ManifestPosition, Period},
    tenant::Tenant,
};
use axum::{
    Json,
    extract::{Query, State},
};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, str::FromStr, sync::Arc};

/// Items of a page, unless the caller asks for another number.
const DEFAULT_LIMIT: usize = 20;

/// Deliveries that one request looks at, at the most: a rare status may take several pages that
/// hold little.
const EXAMINED: usize = 1_000;

/// Routes whose deliveries are read at a time.
const GROUP: usize = 100;

/// How far back a list goes at the most: it reads one day after the other.
const LONGEST_PERIOD: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Manifests that are read at a time.
const MANIFESTS: usize = 10;

/// Where a list stands: what a cursor holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Place {
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

#[derive(Debug)]
struct Filter {
    policy: Option<PolicyId>,
    event: Option<EventId>,
    status: Option<String>,
    period: Period,
    limit: usize,
    after: Option<Place>,
}

/// `GET /herald/v1/deliveries`.
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Listed<DeliveryView>>, Problem> {
    let caller = api.caller(&headers, Role::Read).await?;
    let owner = caller.tenant();
    let filter = read_filter(&query, api.clock.now(), api.store.retention())?;
    let listed = match (&filter.event, filter.policy) {
        (Some(event), _) => {
            let event = api.store.event(owner, event).await?;
            let event = event.ok_or(Failure::NotFound("there is no such event"))?;
            let reference = event.event.reference;
            let walk = Walk::new(filter.limit, |view: &DeliveryView| filter.keeps(view));
            api.event_deliveries(owner, &reference, filter.after.clone(), walk)
                .await?
        }
        (None, Some(policy)) if filter.status.as_deref() != Some(PENDING) => {
            api.policy_records(owner, policy, &filter).await?
        }
        (None, _) => api.account_deliveries(owner, &filter).await?,
    };
    Ok(Json(listed))
}

impl Filter {
    fn keeps(&self, view: &DeliveryView) -> bool {
        let is_wanted = |status| self.status.as_deref().is_none_or(|wanted| wanted == status);
        is_wanted(view.status) && self.policy.is_none_or(|policy| policy == view.policy_id())
    }
}

fn read_filter(
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

/// The items that a walk over manifests found so far.
pub(super) struct Walk<K> {
    items: Vec<DeliveryView>,
    limit: usize,
    examined: usize,
    keep: K,
}

impl<K: Fn(&DeliveryView) -> bool> Walk<K> {
    pub(super) fn new(limit: usize, keep: K) -> Self {
        Self {
            items: Vec::new(),
            limit,
            examined: 0,
            keep,
        }
    }

    /// Takes what it wants of a manifest, from a delivery on. Where the walk ends in it, returns
    /// how many of its deliveries are done.
    async fn take(
        &mut self,
        api: &Api,
        manifest: &Manifest,
        skip: usize,
    ) -> Result<Option<usize>, Failure> {
        let references: Vec<DeliveryRef> = manifest.deliveries().collect();
        let mut done = skip;
        for group in references[skip.min(references.len())..].chunks(GROUP) {
            for view in api.view(group, &manifest.event_type).await? {
                if self.items.len() == self.limit || self.examined == EXAMINED {
                    return Ok(Some(done));
                }
                done += 1;
                self.examined += 1;
                if (self.keep)(&view) {
                    self.items.push(view);
                }
            }
        }
        Ok(None)
    }

    fn listed(self, after: Option<Place>) -> Listed<DeliveryView> {
        let after = after.map(|place| cursor::encode(&place));
        Listed {
            items: self.items,
            pagination: Pagination { after },
        }
    }
}

impl Api {
    /// The deliveries of an event to one owner's policies.
    pub(super) async fn event_deliveries(
        &self,
        owner: Tenant,
        event: &EventRef,
        start: Option<Place>,
        mut walk: Walk<impl Fn(&DeliveryView) -> bool>,
    ) -> Result<Listed<DeliveryView>, Failure> {
        let (mut chunk, mut skip) = match start {
            Some(Place::Event { chunk, skip }) => (chunk, skip),
            None => (0, 0),
            Some(_) => return Err(foreign_cursor()),
        };
        loop {
            let manifests = self
                .store
                .event_manifests(owner, event, chunk, MANIFESTS)
                .await?;
            if manifests.is_empty() {
                return Ok(walk.listed(None));
            }
            for manifest in manifests {
                if let Some(skip) = walk.take(self, &manifest, skip).await? {
                    let chunk = manifest.chunk;
                    return Ok(walk.listed(Some(Place::Event { chunk, skip })));
                }
                skip = 0;
                chunk = manifest.chunk + 1;
            }
        }
    }

    async fn account_deliveries(
        &self,
        owner: Tenant,
        filter: &Filter,
    ) -> Result<Listed<DeliveryView>, Failure> {
        let (mut position, mut skip) = match filter.after.clone() {
            Some(Place::Account { position, skip }) => (Some(position), skip),
            None => (None, 0),
            Some(_) => return Err(foreign_cursor()),
        };
        let mut walk = Walk::new(filter.limit, |view: &DeliveryView| filter.keeps(view));
        loop {
            let page = self
                .store
                .list_manifests(owner, &filter.period, position, MANIFESTS)
                .await?;
            for manifest in page.manifests {
                if let Some(skip) = walk.take(self, &manifest, skip).await? {
                    let position = ManifestPosition::at(&manifest);
                    return Ok(walk.listed(Some(Place::Account { position, skip })));
                }
                skip = 0;
            }
            if page.next.is_none() {
                return Ok(walk.listed(None));
            }
            position = page.next;
        }
    }

    async fn policy_records(
        &self,
        owner: Tenant,
        policy: PolicyId,
        filter: &Filter,
    ) -> Result<Listed<DeliveryView>, Failure> {
        let mut position = match filter.after.clone() {
            Some(Place::Policy(position)) => Some(position),
            None => None,
            Some(_) => return Err(foreign_cursor()),
        };
        let mut walk = Walk::new(filter.limit, |view: &DeliveryView| filter.keeps(view));
        loop {
            let page = self
                .store
                .policy_deliveries((owner, policy), &filter.period, position, GROUP)
                .await?;
            for delivery in &page.deliveries {
                if walk.items.len() == walk.limit || walk.examined == EXAMINED {
                    return Ok(walk.listed(position.map(Place::Policy)));
                }
                walk.examined += 1;
                position = Some(DeliveryPosition::after(delivery.id()));
                let view = delivery.into();
                if (walk.keep)(&view) {
                    walk.items.push(view);
                }
            }
            if page.next.is_none() {
                return Ok(walk.listed(None));
            }
            position = page.next;
        }
    }
}

fn foreign_cursor() -> Failure {
    Failure::field(
        "after",
        Invalid::new("must be a cursor from an earlier page of this list"),
    )
}
