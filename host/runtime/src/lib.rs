//! The sandbox: runs one attempt of a component in one wasm instance, with exactly the ports that the node wired and the
//! limits that are in force. Not for: deciding what runs (`scheduler`), or doing what components ask for: everything
//! outside the instance is behind `domain::port::World`.
//!
//! `images` accepts and keeps components, `sandbox` runs attempts, `state` is what one attempt owns, and there is one file an
//! interface of the contract.

mod cache;
mod clock;
mod compile;
mod context;
mod convert;
mod description;
mod engine;
mod federation;
mod generated;
mod he;
mod image;
mod images;
mod limiter;
mod log;
mod metrics;
mod models;
mod preflight;
mod psi;
mod refusal;
mod sandbox;
mod site;
mod state;
mod stdio;
mod tables;

pub use compile::{COMPILE_COMMAND, compile_command};
pub use engine::{Settings, start};
pub use image::{AcceptError, Image};
pub use images::Images;
pub use preflight::{WitWorld, wit_world};
pub use sandbox::{Sandbox, Usage, Watcher};
