//! `POST /iam/auth/api/login`: a key, which is a credential's secret, for a token; and who calls with
//! either.

use super::{
    document::{JsonApi, members, read_body},
    error::PulseError,
};
use crate::{
    Api,
    caller::{ACT_FOR, Caller, present},
    failure::Failure,
};
use ::herald::{
    credential::Role,
    fields::TEXT,
    invalid::{FieldError, FieldErrors},
    login_token::{LoginToken, PREFIX},
    secret::Secret,
    store::FoundCredential,
};
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Serialize)]
pub(super) struct LoginView {
    meta: Meta,
}

#[derive(Debug, Serialize)]
struct Meta {
    token: String,
}

pub(super) async fn login(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<JsonApi<LoginView>, PulseError> {
    let key = read_key(&read_body(&headers, body)?)?;
    let found = api.accounts.find_credential(&key).await;
    let found = found
        .map_err(Failure::from)?
        .ok_or(PulseError::UnknownKey)?;
    let token = LoginToken::new(&found.credential, api.clock.now());
    let token = token.sign(&api.vault).await.map_err(Failure::from)?;
    let meta = Meta { token };
    Ok(JsonApi(StatusCode::OK, LoginView { meta }))
}

fn read_key(body: &[u8]) -> Result<Secret, PulseError> {
    let mut errors = FieldErrors::default();
    let key = members(body)?.required::<String>("key", TEXT, &mut errors);
    let told = |mut errors: Vec<FieldError>| {
        for error in &mut errors {
            error.field.insert(0, '/');
        }
        Failure::from(errors)
    };
    Ok(Secret::new(errors.finish(key).map_err(told)?))
}

impl Api {
    /// Finds the caller by a token or as everywhere, and refuses one whose role does not cover the
    /// needed one.
    pub(super) async fn pulse_caller(
        &self,
        headers: &HeaderMap,
        needed: Role,
    ) -> Result<Caller, Failure> {
        let found = match self.logged_in(headers).await? {
            Some(found) => found,
            None => self.known_credential(headers).await?,
        };
        self.acting(found, headers, needed, &[ACT_FOR]).await
    }

    /// The credential of a token that is good. It is read for every request, so that a token stops
    /// with it.
    async fn logged_in(&self, headers: &HeaderMap) -> Result<Option<FoundCredential>, Failure> {
        let bearer = present(headers).filter(|presented| presented.id.is_none());
        let bearer = bearer.filter(|presented| presented.secret.expose().starts_with(PREFIX));
        let Some(bearer) = bearer else {
            return Ok(None);
        };
        let Some(token) = LoginToken::read(bearer.secret.expose(), &self.vault).await? else {
            return Ok(None);
        };
        let found = self
            .accounts
            .find_credential_by_id(&token.credential)
            .await?;
        let now = self.clock.now();
        Ok(found.filter(|found| token.is_good(&found.credential, now)))
    }
}
