//! `/herald/v1/event-types`: the catalogue. Everybody who may call sees it; the operator adds to
//! it.

use super::{
    id_path::IdPath,
    parameters::{Listed, Pagination, Parameters, text},
    problem::Problem,
};
use crate::{Api, failure::Failure};
use ::herald::{
    catalogue::{CatalogueEntry, MAX_EXAMPLE_BYTES, Product, RESERVED_PREFIX},
    dialect::Dialect,
    event_type::EventType,
    fields::{Fields, JSON, TEXTS},
    invalid::{FieldErrors, Invalid},
    json::JsonObject,
    policy::Description,
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State, rejection::BytesRejection},
    routing::get,
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;
use std::{collections::HashMap, str::FromStr, sync::Arc};

const NO_TYPE: Failure = Failure::NotFound("there is no such event type");

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryView {
    name: EventType,
    dialects: Vec<Dialect>,
    product: Option<Product>,
    description: Description,
    example: Option<JsonObject>,
    built_in: bool,
}

impl From<CatalogueEntry> for EntryView {
    fn from(entry: CatalogueEntry) -> Self {
        Self {
            name: entry.name,
            dialects: entry.dialects,
            product: entry.product,
            description: entry.description,
            example: entry.example,
            built_in: entry.built_in,
        }
    }
}

pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/herald/v1/event-types", get(list))
        .route(
            "/herald/v1/event-types/{type}",
            get(show).put(put).delete(delete),
        )
}

/// By name.
async fn list(
    State(api): State<Arc<Api>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Listed<EntryView>>, Problem> {
    api.require_anybody(&headers).await?;
    let mut parameters = Parameters::new(&query, &["dialect", "q", "limit", "after"]);
    let dialect = parameters.read("dialect", Dialect::from_str);
    let text = parameters.read("q", text);
    let after = parameters.read("after", EventType::from_str);
    let limit = parameters.limit();
    parameters.errors.finish(Some(()))?;
    let catalogue = api.store.catalogue().await?;
    let keeps = |entry: &&CatalogueEntry| {
        let holds = |text: &String| entry.name.as_str().to_lowercase().contains(text);
        after.as_ref().is_none_or(|after| entry.name > *after)
            && dialect.is_none_or(|dialect| entry.is_known_to(dialect))
            && text.as_ref().is_none_or(holds)
    };
    let mut kept = catalogue.entries().filter(keeps).cloned();
    let items: Vec<_> = kept.by_ref().take(limit).map(EntryView::from).collect();
    let last = items.last().filter(|_| kept.next().is_some());
    let after = last.map(|last| last.name.to_string());
    Ok(Json(Listed {
        items,
        pagination: Pagination { after },
    }))
}

async fn show(
    State(api): State<Arc<Api>>,
    IdPath(name): IdPath,
    headers: HeaderMap,
) -> Result<Json<EntryView>, Problem> {
    api.require_anybody(&headers).await?;
    let name = name.parse().map_err(|_| NO_TYPE)?;
    let entry = api.store.event_type(&name).await?.ok_or(NO_TYPE)?;
    Ok(Json(entry.into()))
}

/// Adds a type, or replaces the one that was added under its name.
async fn put(
    State(api): State<Arc<Api>>,
    IdPath(name): IdPath,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<EntryView>, Problem> {
    api.require_operator(&headers).await?;
    let entry = read_entry(&name, &Fields::parse(&body.map_err(Failure::from)?)?)?;
    refuse_built_in(&entry.name)?;
    api.store.keep_event_type(&entry).await?;
    Ok(Json(entry.into()))
}

/// Policies that name it keep the name, and hear of nothing more under it.
async fn delete(
    State(api): State<Arc<Api>>,
    IdPath(name): IdPath,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    api.require_operator(&headers).await?;
    let name = name.parse().map_err(|_| NO_TYPE)?;
    refuse_built_in(&name)?;
    if api.store.remove_event_type(&name).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(NO_TYPE.into())
    }
}

fn refuse_built_in(name: &EventType) -> Result<(), Failure> {
    match CatalogueEntry::built_in(name) {
        Some(_) => Err(Failure::Conflict(format!(
            "{name} is built in, and stays as it is"
        ))),
        None => Ok(()),
    }
}

fn read_entry(name: &str, fields: &Fields) -> Result<CatalogueEntry, Failure> {
    let mut errors = FieldErrors::default();
    fields.only(
        &["dialects", "product", "description", "example"],
        &mut errors,
    );
    let name = errors.check("type", read_name(name));
    let dialects = read_dialects(fields, &mut errors);
    let product = fields.text("product", &mut errors);
    let description = fields.required_text("description", &mut errors);
    let example = fields
        .optional::<Box<RawValue>>("example", JSON, &mut errors)
        .and_then(|raw| errors.check("example", read_example(&raw)));
    let entry = || {
        Some(CatalogueEntry {
            name: name?,
            dialects: dialects?,
            product,
            description: description?,
            example,
            built_in: false,
        })
    };
    Ok(errors.finish(entry())?)
}

fn read_name(name: &str) -> Result<EventType, Invalid> {
    let name: EventType = name.parse()?;
    if name.as_str().to_lowercase().starts_with(RESERVED_PREFIX) {
        return Err(Invalid::new("must not start with herald."));
    }
    Ok(name)
}

fn read_dialects(fields: &Fields, errors: &mut FieldErrors) -> Option<Vec<Dialect>> {
    let names: Vec<String> = fields.required("dialects", TEXTS, errors)?;
    if names.is_empty() {
        errors.push(Invalid::new("must name at least one dialect").at("dialects"));
        return None;
    }
    let mut dialects = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let dialect = errors.check(&format!("dialects[{index}]"), name.parse::<Dialect>())?;
        if !dialects.contains(&dialect) {
            dialects.push(dialect);
        }
    }
    Some(dialects)
}

fn read_example(raw: &RawValue) -> Result<JsonObject, Invalid> {
    let example = JsonObject::parse(raw)?;
    if example.as_str().len() > MAX_EXAMPLE_BYTES {
        return Err(Invalid::new("must be at most 16 KiB of compact JSON"));
    }
    Ok(example)
}
