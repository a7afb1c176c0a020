//! `GET /webhooks`: those of an organization, the newest first. CyberSource's list has no pages.

use super::{error::CybersourceError, organization::ORGANIZATION_ID, view::SubscriptionView};
use crate::Api;
use ::herald::{
    credential::Role,
    dialect::Dialect,
    policy::{EventTypes, Policy},
};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use http::HeaderMap;
use std::sync::Arc;
use url::form_urlencoded;

pub(super) async fn list(
    State(api): State<Arc<Api>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Vec<SubscriptionView>>, CybersourceError> {
    let caller = api.cybersource_caller(&headers, Role::Read).await?;
    let asked = Asked::read(query.as_deref().unwrap_or_default());
    let owner = match &asked.organization {
        None => caller.tenant(),
        Some(name) => api.organization(&caller, name).await?,
    };
    let found = api.all_policies(owner, Dialect::Cybersource, |policy| asked.means(policy));
    Ok(Json(
        found.await?.iter().map(SubscriptionView::from).collect(),
    ))
}

/// What a query asks for. The client libraries send all three; whoever leaves one out means any.
#[derive(Debug, Default)]
struct Asked {
    organization: Option<String>,
    product: Option<String>,
    event_type: Option<String>,
}

impl Asked {
    fn read(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = Some(value.into_owned()).filter(|value| !value.is_empty());
            match &*name {
                ORGANIZATION_ID => asked.organization = value,
                "productId" => asked.product = value,
                "eventType" => asked.event_type = value,
                _ => {}
            }
        }
        asked
    }

    fn means(&self, policy: &Policy) -> bool {
        let said = policy.details.subscription.as_ref();
        let is_of = |product: &str| said.is_some_and(|said| said.product_id.as_str() == product);
        let hears = |name: &str| match &policy.event_types {
            EventTypes::All => true,
            EventTypes::Named(types) => types.iter().any(|known| known.as_str() == name),
        };
        self.product.as_deref().is_none_or(is_of) && self.event_type.as_deref().is_none_or(hears)
    }
}
