//! The headers that a policy adds to its webhooks.

use super::Policy;
use crate::{
    dialect::Dialect,
    id::PolicyId,
    invalid::Invalid,
    secret::Secret,
    tenant::Tenant,
    vault::{Sealed, Vault, VaultError},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// The most headers of a policy.
const MAX_HEADERS: usize = 20;

/// The most bytes of a policy's headers, names and values together, so that the policy fits into
/// one DynamoDB item (400 KB), and a receiver takes them.
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// Names that belong to the connection or to the body.
const RESERVED: [&str; 14] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// What names of Standard Webhooks and of proxies start with.
const RESERVED_PREFIXES: [&str; 2] = ["webhook-", "proxy-"];

/// Headers by their names as their owner wrote them. Their values are secrets.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Headers(BTreeMap<String, String>);

impl fmt::Debug for Headers {
    /// The names only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl Headers {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Seals them for a policy; `None` where there are none.
    ///
    /// # Errors
    /// Where the vault's key cannot be had.
    pub async fn seal(
        &self,
        vault: &Vault,
        owner: Tenant,
        policy: PolicyId,
    ) -> Result<Option<Sealed>, VaultError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let json = serde_json::to_string(self).expect("texts are JSON");
        let context = seal_context(owner, policy);
        Ok(Some(vault.seal(&context, &Secret::new(json)).await?))
    }
}

impl Policy {
    /// The headers of its webhooks.
    ///
    /// # Errors
    /// Where they do not open, or are something else: without them a webhook would reach a receiver
    /// that does not know it.
    pub async fn headers(&self, vault: &Vault) -> Result<Headers, VaultError> {
        let Some(sealed) = &self.details.headers else {
            return Ok(Headers::default());
        };
        let opened = vault
            .open(&seal_context(self.owner, self.id), sealed)
            .await?;
        serde_json::from_str(opened.expose()).map_err(|_| VaultError::Corrupt)
    }
}

/// The context that the headers of a policy are sealed for.
fn seal_context(owner: Tenant, policy: PolicyId) -> String {
    format!("policy-headers#{owner}#{policy}")
}

impl TryFrom<BTreeMap<String, String>> for Headers {
    type Error = Invalid;

    /// Names are tokens (RFC 9110, section 5.6.2), each once however it is written; values are
    /// visible ASCII characters and spaces between them.
    fn try_from(pairs: BTreeMap<String, String>) -> Result<Self, Invalid> {
        let mut names: Vec<_> = pairs.keys().map(|name| name.to_ascii_lowercase()).collect();
        names.sort_unstable();
        let bytes: usize = pairs
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if pairs.len() > MAX_HEADERS {
            return Err(Invalid::new("must be at most 20"));
        }
        if bytes > MAX_HEADER_BYTES {
            return Err(Invalid::new("must have at most 8 KiB in all"));
        }
        if !names.iter().all(|name| is_token(name)) {
            return Err(Invalid::new(
                "must have names of A-Z a-z 0-9 - _ . and the like",
            ));
        }
        if names.windows(2).any(|two| two[0] == two[1]) {
            return Err(Invalid::new("must not name a header twice"));
        }
        if let Some(name) = names.iter().find(|name| is_reserved(name)) {
            return Err(Invalid::new(format!(
                "must not name {name}, which is not the policy's"
            )));
        }
        if !pairs.values().all(|value| is_value(value)) {
            return Err(Invalid::new(
                "must have values of visible ASCII characters, with spaces between them only",
            ));
        }
        Ok(Self(pairs))
    }
}

fn is_token(name: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
    !name.is_empty() && name.bytes().all(allowed)
}

fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
        || RESERVED_PREFIXES
            .iter()
            .any(|start| name.starts_with(start))
        || Dialect::ALL.iter().any(|dialect| dialect.owns_header(name))
}

fn is_value(value: &str) -> bool {
    let is_visible = |c: u8| c.is_ascii_graphic() || c == b' ';
    !value.is_empty() && value.bytes().all(is_visible) && value.trim() == value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Result<Headers, Invalid> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Headers::try_from(pairs.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn headers_are_tokens_with_plain_values() {
        assert!(headers(&[("Authorization", "Bearer a b"), ("X-Team", "billing")]).is_ok());
        for (name, value) in [
            ("", "a"),
            ("two words", "a"),
            ("X-A:", "a"),
            ("X-A\r\nX-B", "a"),
            ("X-A", ""),
            ("X-A", " a"),
            ("X-A", "a\r\nX-B: b"),
            ("X-A", "ä"),
            ("Host", "a"),
            ("Webhook-Id", "a"),
            ("v-c-signature", "a"),
            ("Transfer-Encoding", "chunked"),
        ] {
            assert!(headers(&[(name, value)]).is_err(), "{name}: {value}");
        }
        assert!(headers(&[("X-A", "a"), ("x-a", "b")]).is_err());
        assert!(headers(&[("X-A", &"a".repeat(MAX_HEADER_BYTES))]).is_err());
    }

    #[test]
    fn values_are_not_shown() {
        let headers = headers(&[("X-Key", "a\"b\\c")]).expect("headers");
        assert_eq!(format!("{headers:?}"), r#"["X-Key"]"#);
    }
}
