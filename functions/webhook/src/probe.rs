//! Whether a policy is healthy: asked with an empty `POST`, to which only a 200 says yes. What
//! follows is the policy's word; see [`Policy::probed`].

use crate::{Outcomes, Webhook, WebhookError};
use futures::future::join_all;
use herald::{
    attempt::Outcome,
    message::{EventsMessage, FlushWithheld, Probe},
    policy::{Policy, PolicyStatus},
    queue::{
        QueueName,
        inbox::{self, Record},
    },
    sender::{Carrier, SenderError},
    store::{Changed, LastProbe, StoreError},
};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tracing::Instrument;

/// From one probe of a policy that is healthy to the next.
const WHILE_HEALTHY: SignedDuration = SignedDuration::from_mins(5);

/// From one probe of a policy that is not to the next.
const WHILE_NOT: SignedDuration = SignedDuration::from_mins(1);

impl Webhook {
    /// Makes the probes of a batch, side by side.
    pub(crate) async fn probe(&self, messages: Vec<(Record, Probe)>) -> Outcomes {
        let probes = messages.into_iter().map(async |(record, message)| {
            let span = tracing::info_span!("probe", policy.id = %message.policy);
            let limit = self.sender.carrier.record_limit();
            let made = inbox::alone(limit, self.probe_one(&message).instrument(span));
            (record, made.await)
        });
        join_all(probes).await
    }

    async fn probe_one(&self, message: &Probe) -> Result<(), SenderError<WebhookError>> {
        let store = &self.sender.store;
        let of = (message.owner, message.policy);
        let Some(row) = store.probe_row(of).await? else {
            return Ok(());
        };
        let policy = store.policy(message.owner, message.policy).await?;
        let Some(url) = policy.as_ref().and_then(Policy::probe_url) else {
            tracing::info!("nobody asks for the policy's health");
            return Ok(store.forget_probe(&row, self.sender.clock.now()).await?);
        };
        let clock = &*self.sender.clock;
        let outcome = self.sender.carrier.client.probe(url, clock).await;
        let heard = heard(&outcome, clock.now());
        tracing::info!(
            healthy = heard.healthy,
            status = heard.status,
            "a policy was probed"
        );
        let (healthy, now) = (heard.healthy, heard.at);
        let change = |policy: Policy| Ok::<_, StoreError>(policy.probed(url, healthy, now));
        let Changed::Done(policy) = store.change_policy(of.0, of.1, change).await? else {
            return Ok(());
        };
        self.go_on(&policy).await?;
        let wait = match policy.status {
            PolicyStatus::Active if healthy => WHILE_HEALTHY,
            _ => WHILE_NOT,
        };
        Ok(store.record_probe(&row, heard, now + wait).await?)
    }

    /// Has sent what is left withheld of an active policy, however it came to be: it was active a
    /// moment ago, or an earlier flush, or what should have asked for it, was lost.
    async fn go_on(&self, policy: &Policy) -> Result<(), SenderError<WebhookError>> {
        if !policy.status.is_active() {
            return Ok(());
        }
        let sender = &self.sender;
        let wakes = policy.wakes().into_iter();
        let wakes: Vec<_> = wakes.map(|wake| wake.outgoing(Duration::ZERO)).collect();
        if !wakes.is_empty() {
            sender.queue.send(QueueName::Webhook, wakes).await?;
        }
        let withheld = sender.store.withheld(policy.id, None, 1).await?;
        if !withheld.deliveries.is_empty() {
            let flush = EventsMessage::FlushWithheld(FlushWithheld::of(policy)).outgoing();
            sender.queue.send(QueueName::Events, vec![flush]).await?;
        }
        Ok(())
    }
}

fn heard(outcome: &Outcome, at: Timestamp) -> LastProbe {
    let status = outcome.answer().map(|answer| answer.status);
    let error = match outcome {
        Outcome::Unreachable { error } => Some(error.clone()),
        Outcome::TimedOut => Some("no answer in time".to_owned()),
        _ => None,
    };
    LastProbe {
        at,
        healthy: status == Some(200),
        status,
        error,
    }
}
