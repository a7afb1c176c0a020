//! What the bodies of several dialects say of a policy, each in its own words.

use crate::{Api, failure::Failure};
use ::herald::{
    dialect::Dialect,
    event_type::EventType,
    fields::{Fields, TEXTS},
    invalid::{FieldErrors, Invalid},
    policy::{MAX_EVENT_TYPES, check_targets},
    recipient::{Channel, Target},
};
use std::{collections::HashSet, time::Duration};

/// What the accounts of a policy are called where its interface has no field for them: Herald's own
/// routes can give it more than one.
pub(crate) const ACCOUNTS: &str = "the accounts that it hears of";

/// How a dialect's bodies name event types.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypesField {
    /// The dialect, which must know them.
    pub(crate) dialect: Dialect,
    /// The field that holds them.
    pub(crate) name: &'static str,
    /// What a type is called.
    pub(crate) called: &'static str,
    /// What is told who names none.
    pub(crate) none: &'static str,
}

impl Api {
    /// How long events are kept, and so the longest that retries may take.
    pub(crate) fn kept_for(&self) -> Duration {
        Duration::try_from(self.store.retention()).unwrap_or(Duration::MAX)
    }

    /// The event types that a body names, at least one; `None` where the field is not there or
    /// null. What breaks a rule is noted.
    pub(crate) async fn named_types(
        &self,
        field: TypesField,
        fields: &Fields,
        errors: &mut FieldErrors,
    ) -> Result<Option<Vec<EventType>>, Failure> {
        let Some(texts) = fields.optional::<Vec<String>>(field.name, TEXTS, errors) else {
            return Ok(None);
        };
        if texts.len() > MAX_EVENT_TYPES {
            errors.push(Invalid::new("must name at most 100 types").at(field.name));
            return Ok(None);
        }
        if texts.is_empty() {
            errors.push(Invalid::new(field.none).at(field.name));
            return Ok(None);
        }
        let mut names = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            let rule = |_| Invalid::new(format!("must be {}", field.called));
            let name = text.parse::<EventType>().map_err(rule);
            let at = format!("{}[{index}]", field.name);
            names.extend(errors.check(&at, name).map(|name| (at, name)));
        }
        let asked: Vec<_> = names.iter().map(|(_, name)| name.clone()).collect();
        let catalogue = self.store.catalogue_for(&asked).await?;
        for (at, name) in &names {
            let known = catalogue.known_to(field.dialect, name, field.called);
            errors.check(at, known);
        }
        Ok(Some(asked))
    }

    /// One event type that a dialect knows.
    pub(crate) async fn known_type(
        &self,
        field: TypesField,
        text: &str,
    ) -> Result<Result<EventType, Invalid>, Failure> {
        let Ok(name) = text.parse::<EventType>() else {
            return Ok(Err(Invalid::new(format!("must be {}", field.called))));
        };
        let catalogue = self
            .store
            .catalogue_for(std::slice::from_ref(&name))
            .await?;
        let known = catalogue.known_to(field.dialect, &name, field.called);
        Ok(known.map(|entry| entry.name.clone()))
    }

    /// The dialects that know a type; none, where the catalogue lacks it.
    pub(crate) async fn dialects_of(&self, name: &EventType) -> Result<Vec<Dialect>, Failure> {
        let entry = self.store.event_type(name).await?;
        Ok(entry.map_or_else(Vec::new, |entry| entry.dialects))
    }

    /// Targets that a body names as recipients: 1 to 100 of the channel, none twice.
    ///
    /// * `texts`: each with the path of its field.
    pub(crate) fn read_targets(
        &self,
        texts: &[(String, String)],
        channel: Option<Channel>,
        errors: &mut FieldErrors,
    ) -> Option<Vec<Target>> {
        let targets = texts.iter().map(|(_, text)| text.as_str());
        errors.check("recipients", check_targets(targets));
        let mut seen = HashSet::new();
        for (at, _) in texts.iter().filter(|(_, text)| !seen.insert(text)) {
            errors.push(Invalid::new("must not name a recipient twice").at(at));
        }
        // Without a channel there is an error already, and no rule for the recipients.
        let channel = channel?;
        let check = |(at, text): &(String, String)| {
            errors.check(at, Target::parse(channel, text, &self.rules))
        };
        Some(texts.iter().filter_map(check).collect())
    }
}
