//! Whether a webhook is genuine: judged with the official Standard Webhooks library, and with
//! the dialect's own rule, under the secrets of the policies that name the receiver's URL.

use super::Receiver;
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use herald::{
    dialect::{Dialect, cybersource, lune, sequence},
    keyring::Keyring,
    policy::Policy,
    secret::Secret,
    signature::{hmac_sha256, standard_key},
    store::{ListOrder, PolicyQuery},
    tenant::{Mode, Tenant},
};
use http::HeaderMap;
use serde::Serialize;
use serde_json::value::RawValue;
use standardwebhooks::Webhook;
use std::collections::BTreeMap;

/// Accounts that are looked at together.
const PAGE: usize = 100;

/// What was found about a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Every signature is right under a policy's secret.
    Verified,
    /// No policy that names this URL has the right secret.
    WrongSignature,
    /// No policy names this URL.
    UnknownSender,
    /// It asks whether the receiver is healthy, and tells nothing.
    Probe,
}

impl Receiver {
    pub(super) async fn judge(&self, url: &str, headers: &HeaderMap, body: &str) -> Verdict {
        if body.is_empty() && !headers.contains_key(standardwebhooks::HEADER_WEBHOOK_SIGNATURE) {
            return Verdict::Probe;
        }
        let mut verdict = Verdict::UnknownSender;
        for policy in self.policies_for(url).await {
            let Some(secret) = self.secret(&policy).await else {
                continue;
            };
            let is_own = match policy.dialect {
                Dialect::Herald | Dialect::Pulse => true,
                Dialect::Sequence => is_sequence(&secret, headers, body),
                Dialect::Lune => is_lune(&secret, headers, body),
                Dialect::Cybersource => is_cybersource(&secret, headers, body),
            };
            if is_own && is_standard(&secret, headers, body) {
                return Verdict::Verified;
            }
            verdict = Verdict::WrongSignature;
        }
        verdict
    }

    /// The policies of every account that name a URL.
    async fn policies_for(&self, url: &str) -> Vec<Policy> {
        let mut policies = Vec::new();
        let mut after = None;
        loop {
            let page = match self.parts.accounts.list(None, after, PAGE).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(%error, "the receiver cannot read the accounts");
                    return policies;
                }
            };
            for account in page.accounts {
                for mode in [Mode::Live, Mode::Test] {
                    let account = account.id;
                    policies.extend(self.policies_of(Tenant { account, mode }, url).await);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return policies,
            }
        }
    }

    async fn policies_of(&self, owner: Tenant, url: &str) -> Vec<Policy> {
        let query = PolicyQuery {
            owner,
            order: ListOrder::Newest,
            after: None,
            limit: 1_000,
        };
        let names_url = |policy: &Policy| {
            let mut recipients = policy.recipients.iter();
            recipients.any(|recipient| recipient.target.as_str() == url)
        };
        match self.parts.store.list_policies(query, names_url).await {
            Ok(page) => page.policies,
            Err(error) => {
                tracing::error!(%error, "the receiver cannot read the policies");
                Vec::new()
            }
        }
    }

    async fn secret(&self, policy: &Policy) -> Option<Secret> {
        if policy.dialect.has_account_key() {
            let keyring = Keyring::new(self.parts.store.clone(), self.parts.vault.clone());
            let key = keyring.key(policy.owner, self.parts.clock.now()).await;
            return key.ok()??.secrets.into_iter().next();
        }
        let context = Policy::seal_context(policy.owner, policy.id);
        let newest = &policy.secrets.as_ref()?.newest;
        self.parts.vault.open(&context, newest).await.ok()
    }
}

fn is_standard(secret: &Secret, headers: &HeaderMap, body: &str) -> bool {
    Webhook::from_bytes(standard_key(secret))
        .is_ok_and(|webhook| webhook.verify(body.as_bytes(), headers).is_ok())
}

/// `t=<milliseconds>,s=<hex>` over `t.body`, as Sequence documents it.
fn is_sequence(secret: &Secret, headers: &HeaderMap, body: &str) -> bool {
    let header = headers
        .get(sequence::SIGNATURE_HEADER)
        .and_then(|value| value.to_str().ok());
    let parts = header
        .and_then(|header| header.strip_prefix("t="))
        .and_then(|rest| rest.split_once(",s="));
    parts.is_some_and(|(t, s)| {
        let mac = hmac_sha256(secret.expose().as_bytes(), &[t, ".", body]);
        HEXLOWER_PERMISSIVE
            .decode(s.as_bytes())
            .is_ok_and(|given| given == mac)
    })
}

/// `timestamp=<seconds>,organisation=<id>,v1=<base64>` over `timestamp.body`, as Lune documents it,
/// perhaps with several `v1`.
fn is_lune(secret: &Secret, headers: &HeaderMap, body: &str) -> bool {
    let header = headers
        .get(lune::SIGNATURE_HEADER)
        .and_then(|value| value.to_str().ok());
    let parts: Vec<_> = header
        .unwrap_or_default()
        .split(',')
        .filter_map(|part| part.split_once('='))
        .collect();
    let timestamp = parts.iter().find(|(name, _)| *name == "timestamp");
    timestamp.is_some_and(|(_, timestamp)| {
        let mac = hmac_sha256(secret.expose().as_bytes(), &[timestamp, ".", body]);
        let expected = BASE64.encode(&mac);
        parts.contains(&("v1", expected.as_str()))
    })
}

/// `t=<milliseconds>;keyId=<id>;sig=<base64>` over `t.payload`, as CyberSource documents it, the
/// payload being a member of the body.
fn is_cybersource(secret: &Secret, headers: &HeaderMap, body: &str) -> bool {
    let header = headers
        .get(cybersource::SIGNATURE_HEADER)
        .and_then(|value| value.to_str().ok());
    let parts: Vec<_> = header
        .unwrap_or_default()
        .split(';')
        .filter_map(|part| part.split_once('='))
        .collect();
    let timestamp = parts.iter().find(|(name, _)| *name == "t");
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(body).unwrap_or_default();
    let payload = members.get("payload").or_else(|| members.get("payloads"));
    timestamp.zip(payload).is_some_and(|((_, t), payload)| {
        let key = cybersource::key_bytes(secret);
        let mac = hmac_sha256(&key, &[t, ".", payload.get()]);
        parts.contains(&("sig", BASE64.encode(&mac).as_str()))
    })
}
