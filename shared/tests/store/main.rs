//! The store on the embedded engine: what is recorded once, what is guarded, what is found again.

mod account_changes;
mod accounts;
mod attempts;
mod bounces;
mod catalogue;
mod credentials;
mod deliveries;
mod delivery_lists;
mod due;
mod erasure;
mod events;
mod hints;
mod interlude;
mod manifest_lists;
mod manifests;
mod pace;
mod policy_changes;
mod policy_creation;
mod policy_lists;
mod races;
mod rows;
mod sample;
mod suppressions;
mod suspensions;
mod unsubscribe;
mod vault;
