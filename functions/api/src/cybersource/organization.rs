//! Whose a request is about: CyberSource's organizations are accounts, by id or external id.

use super::{NO_ORGANIZATION, NO_WEBHOOK};
use crate::{
    Api,
    caller::{ACT_FOR, Caller},
    failure::Failure,
    http_signature::MERCHANT_ID,
    policy_path::PolicyPath,
};
use ::herald::{
    credential::Role,
    dialect::Dialect,
    invalid::{FieldErrors, Invalid},
    policy::Policy,
    tenant::Tenant,
};
use http::HeaderMap;

/// The field of a body that names whose a request is about.
pub(super) const ORGANIZATION_ID: &str = "organizationId";

impl Api {
    /// Finds the caller, and refuses one whose role does not cover the needed one.
    pub(super) async fn cybersource_caller(
        &self,
        headers: &HeaderMap,
        needed: Role,
    ) -> Result<Caller, Failure> {
        let found = self.known_credential(headers).await?;
        let act_for = [MERCHANT_ID, ACT_FOR];
        self.acting(found, headers, needed, &act_for).await
    }

    /// The caller, acting for an organization that is the caller's account or below it; `None` for
    /// any other.
    pub(super) async fn acting_for(
        &self,
        caller: &Caller,
        organization: &str,
    ) -> Result<Option<Caller>, Failure> {
        let account = self.account_within(organization, &caller.account).await?;
        Ok(account.map(|account| Caller {
            account,
            mode: caller.mode,
            role: caller.role,
        }))
    }

    /// The caller, acting for the organization that a body names; `None` where that is noted as
    /// wrong.
    pub(super) async fn read_holder(
        &self,
        caller: &Caller,
        organization: Option<&str>,
        errors: &mut FieldErrors,
    ) -> Result<Option<Caller>, Failure> {
        let Some(organization) = organization else {
            return Ok(None);
        };
        let holder = self.acting_for(caller, organization).await?;
        let rule = || Invalid::new("must name your account or one below it");
        Ok(errors.check(ORGANIZATION_ID, holder.ok_or_else(rule)))
    }

    /// The subscription of a path: of the caller's account, or of one below it.
    pub(super) async fn subscription(
        &self,
        caller: &Caller,
        path: PolicyPath,
    ) -> Result<Policy, Failure> {
        let own = caller.tenant();
        let owner = match path.id() {
            Some(id) => self.store.signpost(own, id).await?.unwrap_or(own),
            None => own,
        };
        self.dialect_policy(Dialect::Cybersource, owner, path, NO_WEBHOOK)
            .await
    }

    /// Has the accounts above a policy's owner find it by its id alone, as CyberSource's paths ask
    /// for it.
    pub(crate) async fn put_up_signposts(
        &self,
        caller: &Caller,
        policy: &Policy,
    ) -> Result<(), Failure> {
        if policy.dialect != Dialect::Cybersource {
            return Ok(());
        }
        let (above, owner) = (&caller.account.ancestors, policy.owner);
        Ok(self.store.put_up_signposts(above, owner, policy.id).await?)
    }

    /// Has the accounts above the owner of a deleted policy forget it. A crash before this leaves
    /// signposts that lead nowhere.
    pub(crate) async fn take_down_signposts(&self, policy: &Policy) -> Result<(), Failure> {
        if policy.dialect != Dialect::Cybersource {
            return Ok(());
        }
        let owner = policy.owner;
        let Some(account) = self.accounts.account(owner.account).await? else {
            return Ok(());
        };
        let (above, id) = (&account.ancestors, policy.id);
        Ok(self.store.take_down_signposts(above, owner, id).await?)
    }

    /// The organization that a path or a query names.
    pub(super) async fn organization(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<Tenant, Failure> {
        let acting = self.acting_for(caller, name).await?;
        let acting = acting.ok_or(Failure::NotFound(NO_ORGANIZATION))?;
        Ok(acting.tenant())
    }
}
