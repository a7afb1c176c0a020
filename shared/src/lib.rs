//! Herald's domain: the words, the pure decisions, the store and the queue.
//!
//! One event's way through the house, and where each step lives:
//!
//! 1. `api` parses a [`event::Report`], records it once ([`store::Store::record_event`]) and
//!    enqueues [`message::FanOut`].
//! 2. `fanout` finds the policies that hear of it ([`policy::HintKey`]), writes the
//!    [`store::Manifest`] and enqueues a [`message::Deliver`] for each recipient.
//! 3. The [`sender`] of a channel reads what a batch needs, decides, and has its carrier make the
//!    attempts. `webhook` checks the destination ([`destination::DestinationRules`]), has the
//!    policy's [`dialect::Dialect`] make the body, and signs it ([`signature`]); `email` writes a
//!    message with a link to [`unsubscribe`]. The [`attempt::Outcome`] is recorded: delivered, or
//!    waiting by the schedule in [`retry`].
//! 4. `timer` wakes what waits longer than a queue can ([`store::DueDelivery`]).
//! 5. `feedback` hears of mails that came back, and of complaints ([`mail_tags`]).
//!
//! A refusal by a receiver is an outcome and is recorded; an `Err` is our own fault, and its
//! message is delivered again.

pub mod account;
pub mod address;
pub mod attempt;
pub mod aws;
pub mod catalogue;
pub mod clock;
pub mod credential;
pub mod delivery;
pub mod delivery_id;
pub mod destination;
pub mod dialect;
pub mod email;
pub mod error_chain;
pub mod event;
pub mod event_type;
pub mod fields;
pub mod id;
pub mod invalid;
pub mod invoke;
pub mod json;
pub mod keyring;
pub mod lane;
pub mod login_token;
pub mod mail_tags;
pub mod message;
mod millis;
pub mod name;
pub mod operator;
pub mod pace;
pub mod page_cursor;
pub mod place;
pub mod policy;
pub mod queue;
pub mod random;
pub mod recipient;
pub mod replay;
pub mod retry;
pub mod secret;
pub mod sender;
pub mod settings;
pub mod signature;
pub mod signing_key;
pub mod store;
pub mod suppression;
pub mod tenant;
mod text;
pub mod trace_id;
pub mod unsubscribe;
pub mod vault;
