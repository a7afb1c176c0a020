//! A customer of the stack.

use crate::id::AccountId;
use serde::{Deserialize, Serialize};

/// An account. Accounts form a tree; an organisation is one without a parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// For people to read.
    pub name: String,
    /// Its name in the customer's own systems, unique in the stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Its ancestors, the organisation first, the parent last. They never change.
    #[serde(default)]
    pub ancestors: Vec<AccountId>,
}

impl Account {
    /// Whether it is an account, or stands below it.
    #[must_use]
    pub fn is_within(&self, account: AccountId) -> bool {
        self.id == account || self.ancestors.contains(&account)
    }
}
