//! `PATCH /herald/v1/policies/{id}`: changes what the body names, and nothing else.

use super::{
    NO_POLICY, Problem, entity_tag,
    fields::{COMMON, DetailsWish},
    revival::refuse_unseen,
    sending::{SendingWish, refuse_disorder},
};
use crate::{Api, caller::Caller, failure::Failure, herald::id_path::IdPath};
use ::herald::{
    credential::Role,
    fields::Fields,
    invalid::{FieldErrors, Invalid},
    message::CancelDeliveries,
    name::Name,
    policy::{EventTypes, Policy, PolicyChange, Scope, WantedRecipient},
    retry::RetryPolicy,
    vault::Sealed,
};
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::Response,
};
use http::{HeaderMap, StatusCode, header::IF_MATCH};
use jiff::Timestamp;
use std::sync::{Arc, Mutex};

/// Fields that a policy shows and that never change, or not by the caller's word.
const FIXED: [&str; 8] = [
    "id",
    "dialect",
    "number",
    "channel",
    "statusSince",
    "createdAt",
    "updatedAt",
    "version",
];

const SECRET: &str = "secret";

/// What a body asks for.
struct Wanted {
    name: Option<Name>,
    event_types: Option<EventTypes>,
    scope: Option<Scope>,
    retry: Option<RetryPolicy>,
    sending: SendingWish,
    recipients: Option<Vec<WantedRecipient>>,
    details: DetailsWish,
}

pub(super) async fn change(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.policy(&caller, &id).await?;
    let wanted = read_wanted(
        &api,
        &caller,
        &policy,
        &Fields::parse(&body.map_err(Failure::from)?)?,
    )
    .await?;
    api.refuse_suppressed(&policy, wanted.recipients()).await?;
    let sealed = sealed_headers(&api, &policy, &wanted).await?;
    let now = api.clock.now();
    let latest = Mutex::new(Vec::new());
    let change = |present: Policy| {
        check_version(&headers, &present)?;
        refuse_unseen(&headers, &present, wanted.recipients())?;
        let next = wanted.apply(present.clone(), sealed.clone(), &api, now)?;
        *latest.lock().expect("no holder panics") = removed(&present, &next);
        Ok::<_, Failure>(next)
    };
    change(policy.clone())?;
    for cancellation in taken(&latest) {
        api.prepare_cancellation(cancellation).await?;
    }
    let changed = api.change_policy(&policy, change).await?;
    let changed = changed.ok_or(NO_POLICY)?;
    // By the version that it was made on: somebody may have added recipients meanwhile.
    for cancellation in taken(&latest) {
        api.cancel_now(cancellation).await?;
    }
    Ok(api.shown(StatusCode::OK, &caller, changed).await?)
}

async fn read_wanted(
    api: &Api,
    caller: &Caller,
    policy: &Policy,
    fields: &Fields,
) -> Result<Wanted, Failure> {
    let mut errors = FieldErrors::default();
    fields.only(&[&COMMON[..], &FIXED, &[SECRET]].concat(), &mut errors);
    for name in FIXED.into_iter().filter(|name| fields.has(name)) {
        errors.push(Invalid::new("cannot be changed").at(name));
    }
    if fields.has(SECRET) {
        errors.push(Invalid::new("is changed by rotate-secret").at(SECRET));
    }
    let given = |name| fields.has(name);
    let (has_name, has_recipients) = (given("name"), given("recipients"));
    let name = has_name.then(|| fields.required_text("name", &mut errors));
    let event_types = api
        .read_event_types(policy.dialect, fields, &mut errors)
        .await?;
    let scope = api.read_scope(caller, fields, &mut errors).await?;
    let retry = api.read_retry(fields, &mut errors);
    let channel = Some(policy.channel);
    let recipients = has_recipients.then(|| api.read_recipients(fields, channel, &mut errors));
    let details = api.read_details(fields, channel, &mut errors);
    let sending = api.read_sending(fields, channel, &mut errors);
    let is_ordered = policy.delivery_mode.is_ordered();
    refuse_disorder(is_ordered, &sending, &mut errors);
    Ok(errors.finish(Some(Wanted {
        name: name.flatten(),
        event_types,
        scope,
        retry,
        sending,
        recipients: recipients.flatten(),
        details,
    }))?)
}

/// Whether the caller means this version (RFC 9110, section 13.1.1).
pub(super) fn check_version(headers: &HeaderMap, present: &Policy) -> Result<(), Failure> {
    let tag = entity_tag(present);
    let mut asked = headers.get_all(IF_MATCH).iter().peekable();
    if asked.peek().is_none() {
        return Ok(());
    }
    let mut tags = asked
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim);
    if tags.any(|given| given == tag || given == "*") {
        Ok(())
    } else {
        Err(Failure::Precondition(format!(
            "If-Match names another version of the policy; this is {tag}"
        )))
    }
}

fn taken(latest: &Mutex<Vec<CancelDeliveries>>) -> Vec<CancelDeliveries> {
    std::mem::take(&mut latest.lock().expect("no holder panics"))
}

/// The headers that a change asks for, sealed; as they are where they say the same.
async fn sealed_headers(
    api: &Api,
    policy: &Policy,
    wanted: &Wanted,
) -> Result<Option<Sealed>, Failure> {
    let Some(headers) = wanted.details.headers() else {
        return Ok(None);
    };
    if *headers == policy.headers(&api.vault).await? {
        return Ok(policy.details.headers.clone());
    }
    let sealed = headers.seal(&api.vault, policy.owner, policy.id);
    Ok(sealed.await?)
}

/// The cancellations of what a change leaves unfinished.
fn removed(before: &Policy, after: &Policy) -> Vec<CancelDeliveries> {
    before
        .recipients
        .iter()
        .filter(|recipient| after.recipient(&recipient.id).is_none())
        .map(|recipient| CancelDeliveries::of(before, Some(recipient.id.clone())))
        .collect()
}

impl Wanted {
    fn recipients(&self) -> &[WantedRecipient] {
        self.recipients.as_deref().unwrap_or_default()
    }

    fn apply(
        &self,
        present: Policy,
        sealed: Option<Sealed>,
        api: &Api,
        now: Timestamp,
    ) -> Result<Policy, Failure> {
        let change = PolicyChange {
            name: self.name.clone(),
            event_types: self.event_types.clone(),
            scope: self.scope.clone(),
            retry: self.retry.clone(),
            status: self.sending.status,
            health: self.sending.health.clone().change(),
            ordered: self.sending.ordered == Some(true),
            pace: self.sending.pace.clone().change(),
            recipients: self.recipients.clone(),
            details: Some(self.details.clone().after(present.details.clone(), sealed)),
        };
        let changed = present.apply(change, &*api.random, now);
        let changed = changed.map_err(|rule| Failure::field("recipients", rule))?;
        let few = changed.check_hints("eventTypes");
        few.map_err(|rule| Failure::field("scope.accounts", rule))?;
        Ok(changed)
    }
}
