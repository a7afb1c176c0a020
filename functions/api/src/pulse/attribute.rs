//! The attributes of a webhook: shown, filtered and sorted by their names.

use std::str::FromStr;

/// An attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Id,
    AccountId,
    Name,
    Url,
    Secret,
    Events,
    Scopes,
    CreatedAt,
    UpdatedAt,
}

impl Attribute {
    pub(super) const ALL: [Self; 9] = [
        Self::Id,
        Self::AccountId,
        Self::Name,
        Self::Url,
        Self::Secret,
        Self::Events,
        Self::Scopes,
        Self::CreatedAt,
        Self::UpdatedAt,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::AccountId => "account_id",
            Self::Name => "name",
            Self::Url => "url",
            Self::Secret => "secret",
            Self::Events => "events",
            Self::Scopes => "scopes",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
        }
    }
}

impl FromStr for Attribute {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let known = Self::ALL.into_iter().find(|known| known.as_str() == text);
        known.ok_or(())
    }
}
