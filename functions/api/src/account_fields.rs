//! The accounts that bodies name, whatever the dialect: by id or external id, within the caller's
//! reach.

use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{
    id::AccountId,
    invalid::{FieldErrors, Invalid},
};

/// The most accounts that a policy names: each is looked up, and is a row.
pub(crate) const MAX_ACCOUNTS: usize = 100;

impl Api {
    /// Accounts by their ids or external ids: the caller's, or below it; none twice. What breaks a
    /// rule is noted.
    ///
    /// * `field`: the path of the field that names them.
    pub(crate) async fn read_accounts(
        &self,
        caller: &Caller,
        field: &str,
        names: &[String],
        errors: &mut FieldErrors,
    ) -> Result<Option<Vec<AccountId>>, Failure> {
        if !(1..=MAX_ACCOUNTS).contains(&names.len()) {
            let rule = format!("must name 1 to {MAX_ACCOUNTS} accounts");
            errors.push(Invalid::new(rule).at(field));
            return Ok(None);
        }
        let mut accounts = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            let found = self.account_within(name, &caller.account).await?;
            let rule = || Invalid::new("must name the caller's account or one below it");
            let found = errors.check(&format!("{field}[{index}]"), found.ok_or_else(rule));
            accounts.extend(found.map(|account| account.id));
        }
        accounts.sort_unstable();
        accounts.dedup();
        Ok((!accounts.is_empty()).then_some(accounts))
    }
}
