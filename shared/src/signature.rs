//! Standard Webhooks 1.0: the three headers that every webhook of every dialect carries.

use crate::{
    delivery_id::DeliveryId,
    secret::{SECRET_PREFIX, Secret},
};
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// Header of the id that stays the same over all attempts.
pub const WEBHOOK_ID: &str = "webhook-id";
/// Header of the attempt's time, in seconds since 1970.
pub const WEBHOOK_TIMESTAMP: &str = "webhook-timestamp";
/// Header of the signature.
pub const WEBHOOK_SIGNATURE: &str = "webhook-signature";

/// HMAC-SHA256 over the parts of a text, one after the other (RFC 2104).
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&str]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

/// The key that a secret stands for: what follows `whsec_`, base64-decoded where that yields 24
/// to 64 bytes as Standard Webhooks asks, else the bytes of the whole secret.
#[must_use]
pub fn standard_key(secret: &Secret) -> Vec<u8> {
    let text = secret.expose();
    let encoded = text.strip_prefix(SECRET_PREFIX).unwrap_or(text);
    BASE64
        .decode(encoded.as_bytes())
        .ok()
        .filter(|key| (24..=64).contains(&key.len()))
        .unwrap_or_else(|| text.as_bytes().to_vec())
}

/// The three headers over a body (Standard Webhooks 1.0, "Signature scheme", symmetric).
///
/// * `secrets`: those that count, one or more; the body is signed with each.
#[must_use]
pub fn standard_headers(
    secrets: &[Secret],
    id: &DeliveryId,
    body: &str,
    at: Timestamp,
) -> [(&'static str, String); 3] {
    let id = id.to_string();
    let seconds = at.as_second().to_string();
    let signatures: Vec<_> = secrets
        .iter()
        .map(|secret| sign(&standard_key(secret), &id, &seconds, body))
        .collect();
    [
        (WEBHOOK_ID, id),
        (WEBHOOK_TIMESTAMP, seconds),
        (WEBHOOK_SIGNATURE, signatures.join(" ")),
    ]
}

fn sign(key: &[u8], id: &str, seconds: &str, body: &str) -> String {
    let mac = hmac_sha256(key, &[id, ".", seconds, ".", body]);
    format!("v1,{}", BASE64.encode(&mac))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dialect::{Dialect, Signer, cybersource},
        id::AccountId,
        signing_key::KeyId,
    };
    use proptest::prelude::*;
    use serde::Deserialize;
    use standardwebhooks::Webhook;
    use uuid::Uuid;

    #[derive(Deserialize)]
    struct Vectors {
        vectors: Vec<Vector>,
    }

    #[derive(Deserialize)]
    struct Vector {
        scheme: String,
        secret: String,
        #[serde(default)]
        id: String,
        #[serde(default)]
        key_id: Uuid,
        #[serde(default)]
        organisation: String,
        #[serde(default)]
        timestamp: i64,
        #[serde(default)]
        timestamp_ms: i64,
        body: String,
        header: String,
        value: String,
    }

    /// The vectors of a scheme; there are some.
    fn vectors(scheme: &str) -> Vec<Vector> {
        let all: Vectors = serde_json::from_str(include_str!("../tests/vectors/signatures.json"))
            .expect("the vectors are JSON");
        let of_scheme: Vec<_> = all
            .vectors
            .into_iter()
            .filter(|v| v.scheme == scheme)
            .collect();
        assert!(!of_scheme.is_empty(), "{scheme}");
        of_scheme
    }

    #[test]
    fn standard_webhooks_vectors_hold() {
        for vector in vectors("standard-webhooks-v1") {
            let key = standard_key(&Secret::new(vector.secret));
            let signed = sign(
                &key,
                &vector.id,
                &vector.timestamp.to_string(),
                &vector.body,
            );
            assert_eq!(signed, vector.value);
        }
    }

    #[test]
    fn sequence_vectors_hold() {
        for vector in vectors("sequence") {
            let at = Timestamp::from_millisecond(vector.timestamp_ms).expect("an instant");
            let secrets = [Secret::new(vector.secret)];
            let signer = Signer {
                secrets: &secrets,
                organisation: AccountId::from_uuid(Uuid::nil()),
                key: None,
            };
            let signed = Dialect::Sequence.signature(&signer, &vector.body, at);
            let signed = signed.expect("Sequence signs");
            assert_eq!((signed.name, signed.value), (&*vector.header, vector.value));
        }
    }

    #[test]
    fn lune_vectors_hold() {
        for vector in vectors("lune") {
            let at = Timestamp::from_second(vector.timestamp).expect("an instant");
            let secrets = [Secret::new(vector.secret)];
            let organisation = AccountId::from_uuid(Uuid::from_u128(1));
            let signer = Signer {
                secrets: &secrets,
                organisation,
                key: None,
            };
            let signed = Dialect::Lune.signature(&signer, &vector.body, at);
            let signed = signed.expect("Lune signs");
            // The vector's organisation has a name that is no id of ours.
            let expected = vector
                .value
                .replace(&vector.organisation, &organisation.to_string());
            assert_eq!((signed.name, signed.value), (&*vector.header, expected));
        }
    }

    #[test]
    fn cybersource_vectors_hold() {
        for vector in vectors("cybersource") {
            let at = Timestamp::from_millisecond(vector.timestamp_ms).expect("an instant");
            let secrets = [Secret::new(vector.secret)];
            let signer = Signer {
                secrets: &secrets,
                organisation: AccountId::from_uuid(Uuid::nil()),
                key: Some(KeyId::from_uuid(vector.key_id)),
            };
            // The vector's payload is no JSON, and what is signed of a body is.
            let signed = cybersource::sign_payload(&signer, &vector.body, at);
            let signed = signed.expect("CyberSource signs");
            assert_eq!((signed.name, signed.value), (&*vector.header, vector.value));
        }
    }

    #[test]
    fn a_secret_that_is_no_standard_key_counts_letter_by_letter() {
        for text in [
            "whsec_not base64 at all, is it?",
            "whsec_c2hvcnQ=",
            "plain-text-of-24-letters",
        ] {
            assert_eq!(standard_key(&Secret::new(text.into())), text.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn the_official_library_verifies_what_we_sign(
            key in any::<[u8; 24]>(),
            body in "\\PC{0,200}",
            seconds in 0_i64..4_000_000_000,
        ) {
            let secret = Secret::for_policy(key);
            let at = Timestamp::from_second(seconds).expect("an instant");
            let id = DeliveryId::from_bytes([7; 20]);
            let headers = standard_headers(std::slice::from_ref(&secret), &id, &body, at);
            let webhook = Webhook::new(secret.expose()).expect("a secret of the standard form");
            let signed = webhook.sign(&id.to_string(), seconds, body.as_bytes()).expect("signs");
            prop_assert_eq!(&headers[2].1, &signed);
        }
    }
}
