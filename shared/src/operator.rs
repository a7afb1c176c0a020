//! The operator: who deployed the stack, and alone makes accounts and credentials. One secret
//! opens that, and nothing of any tenant.

pub mod secrets_manager;

use crate::secret::Secret;
use futures::future::BoxFuture;
use std::{error::Error, fmt};

/// The id that goes with the operator's secret.
pub const OPERATOR_ID: &str = "operator";

/// Where the operator's secret is kept: in Secrets Manager on AWS, in a file locally.
pub trait OperatorSecret: fmt::Debug + Send + Sync {
    /// The secret as it is now, or was less than 30 seconds ago.
    fn read(&self) -> BoxFuture<'_, Result<Secret, OperatorError>>;
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
