//! What several of Sequence's bodies and paths have in common.

use super::NO_POLICY;
use crate::{Api, failure::Failure};
use ::herald::{
    destination::DestinationRules,
    dialect::Dialect,
    event_type::EventType,
    fields::{Fields, TEXTS},
    id::PolicyId,
    invalid::{FieldErrors, Invalid},
    policy::{Policy, check_targets},
    recipient::{Channel, Target},
    tenant::Tenant,
};
use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, Path},
};
use http::request::Parts;
use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
};

/// The most notification types that a body may name; Sequence has fewer.
const MAX_NAMES: usize = 100;

/// The field that names notification types.
pub(super) const TYPES: &str = "notificationTypes";

/// What a path names as a policy. It is looked at when the caller is known.
pub(super) struct PolicyPath(Option<PolicyId>);

impl<S: Send + Sync> FromRequestParts<S> for PolicyPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let path = parts.extract::<Path<HashMap<String, String>>>().await;
        let id = path
            .ok()
            .and_then(|Path(path)| path.get("id")?.parse().ok());
        Ok(Self(id))
    }
}

impl Api {
    /// A tenant's policy of this dialect. A path that names none by its form is answered like one
    /// whose policy is not there.
    pub(super) async fn sequence_policy(
        &self,
        owner: Tenant,
        PolicyPath(id): PolicyPath,
    ) -> Result<Policy, Failure> {
        let policy = match id {
            Some(id) => self.store.policy(owner, id).await?,
            None => None,
        };
        policy
            .filter(|policy| policy.dialect == Dialect::Sequence)
            .ok_or(Failure::NotFound(NO_POLICY))
    }
}

/// A notification type of Sequence.
pub(super) fn event_type(name: &str) -> Result<EventType, Invalid> {
    let unknown =
        |suggestion: String| Invalid::new(format!("must be a notification type{suggestion}"));
    let event_type: EventType = name.parse().map_err(|_| unknown(String::new()))?;
    if event_type
        .dialects()
        .any(|knows| knows == Dialect::Sequence)
    {
        Ok(event_type)
    } else {
        Err(unknown(event_type.suggestion()))
    }
}

/// The notification types that a body names: at least one.
pub(super) fn event_types(names: &[String], errors: &mut FieldErrors) -> Vec<EventType> {
    if names.len() > MAX_NAMES {
        errors.push(Invalid::new("must name at most 100 types").at(TYPES));
        return Vec::new();
    }
    if names.is_empty() {
        let rule = "must name at least one type; on creation, leave it out for all types";
        errors.push(Invalid::new(rule).at(TYPES));
    }
    let check = |(index, name): (usize, &String)| {
        errors.check(&format!("{TYPES}[{index}]"), event_type(name))
    };
    names.iter().enumerate().filter_map(check).collect()
}

/// The recipients of a body: 1 to 100 of the channel, none twice.
pub(super) fn recipients(
    fields: &Fields,
    channel: Option<Channel>,
    rules: &DestinationRules,
    errors: &mut FieldErrors,
) -> Option<Vec<Target>> {
    let texts: Vec<String> = fields.required("recipients", TEXTS, errors)?;
    errors.check(
        "recipients",
        check_targets(texts.iter().map(String::as_str)),
    );
    let mut seen = HashSet::new();
    for (index, _) in texts
        .iter()
        .enumerate()
        .filter(|(_, text)| !seen.insert(*text))
    {
        let twice = Invalid::new("must not name a recipient twice");
        errors.push(twice.at(format!("recipients[{index}]")));
    }
    // Without a channel there is an error already, and no rule for the recipients.
    let channel = channel?;
    let check = |(index, text): (usize, &String)| {
        let target = Target::parse(channel, text, rules);
        errors.check(&format!("recipients[{index}]"), target)
    };
    Some(texts.iter().enumerate().filter_map(check).collect())
}
