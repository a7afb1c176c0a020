//! The request of an attempt: the dialect's envelope and the headers that vouch for it.

use herald::{
    delivery_id::DeliveryId, dialect::Signer, event::Event, policy::Policy, secret::Secret,
    signature::standard_headers,
};
use jiff::Timestamp;
use std::borrow::Cow;

/// A signed body, ready to send.
pub(crate) struct SignedRequest {
    pub(crate) headers: Vec<(Cow<'static, str>, String)>,
    pub(crate) body: String,
}

/// What an attempt tells, and as whose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parcel<'a> {
    pub(crate) policy: &'a Policy,
    /// At least one, and no more than the policy's dialect allows.
    pub(crate) events: &'a [&'a Event],
    /// What stays the same over all attempts.
    pub(crate) id: DeliveryId,
}

/// Makes and signs the body of an attempt at an instant; `None` without a secret.
///
/// * `secrets`: those that count, the newest first.
pub(crate) fn sign(parcel: Parcel<'_>, secrets: &[Secret], at: Timestamp) -> Option<SignedRequest> {
    secrets.first()?;
    let Parcel { policy, events, id } = parcel;
    let body = policy.dialect.envelope(events);
    let signer = Signer {
        secrets,
        organisation: policy.organisation,
    };
    let own = policy.dialect.signature(&signer, &body, at);
    let standard = standard_headers(secrets, &id, &body, at);
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
