//! What a node knows, in one SQLite file: jobs, tasks, data tables, models, metrics, images. Writes are typed
//! operations inside `Store::commit`, one transaction each; reads are methods of `Store`. Not for: rows of data tables
//! (`tables`), deciding what changes (`scheduler`), the wire format (`api`).

mod error;
mod images;
mod job_query;
mod jobs;
mod metrics;
mod models;
mod outputs;
mod restore;
mod schema;
mod sql;
mod store;
mod tables;
mod task_query;
mod tasks;

pub use error::StoreError;
pub use images::Image;
pub use job_query::{JobFilter, JobOrder, JobPage, JobRow};
pub use jobs::{JobUpdate, NewJob, NewJobParty};
pub use metrics::MetricSeries;
pub use models::{ComponentModel, ModelFilter, ModelKey, SavedModel};
pub use outputs::OutputData;
pub use restore::{StoredJob, StoredParty, StoredTask};
pub use sql::StatementHook;
pub use store::{DEFAULT_TENANT, Store, Tx};
pub use tables::{DataTable, DeletedTable, TableFilter, TableOrigin, UnknownOrigin};
pub use task_query::{PartyTaskRow, Progress, TaskFilter, TaskRow};
pub use tasks::{NewPartyTask, NewTask, PartyTaskUpdate};
