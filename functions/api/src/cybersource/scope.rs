//! `notificationScope`: in which accounts a subscription hears. A text, or the object that the
//! client libraries send in changes.

use super::{SCOPE_DATA, fields::inner};
use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{
    fields::{Fields, JSON, TEXT, TEXTS},
    invalid::{FieldErrors, Invalid},
    policy::Scope,
};
use serde_json::value::RawValue;

const FIELD: &str = "notificationScope";
/// What the two are called inside an object.
const INNER_NAME: &str = "notificationScope.scope";
const INNER_DATA: &str = "notificationScope.scopeData";

/// What a body says of its scope.
struct Said {
    /// What its name and its accounts are called there.
    at: (&'static str, &'static str),
    name: Option<String>,
    names: Option<Vec<String>>,
}

/// The name of a scope.
pub(super) const fn name(scope: &Scope) -> &'static str {
    match scope {
        Scope::Own => "SELF",
        Scope::Descendants => "DESCENDANTS",
        Scope::Accounts(_) => "CUSTOM",
    }
}

impl Api {
    /// The scope that a body asks for; `None` where it says nothing of it. What breaks a rule is
    /// noted.
    ///
    /// * `holder`: the subscription's account: what it names is that or below it.
    pub(super) async fn read_notification_scope(
        &self,
        holder: &Caller,
        fields: &Fields,
        errors: &mut FieldErrors,
    ) -> Result<Option<Scope>, Failure> {
        let Some(raw) = fields.optional::<Box<RawValue>>(FIELD, JSON, errors) else {
            return Ok(None);
        };
        let said = if Fields::parse(raw.get().as_bytes()).is_ok() {
            inner(fields, FIELD, errors, |inner, errors| Said {
                at: (INNER_NAME, INNER_DATA),
                name: inner.required("scope", TEXT, errors),
                names: inner.optional(SCOPE_DATA, TEXTS, errors),
            })
        } else {
            Some(Said {
                at: (FIELD, SCOPE_DATA),
                name: fields.optional(FIELD, TEXT, errors),
                names: fields.optional(SCOPE_DATA, TEXTS, errors),
            })
        };
        let Some(Said { at, name, names }) = said else {
            return Ok(None);
        };
        match name.as_deref() {
            None => Ok(None),
            Some("SELF") => Ok(Some(Scope::Own)),
            Some("DESCENDANTS") => Ok(Some(Scope::Descendants)),
            Some("CUSTOM") => {
                let names = names.unwrap_or_default();
                let named = self.read_accounts(holder, at.1, &names, errors).await?;
                Ok(named.map(Scope::Accounts))
            }
            Some(_) => {
                let rule = Invalid::new("must be SELF, DESCENDANTS or CUSTOM");
                errors.push(rule.at(at.0));
                Ok(None)
            }
        }
    }
}
