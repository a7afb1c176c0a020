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
        match inner_errors.finish(names) {
            Ok(names) => self.read_accounts(caller, &names, errors).await,
            Err(found) => {
                for error in found {
                    errors.push(error.rule.at(format!("scope.{}", error.field)));
                }
                Ok(None)
            }
        }
    }

    /// Accounts by their ids or external ids: the caller's, or below it.
    async fn read_accounts(
        &self,
        caller: &Caller,
        names: &[String],
        errors: &mut FieldErrors,
    ) -> Result<Option<Scope>, Failure> {
        if !(1..=MAX_ACCOUNTS).contains(&names.len()) {
            let rule = format!("must name 1 to {MAX_ACCOUNTS} accounts");
            errors.push(Invalid::new(rule).at("scope.accounts"));
            return Ok(None);
        }
        let mut accounts = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            let found = self.account_within(name, &caller.account).await?;
            let rule = || Invalid::new("must name the caller's account or one below it");
            let found = errors.check(&format!("scope.accounts[{index}]"), found.ok_or_else(rule));
            accounts.extend(found.map(|account| account.id));
        }
        accounts.sort_unstable();
        accounts.dedup();
        Ok((!accounts.is_empty()).then_some(Scope::Accounts(accounts)))
    }
}

/// The most accounts of a policy: each is looked up, and is a row.
const MAX_ACCOUNTS: usize = 100;
