//! What the bodies of creations and changes have in common.

use crate::{Api, failure::Failure, policy_fields::TypesField};
use ::herald::{
    dialect::Dialect,
    fields::Fields,
    invalid::{FieldErrors, Invalid},
    policy::{Description, Details, EventTypes, Headers, Metadata},
    recipient::Channel,
    vault::Sealed,
};
use std::collections::BTreeMap;

/// Fields that every body may have.
pub(super) const COMMON: [&str; 14] = [
    "name",
    "description",
    "eventTypes",
    "scope",
    "retryPolicy",
    "status",
    "health",
    "deliveryMode",
    "maxPerSecond",
    "recipients",
    "timeoutSeconds",
    "headers",
    "contact",
    "metadata",
];

const PAIRS: &str = "must be an object of strings";

/// How Herald's bodies name event types.
pub(super) const fn types_field(dialect: Dialect) -> TypesField {
    TypesField {
        dialect,
        name: "eventTypes",
        called: match dialect {
            Dialect::Herald => "a known event type",
            Dialect::Sequence => "an event type that the dialect sequence knows",
            Dialect::Lune => "an event type that the dialect lune knows",
            Dialect::Cybersource => "an event type that the dialect cybersource knows",
            Dialect::Pulse => "an event type that the dialect pulse knows",
        },
        none: "must name at least one type; null means all",
    }
}

/// What a field asks for.
#[derive(Clone, Debug)]
pub(super) enum Wish<T> {
    /// Nothing: it is not there.
    Keep,
    /// That there be none: it is null.
    Clear,
    /// A value.
    Set(T),
}

impl<T> Wish<T> {
    pub(super) fn read(fields: &Fields, name: &str, read: impl FnOnce() -> Option<T>) -> Self {
        if !fields.has(name) {
            Self::Keep
        } else if fields.is_null(name) {
            Self::Clear
        } else {
            // Without a value an error was noted, and nothing comes of it.
            read().map_or(Self::Keep, Self::Set)
        }
    }

    /// The value after it.
    fn after(self, present: Option<T>) -> Option<T> {
        self.change().unwrap_or(present)
    }

    /// The value that it asks for, or that there be none; `None` where it asks for nothing.
    pub(super) fn change(self) -> Option<Option<T>> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }
}

/// What a body asks of a policy's details.
#[derive(Clone, Debug)]
pub(super) struct DetailsWish {
    description: Wish<Description>,
    timeout_seconds: Wish<u64>,
    headers: Wish<Headers>,
    contact: Wish<::herald::email::EmailAddress>,
    metadata: Wish<Metadata>,
}

impl DetailsWish {
    /// The headers that it asks for.
    pub(super) const fn headers(&self) -> Option<&Headers> {
        match &self.headers {
            Wish::Set(headers) => Some(headers),
            Wish::Keep | Wish::Clear => None,
        }
    }

    /// The details after it.
    ///
    /// * `sealed`: its headers.
    pub(super) fn after(self, present: Details, sealed: Option<Sealed>) -> Details {
        Details {
            description: self.description.after(present.description),
            timeout_seconds: self.timeout_seconds.after(present.timeout_seconds),
            headers: match self.headers {
                Wish::Keep => present.headers,
                Wish::Clear | Wish::Set(_) => sealed,
            },
            contact: self.contact.after(present.contact),
            metadata: self
                .metadata
                .after(Some(present.metadata))
                .unwrap_or_default(),
            subscription: present.subscription,
            number: present.number,
        }
    }
}

impl Api {
    /// What a body asks of the details of a policy of a channel. What breaks a rule is noted.
    pub(super) fn read_details(
        &self,
        fields: &Fields,
        channel: Option<Channel>,
        errors: &mut FieldErrors,
    ) -> DetailsWish {
        if channel == Some(Channel::Email) {
            for name in ["timeoutSeconds", "headers"] {
                if !fields.is_null(name) {
                    let rule = Invalid::new("is for policies of the channel webhook only");
                    errors.push(rule.at(name));
                }
            }
        }
        DetailsWish {
            description: Wish::read(fields, "description", || fields.text("description", errors)),
            timeout_seconds: Wish::read(fields, "timeoutSeconds", || {
                self.read_timeout(fields, errors)
            }),
            headers: Wish::read(fields, "headers", || read_pairs(fields, "headers", errors)),
            contact: Wish::read(fields, "contact", || fields.text("contact", errors)),
            metadata: Wish::read(fields, "metadata", || {
                read_pairs(fields, "metadata", errors)
            }),
        }
    }

    fn read_timeout(&self, fields: &Fields, errors: &mut FieldErrors) -> Option<u64> {
        let most = self.webhook_timeout.as_secs();
        let rule = || Invalid::new(format!("must be a whole number from 1 to {most}"));
        let seconds = fields.optional::<serde_json::Number>("timeoutSeconds", NUMBER, errors)?;
        let seconds = seconds
            .as_u64()
            .filter(|seconds| (1..=most).contains(seconds));
        errors.check("timeoutSeconds", seconds.ok_or_else(rule))
    }

    /// The event types that a body asks for; `None` where it says nothing of them.
    pub(super) async fn read_event_types(
        &self,
        dialect: Dialect,
        fields: &Fields,
        errors: &mut FieldErrors,
    ) -> Result<Option<EventTypes>, Failure> {
        if !fields.has("eventTypes") {
            return Ok(None);
        }
        if fields.is_null("eventTypes") {
            return Ok(Some(EventTypes::All));
        }
        let named = self
            .named_types(types_field(dialect), fields, errors)
            .await?;
        Ok(named.and_then(EventTypes::named))
    }
}

const NUMBER: &str = "must be a number";

fn read_pairs<T>(fields: &Fields, name: &str, errors: &mut FieldErrors) -> Option<T>
where
    T: TryFrom<BTreeMap<String, String>, Error = Invalid>,
{
    let pairs: BTreeMap<String, String> = fields.optional(name, PAIRS, errors)?;
    errors.check(name, T::try_from(pairs))
}
