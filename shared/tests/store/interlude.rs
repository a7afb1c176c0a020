//! Something that happens between two requests of one operation of the store. Tests that use it
//! need a runtime with several threads.
#![expect(clippy::disallowed_types, reason = "makes a client for the store")]

use aws_sdk_dynamodb::{
    Client,
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef,
    },
    error::BoxError,
};
use futures::future::BoxFuture;
use herald::{settings, store::Store};
use herald_local::{engine::Engine, world::wire::operation};
use std::{
    fmt,
    sync::{Mutex, PoisonError},
};
use tokio::{runtime::Handle, task::block_in_place};

struct Interlude {
    before: &'static str,
    act: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl Interlude {
    fn take(&self) -> Option<BoxFuture<'static, ()>> {
        let act = self.act.lock();
        act.unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Interlude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Interlude(before {})", self.before)
    }
}

impl Drop for Interlude {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.take().is_none(), "{self:?} never happened");
        }
    }
}

impl Intercept for Interlude {
    fn name(&self) -> &'static str {
        "Interlude"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if operation(context) == Some(self.before)
            && let Some(act) = self.take()
        {
            block_in_place(|| Handle::current().block_on(act));
        }
        Ok(())
    }
}

/// The store on an engine, where something happens before the first request of an operation
/// (`DeleteItem`) leaves. Dropping it fails the test if that never happened.
pub(crate) fn interrupted(
    engine: &Engine,
    before: &'static str,
    act: impl Future<Output = ()> + Send + 'static,
) -> Store {
    let interlude = Interlude {
        before,
        act: Mutex::new(Some(Box::pin(act))),
    };
    let config = engine.config().interceptor(interlude).build();
    Engine::store_through(&Client::from_conf(config), settings::DEFAULT_RETENTION)
}
