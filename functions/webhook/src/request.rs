//! The request of an attempt: the dialect's envelope and the headers that vouch for it.

use herald::{
    dialect::{Parcel, Signer},
    secret::Secret,
    signature::standard_headers,
    signing_key::KeyId,
};
use jiff::Timestamp;
use std::borrow::Cow;

/// A signed body, ready to send.
pub(crate) struct SignedRequest {
    pub(crate) headers: Vec<(Cow<'static, str>, String)>,
    pub(crate) body: String,
}

/// What vouches for an attempt.
pub(crate) struct Vouchers {
    /// Those that count, the newest first.
    pub(crate) secrets: Vec<Secret>,
    /// The id of the newest, where it is an account's key.
    pub(crate) key: Option<KeyId>,
}

/// Makes and signs the body of an attempt at an instant; `None` without a secret.
pub(crate) fn sign(parcel: Parcel<'_>, by: &Vouchers, at: Timestamp) -> Option<SignedRequest> {
    by.secrets.first()?;
    let dialect = parcel.policy.dialect;
    let body = dialect.envelope(&parcel);
    let signer = Signer {
        secrets: &by.secrets,
        organisation: parcel.policy.organisation,
        key: by.key,
    };
    let own = dialect.signature(&signer, &body, at);
    let standard = standard_headers(&by.secrets, &parcel.id, &body, at);
    let headers = [("content-type", "application/json".to_owned())]
        .into_iter()
        .chain(dialect.headers(&parcel))
        .chain(own.map(|own| (own.name, own.value)))
        .chain(standard)
        .map(|(name, value)| (name.into(), value));
    Some(SignedRequest {
        headers: headers.collect(),
        body,
    })
}
