//! A policy becomes active, or is to be probed, whenever the request that says so may stop.

use crate::{Api, failure::Failure};
use ::herald::{policy::Policy, queue::MAX_DELAY};
use std::time::Duration;

impl Api {
    /// Before a policy is written: has it probed within a minute, if its health is asked for now and
    /// was not before, or elsewhere.
    ///
    /// * `before`: the version before; `None` of a new policy.
    pub(crate) async fn prepare_probe(
        &self,
        before: Option<&Policy>,
        after: &Policy,
    ) -> Result<(), Failure> {
        let Some(url) = after.probe_url() else {
            return Ok(());
        };
        if before.and_then(Policy::probe_url) == Some(url) {
            return Ok(());
        }
        let known = before.and_then(|before| before.health.as_ref());
        let is_new = known.is_none_or(|known| known.url != *url);
        let of = (after.owner, after.id);
        let now = self.clock.now();
        Ok(self.store.schedule_probe(of, is_new, now).await?)
    }

    /// Before a policy becomes active: messages for the case that nothing after this happens, and
    /// for what is withheld at the last moment. They are seen when every request and every attempt
    /// that is under way now has ended (15 minutes: Lambda's longest invocation), and ask for
    /// nothing if the policy is not active.
    pub(crate) async fn prepare_activation(&self, policy: &Policy) -> Result<(), Failure> {
        self.go_on(policy, MAX_DELAY).await
    }

    /// After a policy became active: sends what was withheld.
    pub(crate) async fn go_on_now(&self, policy: &Policy) -> Result<(), Failure> {
        self.go_on(policy, Duration::ZERO).await
    }

    async fn go_on(&self, policy: &Policy, delay: Duration) -> Result<(), Failure> {
        for (queue, messages) in policy.goes_on(delay) {
            if !messages.is_empty() {
                self.queue.send(queue, messages).await?;
            }
        }
        Ok(())
    }
}

/// Whether a policy becomes active by a change.
pub(crate) fn activates(before: &Policy, after: &Policy) -> bool {
    after.status.is_active() && !before.status.is_active()
}
