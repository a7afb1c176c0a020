//! One part of a fan-out: a hundred hints at most, the policies behind them, their manifest, and
//! the messages about it.

use crate::{Fanout, FanoutError};
use herald::{
    delivery::DeliveryRef,
    id::PolicyId,
    message::{Deliver, FanOutPosition},
    policy::{HintKey, Policy, Way},
    queue::{Outgoing, QueueName},
    recipient::Recipient,
    store::{AcceptedEvent, Manifest, ManifestEntry},
    tenant::Tenant,
};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

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
        accepted: &mut AcceptedEvent,
        keys: &[HintKey],
        position: FanOutPosition,
    ) -> Result<FanOutPosition, FanoutError> {
        let (hints, mut next) = self.read_hints(keys, &position).await?;
        let mut policies = self.matching_policies(&hints, keys).await?;
        self.log_if_read(accepted, &policies).await?;
        let accepted = &*accepted;
        policies.retain(|policy| way(policy, accepted) != Way::Nothing);
        let by_owner = entries(&policies, accepted);
        let event = &accepted.event;
        if by_owner.is_empty() {
            return Ok(next);
        }
        next.chunk += 1;
        let mut resume = next.clone();
        for (owner, entries) in by_owner {
            let manifest = Manifest {
                owner,
                event: event.reference.clone(),
                event_type: event.report.event_type.clone(),
                chunk: position.chunk,
                entries,
                resume: next.clone(),
            };
            let stood = self.dispatch(accepted, manifest, &policies).await?;
            // On a second run the owners' manifests may be of different runs. What the shortest of
            // them did not cover is done again; it makes the same deliveries.
            if stood.resume.hint() < resume.hint() {
                resume = stood.resume;
            }
        }
        Ok(resume)
    }

    /// Reads the next hints of the event's keys, one key after the other.
    async fn read_hints(
        &self,
        keys: &[HintKey],
        from: &FanOutPosition,
    ) -> Result<(Vec<Hint>, FanOutPosition), FanoutError> {
        let mut hints = Vec::new();
        let mut position = from.clone();
        while position.key < keys.len() && hints.len() < HINTS {
            let (after, left) = (position.after.take(), HINTS - hints.len());
            let page = self.store.hints(&keys[position.key], after, left).await?;
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
        keys: &[HintKey],
    ) -> Result<Vec<Policy>, FanoutError> {
        let mut by_policy: HashMap<PolicyId, Vec<&HintKey>> = HashMap::new();
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

    /// Keeps a manifest and sends its messages; returns the manifest that stands.
    async fn dispatch(
        &self,
        accepted: &AcceptedEvent,
        manifest: Manifest,
        policies: &[Policy],
    ) -> Result<Manifest, FanoutError> {
        let now = self.clock.now();
        let stood = self.store.keep_manifest(manifest.clone(), now).await?;
        if stood == manifest {
            self.send(accepted, &stood, policies).await?;
        } else {
            // On a second run the manifest of the first counts, whatever changed since.
            let owner_of = |entry: &ManifestEntry| (stood.owner, entry.policy);
            let listed: Vec<_> = stood.entries.iter().map(owner_of).collect();
            let policies = self.store.policies(&listed).await?;
            self.send(accepted, &stood, &policies).await?;
        }
        Ok(stood)
    }

    /// Sends the messages of a manifest.
    async fn send(
        &self,
        accepted: &AcceptedEvent,
        manifest: &Manifest,
        policies: &[Policy],
    ) -> Result<(), FanoutError> {
        let policies: HashMap<_, _> = policies.iter().map(|policy| (policy.id, policy)).collect();
        let is_logged = |reference: &DeliveryRef| {
            let policy = policies.get(&reference.policy);
            policy.is_some_and(|policy| way(policy, accepted) == Way::Log)
        };
        let event = &accepted.event;
        let (logged, references): (Vec<_>, Vec<_>) = manifest.deliveries().partition(is_logged);
        self.wake_lanes(event, logged).await?;
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

/// The manifests' entries: each policy with its recipients, if it has any, by owner. A recipient that
/// is suspended hears nothing, unless it is told by the log, in which it keeps its place.
fn entries(policies: &[Policy], accepted: &AcceptedEvent) -> BTreeMap<Tenant, Vec<ManifestEntry>> {
    let mut by_owner: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for policy in policies {
        let by_log = way(policy, accepted) == Way::Log;
        let recipients = policy.recipients.iter();
        let joined_before = |known: &Recipient| {
            let start = policy.delivery_mode.start_of(&known.id);
            start < accepted.event.place
        };
        let told = recipients.filter(|known| match by_log {
            true => joined_before(known),
            false => known.is_active(),
        });
        let recipients: Vec<_> = told.map(|known| known.id.clone()).collect();
        if !recipients.is_empty() {
            by_owner
                .entry(policy.owner)
                .or_default()
                .push(ManifestEntry {
                    policy: policy.id,
                    recipients,
                });
        }
    }
    by_owner
}

fn way(policy: &Policy, accepted: &AcceptedEvent) -> Way {
    policy.way_of(&accepted.event, &accepted.dialects)
}
