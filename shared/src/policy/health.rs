//! How a policy's health is known.

use crate::destination::WebhookUrl;
use serde::{Deserialize, Serialize};

/// How a policy's health is known, and what follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// What is probed: an empty `POST`, which must be answered with 200.
    pub url: WebhookUrl,
    /// Whether an active policy is suspended, and what it hears withheld, while it is not healthy.
    /// Else it stays active, and each delivery keeps its retry policy.
    pub withhold: bool,
}
