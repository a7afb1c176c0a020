//! What the bodies of subscriptions say: the same fields when one is made and when it is changed.

use super::retry::RetrySaid;
use crate::{Api, caller::Caller, failure::Failure, policy_fields::TypesField};
use ::herald::{
    catalogue::Product,
    dialect::Dialect,
    event_type::EventType,
    fields::{Fields, JSON, TEXT},
    invalid::{FieldErrors, Invalid},
    name::Name,
    policy::{Description, ProxyType, Scope, WantedPolicyStatus},
    recipient::Target,
};
use serde_json::value::RawValue;

pub(super) const WEBHOOK_URL: &str = "webhookUrl";
pub(super) const EVENT_TYPES: &str = "eventTypes";
pub(super) const PRODUCT_ID: &str = "productId";

/// What a body says. `None` where it says nothing.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) name: Option<Name>,
    pub(super) description: Option<Description>,
    pub(super) product: Option<Product>,
    pub(super) event_types: Option<Vec<EventType>>,
    pub(super) target: Option<Target>,
    pub(super) health: Option<Target>,
    pub(super) scope: Option<Scope>,
    pub(super) retry: RetrySaid,
    pub(super) proxy_type: Option<ProxyType>,
    pub(super) status: Option<WantedPolicyStatus>,
}

/// How CyberSource's bodies name event types.
pub(super) const TYPES: TypesField = TypesField {
    dialect: Dialect::Cybersource,
    name: EVENT_TYPES,
    called: "an event type of a product",
    none: "must name at least one type",
};

impl Api {
    /// Reads a body. What breaks a rule is noted.
    ///
    /// * `holder`: the subscription's account.
    pub(super) async fn read_said(
        &self,
        holder: &Caller,
        fields: &Fields,
        errors: &mut FieldErrors,
    ) -> Result<Said, Failure> {
        let event_types = self.named_types(TYPES, fields, errors).await?;
        let scope = self.read_notification_scope(holder, fields, errors).await?;
        let mut url = |name| {
            let text: String = fields.optional(name, TEXT, errors)?;
            errors.check(name, self.rules.parse(&text).map(Target::Url))
        };
        let (target, health) = (url(WEBHOOK_URL), url("healthCheckUrl"));
        let retry = inner(fields, "retryPolicy", errors, RetrySaid::read);
        Ok(Said {
            name: fields.text("name", errors),
            description: fields.text("description", errors),
            product: fields.text(PRODUCT_ID, errors),
            event_types,
            target,
            health,
            scope,
            retry: retry.unwrap_or_default(),
            proxy_type: inner(fields, "securityPolicy", errors, read_security).flatten(),
            status: read_status(fields, errors),
        })
    }

    /// Refuses types that do not belong to a product. Both are known where they belong together.
    pub(super) async fn check_product(
        &self,
        product: &Product,
        event_types: &[EventType],
        errors: &mut FieldErrors,
    ) -> Result<(), Failure> {
        let catalogue = self.store.catalogue_for(event_types).await?;
        for (index, name) in event_types.iter().enumerate() {
            // What no dialect of ours knows was told already.
            let known = catalogue.known_to(TYPES.dialect, name, TYPES.called).ok();
            if known.is_some_and(|entry| entry.product.as_ref() != Some(product)) {
                let rule = Invalid::new("must be an event type of the product");
                errors.push(rule.at(format!("{EVENT_TYPES}[{index}]")));
            }
        }
        Ok(())
    }
}

/// What an object inside a body says. What breaks a rule in it is noted with its path.
pub(super) fn inner<T>(
    fields: &Fields,
    name: &str,
    errors: &mut FieldErrors,
    read: impl FnOnce(&Fields, &mut FieldErrors) -> T,
) -> Option<T> {
    let raw: Box<RawValue> = fields.optional(name, JSON, errors)?;
    let Ok(inner) = Fields::parse(raw.get().as_bytes()) else {
        errors.push(Invalid::new("must be an object").at(name));
        return None;
    };
    let mut found = FieldErrors::default();
    let value = read(&inner, &mut found);
    errors.within(name, found.finish(Some(value)))
}

/// Only the key is offered: what a receiver would have to be asked for first is not.
fn read_security(fields: &Fields, errors: &mut FieldErrors) -> Option<ProxyType> {
    let named: Option<String> = fields.optional("securityType", TEXT, errors);
    if named.is_some_and(|named| !named.eq_ignore_ascii_case("key")) {
        let rule = "must be KEY: oAuth and oAuth_JWT are not offered here";
        errors.push(Invalid::new(rule).at("securityType"));
    }
    fields.optional("proxyType", "must be external or internal", errors)
}

fn read_status(fields: &Fields, errors: &mut FieldErrors) -> Option<WantedPolicyStatus> {
    let named: String = fields.optional("status", TEXT, errors)?;
    match named.as_str() {
        "ACTIVE" => Some(WantedPolicyStatus::Active),
        "INACTIVE" => Some(WantedPolicyStatus::Inactive),
        _ => {
            let rule = Invalid::new("must be ACTIVE or INACTIVE");
            errors.push(rule.at("status"));
            None
        }
    }
}
