//! `GET /herald/v1/policies`: the policies of every dialect, the newest first.

use super::{Problem, view::PolicyView};
use crate::{
    Api,
    herald::parameters::{Listed, Pagination, Parameters, text},
};
use ::herald::{
    credential::Role,
    dialect::Dialect,
    event_type::EventType,
    invalid::Invalid,
    page_cursor,
    policy::{Policy, PolicyStatus},
    recipient::Channel,
    store::{ListOrder, PolicyQuery},
};
use axum::{
    Json,
    extract::{Query, State},
};
use futures::future::try_join_all;
use http::HeaderMap;
use std::{collections::HashMap, str::FromStr, sync::Arc};

/// What a list of policies is asked for.
#[derive(Default)]
struct Filter {
    dialect: Option<Dialect>,
    channel: Option<Channel>,
    status: Option<&'static str>,
    /// With the dialects that know it.
    event_type: Option<(EventType, Vec<Dialect>)>,
    /// In lower case.
    text: Option<String>,
}

impl Filter {
    fn keeps(&self, policy: &Policy) -> bool {
        let holds = |text: &String| policy.name.as_str().to_lowercase().contains(text);
        let heard = self.event_type.as_ref();
        self.dialect.is_none_or(|dialect| dialect == policy.dialect)
            && self.channel.is_none_or(|channel| channel == policy.channel)
            && self.status.is_none_or(|name| name == policy.status.name())
            && heard.is_none_or(|(name, dialects)| policy.hears(name, dialects))
            && self.text.as_ref().is_none_or(holds)
    }
}

fn status(text: &str) -> Result<&'static str, Invalid> {
    let named = PolicyStatus::NAMES.into_iter().find(|name| *name == text);
    let names = PolicyStatus::NAMES.join(", ");
    named.ok_or_else(|| Invalid::new(format!("must be one of {names}")))
}

pub(super) async fn list(
    State(api): State<Arc<Api>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Listed<PolicyView>>, Problem> {
    let caller = api.caller(&headers, Role::Read).await?;
    let known = [
        "dialect",
        "channel",
        "status",
        "eventType",
        "q",
        "limit",
        "after",
    ];
    let mut parameters = Parameters::new(&query, &known);
    let dialect = parameters.read("dialect", Dialect::from_str);
    let channel = parameters.read("channel", Channel::from_str);
    let status = parameters.read("status", status);
    let event_type = parameters.read("eventType", EventType::from_str);
    let text = parameters.read("q", text);
    let after = parameters.read("after", page_cursor::decode);
    let limit = parameters.limit();
    parameters.errors.finish(Some(()))?;
    let filter = Filter {
        dialect,
        channel,
        status,
        event_type: match event_type {
            Some(name) => Some((name.clone(), api.dialects_of(&name).await?)),
            None => None,
        },
        text,
    };
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
    let after = last.map(|policy| page_cursor::encode(&policy.id));
    let views = page.policies.into_iter();
    let views = views.map(|policy| api.view_policy(&caller, policy, None));
    Ok(Json(Listed {
        items: try_join_all(views).await?,
        pagination: Pagination { after },
    }))
}
