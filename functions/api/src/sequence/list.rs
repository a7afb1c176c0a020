//! `GET /policies`: the newest first, in pages that lead both ways.

use super::{error::SequenceError, parse, view::PolicyView};
use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{
    credential::Role,
    dialect::Dialect,
    event_type::EventType,
    id::PolicyId,
    invalid::{FieldErrors, Invalid},
    page_cursor,
    policy::Policy,
    store::{ListOrder, PolicyQuery},
};
use axum::{
    Json,
    extract::{Query, State},
};
use futures::future::{try_join, try_join_all};
use http::HeaderMap;
use serde::Serialize;
use std::{collections::HashMap, sync::Arc};

/// Policies of a page, unless the caller asks for another number.
const DEFAULT_LIMIT: usize = 20;

/// Up to this many policies are counted for `totalResultSize`.
const MAX_COUNT: usize = 1_000;

#[derive(Serialize)]
pub(super) struct PolicyList {
    items: Vec<PolicyView>,
    pagination: Pagination,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    total_result_size: usize,
}

#[derive(Debug, Clone, Copy)]
enum Start {
    Newest,
    After(PolicyId),
    Before(PolicyId),
}

struct Page {
    policies: Vec<Policy>,
    older: bool,
    newer: bool,
}

pub(super) async fn list(
    State(api): State<Arc<Api>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<PolicyList>, SequenceError> {
    let caller = api.caller(&headers, Role::Read).await?;
    let (start, limit, event_type) = read_query(&api, &query).await?;
    let heard = match event_type {
        Some(name) => Some((api.dialects_of(&name).await?, name)),
        None => None,
    };
    let keep = |policy: &Policy| {
        let heard = heard.as_ref();
        let hears = heard.is_none_or(|(dialects, name)| policy.hears(name, dialects));
        policy.dialect == Dialect::Sequence && hears
    };
    let count = async {
        Ok(api
            .store
            .count_policies(caller.tenant(), MAX_COUNT, keep)
            .await?)
    };
    let (page, counted) = try_join(api.page(&caller, start, limit, &keep), count).await?;
    let edge = |policy: Option<&Policy>, more: bool| {
        policy
            .filter(|_| more)
            .map(|policy| page_cursor::encode(&policy.id))
    };
    let pagination = Pagination {
        after: edge(page.policies.last(), page.older),
        before: edge(page.policies.first(), page.newer),
        total_result_size: counted,
    };
    let views = page
        .policies
        .into_iter()
        .map(|policy| api.show_policy(&caller, policy));
    Ok(Json(PolicyList {
        items: try_join_all(views).await?,
        pagination,
    }))
}

impl Api {
    async fn page(
        &self,
        caller: &Caller,
        start: Start,
        limit: usize,
        keep: &impl Fn(&Policy) -> bool,
    ) -> Result<Page, Failure> {
        let (order, from) = match start {
            Start::Newest => (ListOrder::Newest, None),
            Start::After(id) => (ListOrder::Newest, Some(id)),
            Start::Before(id) => (ListOrder::Oldest, Some(id)),
        };
        let query = PolicyQuery {
            owner: caller.tenant(),
            order,
            after: from,
            limit,
        };
        let mut page = self.store.list_policies(query, keep).await?;
        if order == ListOrder::Oldest {
            page.policies.reverse();
        }
        Ok(Page {
            policies: page.policies,
            older: page.more || order == ListOrder::Oldest,
            newer: match order {
                ListOrder::Newest => from.is_some(),
                ListOrder::Oldest => page.more,
            },
        })
    }
}

async fn read_query(
    api: &Api,
    query: &HashMap<String, String>,
) -> Result<(Start, usize, Option<EventType>), Failure> {
    let mut errors = FieldErrors::default();
    let limit = query.get("limit").and_then(|limit| {
        let number = limit.parse().ok().filter(|limit| (1..=100).contains(limit));
        let rule = || Invalid::new("must be a whole number from 1 to 100");
        errors.check("limit", number.ok_or_else(rule))
    });
    let mut position = |name| errors.check(name, page_cursor::decode(query.get(name)?));
    let (after, before) = (position("after"), position("before"));
    if query.contains_key("after") && query.contains_key("before") {
        errors.push(Invalid::new("must not be given together with after").at("before"));
    }
    let event_type = match query.get("notificationType") {
        Some(name) => {
            let known = api.known_type(parse::TYPES, name).await?;
            errors.check("notificationType", known)
        }
        None => None,
    };
    let start = match (after, before) {
        (Some(id), _) => Start::After(id),
        (None, Some(id)) => Start::Before(id),
        (None, None) => Start::Newest,
    };
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    Ok(errors.finish(Some((start, limit, event_type)))?)
}
