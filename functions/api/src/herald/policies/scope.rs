//! In which accounts a policy hears, as bodies and answers have it: `"own"`, `"descendants"`, or
//! `{"accounts": […]}`.

use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{
    fields::{Fields, TEXTS},
    id::AccountId,
    invalid::{FieldErrors, Invalid},
    policy::Scope,
};
use serde::Serialize;
use serde_json::value::RawValue;

const OWN: &str = "own";
const DESCENDANTS: &str = "descendants";

/// What a scope that is none is told.
const RULE: &str = "must be \"own\", \"descendants\" or an object with accounts";

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum ScopeView {
    Named(&'static str),
    Accounts { accounts: Vec<AccountId> },
}

impl From<Scope> for ScopeView {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Own => Self::Named(OWN),
            Scope::Descendants => Self::Named(DESCENDANTS),
            Scope::Accounts(accounts) => Self::Accounts { accounts },
        }
    }
}

impl Api {
    /// The scope that a body asks for; `None` where it says nothing of it. What breaks a rule is
    /// noted.
    pub(super) async fn read_scope(
        &self,
        caller: &Caller,
        fields: &Fields,
        errors: &mut FieldErrors,
    ) -> Result<Option<Scope>, Failure> {
        let Some(raw) = fields.optional::<Box<RawValue>>("scope", RULE, errors) else {
            return Ok(None);
        };
        match serde_json::from_str::<&str>(raw.get()) {
            Ok(OWN) => return Ok(Some(Scope::Own)),
            Ok(DESCENDANTS) => return Ok(Some(Scope::Descendants)),
            _ => {}
        }
        let Ok(inner) = Fields::parse(raw.get().as_bytes()) else {
            errors.push(Invalid::new(RULE).at("scope"));
            return Ok(None);
        };
        let mut inner_errors = FieldErrors::default();
        inner.only(&["accounts"], &mut inner_errors);
        let names = inner.required::<Vec<String>>("accounts", TEXTS, &mut inner_errors);
        let Some(names) = errors.within("scope", inner_errors.finish(names)) else {
            return Ok(None);
        };
        let accounts = self.read_accounts(caller, "scope.accounts", &names, errors);
        Ok(accounts.await?.map(Scope::Accounts))
    }
}
