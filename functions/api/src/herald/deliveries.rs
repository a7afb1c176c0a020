//! One delivery: looking at it, trying it again, cancelling it.

use super::{
    delivery_view::DeliveryView, id_path::IdPath, newest_attempts::NewestAttempts,
    problem::Problem, recipient_view::RecipientView,
};
use crate::{Api, failure::Failure};
use ::herald::{
    credential::Role,
    delivery::{CancelReason, Delivery, DeliveryRef, Status},
    delivery_id::DeliveryId,
    event::Event,
    event_type::EventType,
    lane::LaneRef,
    message::Deliver,
    policy::Policy,
    queue::QueueName,
    recipient::{Recipient, Target},
    store::Recorded,
    tenant::Tenant,
    trace_id::TraceId,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use std::{sync::Arc, time::Duration};

/// A delivery with everything that is known of it and that there is room for.
#[derive(Serialize)]
struct WholeDelivery {
    #[serde(flatten)]
    delivery: DeliveryView,
    /// Its recipient as the policy has it now; absent where it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<RecipientView>,
    #[serde(flatten)]
    attempts: NewestAttempts,
}

/// What was found of a delivery.
struct Found {
    reference: DeliveryRef,
    event_type: EventType,
    /// `None` while it is pending.
    delivery: Option<Delivery>,
    /// `None` once it is deleted.
    policy: Option<Policy>,
}

impl Found {
    fn recipient(&self) -> Option<&Recipient> {
        self.policy.as_ref()?.recipient(&self.reference.recipient)
    }

    fn target(&self) -> Option<Target> {
        self.recipient().map(|recipient| recipient.target.clone())
    }

    fn view(&self) -> DeliveryView {
        match &self.delivery {
            Some(delivery) => delivery.into(),
            None => {
                let policy = self.policy.as_ref();
                DeliveryView::unrecorded(&self.reference, self.event_type.clone(), policy)
            }
        }
    }

    /// Whether it is told in order, by the log.
    fn is_in_order(&self, event: &Event) -> bool {
        let policy = self.policy.as_ref();
        policy.is_some_and(|policy| policy.reads_in_log(event).is_some())
    }

    /// The lane that tells it, where it is told in order.
    fn lane(&self) -> LaneRef {
        LaneRef::from(&self.reference)
    }
}

/// `GET /herald/v1/deliveries/{id}`: a delivery with its attempts.
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
) -> Result<Json<impl Serialize>, Problem> {
    let caller = api.caller(&headers, Role::Read).await?;
    let found = api.find_delivery(caller.tenant(), &id).await?;
    Ok(Json(api.whole(&found).await?))
}

/// `POST /herald/v1/deliveries/{id}/retry`: makes an attempt now, whatever became of it before.
pub(super) async fn retry(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let found = api.find_delivery(caller.tenant(), &id).await?;
    match found.recipient() {
        None => return Err(conflict("its recipient is no longer listed").into()),
        Some(recipient) if !recipient.is_active() => {
            return Err(conflict("its recipient is suspended, and must be revived first").into());
        }
        Some(_) => {}
    }
    let is_active = |policy: &Policy| policy.status.is_active();
    if !found.policy.as_ref().is_some_and(is_active) {
        return Err(conflict("its policy is not active, and must be activated first").into());
    }
    let Some(event) = api.store.kept_event(&found.reference.event).await? else {
        return Err(conflict("its event is no longer kept").into());
    };
    if found.is_in_order(&event.event) {
        return Ok(api.retry_in_order(&found).await?);
    }
    let found = api.make_ready(found).await?;
    let made = found
        .delivery
        .as_ref()
        .map_or(0, |delivery| delivery.attempts);
    let message = Deliver::new(found.reference.clone(), made + 1, found.target(), None);
    let queue = message.queue();
    let message = message.outgoing(Duration::ZERO);
    api.queue.send(queue, vec![message]).await?;
    Ok((StatusCode::ACCEPTED, Json(api.whole(&found).await?)).into_response())
}

