//! Tests of whole nodes, one file a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::approx_constant, reason = "losses that were measured, the first of which happens to be ln 2")]

mod accounts;
mod archives;
mod audit;
mod auth;
mod board_attacks;
mod board_compare;
mod board_components;
mod board_data;
mod board_entry;
mod board_job;
mod board_lists;
mod board_logs;
mod board_old;
mod board_old_login;
mod board_old_sockets;
mod board_outputs;
mod board_site;
mod board_submit;
mod board_task;
mod board_walls;
mod checkpoints;
#[cfg(target_os = "linux")]
mod confinement;
mod contract;
mod data;
mod describing;
mod deterministic;
mod faults;
mod gradient;
mod hetero_lr;
mod hetero_lr_modes;
mod hostile;
mod hostile_exports;
mod hostile_memories;
mod hostile_raw;
mod house;
mod http;
mod intersection;
#[cfg(target_os = "linux")]
mod isolation;
mod jobs_more;
mod kept_models;
mod kept_whole;
mod limits;
mod loads;
mod logs;
mod observability;
mod predict;
mod predict_refusals;
mod quotas;
mod refused;
mod registry;
mod rerun;
mod scratch;
mod site_paths;
mod tables;
mod tenancy_matrix;
mod tenant_walls;
mod tls;
mod toy;
mod transfer;
mod wrong_requests;
