//! The HTTP contract, wire-compatible with FATE-Flow 1.11: what requests carry, what answers carry, which code means
//! what, and the OpenAPI document of it all. Not for: serving it (`server`), calling it (`cli`), nor the node behind
//! it.

#![cfg_attr(test, recursion_limit = "256")]

pub mod arguments;
pub mod document;
mod endpoints;
pub mod envelope;
pub mod job;
pub mod loose;
pub mod node;
pub mod rows;
pub mod table;
pub mod tracking;

pub use document::openapi;
pub use envelope::{Envelope, retcode};
