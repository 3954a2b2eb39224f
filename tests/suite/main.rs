//! Tests of whole nodes, one file a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::approx_constant, reason = "losses that were measured, the first of which happens to be ln 2")]

mod data;
mod faults;
mod gradient;
mod hetero_lr;
mod hetero_lr_modes;
mod hostile;
mod hostile_raw;
mod house;
mod http;
mod intersection;
mod logs;
