//! The operator: who deployed the stack, and alone makes accounts and credentials. One secret
//! opens that, and nothing of any tenant.

pub mod secrets_manager;

use crate::secret::Secret;
use futures::future::BoxFuture;
use sha2::{Digest, Sha256};
use std::{error::Error, fmt};

/// The id that goes with the operator's secret.
pub const OPERATOR_ID: &str = "operator";

/// Where the operator's secret is kept: Secrets Manager on AWS, a file locally.
pub trait Operator: fmt::Debug + Send + Sync {
    /// The secret as it is now, or was at most 30 seconds ago.
    fn secret(&self) -> BoxFuture<'_, Result<Secret, OperatorError>>;
}

/// The operator's secret cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("the operator's secret cannot be read")]
pub struct OperatorError(#[source] Box<dyn Error + Send + Sync>);

impl OperatorError {
    /// What the service behind it said.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

/// Whether two secrets are the same, in a time that tells nothing of how much of them is.
#[must_use]
pub fn is_same(one: &Secret, other: &Secret) -> bool {
    Sha256::digest(one.expose()) == Sha256::digest(other.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_secret_is_the_same() {
        let secret = |text: &str| Secret::new(text.to_owned());
        assert!(is_same(&secret("abc"), &secret("abc")));
        for other in ["", "ab", "abcd", "ABC"] {
            assert!(!is_same(&secret("abc"), &secret(other)), "{other}");
        }
    }
}
