//! `GET …/{id}/secret` and `POST …/{id}/rotate-secret`.

use super::{NO_POLICY, Problem};
use crate::{Api, failure::Failure, herald::id_path::IdPath, policy_secret::NOT_KEPT};
use ::herald::{
    credential::Role,
    fields::Fields,
    invalid::{FieldErrors, Invalid},
    secret::Secret,
    store::Changed,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::IntoResponse,
};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::sync::Arc;

/// How long the secret before counts, unless the caller says otherwise: time enough to give
/// receivers the new one.
const DEFAULT_OVERLAP_SECONDS: i64 = 24 * 60 * 60;

/// The longest time for which it may count.
const MAX_OVERLAP_SECONDS: i64 = 7 * 24 * 60 * 60;

const NO_SECRET: Failure = Failure::NotFound("the policy has no secret: it sends no webhooks");

#[derive(Serialize)]
struct SecretView {
    secret: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RotatedView {
    secret: String,
    /// Until when the one before counts, too.
    previous_until: Timestamp,
}

/// What a rotation asks for.
struct Wanted {
    secret: Option<Secret>,
    overlap: SignedDuration,
}

pub(super) async fn show(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.policy(&caller, &id).await?;
    let secret = api.shown_secret(&caller, &policy).await?;
    let secret = secret.ok_or(NO_SECRET)?.expose().to_owned();
    Ok((NOT_KEPT, Json(SecretView { secret })))
}

/// The new secret signs from the next webhook on; until its time is over, so does the one before.
pub(super) async fn rotate(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<impl IntoResponse, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.policy(&caller, &id).await?;
    let wanted = read_wanted(&body.map_err(Failure::from)?)?;
    if policy.secrets.is_none() {
        return Err(NO_SECRET.into());
    }
    let secret = wanted.secret.unwrap_or_else(|| api.new_secret());
    let now = api.clock.now();
    let until = now + wanted.overlap;
    let rotated = api.rotate_policy_secret(&policy, &secret, (now, until));
    match rotated.await? {
        Changed::Done(_) => {
            let view = RotatedView {
                secret: secret.expose().to_owned(),
                previous_until: until,
            };
            Ok((NOT_KEPT, Json(view)))
        }
        Changed::NotFound => Err(NO_POLICY.into()),
    }
}

fn read_wanted(body: &[u8]) -> Result<Wanted, Failure> {
    let fields = Fields::parse_optional(body)?;
    let mut errors = FieldErrors::default();
    fields.only(&["secret", "overlapSeconds"], &mut errors);
    let secret = fields.text("secret", &mut errors);
    let rule = "must be a whole number from 0 to 604800";
    let seconds = fields
        .optional::<i64>("overlapSeconds", rule, &mut errors)
        .and_then(|seconds| {
            let fits = (0..=MAX_OVERLAP_SECONDS).contains(&seconds);
            let checked = fits.then_some(seconds).ok_or_else(|| Invalid::new(rule));
            errors.check("overlapSeconds", checked)
        });
    let overlap = SignedDuration::from_secs(seconds.unwrap_or(DEFAULT_OVERLAP_SECONDS));
    Ok(errors.finish(Some(Wanted { secret, overlap }))?)
}