/// `POST /herald/v1/deliveries/{id}/cancel`: makes no further attempt.
pub(super) async fn cancel(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let found = api.find_delivery(caller.tenant(), &id).await?;
    if let Some(event) = api.store.kept_event(&found.reference.event).await?
        && found.is_in_order(&event.event)
    {
        return Err(conflict("its policy is told in order, and leaves nothing out").into());
    }
    let now = api.clock.now();
    let cancelled = Status::Cancelled {
        at: now,
        reason: CancelReason::Requested,
    };
    match &found.delivery {
        None => {
            let delivery = Delivery {
                target: found.target(),
                reference: found.reference,
                event_type: found.event_type,
                attempts: 0,
                status: cancelled,
            };
            moved(api.store.start_delivery(&delivery, now).await?)?;
        }
        Some(delivery) if delivery.has_ended() => {
            let detail = format!("it has ended: {}", delivery.status.name());
            return Err(Failure::Conflict(detail).into());
        }
        Some(delivery) => moved(api.store.move_delivery(delivery, cancelled, now).await?)?,
    }
    let found = api.find_delivery(caller.tenant(), &id).await?;
    Ok(Json(api.whole(&found).await?).into_response())
}

impl Api {
    /// The delivery with an id, or of which a trace id names an attempt.
    async fn find_delivery(&self, owner: Tenant, id: &str) -> Result<Found, Failure> {
        let not_found = || Failure::NotFound("there is no such delivery");
        let found = match (id.parse::<DeliveryId>(), id.parse::<TraceId>()) {
            (Ok(id), _) => self.store.find_delivery(owner, id).await?,
            (_, Ok(trace)) => self.store.find_traced(owner, trace).await?,
            _ => None,
        };
        let (reference, event_type) = found.ok_or_else(not_found)?;
        let mut deliveries = self
            .store
            .deliveries(std::slice::from_ref(&reference))
            .await?;
        let policy = self.store.policy(reference.owner, reference.policy).await?;
        let delivery = deliveries.remove(&reference.id());
        if delivery.is_none() {
            let kept = self.store.kept_event(&reference.event).await?;
            let event = kept.as_ref().map(|kept| &kept.event);
            let is_to_come = self.is_to_come(&reference, event, policy.as_ref());
            if !is_to_come.await? {
                return Err(not_found());
            }
        }
        Ok(Found {
            reference,
            event_type,
            delivery,
            policy,
        })
    }

    /// Has the lane go on that tells a delivery in order: with whatever is next in it.
    async fn retry_in_order(&self, found: &Found) -> Result<Response, Failure> {
        if found.delivery.is_some() {
            return Err(conflict(
                "its policy is told in order, and nothing is sent again beside that",
            ));
        }
        let wake = found.lane().wake().at_once().outgoing(Duration::ZERO);
        self.queue.send(QueueName::Webhook, vec![wake]).await?;
        Ok((StatusCode::ACCEPTED, Json(self.whole(found).await?)).into_response())
    }

    /// Has an ended delivery wait for its next attempt; others do, or have none yet.
    async fn make_ready(&self, found: Found) -> Result<Found, Failure> {
        let ended = match &found.delivery {
            None => return Ok(found),
            Some(delivery) => match &delivery.status {
                Status::Waiting { .. } => return Ok(found),
                Status::Withheld { .. }
                | Status::Delivered { .. }
                | Status::Failed { .. }
                | Status::Cancelled { .. } => delivery,
            },
        };
        let ready = self.store.make_ready(ended, self.clock.now()).await?;
        Ok(Found {
            delivery: Some(ready.ok_or_else(moved_meanwhile)?),
            ..found
        })
    }

    async fn whole(&self, found: &Found) -> Result<WholeDelivery, Failure> {
        // What is told in order has its record once it arrived, and its attempts before that.
        let attempts = self.newest_attempts(&found.reference, found.delivery.as_ref());
        Ok(WholeDelivery {
            delivery: found.view(),
            recipient: found.recipient().map(RecipientView::from),
            attempts: attempts.await?,
        })
    }
}

fn conflict(detail: &str) -> Failure {
    Failure::Conflict(detail.to_owned())
}

fn moved(recorded: Recorded) -> Result<(), Failure> {
    match recorded {
        Recorded::Done => Ok(()),
        Recorded::Stale => Err(moved_meanwhile()),
    }
}

fn moved_meanwhile() -> Failure {
    conflict("an attempt was made at the same moment; look again")
}
