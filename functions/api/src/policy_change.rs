//! Changing a policy, whatever the interface: it is probed where its health is asked for now, and
//! goes on where it becomes active, whenever the request that says so may stop.

use crate::{Api, failure::Failure};
use ::herald::{policy::Policy, queue::MAX_DELAY, store::Changed};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

impl Api {
    /// Writes the next version of a policy. Its recipients are woken then, or what was withheld is
    /// sent if it becomes active. `None` where the policy was deleted meanwhile.
    ///
    /// * `policy`: as the caller read it.
    /// * `change`: makes the next version from the present one; what it refuses changes nothing.
    pub(crate) async fn change_policy(
        &self,
        policy: &Policy,
        change: impl Fn(Policy) -> Result<Policy, Failure>,
    ) -> Result<Option<Policy>, Failure> {
        let planned = change(policy.clone())?;
        self.prepare_probe(Some(policy), &planned).await?;
        if activates(policy, &planned) {
            self.go_on(&planned, MAX_DELAY).await?;
        }
        let activated = AtomicBool::new(false);
        let changed = self
            .store
            .change_policy(policy.owner, policy.id, |present| {
                let next = change(present.clone())?;
                activated.store(activates(&present, &next), Ordering::SeqCst);
                Ok::<_, Failure>(next)
            });
        let Changed::Done(changed) = changed.await? else {
            return Ok(None);
        };
        // Another change may have come in between: what was planned is not what is.
        self.prepare_probe(Some(&planned), &changed).await?;
        if activated.load(Ordering::SeqCst) {
            self.go_on(&changed, Duration::ZERO).await?;
        } else {
            self.wake_recipients(&changed).await?;
        }
        Ok(Some(changed))
    }

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

    /// Has a policy go on that is active. Sent with a delay before it becomes so, the messages stand for
    /// the case that nothing after this happens, and for what is withheld at the last moment: they
    /// are seen when every request and every attempt that is under way now has ended (15 minutes:
    /// Lambda's longest invocation), and ask for nothing if the policy is not active.
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
fn activates(before: &Policy, after: &Policy) -> bool {
    after.status.is_active() && !before.status.is_active()
}
