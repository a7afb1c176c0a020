//! A customer of the stack.

use crate::{
    id::AccountId,
    invalid::Invalid,
    name::Name,
    text::{path_segment, text_type},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How many accounts may stand above one another, the organisation and the lowest included.
pub const MAX_DEPTH: usize = 5;

/// An account. Accounts form a tree of at most [`MAX_DEPTH`]; an organisation is one without a
/// parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its number, unique in the stack and rising, for clients that know accounts by integers.
    pub number: u64,
    /// For people to read.
    pub name: Name,
    /// Its name in the customer's own systems, unique in the stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// Its ancestors, the organisation first, the parent last. They never change.
    #[serde(default)]
    pub ancestors: Vec<AccountId>,
    /// Whether it is in use.
    pub status: AccountStatus,
    /// When it was made.
    #[serde(with = "crate::millis")]
    pub created_at: Timestamp,
    /// Rises with every change.
    pub version: u64,
}

/// Whether an account is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountStatus {
    /// It is.
    Active,
    /// It was deleted: nobody can act for it any more, and its data is being erased.
    Erasing,
}

impl AccountStatus {
    /// Its name, in answers and in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Erasing => "erasing",
        }
    }
}

/// What is decided about an account before it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountDraft {
    /// For people to read.
    pub name: Name,
    /// Its name in the customer's own systems.
    pub external_id: Option<ExternalId>,
    /// Its ancestors, as [`Account::ancestors_below`] of its parent gives them; none for an
    /// organisation.
    pub ancestors: Vec<AccountId>,
}

impl Account {
    /// A new account, in use.
    #[must_use]
    pub fn new(draft: AccountDraft, id: AccountId, number: u64, now: Timestamp) -> Self {
        Self {
            id,
            number,
            name: draft.name,
            external_id: draft.external_id,
            ancestors: draft.ancestors,
            status: AccountStatus::Active,
            created_at: now,
            version: 1,
        }
    }

    /// Whether it is an account, or stands below it.
    #[must_use]
    pub fn is_within(&self, account: AccountId) -> bool {
        self.id == account || self.ancestors.contains(&account)
    }

    /// The account directly above it.
    #[must_use]
    pub fn parent(&self) -> Option<AccountId> {
        self.ancestors.last().copied()
    }

    /// The account at the top of its tree.
    #[must_use]
    pub fn organisation(&self) -> AccountId {
        self.ancestors.first().copied().unwrap_or(self.id)
    }

    /// Whether it is in use.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == AccountStatus::Active
    }

    /// The ancestors of an account below this one.
    ///
    /// # Errors
    /// Where that account would stand deeper than [`MAX_DEPTH`].
    pub fn ancestors_below(&self) -> Result<Vec<AccountId>, Invalid> {
        let mut ancestors = self.ancestors.clone();
        ancestors.push(self.id);
        if ancestors.len() < MAX_DEPTH {
            Ok(ancestors)
        } else {
            Err(Invalid::new(format!(
                "must not be {MAX_DEPTH} deep already: accounts form a tree of at most {MAX_DEPTH}"
            )))
        }
    }
}

text_type!(
    /// An account's name in the customer's own systems: 1 to 256 of `A-Z a-z 0-9 . _ ~ : @ -`, so
    /// that headers hold it and gateways leave it alone in paths; and neither `.` nor `..`.
    ExternalId,
    |text| path_segment(text, 256, ". _ ~ : @ -")
);

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(number: usize) -> AccountId {
        AccountId::from_uuid(Uuid::from_u128(number as u128))
    }

    #[test]
    fn a_tree_is_five_deep_and_no_deeper() {
        let draft = AccountDraft {
            name: "Organisation".parse().expect("a name"),
            external_id: None,
            ancestors: Vec::new(),
        };
        let mut account = Account::new(draft, id(1), 1, Timestamp::UNIX_EPOCH);
        assert_eq!(account.parent(), None);
        for depth in 2..=MAX_DEPTH {
            let ancestors = account.ancestors_below().expect("room below");
            let above = std::mem::replace(&mut account.id, id(depth));
            account.ancestors = ancestors;
            assert_eq!(account.parent(), Some(above));
            assert!(account.is_within(id(1)) && account.is_within(id(depth)));
            assert!(!account.is_within(id(depth + 1)));
        }
        assert!(account.ancestors_below().is_err());
    }

    #[test]
    fn external_ids_fit_into_headers_and_paths() {
        for text in ["a", "crm:42@eu", "...", &"x".repeat(256)] {
            assert!(text.parse::<ExternalId>().is_ok(), "{text}");
        }
        for text in [
            "",
            ".",
            "..",
            "a b",
            "a/b",
            "a?",
            "a%2F",
            "ä",
            "a\n",
            &"x".repeat(257),
        ] {
            assert!(text.parse::<ExternalId>().is_err(), "{text}");
        }
    }
}
