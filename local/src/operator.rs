//! The operator of the local service: a secret that stands in a file, or only in memory.

use crate::flags::Login;
use anyhow::Result;
use futures::future::{BoxFuture, ready};
use herald::{
    operator::{OPERATOR_ID, Operator, OperatorError},
    random::Random,
    secret::Secret,
};
use std::path::Path;

/// A secret that stays the same while the process runs.
#[derive(Clone, Debug)]
pub struct LocalOperator(Login);

impl LocalOperator {
    /// With a secret that is known.
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        let id = OPERATOR_ID.to_owned();
        Self(Login { id, secret })
    }

    /// With the secret in a file; a new one is written if there is none.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or holds something else.
    pub fn in_file(path: &Path, random: &dyn Random) -> Result<Self> {
        if let Some(login) = Login::in_file(path)? {
            return Ok(Self(login));
        }
        let made = Self::in_memory(random);
        made.0.keep(path)?;
        Ok(made)
    }

    /// With a new secret.
    #[must_use]
    pub fn in_memory(random: &dyn Random) -> Self {
        Self::new(Secret::new(random.uuid().simple().to_string()))
    }

    /// What the operator presents.
    #[must_use]
    pub const fn login(&self) -> &Login {
        &self.0
    }
}

impl Operator for LocalOperator {
    fn secret(&self) -> BoxFuture<'_, Result<Secret, OperatorError>> {
        Box::pin(ready(Ok(self.0.secret.clone())))
    }
}
