//! Who may make accounts and credentials: the operator, and nobody else.

use crate::{
    Api,
    caller::{Presented, present},
    failure::Failure,
};
use ::herald::operator::OPERATOR_ID;
use http::HeaderMap;

impl Api {
    /// Refuses every caller but the operator.
    pub(crate) async fn require_operator(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let presented = present(headers).ok_or(Failure::Unauthenticated)?;
        if self.is_operator(&presented).await? {
            return Ok(());
        }
        match self.found(&presented).await? {
            Some(_) => Err(Failure::Forbidden("this is for the operator alone")),
            None => Err(Failure::Unauthenticated),
        }
    }

    /// Refuses who is neither the operator nor presents a credential.
    pub(crate) async fn require_anybody(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let presented = present(headers).ok_or(Failure::Unauthenticated)?;
        if self.found(&presented).await?.is_some() || self.is_operator(&presented).await? {
            Ok(())
        } else {
            Err(Failure::Unauthenticated)
        }
    }

    pub(crate) async fn is_operator(&self, presented: &Presented) -> Result<bool, Failure> {
        let is_id = presented.id.as_ref().is_none_or(|id| id == OPERATOR_ID);
        Ok(is_id && presented.secret == self.operator_secret.read().await?)
    }
}
