//! Test deliveries: of an event that did not happen, made while the caller waits, recorded nowhere.

use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{
    catalogue::BuiltIn,
    delivery::DeliveryRef,
    event::{Event, EventAccount, EventId, EventRef, Report},
    event_type::EventType,
    id::RecipientId,
    invoke::{TestDelivery, Tested},
    json::JsonObject,
    message::Version1,
    policy::{EventTypes, Policy},
    tenant::Tenant,
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

/// A test delivery: an event, on its way to a recipient of a policy.
pub(crate) fn test_delivery(
    policy: &Policy,
    recipient: &RecipientId,
    event: Event,
) -> TestDelivery {
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
        let account = (&caller.account).into();
        let data = entry.and_then(|entry| entry.example);
        Ok(self.unreal_event(caller.tenant(), account, event_type, data))
    }

    /// An event that did not happen, with data of its own.
    pub(crate) fn unreal_event(
        &self,
        tenant: Tenant,
        account: EventAccount,
        event_type: EventType,
        data: Option<JsonObject>,
    ) -> Event {
        Event {
            reference: EventRef {
                tenant,
                id: EventId::for_test(self.random.bytes()),
                accepted_at: self.clock.now(),
            },
            account,
            place: None,
            report: Report {
                event_type,
                resource_type: None,
                resource_id: None,
                data,
                occurred_at: None,
            },
        }
    }

    /// Makes the attempt, and waits for what comes of it.
    pub(crate) async fn test(
        &self,
        policy: &Policy,
        recipient: &RecipientId,
        event: Event,
    ) -> Result<Tested, Failure> {
        let test = test_delivery(policy, recipient, event);
        Ok(self.invoke.test(policy.channel, test).await?)
    }
}
