//! The sandbox: runs one attempt of a component in one wasm instance, with exactly the ports that the node wired and the
//! limits that are in force. Not for: deciding what runs (`scheduler`), or doing what components ask for: everything
//! outside the instance is behind `domain::port::World`.
//!
//! `images` accepts and keeps components, `sandbox` runs attempts, `state` is what one attempt owns, and there is one file an
//! interface of the contract.

mod account;
mod artefacts;
mod cache;
mod clock;
mod compile;
mod context;
mod convert;
mod cpu;
mod description;
mod draws;
mod engine;
mod federation;
mod flavour;
mod generated;
mod he;
mod image;
mod images;
mod json;
mod limiter;
mod log;
mod meter;
mod metrics;
mod models;
mod own;
mod parameter_defaults;
mod parameter_schema;
mod preflight;
mod process;
mod psi;
mod random;
mod refusal;
mod sandbox;
mod scratch;
mod site;
mod state;
mod stdio;
mod tables;
mod tenants;
mod turns;

pub use compile::{COMPILE_COMMAND, compile_command};
pub use engine::{Settings, start};
pub use image::{AcceptError, Image};
pub use images::Images;
pub use own::{open_files, own_program};
pub use parcae_domain::usage::Usage;
pub use preflight::{WitWorld, look_at, wit_world};
pub use process::confine::{Confined, Confinement, Landlock, Scratch, confine};
#[doc(hidden)]
pub use process::read_message;
pub use process::{TableOpener, WORKER_COMMAND, worker_command};
pub use sandbox::{Sandbox, Watcher};
