//! Stories: what the service promises, told with the real handlers, engine and receiver, and a
//! clock turned by hand.

mod cancel;
mod crash;
mod duplicate;
mod email;
mod fairness;
mod gone;
mod isolation;
mod poison;
mod receivers;
mod restart;
mod retry;
mod test_drive;
