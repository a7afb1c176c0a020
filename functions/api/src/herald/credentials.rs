//! `/herald/v1/accounts/{id}/credentials`: the operator makes, lists and revokes credentials.

use super::{
    id_path::IdPath,
    parameters::{Listed, Pagination, Parameters},
    problem::Problem,
};
use crate::{Api, failure::Failure};
use ::herald::{
    credential::{Credential, CredentialId, Role},
    fields::Fields,
    id::AccountId,
    invalid::FieldErrors,
    page_cursor,
    secret::Secret,
    store::CredentialCreation,
    tenant::Mode,
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        Path, Query, State,
        rejection::{BytesRejection, PathRejection},
    },
    routing::{delete, get},
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use std::{collections::HashMap, sync::Arc};

const NO_CREDENTIAL: Failure = Failure::NotFound("there is no such credential");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CredentialView {
    id: CredentialId,
    account_id: AccountId,
    mode: Mode,
    role: Role,
    /// Shown once, to who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    created_at: Timestamp,
}

impl From<Credential> for CredentialView {
    fn from(credential: Credential) -> Self {
        Self {
            id: credential.id,
            account_id: credential.account,
            mode: credential.mode,
            role: credential.role,
            secret: None,
            created_at: credential.created_at,
        }
    }
}

pub(super) fn routes() -> Router<Arc<Api>> {
    let all = "/herald/v1/accounts/{id}/credentials";
    let one = "/herald/v1/accounts/{id}/credentials/{credential}";
    Router::new()
        .route(all, get(list).post(create))
        .route(one, delete(revoke))
}

async fn create(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<impl Serialize>), Problem> {
    api.require_operator(&headers).await?;
    let account = api.active_account(&id).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?).map_err(Failure::from)?;
    let mut errors = FieldErrors::default();
    fields.only(&["mode", "role"], &mut errors);
    let mode = fields.required_text("mode", &mut errors);
    let role = fields.required_text("role", &mut errors);
    let (mode, role): (Mode, Role) = errors.finish(mode.zip(role))?;
    let now = api.clock.now();
    let id = api.random.credential_id(now);
    let secret = Secret::for_credential(mode, api.random.bytes());
    let context = Credential::seal_context(&id);
    let credential = Credential {
        account: account.id,
        mode,
        role,
        secret: api.vault.seal(&context, &secret).await?,
        created_at: now,
        id,
    };
    match api.accounts.create_credential(&credential, &secret).await? {
        CredentialCreation::Created => {}
        // As likely as that random bytes repeat.
        CredentialCreation::Taken => {
            return Err(Failure::Internal("an id came twice".into()).into());
        }
    }
    let mut view = CredentialView::from(credential);
    view.secret = Some(secret.expose().to_owned());
    Ok((StatusCode::CREATED, Json(view)))
}

async fn list(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Listed<impl Serialize>>, Problem> {
    api.require_operator(&headers).await?;
    let account = api.account(&id).await?;
    let mut parameters = Parameters::new(&query, &["limit", "after"]);
    let after: Option<CredentialId> = parameters.read("after", page_cursor::decode);
    let limit = parameters.limit();
    parameters.errors.finish(Some(()))?;
    let page = api
        .accounts
        .list_credentials(account.id, after.as_ref(), limit)
        .await?;
    let after = page.next.map(|id| page_cursor::encode(&id));
    Ok(Json(Listed {
        items: page
            .credentials
            .into_iter()
            .map(CredentialView::from)
            .collect(),
        pagination: Pagination { after },
    }))
}

/// From the answer on the secret opens nothing.
async fn revoke(
    State(api): State<Arc<Api>>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    api.require_operator(&headers).await?;
    let Path((account, id)) = path.map_err(|_| NO_CREDENTIAL)?;
    let account = api.account(&account).await?;
    let id: CredentialId = id.parse().map_err(|_| NO_CREDENTIAL)?;
    if api.accounts.revoke_credential(account.id, &id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(NO_CREDENTIAL.into())
    }
}
