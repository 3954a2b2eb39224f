//! The HTTP contract, wire-compatible with FATE-Flow 1.11: what requests carry, what answers carry, which code means
//! what, and the OpenAPI document of it all. Not for: serving it (`server`), calling it (`cli`), nor the node behind
//! it.

#![cfg_attr(test, recursion_limit = "256")]

pub mod account;
pub mod arguments;
pub mod bind;
pub mod board;
pub mod change;
pub mod component;
pub mod document;
mod endpoints;
pub mod envelope;
pub mod fate_board;
pub mod job;
pub mod loose;
pub mod model;
pub mod model_archive;
pub mod model_use;
pub mod node;
pub mod pages;
pub mod quota;
pub mod rows;
pub mod scopes;
pub mod signature;
pub mod site;
pub mod table;
pub mod table_use;
pub mod tag;
pub mod tracking;
pub mod usage;

pub use document::openapi;
pub use envelope::{Envelope, retcode};
