//! What a sender is invoked with on Lambda: records of its queue, or a call whose caller waits.

use super::{Carrier, Load, Sender, SenderError};
use crate::{
    invalid::Invalid,
    invoke::{Call, TestDelivery, Tested},
};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use serde::{Deserialize, Serialize};
use tracing::Instrument;

/// An invocation.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Payload")]
pub enum Invocation {
    /// A call.
    Call(Call),
    /// Records of the queue.
    Queue(SqsEvent),
}

/// What either of them has. Not an untagged enum: that reads into a buffer first, from which the
/// data of an event cannot be taken letter for letter.
#[derive(Deserialize)]
struct Payload {
    #[serde(rename = "Records")]
    records: Option<Vec<SqsMessage>>,
    test: Option<Box<TestDelivery>>,
}

impl TryFrom<Payload> for Invocation {
    type Error = Invalid;

    fn try_from(payload: Payload) -> Result<Self, Invalid> {
        match (payload.records, payload.test) {
            (Some(records), None) => {
                let mut event = SqsEvent::default();
                event.records = records;
                Ok(Self::Queue(event))
            }
            (None, Some(test)) => Ok(Self::Call(Call::Test(test))),
            _ => Err(Invalid::new("must be records of a queue, or a call")),
        }
    }
}

/// The answer to an invocation.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// To a test delivery.
    Tested(Tested),
    /// To records.
    Queue(SqsBatchResponse),
}

impl<C: Carrier> Sender<C> {
    /// Makes a test delivery, and records nothing.
    ///
    /// # Errors
    /// Where the attempt could not be made, by a fault of our own.
    pub async fn test(&self, test: &TestDelivery) -> Result<Tested, SenderError<C::Error>> {
        let reference = &test.reference;
        let policy = self.store.policy(reference.owner, reference.policy).await?;
        let Some(policy) = policy else {
            return Ok(Tested::NotThere);
        };
        let Some(recipient) = policy.recipient(&reference.recipient) else {
            return Ok(Tested::NotThere);
        };
        let load = Load {
            event: &test.event,
            delivery: reference,
            policy: &policy,
            recipient,
            number: 1,
            is_test: true,
        };
        let span = tracing::info_span!("test", policy.id = %reference.policy);
        let (attempt, _) = self.attempt(&load).instrument(span).await?;
        Ok(Tested::Attempted(attempt))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        delivery::DeliveryRef,
        event::{Event, EventAccount, EventId, EventRef, Report},
        id::{AccountId, PolicyId, RecipientId},
        message::Version1,
        tenant::{Mode, Tenant},
    };
    use jiff::Timestamp;
    use serde_json::json;
    use uuid::Uuid;

    fn call(data: &str) -> Call {
        let tenant = Tenant {
            account: AccountId::from_uuid(Uuid::from_u128(1)),
            mode: Mode::Live,
        };
        let reference = EventRef {
            tenant,
            id: EventId::for_test([2; 16]),
            accepted_at: Timestamp::UNIX_EPOCH,
        };
        Call::Test(Box::new(TestDelivery {
            v: Version1,
            reference: DeliveryRef {
                owner: tenant,
                policy: PolicyId::from_uuid(Uuid::from_u128(3)),
                recipient: RecipientId::from_bytes([4; 8]),
                event: reference.clone(),
            },
            event: Event {
                reference,
                account: EventAccount::default(),
                place: None,
                report: Report {
                    event_type: "INVOICE_ISSUED".parse().expect("a name"),
                    resource_type: None,
                    resource_id: None,
                    data: Some(data.parse().expect("an object")),
                    occurred_at: None,
                },
            },
        }))
    }

    #[test]
    fn a_call_is_read_with_the_data_of_its_event_letter_for_letter() {
        let made = call(r#"{"b":1.50,"a":1e400,"b":"\u00e4"}"#);
        let payload = serde_json::to_vec(&made).expect("JSON");
        match serde_json::from_slice(&payload) {
            Ok(Invocation::Call(read)) => assert_eq!(read, made),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn records_are_read_with_fields_that_are_not_known() {
        let record = json!({ "messageId": "1", "body": "{", "attributes": {}, "new": [1] });
        let payload = json!({ "Records": [record], "more": null }).to_string();
        match serde_json::from_str(&payload) {
            Ok(Invocation::Queue(event)) => {
                let ids = event
                    .records
                    .iter()
                    .map(|record| record.message_id.as_deref());
                assert_eq!(ids.collect::<Vec<_>>(), [Some("1")]);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_neither_is_no_invocation() {
        let both = format!(
            r#"{{"Records":[],{}"#,
            &serde_json::to_string(&call("{}")).expect("JSON")[1..]
        );
        for payload in [
            "{}",
            "[]",
            "null",
            r#"{"test":{}}"#,
            r#"{"Records":1}"#,
            &both,
        ] {
            let read = serde_json::from_str::<Invocation>(payload);
            assert!(read.is_err(), "{payload}: {read:?}");
        }
    }
}
