//! `/herald/v1/policies`: the policies of every dialect.

use super::{
    id_path::IdPath,
    parameters::{Listed, Pagination, Parameters},
    policy_view::PolicyView,
    problem::Problem,
};
use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{
    credential::Role,
    cursor,
    dialect::Dialect,
    event_type::EventType,
    invalid::Invalid,
    policy::Policy,
    recipient::Channel,
    store::{ListOrder, PolicyQuery},
};
use axum::{
    Json, Router,
    extract::{Query, State},
    routing::get,
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use std::{collections::HashMap, str::FromStr, sync::Arc};

const NO_POLICY: Failure = Failure::NotFound("there is no such policy");

/// What a list of policies is asked for.
#[derive(Default)]
struct Filter {
    dialect: Option<Dialect>,
    channel: Option<Channel>,
    event_type: Option<EventType>,
    /// In lower case.
    text: Option<String>,
}

#[derive(Serialize)]
struct SecretView {
    secret: String,
}

pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/herald/v1/policies", get(list))
        .route("/herald/v1/policies/{id}", get(show).delete(delete))
        .route("/herald/v1/policies/{id}/secret", get(secret))
}

impl Filter {
    fn keeps(&self, policy: &Policy) -> bool {
        let holds = |text: &String| policy.name.as_str().to_lowercase().contains(text);
        self.dialect.is_none_or(|dialect| dialect == policy.dialect)
            && self.channel.is_none_or(|channel| channel == policy.channel)
            && self
                .event_type
                .as_ref()
                .is_none_or(|name| policy.hears(name))
            && self.text.as_ref().is_none_or(holds)
    }
}

/// The newest first.
async fn list(
    State(api): State<Arc<Api>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Listed<PolicyView>>, Problem> {
    let caller = api.caller(&headers, Role::Read).await?;
    let known = ["dialect", "channel", "eventType", "q", "limit", "after"];
    let mut parameters = Parameters::new(&query, &known);
    let filter = Filter {
        dialect: parameters.read("dialect", Dialect::from_str),
        channel: parameters.read("channel", Channel::from_str),
        event_type: parameters.read("eventType", EventType::from_str),
        text: parameters.read("q", text),
    };
    let after = parameters.read("after", cursor::decode);
    let limit = parameters.limit();
    parameters.errors.finish(Some(()))?;
    let wanted = PolicyQuery {
        owner: caller.tenant(),
        order: ListOrder::Newest,
        after,
        limit,
    };
    let page = api
        .store
        .list_policies(wanted, |policy| filter.keeps(policy))
        .await?;
    let last = page.policies.last().filter(|_| page.more);
    let after = last.map(|policy| cursor::encode(&policy.id));
    Ok(Json(Listed {
        items: page.policies.into_iter().map(PolicyView::from).collect(),
        pagination: Pagination { after },
    }))
}

async fn show(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
) -> Result<Json<PolicyView>, Problem> {
    let caller = api.caller(&headers, Role::Read).await?;
    Ok(Json(api.policy(&caller, &id).await?.into()))
}

/// What it left unfinished is cancelled in the background.
async fn delete(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.policy(&caller, &id).await?;
    api.delete_policy(&policy).await?.ok_or(NO_POLICY)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn secret(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
) -> Result<Json<impl Serialize>, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.policy(&caller, &id).await?;
    let secret = api.shown_secret(&caller, &policy).await?;
    let secret = secret.ok_or(Failure::NotFound(
        "the policy has no secret: it sends no webhooks",
    ))?;
    let secret = secret.expose().to_owned();
    Ok(Json(SecretView { secret }))
}

fn text(text: &str) -> Result<String, Invalid> {
    let fits = (1..=255).contains(&text.chars().count());
    let rule = || Invalid::new("must be 1 to 255 characters");
    fits.then(|| text.to_lowercase()).ok_or_else(rule)
}

impl Api {
    async fn policy(&self, caller: &Caller, id: &str) -> Result<Policy, Failure> {
        let id = id.parse().map_err(|_| NO_POLICY)?;
        let policy = self.store.policy(caller.tenant(), id).await?;
        policy.ok_or(NO_POLICY)
    }
}
