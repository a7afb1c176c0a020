//! `POST /policies`.

use super::{channel, error::SequenceError, parse, view::PolicyView};
use crate::{Api, failure::Failure, idempotency};
use ::herald::{
    credential::Role,
    dialect::Dialect,
    fields::{Fields, TEXT, TEXTS},
    invalid::{FieldErrors, Invalid},
    name::Name,
    policy::{EventTypes, Policy},
    recipient::{Channel, Recipient, RecipientStatus, Target},
    secret::Secret,
    store::{Created, Idempotency},
    tenant::Tenant,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use http::{HeaderMap, StatusCode};
use std::sync::Arc;

/// What a body asks for.
struct Wanted {
    name: Name,
    event_types: EventTypes,
    channel: Channel,
    targets: Vec<Target>,
    secret: Option<Secret>,
}

pub(super) async fn create(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<PolicyView>), SequenceError> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let body = body.map_err(Failure::from)?;
    let key = idempotency::key(&headers).map_err(|rule| Failure::field(idempotency::NAME, rule))?;
    let idempotency = key.map(|key| Idempotency::new(key, &body));
    let wanted = read_wanted(&api, &Fields::parse(&body)?)?;
    let policy = api.make_policy(caller.tenant(), wanted).await?;
    let policy = match api
        .store
        .create_policy(&policy, idempotency.as_ref())
        .await?
    {
        Created::New => policy,
        Created::Again(policy) => policy,
        Created::Conflict => {
            let detail = "was used for another request, or for a policy that is deleted";
            return Err(Failure::Conflict(detail.to_owned()).into());
        }
    };
    let view = api.show_policy(&caller, policy).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

fn read_wanted(api: &Api, fields: &Fields) -> Result<Wanted, Failure> {
    let mut errors = FieldErrors::default();
    let name = fields
        .required::<String>("name", TEXT, &mut errors)
        .and_then(|name| errors.check("name", name.parse()));
    let channel = fields
        .required::<String>("channel", TEXT, &mut errors)
        .and_then(|channel| errors.check("channel", channel::parse(&channel)));
    let event_types = match fields.optional::<Vec<String>>(parse::TYPES, TEXTS, &mut errors) {
        None => Some(EventTypes::All),
        Some(names) => EventTypes::named(parse::event_types(&names, &mut errors)),
    };
    let targets = parse::recipients(fields, channel, &api.rules, &mut errors);
    let secret = fields
        .optional::<String>("webhookSecret", TEXT, &mut errors)
        .and_then(|secret| errors.check("webhookSecret", secret.parse()));
    if channel == Some(Channel::Email) && secret.is_some() {
        let rule = Invalid::new("is for policies of the WEBHOOK channel only");
        errors.push(rule.at("webhookSecret"));
    }
    let wanted = || {
        Some(Wanted {
            name: name?,
            event_types: event_types?,
            channel: channel?,
            targets: targets?,
            secret,
        })
    };
    Ok(errors.finish(wanted())?)
}

impl Api {
    async fn make_policy(&self, owner: Tenant, wanted: Wanted) -> Result<Policy, Failure> {
        let now = self.clock.now();
        let id = self.random.policy_id(now);
        let secret = match wanted.channel {
            Channel::Email => None,
            Channel::Webhook => {
                let made = || Secret::for_policy(self.random.bytes());
                let secret = wanted.secret.unwrap_or_else(made);
                let place = Policy::secret_place(owner, id);
                Some(self.vault.seal(&place, &secret).await?)
            }
        };
        let recipient = |target| Recipient {
            id: self.random.recipient_id(),
            target,
            status: RecipientStatus::Active,
        };
        Ok(Policy {
            id,
            owner,
            dialect: Dialect::Sequence,
            name: wanted.name,
            event_types: wanted.event_types,
            channel: wanted.channel,
            recipients: wanted.targets.into_iter().map(recipient).collect(),
            secret,
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }
}
