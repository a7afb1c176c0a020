//! Why a request is not done. Each dialect tells it in its own shape.

use ::herald::{
    error_chain::error_chain,
    invalid::{FieldError, Invalid},
    invoke::InvokeError,
    operator::OperatorError,
    queue::QueueError,
    store::StoreError,
    vault::VaultError,
};
use axum::extract::rejection::BytesRejection;
use std::error::Error;

/// What callers hear of our own failures.
pub(crate) const OUR_FAULT: &str = "something failed here, and the request may have been done all the \
     same; repeat it under the same id or Idempotency-Key";

/// What callers hear of a path that does not exist.
pub(crate) const NO_ROUTE: &str = "there is no such route";

/// What callers hear of a method that a path does not have.
pub(crate) const NO_METHOD: &str =
    "the path does not take this method; the Allow header names those it takes";

/// What callers hear of a body that is not read to its end.
pub(crate) const TOO_LARGE: &str = "the body is larger than 1 MiB, or was cut off";

/// Why a request is not done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The body or the query breaks rules: all of them.
    Invalid(Vec<FieldError>),
    /// No credential, or none that is known.
    Unauthenticated,
    /// The credential may not do this.
    Forbidden(&'static str),
    /// What the path names is not there, or not the caller's: the two look the same.
    NotFound(&'static str),
    /// It contradicts what is there.
    Conflict(String),
    /// The caller meant another version of what is there.
    Precondition(String),
    /// The body, or a part of it, is too large.
    TooLarge(&'static str),
    /// Our own fault. Callers hear no detail; the log does.
    Internal(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// One field that breaks a rule.
    pub(crate) fn field(field: impl Into<String>, rule: Invalid) -> Self {
        Self::Invalid(vec![rule.at(field)])
    }

    /// Logs what is our own fault, once.
    pub(crate) fn log(&self) {
        if let Self::Internal(error) = self {
            let error = error_chain(&**error);
            tracing::error!(error, "a request failed");
        }
    }
}

impl From<BytesRejection> for Failure {
    fn from(_: BytesRejection) -> Self {
        Self::TooLarge(TOO_LARGE)
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Self {
        Self::Invalid(vec![error])
    }
}

impl From<Vec<FieldError>> for Failure {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Invalid(errors)
    }
}

macro_rules! internal {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::Internal(error.into())
            }
        })*
    };
}

internal!(
    StoreError,
    QueueError,
    VaultError,
    OperatorError,
    InvokeError
);
