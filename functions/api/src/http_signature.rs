//! HTTP Signature, as CyberSource's client libraries make it: an HMAC over chosen headers, under a
//! credential's secret. A request that is signed well goes on as if it presented the credential, on
//! every dialect's routes; any other goes on without one, and is refused as what proves nothing.

use crate::{
    Api, MAX_BODY_BYTES,
    caller::{ACT_FOR, LUNE_ACCOUNT},
    failure::{Failure, TOO_LARGE},
};
use ::herald::{
    credential::{Credential, CredentialId},
    secret::Secret,
    signature::hmac_sha256,
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use data_encoding::BASE64;
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION, request::Parts};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::Arc};

/// The header that names the account to act for, in CyberSource's words.
pub(crate) const MERCHANT_ID: &str = "v-c-merchant-id";

/// How far a request's date may be from our clock.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// What a request claims to be signed with.
#[derive(Debug)]
struct Claim {
    key_id: CredentialId,
    /// What is signed, in this order.
    names: Vec<String>,
    signature: String,
}

/// Why a claim is not taken, for the log.
type Refusal = &'static str;

/// Has a request with an HTTP Signature and no `Authorization` present its credential.
///
/// # Errors
/// Where it cannot even be looked at, as the routes' dialect tells it.
pub(crate) async fn admit<E: From<Failure>>(
    State(api): State<Arc<Api>>,
    request: Request,
    next: Next,
) -> Result<Response, E> {
    let headers = request.headers();
    if headers.contains_key(AUTHORIZATION) || !headers.contains_key("signature") {
        return Ok(next.run(request).await);
    }
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await;
    let body = body.map_err(|_| Failure::TooLarge(TOO_LARGE))?;
    match api.signer(&parts, &body).await? {
        Ok((id, secret)) => present(&mut parts.headers, &id, &secret),
        Err(reason) => tracing::info!(reason, "an HTTP Signature is not taken"),
    }
    let request = Request::from_parts(parts, Body::from(body));
    Ok(next.run(request).await)
}

/// Writes what was proven in the words that every handler reads.
fn present(headers: &mut HeaderMap, id: &CredentialId, secret: &Secret) {
    let pair = BASE64.encode(format!("{id}:{}", secret.expose()).as_bytes());
    if let Ok(mut value) = HeaderValue::from_str(&format!("Basic {pair}")) {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    if let Some(account) = headers.get(MERCHANT_ID).cloned() {
        headers.insert(ACT_FOR, account);
        // It may not have been signed, and would count before the other.
        headers.remove(LUNE_ACCOUNT);
    }
}

impl Api {
    /// The credential that a request is signed with.
    async fn signer(
        &self,
        parts: &Parts,
        body: &Bytes,
    ) -> Result<Result<(CredentialId, Secret), Refusal>, Failure> {
        let checked = check(parts, body, self.clock.now());
        let (claim, text) = match checked {
            Ok(checked) => checked,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(credential) = self.accounts.credential(&claim.key_id).await? else {
            return Ok(Err("its key is not known"));
        };
        let context = Credential::seal_context(&claim.key_id);
        let secret = self.vault.open(&context, &credential.secret).await?;
        let mac = hmac_sha256(secret.expose().as_bytes(), &[&text]);
        // Compared as secrets are: in a time that tells nothing.
        let is_right = Secret::new(BASE64.encode(&mac)) == Secret::new(claim.signature);
        Ok(if is_right {
            Ok((claim.key_id, secret))
        } else {
            Err("it is not right")
        })
    }
}

/// What a request claims, and the text that is signed, if both keep the rules.
fn check(parts: &Parts, body: &[u8], now: Timestamp) -> Result<(Claim, String), Refusal> {
    let claim = read(&parts.headers).ok_or("it does not parse")?;
    let signs = |name: &str| claim.names.iter().any(|signed| signed == name);
    if !(signs("request-target") || signs("(request-target)")) || !signs("host") {
        return Err("it does not cover request-target and host");
    }
    if !signs(MERCHANT_ID) {
        return Err("it does not cover v-c-merchant-id");
    }
    let date = ["v-c-date", "date"].into_iter().find(|name| signs(name));
    let date = date.ok_or("it does not cover date")?;
    let date = text(&parts.headers, date)
        .and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
    if date.is_none_or(|date| now.duration_since(date).abs() > TOLERANCE) {
        return Err("its date is not within five minutes of now");
    }
    if !body.is_empty() && !signs("digest") {
        return Err("it does not cover digest");
    }
    if signs("digest") {
        let digest = format!("SHA-256={}", BASE64.encode(&Sha256::digest(body)));
        if text(&parts.headers, "digest") != Some(&digest) {
            return Err("its digest is not the body's");
        }
    }
    let signed = signed_text(parts, &claim.names);
    let signed = signed.ok_or("a header that it covers is missing, or there twice")?;
    Ok((claim, signed))
}

/// Reads `keyid="…", algorithm="HmacSHA256", headers="…", signature="…"`.
fn read(headers: &HeaderMap) -> Option<Claim> {
    let given = text(headers, "signature")?;
    let fields: HashMap<_, _> = given
        .split(',')
        .filter_map(|field| field.trim().split_once('='))
        .map(|(name, value)| (name.trim(), value.trim().trim_matches('"')))
        .collect();
    let algorithm = fields.get("algorithm")?;
    if !algorithm.eq_ignore_ascii_case("hmacsha256")
        && !algorithm.eq_ignore_ascii_case("hmac-sha256")
    {
        return None;
    }
    let names = fields.get("headers")?.split_ascii_whitespace();
    Some(Claim {
        key_id: fields.get("keyid")?.parse().ok()?,
        names: names.map(str::to_ascii_lowercase).collect(),
        signature: (*fields.get("signature")?).to_owned(),
    })
}

/// A line `name: value` for each name, in their order.
fn signed_text(parts: &Parts, names: &[String]) -> Option<String> {
    let line = |name: &String| {
        let value = match name.as_str() {
            "request-target" | "(request-target)" => {
                let method = parts.method.as_str().to_ascii_lowercase();
                let path = parts.uri.path_and_query()?;
                format!("{method} {path}")
            }
            name => text(&parts.headers, name)?.to_owned(),
        };
        Some(format!("{name}: {value}"))
    };
    let lines: Option<Vec<_>> = names.iter().map(line).collect();
    Some(lines?.join("\n"))
}

/// What a header says; nothing where it is there twice: who reads it later may read the other one.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then_some(value)?.to_str().ok()
}
