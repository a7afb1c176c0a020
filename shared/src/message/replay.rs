//! The message that goes on with a replay.

use super::Version1;
use crate::{
    id::{PolicyId, ReplayId},
    replay::Replay,
    tenant::Tenant,
};
use serde::{Deserialize, Serialize};

/// Go on with a replay, where its row says. Once it has ended the message asks for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayDeliveries {
    /// Form of the message.
    pub v: Version1,
    /// The policy's owner.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
    /// The replay.
    pub replay: ReplayId,
}

impl ReplayDeliveries {
    /// What goes on with a replay.
    #[must_use]
    pub const fn of(replay: &Replay) -> Self {
        Self {
            v: Version1,
            owner: replay.owner,
            policy: replay.policy,
            replay: replay.id,
        }
    }
}
