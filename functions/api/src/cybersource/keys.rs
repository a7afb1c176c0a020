//! `POST /kms/egress/v2/keys-sym`: the key that signs all webhooks of an organization, shown in full
//! here and never again.

use super::{keys_error::KeysError, organization::ORGANIZATION_ID, view::instant};
use crate::{
    Api, caller::Caller, failure::Failure, policy_secret::NOT_KEPT, signing_key::USUAL_LIFE,
};
use ::herald::{
    credential::Role,
    fields::{Fields, JSON, TEXT},
    invalid::{FieldErrors, Invalid},
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use http::{HeaderMap, HeaderName, StatusCode};
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use std::sync::Arc;

const INFORMATION: &str = "keyInformation";

/// The longest life of a key, in days.
const MAX_DAYS: i64 = 3_650;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MadeView {
    submit_time_utc: String,
    status: &'static str,
    key_information: KeyView,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyView {
    provider: String,
    tenant: String,
    organization_id: String,
    key_id: String,
    key: String,
    key_type: &'static str,
    status: &'static str,
    expiration_date: String,
}

/// What a body asks for.
struct Wanted {
    holder: Caller,
    provider: String,
    tenant: String,
    organization_id: String,
    life: SignedDuration,
}

pub(super) async fn create(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], Json<MadeView>), KeysError> {
    let caller = api.cybersource_caller(&headers, Role::Manage).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?)?;
    let wanted = read_wanted(&api, &caller, &fields).await?;
    let owner = wanted.holder.tenant();
    let (key, secret) = api.make_signing_key(owner, wanted.life).await?;
    let view = MadeView {
        submit_time_utc: instant(key.created_at),
        status: "SUCCESS",
        key_information: KeyView {
            provider: wanted.provider,
            tenant: wanted.tenant,
            organization_id: wanted.organization_id,
            key_id: key.id.to_string(),
            key: secret.expose().to_owned(),
            key_type: "sharedSecret",
            status: "Active",
            expiration_date: instant(key.expires_at),
        },
    };
    Ok((StatusCode::CREATED, NOT_KEPT, Json(view)))
}

async fn read_wanted(api: &Api, caller: &Caller, fields: &Fields) -> Result<Wanted, Failure> {
    let mut errors = FieldErrors::default();
    only(
        fields,
        "clientRequestAction",
        ("CREATE", "must be CREATE: STORE is not offered here"),
        &mut errors,
    );
    let raw: Option<Box<RawValue>> = fields.required(INFORMATION, JSON, &mut errors);
    let inner = raw.and_then(|raw| {
        let inner = Fields::parse(raw.get().as_bytes());
        let inner = inner.map_err(|_| Invalid::new("must be an object"));
        errors.check(INFORMATION, inner)
    });
    let Some(inner) = inner else {
        return Ok(errors.finish(None)?);
    };
    let key_type = (
        "sharedSecret",
        "must be sharedSecret: no other is offered here",
    );
    only(&inner, "keyType", key_type, &mut errors);
    let provider = inner.optional("provider", TEXT, &mut errors);
    let organization: Option<String> = inner.required(ORGANIZATION_ID, TEXT, &mut errors);
    let holder = api.read_holder(caller, organization.as_deref(), &mut errors);
    let holder = holder.await?;
    let tenant: Option<String> = inner.optional("tenant", TEXT, &mut errors);
    let life = read_life(&inner, &mut errors);
    let wanted = || {
        let organization_id = organization?;
        Some(Wanted {
            holder: holder?,
            provider: provider.unwrap_or_else(|| "nrtd".to_owned()),
            tenant: tenant.unwrap_or_else(|| organization_id.clone()),
            organization_id,
            life: life?,
        })
    };
    Ok(errors.finish(wanted())?)
}

/// Notes an error where a field does not hold the one text that is offered.
fn only(
    fields: &Fields,
    name: &str,
    (offered, rule): (&str, &'static str),
    errors: &mut FieldErrors,
) {
    let given: Option<String> = fields.required(name, TEXT, errors);
    if given.is_some_and(|given| given != offered) {
        errors.push(Invalid::new(rule).at(name));
    }
}

/// `expiryDuration`: days, as a number or as a text of one.
fn read_life(fields: &Fields, errors: &mut FieldErrors) -> Option<SignedDuration> {
    let rule = "must be a whole number of days from 1 to 3650";
    let Some(given) = fields.optional::<Value>("expiryDuration", rule, errors) else {
        return Some(USUAL_LIFE);
    };
    let days = match &given {
        Value::String(text) => text.parse().ok(),
        other => other.as_i64(),
    };
    let days = days.filter(|days| (1..=MAX_DAYS).contains(days));
    let days = errors.check("expiryDuration", days.ok_or_else(|| Invalid::new(rule)))?;
    Some(SignedDuration::from_hours(days * 24))
}
