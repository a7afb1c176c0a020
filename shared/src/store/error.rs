//! What the store reports when it fails: always our own fault, never the caller's.

use std::error::Error;

/// The store did not answer, or a row could not be read, or changed too often meanwhile. Nothing
/// is known of a write; every write of the store may be repeated.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct StoreError(#[from] Kind);

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("the table does not answer as it should")]
    Service(#[source] Box<dyn Error + Send + Sync>),
    #[error("a row cannot be read or written")]
    Corrupt(#[source] Box<dyn Error + Send + Sync>),
    #[error("the row changed too often meanwhile")]
    Contended,
}

impl StoreError {
    pub(crate) fn service(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Kind::Service(source.into()).into()
    }

    pub(crate) fn corrupt(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Kind::Corrupt(source.into()).into()
    }

    pub(crate) fn contended() -> Self {
        Kind::Contended.into()
    }
}
