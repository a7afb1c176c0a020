//! Who is calling: a credential, the account that it acts for, and what it may do. What is signed
//! instead (`http_signature.rs`) has been turned into Basic before.

use crate::{Api, failure::Failure};
use ::herald::{
    account::Account,
    credential::{CredentialId, Role},
    invalid::Invalid,
    operator::OPERATOR_ID,
    secret::Secret,
    store::FoundCredential,
    tenant::{Mode, Tenant},
};
use data_encoding::BASE64;
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

/// The header that names a descendant to act for, by id or external id, on every dialect's routes.
pub(crate) const ACT_FOR: &str = "Herald-Account";

/// The header of Lune's that names an account to act for, on Lune's routes.
pub(crate) const LUNE_ACCOUNT: &str = "Lune-Account";

/// How a caller may present a credential, as answers to those who present none tell it.
pub(crate) const SCHEMES: &str = "Basic realm=\"herald\", Bearer realm=\"herald\"";

/// A caller whose credential was found and covers what it asks for.
#[derive(Debug)]
pub(crate) struct Caller {
    /// The account that it acts for.
    pub(crate) account: Account,
    /// In which mode.
    pub(crate) mode: Mode,
    /// What it may do.
    pub(crate) role: Role,
}

/// What an `Authorization` header presents.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Presented {
    /// The id: Basic has one (RFC 7617), Bearer has none (RFC 6750).
    pub(crate) id: Option<String>,
    pub(crate) secret: Secret,
}

impl Caller {
    /// The tenant that it acts for.
    pub(crate) fn tenant(&self) -> Tenant {
        Tenant {
            account: self.account.id,
            mode: self.mode,
        }
    }

    /// Whether it may see secrets.
    pub(crate) fn sees_secrets(&self) -> bool {
        self.role == Role::Manage
    }
}

impl Api {
    /// Finds the caller, and refuses one whose role does not cover the needed one.
    pub(crate) async fn caller(
        &self,
        headers: &HeaderMap,
        needed: Role,
    ) -> Result<Caller, Failure> {
        let found = self.known_credential(headers).await?;
        self.acting(found, headers, needed, &[ACT_FOR]).await
    }

    /// The credential of a request, which must be somebody's who acts for an account.
    pub(crate) async fn known_credential(
        &self,
        headers: &HeaderMap,
    ) -> Result<FoundCredential, Failure> {
        let presented = present(headers).ok_or(Failure::Unauthenticated)?;
        if let Some(found) = self.found(&presented).await? {
            return Ok(found);
        }
        let names_operator = presented.id.as_deref() == Some(OPERATOR_ID);
        Err(if names_operator && self.is_operator(&presented).await? {
            Failure::Forbidden("the operator acts for no account")
        } else {
            Failure::Unauthenticated
        })
    }

    /// Who acts with a credential, for the account that the request names, else for its own.
    ///
    /// * `act_for`: the headers that may name it; the first that is there counts.
    pub(crate) async fn acting(
        &self,
        found: FoundCredential,
        headers: &HeaderMap,
        needed: Role,
        act_for: &[&'static str],
    ) -> Result<Caller, Failure> {
        let role = found.credential.role;
        if !role.covers(needed) {
            return Err(Failure::Forbidden(
                "the credential's role does not allow this",
            ));
        }
        let mut named = act_for
            .iter()
            .filter_map(|name| Some((*name, headers.get(*name)?)));
        let account = match named.next() {
            Some(named) => self.named_account(named, &found.account).await?,
            None => found.account,
        };
        Ok(Caller {
            account,
            mode: found.credential.mode,
            role,
        })
    }

    /// The credential that is presented.
    pub(crate) async fn found(
        &self,
        presented: &Presented,
    ) -> Result<Option<FoundCredential>, Failure> {
        let found = self.accounts.find_credential(&presented.secret).await?;
        let is_id = |id: &CredentialId| {
            let given = presented.id.as_deref();
            given.is_none_or(|given| given == id.as_str())
        };
        Ok(found.filter(|found| is_id(&found.credential.id)))
    }

    async fn named_account(
        &self,
        (header, handle): (&'static str, &HeaderValue),
        own: &Account,
    ) -> Result<Account, Failure> {
        match handle.to_str() {
            Ok(handle) => self.account_within(handle, own).await?,
            Err(_) => None,
        }
        .ok_or_else(|| {
            let rule = Invalid::new("must name the credential's account or one below it");
            Failure::field(header, rule)
        })
    }

    /// The account with a name, if it is a given one or stands below it.
    pub(crate) async fn account_within(
        &self,
        name: &str,
        top: &Account,
    ) -> Result<Option<Account>, Failure> {
        let found = self.accounts.find_active(name).await?;
        Ok(found.filter(|account| account.is_within(top.id)))
    }
}

pub(crate) fn present(headers: &HeaderMap) -> Option<Presented> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, given) = value.split_once(' ')?;
    let given = given.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        let secret = Secret::new(given.to_owned());
        return Some(Presented { id: None, secret });
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(BASE64.decode(given.as_bytes()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some(Presented {
        id: Some(id.to_owned()),
        secret: Secret::new(secret.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presented(value: &str) -> Option<Presented> {
        let value = HeaderValue::from_str(value).expect("a header's value");
        present(&HeaderMap::from_iter([(AUTHORIZATION, value)]))
    }

    #[test]
    fn basic_and_bearer_are_read() {
        let secret = Secret::new("b:c".to_owned());
        let id = Some("a".to_owned());
        assert_eq!(
            presented("basic YTpiOmM="),
            Some(Presented {
                id,
                secret: secret.clone()
            })
        );
        let id = None;
        assert_eq!(presented("Bearer b:c"), Some(Presented { id, secret }));
        for value in [
            "",
            "Basic",
            "Basic ???",
            "Basic YQ==",
            "Digest a",
            "Basic //79",
        ] {
            assert_eq!(presented(value), None, "{value}");
        }
        assert_eq!(present(&HeaderMap::new()), None);
    }
}
