//! What the attributes of a body say: the same ones when a webhook is made and when it is changed.
//! Those that are the service's to say, and those that nobody knows, are passed over.

use crate::{Api, failure::Failure, policy_fields::TypesField};
use ::herald::{
    dialect::Dialect,
    event_type::EventType,
    fields::{Fields, TEXT},
    invalid::{FieldErrors, Invalid},
    name::Name,
    recipient::Target,
    secret::Secret,
};

pub(super) const NAME: &str = "name";
pub(super) const URL: &str = "url";
pub(super) const EVENTS: &str = "events";
const SECRET: &str = "secret";

/// The longest secret, in characters (our choice: Pulse takes any text).
const MAX_SECRET_CHARS: usize = 1_024;

/// How Pulse's bodies name event types.
const TYPES: TypesField = TypesField {
    dialect: Dialect::Pulse,
    name: EVENTS,
    called: "an event of /notification/webhooks/events",
    none: "must name at least one event",
};

/// What a body says. `None` where it says nothing.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) name: Option<Name>,
    pub(super) target: Option<Target>,
    pub(super) secret: Option<Secret>,
    pub(super) events: Option<Vec<EventType>>,
}

impl Api {
    /// Reads the attributes of a body. What breaks a rule is noted.
    pub(super) async fn read_attributes(
        &self,
        fields: &Fields,
        errors: &mut FieldErrors,
    ) -> Result<Said, Failure> {
        let url: Option<String> = fields.optional(URL, TEXT, errors);
        let secret: Option<String> = fields.optional(SECRET, TEXT, errors);
        Ok(Said {
            name: fields.text(NAME, errors),
            target: url.and_then(|url| errors.check(URL, self.rules.parse(&url).map(Target::Url))),
            secret: secret.and_then(|secret| errors.check(SECRET, read_secret(secret))),
            events: self.named_types(TYPES, fields, errors).await?,
        })
    }
}

fn read_secret(text: String) -> Result<Secret, Invalid> {
    if (1..=MAX_SECRET_CHARS).contains(&text.chars().count()) {
        Ok(Secret::new(text))
    } else {
        Err(Invalid::new("must be 1 to 1024 characters"))
    }
}
