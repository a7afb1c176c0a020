//! `/herald/v1/accounts`: the operator makes, shows, renames and deletes accounts.

use super::{
    id_path::IdPath,
    parameters::{Listed, Pagination, Parameters},
    problem::Problem,
};
use crate::{Api, failure::Failure};
use ::herald::{
    account::{Account, AccountDraft, AccountStatus, ExternalId},
    fields::{Fields, TEXT},
    id::AccountId,
    invalid::{FieldErrors, Invalid},
    message::{EraseAccount, EventsMessage, Reading},
    name::Name,
    page_cursor,
    queue::QueueName,
    store::{AccountCreation, Marking, Renaming},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State, rejection::BytesRejection},
    routing::get,
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use std::{collections::HashMap, str::FromStr, sync::Arc};

const NO_ACCOUNT: Failure = Failure::NotFound("there is no such account");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountView {
    id: AccountId,
    number: u64,
    name: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<ExternalId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<AccountId>,
    status: AccountStatus,
    created_at: Timestamp,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            parent_id: account.parent(),
            id: account.id,
            number: account.number,
            name: account.name,
            external_id: account.external_id,
            status: account.status,
            created_at: account.created_at,
        }
    }
}

pub(super) fn routes() -> Router<Arc<Api>> {
    let one = get(show).patch(rename).delete(delete);
    Router::new()
        .route("/herald/v1/accounts", get(list).post(create))
        .route("/herald/v1/accounts/{id}", one)
}

async fn create(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<impl Serialize>), Problem> {
    api.require_operator(&headers).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?).map_err(Failure::from)?;
    let draft = api.read_draft(&fields).await?;
    let now = api.clock.now();
    let number = api.accounts.next_number().await?;
    let account = Account::new(draft, api.random.account_id(now), number, now);
    match api.accounts.create(&account).await? {
        AccountCreation::Created => Ok((StatusCode::CREATED, Json(AccountView::from(account)))),
        AccountCreation::ExternalIdTaken => {
            Err(Failure::Conflict("another account has this externalId".to_owned()).into())
        }
        AccountCreation::NoParent => Err(Failure::field("parentId", no_parent()).into()),
    }
}

async fn list(
    State(api): State<Arc<Api>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Listed<impl Serialize>>, Problem> {
    api.require_operator(&headers).await?;
    let mut parameters = Parameters::new(&query, &["parentId", "externalId", "limit", "after"]);
    let parent = match query.get("parentId") {
        Some(name) => {
            let parent = api.accounts.find(name).await?;
            let rule = || Invalid::new("must name an account");
            parameters.read("parentId", |_| parent.map(|it| it.id).ok_or_else(rule))
        }
        None => None,
    };
    let external_id = parameters.read("externalId", ExternalId::from_str);
    let after = parameters.read("after", page_cursor::decode);
    let limit = parameters.limit();
    parameters.errors.finish(Some(()))?;
    if let Some(external_id) = external_id {
        let found = api.accounts.with_external_id(&external_id).await?;
        let is_meant = |account: &Account| parent.is_none_or(|id| account.parent() == Some(id));
        return Ok(Json(Listed {
            items: found
                .filter(is_meant)
                .map(AccountView::from)
                .into_iter()
                .collect(),
            pagination: Pagination::default(),
        }));
    }
    let page = api.accounts.list(parent, after, limit).await?;
    let after = page.next.map(|id| page_cursor::encode(&id));
    Ok(Json(Listed {
        items: page.accounts.into_iter().map(AccountView::from).collect(),
        pagination: Pagination { after },
    }))
}

async fn show(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
) -> Result<Json<impl Serialize>, Problem> {
    api.require_operator(&headers).await?;
    Ok(Json(AccountView::from(api.account(&id).await?)))
}

async fn rename(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<impl Serialize>, Problem> {
    api.require_operator(&headers).await?;
    let account = api.active_account(&id).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?).map_err(Failure::from)?;
    let mut errors = FieldErrors::default();
    fields.only(&["name"], &mut errors);
    let name = fields.required_text("name", &mut errors);
    let name = errors.finish(name)?;
    match api.accounts.rename(account.id, &name).await? {
        Renaming::Done(account) => Ok(Json(AccountView::from(account))),
        Renaming::NotFound => Err(NO_ACCOUNT.into()),
    }
}

/// Marks the account, which closes it at once, and enqueues the erasure of what it leaves behind.
/// A repetition enqueues it again, for the case that a crash came between.
async fn delete(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<impl Serialize>), Problem> {
    api.require_operator(&headers).await?;
    let account = match api
        .accounts
        .mark_erasing(api.account(&id).await?.id)
        .await?
    {
        Marking::Done(account) => account,
        Marking::HasChildren => {
            let detail = "accounts stand below it, and must be deleted first";
            return Err(Failure::Conflict(detail.to_owned()).into());
        }
        Marking::NotFound => return Err(NO_ACCOUNT.into()),
    };
    let erase = EventsMessage::EraseAccount(EraseAccount::start(account.id, Reading::First));
    api.queue
        .send(QueueName::Events, vec![erase.outgoing()])
        .await?;
    Ok((StatusCode::ACCEPTED, Json(AccountView::from(account))))
}

impl Api {
    /// The account that a path names by its id or its external id, be it in use or not.
    pub(super) async fn account(&self, name: &str) -> Result<Account, Failure> {
        self.accounts.find(name).await?.ok_or(NO_ACCOUNT)
    }

    /// The account in use that a path names.
    pub(super) async fn active_account(&self, name: &str) -> Result<Account, Failure> {
        let account = self.account(name).await?;
        if account.is_active() {
            return Ok(account);
        }
        Err(Failure::Conflict("the account is being erased".to_owned()))
    }

    async fn read_draft(&self, fields: &Fields) -> Result<AccountDraft, Failure> {
        let mut errors = FieldErrors::default();
        fields.only(&["name", "parentId", "externalId"], &mut errors);
        let name = fields.required_text("name", &mut errors);
        let external_id: Option<ExternalId> = fields.text("externalId", &mut errors);
        if let Some(id) = external_id.as_ref().and_then(|it| it.as_str().parse().ok())
            && self.accounts.account(id).await?.is_some()
        {
            // It would never be found by it, and then be taken for that one.
            errors.push(Invalid::new("must not be an account's id").at("externalId"));
        }
        let ancestors = match fields.optional::<String>("parentId", TEXT, &mut errors) {
            None => Some(Vec::new()),
            Some(parent) => {
                let parent = self
                    .accounts
                    .find_active(&parent)
                    .await?
                    .ok_or_else(no_parent);
                let ancestors = parent.and_then(|parent| parent.ancestors_below());
                errors.check("parentId", ancestors)
            }
        };
        let (name, ancestors) = errors.finish(name.zip(ancestors))?;
        Ok(AccountDraft {
            name,
            external_id,
            ancestors,
        })
    }
}

fn no_parent() -> Invalid {
    Invalid::new("must name an account that is in use")
}
