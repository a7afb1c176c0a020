//! `POST /policies/{id}/recipients` and `DELETE …/{recipient}`.

use super::{error::SequenceError, parse, view::PolicyView};
use crate::{Api, failure::Failure, policy_path::PolicyPath};
use ::herald::{
    credential::Role,
    fields::Fields,
    id::RecipientId,
    invalid::{FieldErrors, Invalid},
    message::CancelDeliveries,
    policy::Policy,
};
use axum::{
    Json,
    body::Bytes,
    extract::{OriginalUri, State, rejection::BytesRejection},
};
use http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;
use std::sync::Arc;

pub(super) async fn add(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<PolicyView>, SequenceError> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.sequence_policy(caller.tenant(), path).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?)?;
    let mut errors = FieldErrors::default();
    let targets = parse::recipients(&api, &fields, Some(policy.channel), &mut errors);
    let targets = errors.finish(targets)?;
    let now = api.clock.now();
    api.change(&caller, &policy, |policy| {
        let changed = policy.add_recipients(targets.clone(), &*api.random, now);
        changed.map_err(|rule| Failure::field("recipients", rule))
    })
    .await
}

pub(super) async fn remove(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<PolicyView>, SequenceError> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.sequence_policy(caller.tenant(), path).await?;
    let named = named(&uri);
    let refused = |rule| Failure::field("recipient", rule);
    let removed = find(&policy, &named).map_err(refused)?;
    let now = api.clock.now();
    let change = |policy: Policy| policy.remove_recipient(&removed, now).map_err(refused);
    change(policy.clone())?;
    let cancellation = CancelDeliveries::of(&policy, Some(removed.clone()));
    api.prepare_cancellation(cancellation.clone()).await?;
    let view = api.change(&caller, &policy, change).await?;
    api.cancel_now(cancellation).await?;
    Ok(view)
}

/// What a caller named as a recipient.
struct Named {
    /// What may be meant, the likeliest first.
    spellings: Vec<String>,
    /// Whether a gateway decoded the path, and so may have cut it at a `?`.
    decoded: bool,
}

/// The recipient in the parameter `recipient`, else in the path. A gateway may have decoded a
/// path already, so there every spelling counts: decoded once, as it stands, decoded twice.
fn named(uri: &Uri) -> Named {
    let in_query = uri.query().and_then(|query| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let (_, value) = pairs.find(|(name, _)| name == "recipient")?;
        Some(value.into_owned())
    });
    if let Some(recipient) = in_query {
        return Named {
            spellings: vec![recipient],
            decoded: false,
        };
    }
    let path = uri.path().split_once("/recipients/");
    let sent = path.map_or("", |(_, recipient)| recipient);
    let once = decode(sent);
    let twice = once.as_deref().and_then(decode);
    Named {
        spellings: once
            .into_iter()
            .chain([sent.to_owned()])
            .chain(twice)
            .collect(),
        decoded: sent.contains("://") || sent.contains('@'),
    }
}

fn decode(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// The recipient that is meant: one that equals a spelling, else, where the path may have been
/// cut at a `?`, the only one that equals a spelling up to there.
fn find(policy: &Policy, named: &Named) -> Result<RecipientId, Invalid> {
    let recipients = || policy.recipients.iter();
    let spellings = &named.spellings;
    let exact = spellings
        .iter()
        .find_map(|spelling| recipients().find(|known| known.target.as_str() == spelling));
    if let Some(recipient) = exact {
        return Ok(recipient.id.clone());
    }
    let is_cut = |target: &str| {
        let start = target.split_once('?').map(|(start, _)| start);
        start.is_some_and(|start| spellings.iter().any(|spelling| spelling == start))
    };
    let mut cut = recipients().filter(|known| named.decoded && is_cut(known.target.as_str()));
    match (cut.next(), cut.next()) {
        (Some(recipient), None) => Ok(recipient.id.clone()),
        (Some(_), Some(_)) => Err(Invalid::new(
            "fits several recipients; name it in the query, as ?recipient=",
        )),
        (None, _) => Err(Invalid::new("is not a recipient of the policy")),
    }
}
