//! The request of an attempt: the dialect's envelope and the headers that vouch for it.

use herald::{dialect::Signer, secret::Secret, sender::Load, signature::standard_headers};
use jiff::Timestamp;
use std::borrow::Cow;

/// A signed body, ready to send.
pub(crate) struct SignedRequest {
    pub(crate) headers: Vec<(Cow<'static, str>, String)>,
    pub(crate) body: String,
}

/// Makes and signs the body of an attempt at an instant; `None` without a secret.
///
/// * `secrets`: those that count, the newest first.
pub(crate) fn sign(load: &Load<'_>, secrets: &[Secret], at: Timestamp) -> Option<SignedRequest> {
    secrets.first()?;
    let dialect = load.policy.dialect;
    let body = dialect.envelope(&[load.event]);
    let signer = Signer {
        secrets,
        organisation: load.policy.organisation,
    };
    let own = dialect.signature(&signer, &body, at);
    let standard = standard_headers(secrets, &load.delivery.id(), &body, at);
    let headers = [("content-type", "application/json".to_owned())]
        .into_iter()
        .chain(own.map(|own| (own.name, own.value)))
        .chain(standard)
        .map(|(name, value)| (name.into(), value));
    Some(SignedRequest {
        headers: headers.collect(),
        body,
    })
}
