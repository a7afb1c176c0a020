//! Writes that were made, and whose answers were lost: the SDK makes them again, and whoever asked for
//! one is told that it was made, not that somebody else did.
#![expect(clippy::disallowed_types, reason = "makes a client for the store")]

use crate::{
    catalogue,
    deliveries::read,
    sample::{dawn, delivery, engine, policy_id, recipient_id, seconds, tenant, waiting},
};
use aws_sdk_dynamodb::{
    Client,
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
        },
        retry::RetryConfig,
    },
    error::BoxError,
};
use herald::{
    lane::{Lane, LaneRef},
    settings,
    store::{Claim, Parking, Recorded, Store},
    suppression::Suppression,
};
use herald_local::{engine::Engine, world::wire::operation};
use std::{
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::Duration,
};

/// Makes an answer one of a service that has trouble, for the first attempt at each write.
#[derive(Debug, Default)]
struct Losing {
    is_first_write: AtomicBool,
}

impl Intercept for Losing {
    fn name(&self) -> &'static str {
        "Losing"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempt = context.request().headers().get("amz-sdk-request");
        let is_first = attempt.is_some_and(|attempt| attempt.starts_with("attempt=1;"));
        let is_read = operation(context).is_none_or(|name| name.ends_with("GetItem"));
        self.is_first_write.store(is_first && !is_read, SeqCst);
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.is_first_write.load(SeqCst) {
            *context.response_mut().status_mut() = 500.try_into()?;
        }
        Ok(())
    }
}

/// A store that hears of none of its writes before their second attempt, one request at a time.
async fn store() -> Store {
    let engine = engine().await;
    let at_once = RetryConfig::standard().with_initial_backoff(Duration::ZERO);
    let config = engine
        .config()
        .retry_config(at_once)
        .interceptor(Losing::default());
    let client = Client::from_conf(config.build());
    Engine::store_through(&client, settings::DEFAULT_RETENTION)
}

async fn started(store: &Store, at: i64) -> Lane {
    let lane = LaneRef {
        owner: tenant(1),
        policy: policy_id(1),
        recipient: recipient_id(1),
    };
    let now = dawn() + seconds(at);
    match store.claim_lane(&lane, now, seconds(50), false).await {
        Ok(Claim::Started(lane)) => *lane,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_lane_is_leased_to_who_asked_for_it() {
    let store = store().await;
    let first = started(&store, 0).await;
    let parked = store.park_lane(&first, Parking::AtOnce, dawn()).await;
    assert_eq!(parked.expect("the store answers"), Recorded::Done);
    let second = started(&store, 1).await;
    assert_eq!(second.fence, first.fence + 1);
}

#[tokio::test]
async fn a_delivery_has_its_first_record() {
    let store = store().await;
    let delivery = delivery("e", 0, waiting(dawn()));
    let started = store.start_delivery(&delivery, dawn()).await;
    assert_eq!(started.expect("the store answers"), Recorded::Done);
    assert_eq!(read(&store, &delivery.reference).await, Some(delivery));
}

#[tokio::test]
async fn what_is_taken_away_was_there_once() {
    let store = store().await;
    let (owner, address) = (tenant(1), "jo@example.com".parse().expect("an address"));
    let entry = Suppression {
        address,
        since: dawn(),
        error: "550".to_owned(),
    };
    let suppressed = store.suppress(owner, &entry).await;
    suppressed.expect("the store answers");
    let added = catalogue::entry("order.shipped");
    catalogue::keep(&store, &added).await;
    for was_there in [true, false] {
        let lifted = store.lift_suppression(owner, &entry.address).await;
        assert_eq!(lifted.expect("the store answers"), was_there);
        let removed = store.remove_event_type(&added.name).await;
        assert_eq!(removed.expect("the store answers"), was_there);
    }
}
