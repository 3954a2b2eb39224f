//! Tests of the store: each noun there and back, transactions, restarts, threads. Not for: SQL.

mod jobs;
mod results;
mod store;
mod tables;
mod world;
