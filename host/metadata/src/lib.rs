//! What a node knows, in one SQLite file: jobs, tasks, data tables, models, metrics, images. Writes are typed
//! operations inside `Store::commit`, one transaction each; reads are methods of `Store`. Not for: rows of data tables
//! (`tables`), deciding what changes (`scheduler`), the wire format (`api`).

mod checkpoints;
mod cleaning;
mod connectors;
mod error;
mod images;
mod inherit;
mod job_query;
mod jobs;
mod keys;
mod lineage;
mod metrics;
mod model_index;
mod models;
mod outputs;
mod parameters;
mod restore;
mod schema;
mod sql;
mod store;
mod table_state;
mod tables;
mod tags;
mod task_page;
mod task_query;
mod tasks;
mod upload_history;

pub use checkpoints::Checkpoint;
pub use cleaning::{AttemptFilter, DeletedOutput, DeletedSeries};
pub use connectors::Connector;
pub use error::StoreError;
pub use images::{Image, ImageGrants};
pub use job_query::{JobFilter, JobOrder, JobPage, JobRow};
pub use jobs::{JobUpdate, NewJob, NewJobParty};
pub use lineage::{TableId, TableSource};
pub use metrics::MetricSeries;
pub use model_index::ModelEntry;
pub use models::{ComponentModel, ModelFilter, ModelKey, SavedModel};
pub use outputs::OutputData;
pub use restore::{StoredJob, StoredParty, StoredTask};
pub use sql::StatementHook;
pub use store::{DEFAULT_TENANT, Store, Tx};
pub use tables::{DataTable, DeletedTable, TableFilter, TableOrigin, UnknownOrigin};
pub use tags::{Tag, TaggedModel};
pub use task_page::{TaskOrder, TaskPage, TaskPaging};
pub use task_query::{PartyTaskRow, Progress, TaskFilter, TaskRow};
pub use tasks::{NewPartyTask, NewTask, PartyTaskUpdate};
pub use upload_history::UploadRow;
