//! `POST /policies/{id}/recipients` and `DELETE …/{recipient}`.

use super::{
    error::SequenceError,
    parse::{self, PolicyPath},
    view::PolicyView,
};
use crate::{Api, failure::Failure, fields::Fields};
use ::herald::{
    credential::Role,
    id::RecipientId,
    invalid::{FieldErrors, Invalid},
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
    PolicyPath(id): PolicyPath,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<PolicyView>, SequenceError> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.sequence_policy(caller.tenant(), id).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?)?;
    let mut errors = FieldErrors::default();
    let targets = parse::recipients(&fields, Some(policy.channel), &api.rules, &mut errors);
    let targets = errors.finish(targets)?;
    let now = api.clock.now();
    api.change(&caller, id, |policy| {
        let changed = policy.add_recipients(targets.clone(), &*api.random, now);
        changed.map_err(|rule| Failure::field("recipients", rule))
    })
    .await
}

pub(super) async fn remove(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    PolicyPath(id): PolicyPath,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<PolicyView>, SequenceError> {
    let caller = api.caller(&headers, Role::Manage).await?;
    api.sequence_policy(caller.tenant(), id).await?;
    let spellings = spellings(&uri);
    let refused = |rule| Failure::field("recipient", rule);
    let now = api.clock.now();
    api.change(&caller, id, |policy| {
        let recipient = find(&policy, &spellings).map_err(refused)?;
        policy.remove_recipient(&recipient, now).map_err(refused)
    })
    .await
}

/// What a path, or the parameter `recipient`, may mean: a gateway may have decoded it already,
/// once or more, so every spelling counts, the one as sent first.
fn spellings(uri: &Uri) -> Vec<String> {
    let in_query = uri.query().and_then(|query| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let (_, value) = pairs.find(|(name, _)| name == "recipient")?;
        Some(value.into_owned())
    });
    let in_path = || {
        let (_, rest) = uri.path().split_once("/recipients/")?;
        Some(rest.to_owned())
    };
    let mut spellings: Vec<String> = in_query.or_else(in_path).into_iter().collect();
    for _ in 0..2 {
        let decoded = spellings.last().and_then(|spelling| {
            let decoded = percent_decode_str(spelling).decode_utf8().ok()?;
            (decoded != *spelling).then(|| decoded.into_owned())
        });
        spellings.extend(decoded);
    }
    spellings
}

/// The recipient that is meant: one that equals a spelling, else the only one that equals a
/// spelling up to its `?`, where a gateway may have cut it.
fn find(policy: &Policy, spellings: &[String]) -> Result<RecipientId, Invalid> {
    let recipients = || policy.recipients.iter();
    let exact = spellings
        .iter()
        .find_map(|spelling| recipients().find(|known| known.target.as_str() == spelling));
    if let Some(recipient) = exact {
        return Ok(recipient.id.clone());
    }
    let is_cut = |target: &str| {
        let cut = target.split_once('?').map(|(start, _)| start);
        cut.is_some_and(|start| spellings.iter().any(|spelling| spelling == start))
    };
    let mut cut = recipients().filter(|known| is_cut(known.target.as_str()));
    match (cut.next(), cut.next()) {
        (Some(recipient), None) => Ok(recipient.id.clone()),
        (Some(_), Some(_)) => Err(Invalid::new(
            "fits several recipients; name it in the query, as ?recipient=",
        )),
        (None, _) => Err(Invalid::new("is not a recipient of the policy")),
    }
}
