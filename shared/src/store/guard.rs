//! Where a row stands, and what must hold there for a write to be made.

use super::{batch::pause, error::StoreError};
use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::AttributeValue,
};
use std::{collections::HashMap, error::Error};

/// A row as DynamoDB has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The key of a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    pub(super) fn into_item(self) -> Item {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk)),
            ("sk".to_owned(), AttributeValue::S(self.sk)),
        ])
    }
}

/// What must hold of the row that stands there, or the write changes nothing.
#[derive(Clone, Debug)]
pub(crate) enum Guard {
    /// There is none.
    Absent,
    /// There is one.
    Present,
    /// There is one, with this value in a number field.
    Equals(&'static str, i64),
    /// There is one, with at most this value in a number field.
    AtMost(&'static str, i64),
    /// There is none, or one with at most this value in a number field.
    AbsentOrAtMost(&'static str, i64),
    /// There is one, with this value in a text field.
    Is(&'static str, &'static str),
    /// There is one, without this field.
    Lacks(&'static str),
    /// There is one, with these values in two number fields.
    Numbers((&'static str, i64), (&'static str, i64)),
    /// There is one, with these values in a number field and a text field.
    Both((&'static str, i64), (&'static str, &'static str)),
    /// There is one, with this value in a number field and without another field.
    EqualsWithout((&'static str, i64), &'static str),
    /// There is none, or one with these values in a number field and a text field.
    AbsentOrBoth((&'static str, i64), (&'static str, &'static str)),
}

impl Guard {
    pub(super) fn expression(&self) -> &'static str {
        match self {
            Self::Absent => "attribute_not_exists(pk)",
            Self::Present => "attribute_exists(pk)",
            Self::Equals(..) | Self::Is(..) => "#g0 = :g0",
            Self::AtMost(..) => "#g0 <= :g0",
            Self::AbsentOrAtMost(..) => "attribute_not_exists(pk) OR #g0 <= :g0",
            Self::Lacks(_) => "attribute_exists(pk) AND attribute_not_exists(#g0)",
            Self::Numbers(..) | Self::Both(..) => "#g0 = :g0 AND #g1 = :g1",
            Self::EqualsWithout(..) => "#g0 = :g0 AND attribute_not_exists(#g1)",
            Self::AbsentOrBoth(..) => "attribute_not_exists(pk) OR (#g0 = :g0 AND #g1 = :g1)",
        }
    }

    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        let fields = match self {
            Self::Absent | Self::Present => return None,
            Self::Equals(field, _)
            | Self::AtMost(field, _)
            | Self::AbsentOrAtMost(field, _)
            | Self::Lacks(field)
            | Self::Is(field, _) => vec![*field],
            Self::Numbers((first, _), (second, _)) => vec![*first, *second],
            Self::Both((number, _), (text, _)) | Self::AbsentOrBoth((number, _), (text, _)) => {
                vec![*number, *text]
            }
            Self::EqualsWithout((number, _), without) => vec![*number, *without],
        };
        let named = |(index, field): (usize, &str)| (format!("#g{index}"), field.to_owned());
        Some(fields.into_iter().enumerate().map(named).collect())
    }

    pub(super) fn values(&self) -> Option<Item> {
        let number = |n: &i64| AttributeValue::N(n.to_string());
        let values = match self {
            Self::Absent | Self::Present | Self::Lacks(_) => return None,
            Self::Numbers((_, first), (_, second)) => vec![number(first), number(second)],
            Self::Equals(_, value)
            | Self::AtMost(_, value)
            | Self::AbsentOrAtMost(_, value)
            | Self::EqualsWithout((_, value), _) => vec![number(value)],
            Self::Is(_, text) => vec![AttributeValue::S((*text).to_owned())],
            Self::Both((_, n), (_, text)) | Self::AbsentOrBoth((_, n), (_, text)) => {
                vec![number(n), AttributeValue::S((*text).to_owned())]
            }
        };
        let named = |(index, value)| (format!(":g{index}"), value);
        Some(values.into_iter().enumerate().map(named).collect())
    }
}

/// Whether a guarded write was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Written {
    /// It was.
    Done,
    /// The guard did not hold; nothing changed.
    Refused,
}

/// Whether a change was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Recorded {
    /// It was.
    Done,
    /// Somebody else changed what it was made on; nothing was recorded.
    Stale,
}

impl From<Written> for Recorded {
    fn from(written: Written) -> Self {
        match written {
            Written::Done => Self::Done,
            Written::Refused => Self::Stale,
        }
    }
}

/// How often a write is tried that meets a transaction on the same row: for about three seconds in
/// all.
pub(super) const MAX_CONFLICTS: u32 = 7;

/// Makes a guarded write, and tells a guard that did not hold from a failure. One that meets a
/// transaction on its row is made again, which the SDK leaves to its callers.
pub(super) async fn written<F, T, E, R>(send: impl Fn() -> F) -> Result<Written, StoreError>
where
    F: Future<Output = Result<T, SdkError<E, R>>>,
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    for round in 0..MAX_CONFLICTS {
        let error = match send().await {
            Ok(_) => return Ok(Written::Done),
            Err(error) => error,
        };
        match error.code() {
            Some("ConditionalCheckFailedException") => return Ok(Written::Refused),
            Some("TransactionConflictException") => pause(round).await,
            _ => return Err(StoreError::service(error)),
        }
    }
    Err(StoreError::contended())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::{error::ErrorMetadata, operation::update_item::UpdateItemError};
    use futures::future::ready;
    use std::cell::Cell;

    /// Makes a write that is answered with these codes, one after the other, and then done.
    async fn after(codes: &[&'static str]) -> (Result<Written, StoreError>, usize) {
        let sent = Cell::new(0);
        let done = written(|| {
            let number = sent.replace(sent.get() + 1);
            let code = codes.get(number).map(|code| {
                let meta = ErrorMetadata::builder().code(*code).build();
                SdkError::service_error(UpdateItemError::generic(meta), ())
            });
            ready(code.map_or(Ok(()), Err))
        });
        (done.await, sent.get())
    }

    #[tokio::test]
    async fn a_write_that_meets_a_transaction_is_made_again_and_what_is_refused_is_not() {
        let conflict = "TransactionConflictException";
        let (done, sent) = after(&[conflict, conflict]).await;
        assert_eq!((done.expect("a write"), sent), (Written::Done, 3));
        let (done, sent) = after(&[conflict, "ConditionalCheckFailedException"]).await;
        assert_eq!((done.expect("a write"), sent), (Written::Refused, 2));
        let (done, sent) = after(&["AccessDeniedException"]).await;
        assert!(done.is_err());
        assert_eq!(sent, 1);
    }
}
