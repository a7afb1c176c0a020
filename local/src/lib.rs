//! The whole service in one process: the handlers that Lambda runs, on an embedded DynamoDB
//! engine and an embedded queue. The tests stand on the same parts.

pub mod engine;
pub mod flags;
pub mod keys;
pub mod mail;
pub mod mailbox;
pub mod operator;
mod pages;
mod private_file;
pub mod queue;
pub mod receiver;
pub mod running;
pub mod service;
pub mod setup;
pub mod world;
