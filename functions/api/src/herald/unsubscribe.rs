//! `/herald/v1/unsubscribe/{token}`: where the links of mails lead (RFC 8058). `POST` acts at once;
//! `GET` asks first, because programs that look through mails follow links.

mod pages;

use super::id_path::IdPath;
use crate::{
    Api,
    failure::{Failure, OUR_FAULT},
};
use ::herald::{
    account::Account,
    policy::Policy,
    recipient::{Recipient, SuspensionReason},
    store::Changed,
    unsubscribe::{PATH, UnsubscribeToken},
};
use axum::{
    Router,
    extract::State,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY},
};
use pages::Listing;
use std::sync::Arc;

/// What a token leads to.
struct Found {
    token: UnsubscribeToken,
    account: Account,
    policy: Policy,
    recipient: Recipient,
}

impl Found {
    fn listing<'a>(&'a self, api: &'a Api) -> Listing<'a> {
        Listing {
            brand: api.brand.as_str(),
            policy_name: self.policy.name.as_str(),
            account: self.account.name.as_str(),
            address: self.recipient.target.as_str(),
        }
    }
}

pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new().route(&format!("{PATH}{{token}}"), get(ask).post(unsubscribe))
}

/// Changes nothing.
async fn ask(State(api): State<Arc<Api>>, IdPath(token): IdPath) -> Response {
    answer(&api, find(&api, &token).await, pages::confirmation)
}

/// Suspends the recipient; once more changes nothing.
async fn unsubscribe(State(api): State<Arc<Api>>, IdPath(token): IdPath) -> Response {
    let found = match find(&api, &token).await {
        Ok(Some(found)) => suspend(&api, found).await,
        other => other,
    };
    answer(&api, found, pages::unsubscribed)
}

async fn suspend(api: &Api, found: Found) -> Result<Option<Found>, Failure> {
    let UnsubscribeToken {
        owner,
        policy,
        recipient,
    } = &found.token;
    let reason = SuspensionReason::Unsubscribed;
    let now = api.clock.now();
    let suspended = api
        .store
        .suspend_recipient((*owner, *policy), recipient, reason, now);
    match suspended.await? {
        Changed::Done(_) => tracing::info!(policy.id = %policy, "a recipient unsubscribed"),
        Changed::NotFound => tracing::info!(policy.id = %policy, "the policy is deleted"),
    }
    Ok(Some(found))
}

/// What a token leads to; `None` where it was not made here, or what it names is gone.
async fn find(api: &Api, token: &str) -> Result<Option<Found>, Failure> {
    let Some(token) = UnsubscribeToken::read(token, &api.vault).await? else {
        return Ok(None);
    };
    let UnsubscribeToken { owner, policy, .. } = token;
    let account = owner.account.to_string();
    let Some(account) = api.accounts.find_active(&account).await? else {
        return Ok(None);
    };
    let Some(policy) = api.store.policy(owner, policy).await? else {
        return Ok(None);
    };
    let recipient = policy.recipient(&token.recipient).cloned();
    Ok(recipient.map(|recipient| Found {
        token,
        account,
        policy,
        recipient,
    }))
}

fn answer(
    api: &Api,
    found: Result<Option<Found>, Failure>,
    page: impl Fn(&Listing) -> String,
) -> Response {
    let (status, page) = match found {
        Ok(Some(found)) => (StatusCode::OK, page(&found.listing(api))),
        Ok(None) => (
            StatusCode::NOT_FOUND,
            pages::invalid_link(api.brand.as_str()),
        ),
        Err(failure) => {
            failure.log();
            return (StatusCode::INTERNAL_SERVER_ERROR, OUR_FAULT).into_response();
        }
    };
    let mut response = (status, Html(page)).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, pages::CONTENT_SECURITY_POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
