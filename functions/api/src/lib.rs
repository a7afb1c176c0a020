//! The HTTP API: one router that serves Lambda and the local service alike. Each dialect has its
//! routes, its bodies and its errors in a module of its own; what they share is the caller, the
//! parsing of fields, and the kinds of failure.

mod account_fields;
mod api_version;
mod caller;
mod cybersource;
mod failure;
pub mod gateway;
mod health;
mod herald;
mod http_signature;
mod idempotency;
mod lune;
mod media_type;
mod on_aws;
mod operator;
mod policy_change;
mod policy_creation;
mod policy_fields;
mod policy_path;
mod policy_secret;
mod pulse;
mod rate_limit;
mod removal;
mod replay;
mod sequence;
mod signing_key;
mod test_delivery;
mod unpaged;
mod wake;

use ::herald::{
    clock::Clock,
    destination::DestinationRules,
    invoke::Invoke,
    name::Name,
    operator::OperatorSecret,
    queue::Queue,
    random::Random,
    store::{Accounts, Store},
    vault::Vault,
};
use axum::Router;
pub use rate_limit::RateLimit;
use std::{sync::Arc, time::Duration};

/// The largest body of a request, in bytes: an event's data and what goes around it, written
/// generously.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What the routes work with.
#[derive(Clone, Debug)]
pub struct Api {
    /// Accounts and credentials.
    pub accounts: Accounts,
    /// What the operator presents, who makes them.
    pub operator_secret: Arc<dyn OperatorSecret>,
    /// Everything else that is kept.
    pub store: Store,
    /// Where messages to the other functions go.
    pub queue: Arc<dyn Queue>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids and secrets.
    pub random: Arc<dyn Random>,
    /// Seals and opens secrets.
    pub vault: Vault,
    /// Where webhooks may go.
    pub rules: DestinationRules,
    /// How test deliveries are made.
    pub invoke: Arc<dyn Invoke>,
    /// How long the deployment gives a receiver, and so the most that a policy may.
    pub webhook_timeout: Duration,
    /// The name that pages bear.
    pub brand: Name,
    /// What dialects count that limit their requests.
    pub rate_limit: RateLimit,
}

/// Every route of the API.
pub fn router(api: Api) -> Router {
    let api = Arc::new(api);
    Router::new()
        .merge(health::routes())
        .merge(herald::routes(&api))
        .merge(sequence::routes(&api))
        .merge(lune::routes(&api))
        .merge(cybersource::routes(&api))
        .merge(pulse::routes(&api))
        .fallback(herald::unknown_route)
        .method_not_allowed_fallback(herald::method_not_allowed)
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(api)
}
