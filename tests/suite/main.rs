//! Tests of whole nodes, one file a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::approx_constant, reason = "losses that were measured, the first of which happens to be ln 2")]

mod archives;
mod auth;
mod checkpoints;
mod contract;
mod data;
mod faults;
mod gradient;
mod hetero_lr;
mod hetero_lr_modes;
mod hostile;
mod hostile_exports;
mod hostile_raw;
mod house;
mod http;
mod intersection;
mod jobs_more;
mod kept_models;
mod kept_whole;
mod loads;
mod logs;
mod predict;
mod predict_refusals;
mod refused;
mod registry;
mod rerun;
mod site_paths;
mod tables;
mod toy;
mod transfer;
mod wrong_requests;
