//! `GET /products/{organizationId}`: what an organization may subscribe to.

use super::error::CybersourceError;
use crate::Api;
use ::herald::{
    catalogue::{Catalogue, CatalogueEntry},
    credential::Role,
    dialect::Dialect,
};
use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use http::HeaderMap;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProductView {
    product_id: String,
    product_name: String,
    event_types: Vec<EventTypeView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EventTypeView {
    event_name: String,
    display_name: String,
    /// As often as it happens.
    frequency: i8,
    time_sensitivity: bool,
    payload_encryption: bool,
}

pub(super) async fn list(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Json<Vec<ProductView>>, CybersourceError> {
    let caller = api.cybersource_caller(&headers, Role::Read).await?;
    let name = path.map(|Path(name)| name).unwrap_or_default();
    api.organization(&caller, &name).await?;
    Ok(Json(products(&api.store.catalogue().await?)))
}

/// Types without a product are not among them: no subscription could name them.
fn products(catalogue: &Catalogue) -> Vec<ProductView> {
    let mut products: BTreeMap<&str, Vec<EventTypeView>> = BTreeMap::new();
    let known = |entry: &&CatalogueEntry| entry.is_known_to(Dialect::Cybersource);
    for entry in catalogue.entries().filter(known) {
        if let Some(product) = &entry.product {
            products
                .entry(product.as_str())
                .or_default()
                .push(event_type(entry));
        }
    }
    products
        .into_iter()
        .map(|(product, event_types)| ProductView {
            product_id: product.to_owned(),
            product_name: spoken(product),
            event_types,
        })
        .collect()
}

fn event_type(entry: &CatalogueEntry) -> EventTypeView {
    EventTypeView {
        event_name: entry.name.to_string(),
        display_name: entry.description.to_string(),
        frequency: -1,
        time_sensitivity: false,
        payload_encryption: false,
    }
}

/// `customerInvoicing` as people say it: `Customer Invoicing`.
fn spoken(product: &str) -> String {
    let mut text = String::with_capacity(product.len() + 4);
    for (index, c) in product.chars().enumerate() {
        if index == 0 {
            text.push(c.to_ascii_uppercase());
            continue;
        }
        if c.is_ascii_uppercase() {
            text.push(' ');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_called_by_its_words() {
        for (product, name) in [
            ("customerInvoicing", "Customer Invoicing"),
            ("payments", "Payments"),
        ] {
            assert_eq!(spoken(product), name);
        }
    }
}
