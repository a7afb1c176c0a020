//! `template.yaml` against the code: what the one sets up is what the other relies on.

mod environment;
mod functions;
mod mail;
mod parameters;
mod permissions;
mod queues;
mod tables;
mod template;
