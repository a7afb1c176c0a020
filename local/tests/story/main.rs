//! Stories: what the service promises, told with the real handlers, engine and receiver, and a
//! clock turned by hand.

mod cancel;
mod crash;
mod cybersource;
mod duplicate;
mod email;
mod erasure;
mod erasure_crash;
mod fairness;
mod feedback;
mod first_account;
mod forgotten;
mod gone;
mod health;
mod isolation;
mod lune;
mod moved;
mod ordered;
mod organisation;
mod own_receiver;
mod pace;
mod poison;
mod produced;
mod pulse;
mod receivers;
mod replay;
mod restart;
mod retry;
mod retry_policy;
mod scope;
mod status;
mod test_drive;
mod withheld;
