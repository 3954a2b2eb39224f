//! Tests of whole nodes, one file a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

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
