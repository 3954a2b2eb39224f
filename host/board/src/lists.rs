//! Lists of jobs: those that run, and all of them with filters, order and pages. Not for: one job (`job`).

pub mod jobs;
pub mod query;
pub(crate) mod row;
pub mod running;
