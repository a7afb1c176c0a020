//! Policies of the dialects whose lists have no pages: all of them at once, and room for one more.

use crate::{Api, failure::Failure};
use ::herald::{
    dialect::Dialect,
    policy::Policy,
    store::{Idempotency, ListOrder, PolicyQuery},
    tenant::Tenant,
};

/// The most policies of such a dialect of an account in a mode (our choice: Lune has a limit and
/// does not say which). So many of the largest make 0.65 of the 6 MB of an answer in Lune's words, and
/// 5.3 in CyberSource's.
pub(crate) const MAX_UNPAGED: usize = 100;

impl Api {
    /// The policies of a tenant in a dialect that pass a filter, the newest first.
    pub(crate) async fn all_policies(
        &self,
        owner: Tenant,
        dialect: Dialect,
        keep: impl Fn(&Policy) -> bool,
    ) -> Result<Vec<Policy>, Failure> {
        let mut found: Vec<Policy> = Vec::new();
        loop {
            let query = PolicyQuery {
                owner,
                order: ListOrder::Newest,
                after: found.last().map(|policy| policy.id),
                limit: MAX_UNPAGED,
            };
            let keep = |policy: &Policy| policy.dialect == dialect && keep(policy);
            let page = self.store.list_policies(query, keep).await?;
            found.extend(page.policies);
            if !page.more {
                return Ok(found);
            }
        }
    }

    /// Whether a request may make one policy more. One that is repeated makes none, and may always.
    pub(crate) async fn has_room(
        &self,
        owner: Tenant,
        dialect: Dialect,
        idempotency: Option<&Idempotency>,
    ) -> Result<bool, Failure> {
        let is_one = |policy: &Policy| policy.dialect == dialect;
        let counted = self.store.count_policies(owner, MAX_UNPAGED, is_one);
        if counted.await? < MAX_UNPAGED {
            return Ok(true);
        }
        let now = self.clock.now();
        let earlier = self.store.earlier_creation(owner, idempotency, now);
        Ok(earlier.await?.is_some())
    }
}
