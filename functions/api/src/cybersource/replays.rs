//! `POST /nrtf/v1/webhooks/{id}/replays`: notifications that are sent again, by the trace ids of
//! their attempts, or by how they stand and when they happened.

mod wanted;

use super::error::CybersourceError;
use crate::{Api, failure::Failure, policy_path::PolicyPath, replay::is_running};
use ::herald::{
    credential::Role,
    delivery::DeliveryRef,
    fields::Fields,
    invalid::{FieldErrors, Invalid},
    message::Deliver,
    policy::Policy,
    recipient::Recipient,
    trace_id::TraceId,
};
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use futures::future::try_join_all;
use http::{HeaderMap, StatusCode};
use std::{sync::Arc, time::Duration};
use wanted::{TRACES, Wanted};

/// The answer has no body. How far a replay by status has come is shown on Herald's own routes.
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, CybersourceError> {
    let caller = api.cybersource_caller(&headers, Role::Manage).await?;
    let policy = api.subscription(&caller, path).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?)?;
    let wanted = api.read_cybersource_replay(&policy, &fields).await?;
    if policy.delivery_mode.is_ordered() {
        let detail = "it is told in order, and nothing is sent again beside that";
        return Err(Failure::Conflict(detail.to_owned()).into());
    }
    if !policy.recipients.iter().any(Recipient::is_active) {
        let detail = "its webhook URL is gone, and must be named again first";
        return Err(Failure::Conflict(detail.to_owned()).into());
    }
    match wanted {
        Wanted::Selected(selection) => {
            api.start_replay(&policy, selection).await?;
        }
        Wanted::Traced(traces) => api.send_traced_again(&policy, &traces).await?,
    }
    Ok(StatusCode::ACCEPTED)
}

impl Api {
    /// Has an attempt made of each delivery that trace ids lead to. Where one leads to none that can
    /// be sent, none is.
    async fn send_traced_again(&self, policy: &Policy, traces: &[TraceId]) -> Result<(), Failure> {
        self.check_replayable(policy)?;
        let of = (policy.owner, policy.id);
        if let Some(running) = self.store.running_replay(of).await? {
            return Err(is_running(Some(running)));
        }
        let references = self.traced(policy, traces).await?;
        let now = self.clock.now();
        let known = self.store.deliveries(&references).await?;
        let ready = known
            .values()
            .map(|known| self.store.make_ready(known, now));
        let ready = try_join_all(ready).await?;
        // One that moves at this moment has an attempt in any case.
        let again = ready.iter().flatten();
        let again = again.map(|delivery| Deliver::next(delivery, now, now));
        let first = references
            .iter()
            .filter(|reference| !known.contains_key(&reference.id()));
        let first = first.map(|reference| {
            let recipient = policy.recipient(&reference.recipient);
            let target = recipient.map(|recipient| recipient.target.clone());
            Deliver::new(reference.clone(), 1, target, None).outgoing(Duration::ZERO)
        });
        let messages = again.chain(first).collect();
        Ok(self.queue.send(policy.channel.queue(), messages).await?)
    }

    /// The deliveries that trace ids lead to, each once.
    async fn traced(
        &self,
        policy: &Policy,
        traces: &[TraceId],
    ) -> Result<Vec<DeliveryRef>, Failure> {
        let found = traces
            .iter()
            .map(|trace| self.store.find_traced(policy.owner, *trace));
        let found = try_join_all(found).await?;
        let events = found
            .iter()
            .flatten()
            .map(|(reference, _)| &reference.event);
        let kept = self.store.kept_events(events).await?;
        let mut errors = FieldErrors::default();
        let mut references: Vec<DeliveryRef> = Vec::with_capacity(traces.len());
        for (index, found) in found.into_iter().enumerate() {
            let named = found
                .map(|(reference, _)| reference)
                .filter(|reference| reference.policy == policy.id)
                .filter(|reference| {
                    let recipient = policy.recipient(&reference.recipient);
                    recipient.is_some_and(Recipient::is_active)
                })
                .filter(|reference| kept.contains_key(&reference.event));
            let rule = "must name an attempt of this subscription, at a URL that is not gone, \
                        whose event is still kept";
            let named = named.ok_or_else(|| Invalid::new(rule));
            let named = errors.check(&format!("{TRACES}[{index}]"), named);
            references.extend(named.filter(|reference| !references.contains(reference)));
        }
        Ok(errors.finish(Some(references))?)
    }
}
