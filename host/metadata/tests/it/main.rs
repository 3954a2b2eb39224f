//! Tests of the store: each noun there and back, transactions, restarts, threads. Not for: SQL.

#![expect(clippy::unwrap_used, reason = "a test may end at once")]

mod checkpoints;
mod cleaning;
mod job_list;
mod jobs;
mod pages;
mod results;
mod store;
mod table_state;
mod tables;
mod usage;
mod world;
