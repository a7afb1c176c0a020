//! Identifiers: parsed once, opaque afterwards.

use crate::{invalid::Invalid, text::text_type};
use data_encoding::BASE32_DNSSEC;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes a UUID over as it is.
            #[must_use]
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID behind the id.
            #[must_use]
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                Uuid::parse_str(text)
                    .map(Self)
                    .map_err(|_| Invalid::new("must be a UUID"))
            }
        }
    };
}

uuid_id!(
    /// An account.
    AccountId
);
uuid_id!(
    /// A policy. Made as UUID version 7, so that the order of ids is the order of creation.
    PolicyId
);

uuid_id!(
    /// A replay of a policy. Made as UUID version 7, so that the order of ids is the order of
    /// creation.
    ReplayId
);

text_type!(
    /// A recipient of a policy: stable while it is listed. 12 characters of lower-case base32.
    RecipientId,
    |text| {
        let is_base32 = |c: u8| c.is_ascii_digit() || (b'a'..=b'v').contains(&c);
        if text.len() == RecipientId::LENGTH && text.bytes().all(is_base32) {
            Ok(())
        } else {
            Err(Invalid::new("must be the id of a recipient"))
        }
    }
);

impl RecipientId {
    /// Length in characters.
    pub const LENGTH: usize = 12;

    /// An id from randomness.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        let mut text = BASE32_DNSSEC.encode(&bytes);
        text.truncate(Self::LENGTH);
        Self(text)
    }
}
