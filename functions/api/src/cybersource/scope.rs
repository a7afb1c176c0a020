//! `notificationScope`: in which accounts a subscription hears. A text, or the object that the
//! client libraries send in changes.

use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{
    fields::{Fields, TEXT, TEXTS},
    invalid::{FieldErrors, Invalid},
    policy::Scope,
};
use serde_json::value::RawValue;

const FIELD: &str = "notificationScope";
const DATA: &str = "scopeData";

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
        let Some(raw) = fields.optional::<Box<RawValue>>(FIELD, "must be JSON", errors) else {
            return Ok(None);
        };
        let (name, names) = match Fields::parse(raw.get().as_bytes()) {
            Ok(inner) => (
                inner.required::<String>("scope", TEXT, errors),
                inner.optional::<Vec<String>>(DATA, TEXTS, errors),
            ),
            Err(_) => (
                fields.optional::<String>(FIELD, TEXT, errors),
                fields.optional::<Vec<String>>(DATA, TEXTS, errors),
            ),
        };
        match name.as_deref() {
            None => Ok(None),
            Some("SELF") => Ok(Some(Scope::Own)),
            Some("DESCENDANTS") => Ok(Some(Scope::Descendants)),
            Some("CUSTOM") => {
                let names = names.unwrap_or_default();
                let named = self.read_accounts(holder, DATA, &names, errors).await?;
                Ok(named.map(Scope::Accounts))
            }
            Some(_) => {
                let rule = Invalid::new("must be SELF, DESCENDANTS or CUSTOM");
                errors.push(rule.at(FIELD));
                Ok(None)
            }
        }
    }
}
