//! In which accounts a policy hears, and under which keys it is found there.

use super::{MatchKey, Policy};
use crate::{
    dialect::Dialect, event_type::EventType, id::AccountId, invalid::Invalid, tenant::Tenant,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most hints of a policy: accounts times event types. Each is a row.
pub const MAX_HINTS: usize = 500;

/// In which accounts a policy hears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// In its owner's.
    #[default]
    Own,
    /// In its owner's and in all below, those that will be made, too.
    Descendants,
    /// In these, each its owner's or one below: at least one, none twice.
    Accounts(Vec<AccountId>),
}

impl Scope {
    /// Whether it may reach an account: whether one that is not the owner's stands below that is not
    /// asked here.
    pub(super) fn covers(&self, owner: Tenant, account: AccountId) -> bool {
        match self {
            Self::Own => owner.account == account,
            Self::Descendants => true,
            Self::Accounts(accounts) => accounts.contains(&account),
        }
    }
}

/// Where a hint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// With the account in which it hears.
    Here,
    /// With an account in all below which it hears.
    Below,
}

/// What a policy is found by when an event comes in: where it hears, and what of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HintKey {
    /// The account with which it stands.
    pub tenant: Tenant,
    /// Whether it is about that account or about those below.
    pub reach: Reach,
    /// What of.
    pub heard: MatchKey,
}

impl fmt::Display for HintKey {
    /// As it stands in the table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reach = match self.reach {
            Reach::Here => "MATCH",
            Reach::Below => "BELOW",
        };
        write!(f, "{}#{reach}#{}", self.tenant, self.heard)
    }
}

impl HintKey {
    /// Every key under which a policy that hears of an event may be found.
    ///
    /// * `ancestors`: those of the event's account.
    /// * `dialects`: those that know the event's type.
    #[must_use]
    pub fn of_event(
        tenant: Tenant,
        ancestors: &[AccountId],
        event_type: &EventType,
        dialects: &[Dialect],
    ) -> Vec<Self> {
        let heard = MatchKey::of_event_type(event_type, dialects);
        combine(reaching(tenant, ancestors), &heard)
    }

    /// Every key under which a policy that reads the log of an account may be found.
    #[must_use]
    pub fn of_log(tenant: Tenant, ancestors: &[AccountId]) -> Vec<Self> {
        combine(reaching(tenant, ancestors), &[MatchKey::Ordered])
    }
}

/// Where hints stand that reach an account.
fn reaching(tenant: Tenant, ancestors: &[AccountId]) -> impl Iterator<Item = (Tenant, Reach)> {
    let above = ancestors.iter().map(move |account| Tenant {
        account: *account,
        mode: tenant.mode,
    });
    std::iter::once((tenant, Reach::Here)).chain(above.map(|above| (above, Reach::Below)))
}

fn combine(tenants: impl Iterator<Item = (Tenant, Reach)>, heard: &[MatchKey]) -> Vec<HintKey> {
    tenants
        .flat_map(|(tenant, reach)| {
            heard.iter().map(move |heard| HintKey {
                tenant,
                reach,
                heard: heard.clone(),
            })
        })
        .collect()
}

impl Policy {
    /// The keys of its hints.
    #[must_use]
    pub fn hint_keys(&self) -> Vec<HintKey> {
        let owner = self.owner;
        let tenants = match &self.scope {
            Scope::Own => vec![(owner, Reach::Here)],
            Scope::Descendants => vec![(owner, Reach::Here), (owner, Reach::Below)],
            Scope::Accounts(accounts) => {
                let mode = owner.mode;
                let here = |account: &AccountId| {
                    (
                        Tenant {
                            account: *account,
                            mode,
                        },
                        Reach::Here,
                    )
                };
                accounts.iter().map(here).collect()
            }
        };
        let mut heard = self.match_keys();
        if self.delivery_mode.is_ordered() {
            heard.push(MatchKey::Ordered);
        }
        combine(tenants.into_iter(), &heard)
    }

    /// Whether the hint at a key is true of the policy as it is now. The fan-out asks this, not
    /// [`Policy::hears`], so that a policy with a stale hint beside a true one matches once.
    #[must_use]
    pub fn is_found_by(&self, key: &HintKey) -> bool {
        self.hint_keys().contains(key)
    }

    /// Whether its hints, of its types in its accounts, are few enough.
    ///
    /// * `others`: what those of the two are called that the field at fault does not name.
    ///
    /// # Errors
    /// Beyond [`MAX_HINTS`].
    pub fn check_hints(&self, others: &str) -> Result<(), Invalid> {
        if self.hint_keys().len() <= MAX_HINTS {
            return Ok(());
        }
        Err(Invalid::new(format!(
            "times {others} must be at most {MAX_HINTS}"
        )))
    }
}
