//! Lists of deliveries: of an event and of an account by the manifests, pending ones included; of
//! a policy by its records.

use super::{
    delivery_filter::{Filter, ListPosition, read_filter},
    delivery_view::{DeliveryView, PENDING},
    parameters::{Listed, Pagination},
    problem::Problem,
};
use crate::{Api, failure::Failure};
use ::herald::{
    credential::Role,
    delivery::DeliveryRef,
    event::EventRef,
    id::PolicyId,
    invalid::Invalid,
    page_cursor,
    store::{DeliveryPosition, DeliveryQuery, ListOrder, Manifest, ManifestPosition},
    tenant::Tenant,
};
use axum::{
    Json,
    extract::{Query, State},
};
use http::HeaderMap;
use std::{collections::HashMap, sync::Arc};

/// Deliveries that one request looks at, at the most: a rare status may take several pages that
/// hold little.
const EXAMINED: usize = 1_000;

/// Deliveries that are read at a time.
const GROUP: usize = 100;

/// Manifests that are read at a time.
const MANIFESTS: usize = 10;

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
                self.items.extend(view.filter(&self.keep));
            }
        }
        Ok(None)
    }

    fn listed(self, after: Option<ListPosition>) -> Listed<DeliveryView> {
        let after = after.map(|position| page_cursor::encode(&position));
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
        start: Option<ListPosition>,
        mut walk: Walk<impl Fn(&DeliveryView) -> bool>,
    ) -> Result<Listed<DeliveryView>, Failure> {
        let (mut chunk, mut skip) = match start {
            Some(ListPosition::Event { chunk, skip }) => (chunk, skip),
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
                    return Ok(walk.listed(Some(ListPosition::Event { chunk, skip })));
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
            Some(ListPosition::Account { position, skip }) => (Some(position), skip),
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
                    return Ok(walk.listed(Some(ListPosition::Account { position, skip })));
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
            Some(ListPosition::Policy(position)) => Some(position),
            None => None,
            Some(_) => return Err(foreign_cursor()),
        };
        let mut walk = Walk::new(filter.limit, |view: &DeliveryView| filter.keeps(view));
        loop {
            let page = self
                .store
                .policy_deliveries(&DeliveryQuery {
                    of: (owner, policy),
                    period: filter.period,
                    order: ListOrder::Newest,
                    start: position,
                    limit: GROUP,
                })
                .await?;
            for delivery in &page.deliveries {
                if walk.items.len() == walk.limit || walk.examined == EXAMINED {
                    return Ok(walk.listed(position.map(ListPosition::Policy)));
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
