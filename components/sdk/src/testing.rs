//! Jobs in native tests: all parties of a component as threads of the test, with tables, models, metrics and messages
//! in memory, so that `cargo test` runs the whole of it without a node. Not for: limits, the sandbox and real
//! cryptography, which `parcae component run` shows.
//!
//! [`Job`] is the way in, [`Outcome`] what comes out. What each party does is checked as a node does it: ports and
//! grants of the description, pages against their schema, addresses of messages. Three things differ:
//!
//! - **Nothing is encrypted.** Behind the handles of [`he`](crate::he) are plain numbers, rounded as real ciphertexts
//!   are, and [`psi`](crate::psi) compares plain digests. Wrong keys, lengths and tokens are refused as by a node.
//! - Parameters get the defaults of the module's schema, and names that it does not have are refused; types and bounds
//!   are not checked.
//! - There are no limits of size, and only one of time: [`Job::deadline`]. When all parties wait for each other, that
//!   is told at once.
//!
//! This module exists on other targets than `wasm32` only.

mod defaults;
mod digest;
pub(crate) mod federation;
pub(crate) mod he;
mod hub;
mod job;
pub(crate) mod metrics;
pub(crate) mod models;
mod outcome;
mod pages;
pub(crate) mod psi;
pub(crate) mod site;
pub(crate) mod tables;
mod world;

#[cfg(test)]
mod tests;

pub use job::{Given, Job};
pub use outcome::{Checkpoint, Edge, Exported, Outcome, PartyOutcome, Series};
pub(crate) use world::{log, task};
