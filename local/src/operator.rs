//! The operator of the local service: a secret that stands in a file, or only in memory.

use crate::private_file;
use anyhow::{Context, Result};
use futures::future::{BoxFuture, ready};
use herald::{
    operator::{OPERATOR_ID, OperatorError, OperatorSecret},
    random::Random,
    secret::Secret,
};
use std::path::Path;

/// A secret that stays the same while the process runs.
#[derive(Clone, Debug)]
pub struct LocalOperator(Secret);

impl LocalOperator {
    /// With a secret that is known.
    #[must_use]
    pub const fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// With the secret in a file, `operator:<secret>`; a new one is written if there is none.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or holds something else.
    pub fn in_file(path: &Path, random: &dyn Random) -> Result<Self> {
        let Some(line) = private_file::read_line(path)? else {
            let made = Self::in_memory(random);
            private_file::write_line(path, &made.exposed())?;
            return Ok(made);
        };
        let secret = line
            .strip_prefix(OPERATOR_ID)
            .and_then(|rest| rest.strip_prefix(':'))
            .filter(|secret| !secret.is_empty())
            .with_context(|| format!("{} must hold {OPERATOR_ID}:<secret>", path.display()))?;
        Ok(Self(Secret::new(secret.to_owned())))
    }

    /// With a new secret.
    #[must_use]
    pub fn in_memory(random: &dyn Random) -> Self {
        Self(Secret::new(random.uuid().simple().to_string()))
    }

    /// As it is presented and kept in the file: `operator:<secret>`.
    #[must_use]
    pub fn exposed(&self) -> String {
        format!("{OPERATOR_ID}:{}", self.0.expose())
    }
}

impl OperatorSecret for LocalOperator {
    fn read(&self) -> BoxFuture<'_, Result<Secret, OperatorError>> {
        Box::pin(ready(Ok(self.0.clone())))
    }
}
