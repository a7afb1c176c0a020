//! `GET /notification/webhooks`: filtered, sorted, in pages. A tenant has so few that all are read.

use super::{
    attribute::Attribute,
    document::rendered,
    error::PulseError,
    number_path::is_webhook,
    query::Asked,
    view::{ResourceView, Webhook},
};
use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{credential::Role, invalid::Invalid, store::MAX_ANSWER_BYTES};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use futures::future::try_join_all;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use std::{cmp::Ordering, sync::Arc};

#[derive(Debug, Serialize)]
struct Body<'a> {
    data: Vec<ResourceView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
}

/// How many there are, on all pages.
#[derive(Debug, Serialize)]
struct Meta {
    count: usize,
    /// Whether there are more than were counted: never, here.
    more: bool,
}

pub(super) async fn list(
    State(api): State<Arc<Api>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, PulseError> {
    let caller = api.pulse_caller(&headers, Role::Read).await?;
    let asked = Asked::read(query.as_deref().unwrap_or_default())?;
    let webhooks = api.pulse_webhooks(&caller, &asked).await?;
    let skipped = asked.page.saturating_sub(1).saturating_mul(asked.size);
    let page = webhooks
        .iter()
        .skip(usize::try_from(skipped).unwrap_or(usize::MAX))
        .take(usize::try_from(asked.size).unwrap_or(usize::MAX));
    let body = Body {
        data: page.map(|webhook| webhook.resource(&asked.shown)).collect(),
        meta: asked.count.then_some(Meta {
            count: webhooks.len(),
            more: false,
        }),
    };
    let body = serde_json::to_vec(&body).expect("a document is JSON");
    if body.len() > MAX_ANSWER_BYTES {
        let rule = "must be smaller: so many of these webhooks are more than an answer holds";
        return Err(Failure::field("page[size]", Invalid::new(rule)).into());
    }
    Ok(rendered(StatusCode::OK, body))
}

impl Api {
    /// The webhooks of a tenant that pass a filter, in the order that is asked for, else by number.
    async fn pulse_webhooks(
        &self,
        caller: &Caller,
        asked: &Asked,
    ) -> Result<Vec<Webhook>, Failure> {
        let policies = self.store.all_policies(caller.tenant(), is_webhook).await?;
        let views = policies
            .iter()
            .map(|policy| self.pulse_webhook_view(caller, policy));
        let mut webhooks = try_join_all(views).await?;
        webhooks.retain(|webhook| {
            asked.filters.iter().all(|(attribute, values)| {
                values.iter().any(|value| webhook.has(*attribute, value))
            })
        });
        webhooks.sort_by(|one, other| compare(one, other, asked));
        Ok(webhooks)
    }
}

fn compare(one: &Webhook, other: &Webhook, asked: &Asked) -> Ordering {
    let by = |&(attribute, descending): &(_, bool)| {
        let order = one.compare(other, attribute);
        if descending { order.reverse() } else { order }
    };
    let different = asked.sort.iter().map(by).find(|order| order.is_ne());
    different.unwrap_or_else(|| one.compare(other, Attribute::Id))
}
