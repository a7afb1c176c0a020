//! Test deliveries: of an event that did not happen, made while the caller waits, recorded nowhere.

use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{
    catalogue::BuiltIn,
    delivery::DeliveryRef,
    event::{Event, EventId, EventRef, Report},
    event_type::EventType,
    id::RecipientId,
    invoke::{TestDelivery, Tested},
    message::Version1,
    policy::{EventTypes, Policy},
};

/// The first type that a policy hears.
pub(crate) fn first_type(policy: &Policy) -> EventType {
    match &policy.event_types {
        EventTypes::Named(types) => types.first().cloned(),
        EventTypes::All => None,
    }
    .unwrap_or_else(|| {
        let first = BuiltIn::of(policy.dialect).next();
        let first = first.expect("every dialect knows a built-in type");
        first.name.parse().expect("a built-in name keeps its rule")
    })
}

/// What is tried: an event, on its way to a recipient of a policy.
pub(crate) fn trial(policy: &Policy, recipient: &RecipientId, event: Event) -> TestDelivery {
    TestDelivery {
        v: Version1,
        reference: DeliveryRef {
            owner: policy.owner,
            policy: policy.id,
            recipient: recipient.clone(),
            event: event.reference.clone(),
        },
        event,
    }
}

impl Api {
    /// An event that did not happen in the caller's account, with the example that the catalogue has
    /// of its type.
    pub(crate) async fn sample_event(
        &self,
        caller: &Caller,
        event_type: EventType,
    ) -> Result<Event, Failure> {
        let entry = self.store.event_type(&event_type).await?;
        Ok(Event {
            reference: EventRef {
                tenant: caller.tenant(),
                id: EventId::for_test(self.random.bytes()),
                accepted_at: self.clock.now(),
            },
            account: (&caller.account).into(),
            place: None,
            report: Report {
                event_type,
                resource_type: None,
                resource_id: None,
                data: entry.and_then(|entry| entry.example),
                occurred_at: None,
            },
        })
    }

    /// Makes the attempt, and waits for what comes of it.
    pub(crate) async fn try_out(
        &self,
        policy: &Policy,
        recipient: &RecipientId,
        event: Event,
    ) -> Result<Tested, Failure> {
        let test = trial(policy, recipient, event);
        Ok(self.invoke.test(policy.channel, test).await?)
    }
}
