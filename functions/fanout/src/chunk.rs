//! One part of a fan-out: a hundred hints at most, the policies behind them, their manifest, and
//! the messages about it.

use crate::{Fanout, FanoutError};
use herald::{
    delivery::DeliveryRef,
    event::Event,
    id::PolicyId,
    message::{Deliver, FanOutPosition},
    policy::{MatchKey, Policy},
    queue::{Outgoing, QueueName},
    store::{Manifest, ManifestEntry},
    tenant::Tenant,
};
use std::{collections::HashMap, time::Duration};

/// Hints, and so policies, of one part: what one `BatchGetItem` reads.
const HINTS: usize = 100;

/// Messages that are made and sent at a time, so that few are in memory at once.
const MESSAGES: usize = 200;

struct Hint {
    owner: Tenant,
    policy: PolicyId,
    key: usize,
}

impl Fanout {
    /// Does the part at a position, and returns the position after it.
    pub(crate) async fn fan_out_chunk(
        &self,
        event: &Event,
        keys: &[MatchKey],
        position: FanOutPosition,
    ) -> Result<FanOutPosition, FanoutError> {
        let (hints, mut next) = self.read_hints(event, keys, &position).await?;
        let policies = self.matching_policies(&hints, keys).await?;
        let entries = entries(&policies);
        if entries.is_empty() {
            return Ok(next);
        }
        next.chunk += 1;
        let manifest = Manifest {
            owner: event.reference.tenant,
            event: event.reference.clone(),
            event_type: event.report.event_type.clone(),
            chunk: position.chunk,
            entries,
            resume: next,
        };
        let now = self.clock.now();
        let stood = self.store.keep_manifest(manifest.clone(), now).await?;
        // On a second run the manifest of the first counts, whatever changed since.
        let policies = if stood == manifest {
            policies
        } else {
            let owner_of = |entry: &ManifestEntry| (stood.owner, entry.policy);
            let listed: Vec<_> = stood.entries.iter().map(owner_of).collect();
            self.store.policies(&listed).await?
        };
        self.dispatch(event, &stood, &policies).await?;
        Ok(stood.resume)
    }

    /// Reads the next hints of the event's keys, one key after the other.
    async fn read_hints(
        &self,
        event: &Event,
        keys: &[MatchKey],
        from: &FanOutPosition,
    ) -> Result<(Vec<Hint>, FanOutPosition), FanoutError> {
        let tenant = event.reference.tenant;
        let mut hints = Vec::new();
        let mut position = from.clone();
        while position.key < keys.len() && hints.len() < HINTS {
            let (after, left) = (position.after.take(), HINTS - hints.len());
            let page = self
                .store
                .hints(tenant, &keys[position.key], after, left)
                .await?;
            hints.extend(page.hints.into_iter().map(|(owner, policy)| Hint {
                owner,
                policy,
                key: position.key,
            }));
            match page.next {
                Some(next) => position.after = Some(next),
                None => position.key += 1,
            }
        }
        Ok((hints, position))
    }

    /// The policies behind hints, asked again whether they hear of the event.
    async fn matching_policies(
        &self,
        hints: &[Hint],
        keys: &[MatchKey],
    ) -> Result<Vec<Policy>, FanoutError> {
        let mut by_policy: HashMap<PolicyId, Vec<&MatchKey>> = HashMap::new();
        let mut wanted = Vec::with_capacity(hints.len());
        for hint in hints {
            let keys_of_policy = by_policy.entry(hint.policy).or_default();
            if keys_of_policy.is_empty() {
                wanted.push((hint.owner, hint.policy));
            }
            keys_of_policy.push(&keys[hint.key]);
        }
        let mut policies = self.store.policies(&wanted).await?;
        policies.retain(|policy| {
            let keys = by_policy.get(&policy.id);
            keys.is_some_and(|keys| keys.iter().any(|key| policy.is_found_by(key)))
        });
        Ok(policies)
    }

    /// Sends the messages of a manifest.
    async fn dispatch(
        &self,
        event: &Event,
        manifest: &Manifest,
        policies: &[Policy],
    ) -> Result<(), FanoutError> {
        let policies: HashMap<_, _> = policies.iter().map(|policy| (policy.id, policy)).collect();
        let references: Vec<DeliveryRef> = manifest.deliveries().collect();
        for references in references.chunks(MESSAGES) {
            let mut messages: HashMap<QueueName, Vec<Outgoing>> = HashMap::new();
            for reference in references {
                // Without a recipient the message has the delivery recorded as cancelled.
                let policy = policies.get(&reference.policy);
                let target = policy.and_then(|policy| policy.target(&reference.recipient));
                let message = Deliver::new(reference.clone(), 1, target.cloned(), Some(event));
                let queue = message.queue();
                let message = message.outgoing(Duration::ZERO);
                messages.entry(queue).or_default().push(message);
            }
            for (queue, messages) in messages {
                self.queue.send(queue, messages).await?;
            }
        }
        Ok(())
    }
}

/// The manifest's entries: each policy with its active recipients, if it has any.
fn entries(policies: &[Policy]) -> Vec<ManifestEntry> {
    policies
        .iter()
        .map(|policy| ManifestEntry {
            policy: policy.id,
            recipients: policy
                .recipients
                .iter()
                .filter(|recipient| recipient.is_active())
                .map(|recipient| recipient.id.clone())
                .collect(),
        })
        .filter(|entry| !entry.recipients.is_empty())
        .collect()
}
