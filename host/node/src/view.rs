//! What a node shows of itself: plain data that the HTTP layer turns into FATE's rows and answers. Not for: deciding or
//! changing anything.

use std::path::PathBuf;
use std::sync::Arc;

use parcae_domain::{
    grant::Grant,
    id::JobId,
    party::{Party, PartyId, Role},
    port::{Scalar, Table},
    schema::Schema,
    status::Status,
};
use serde_json::{Map, Value};

/// A job that was taken on.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// Its id.
    pub job: JobId,
    /// Id of the model that it trains, or uses to predict.
    pub model_id: String,
    /// Version of that model: the job's own id, or what a predict job names.
    pub model_version: String,
    /// Initiator.
    pub initiator: Party,
    /// `DATA/logs/<job>`.
    pub logs_directory: PathBuf,
    /// `DATA/jobs/<job>`.
    pub job_directory: PathBuf,
    /// What was odd but no fault: obsolete keys.
    pub warnings: Vec<String>,
}

/// A job as one of its parties sees it; times in ms since the epoch.
#[derive(Clone, Debug)]
pub struct JobView {
    /// Its id.
    pub job: JobId,
    /// The party.
    pub party: Party,
    /// Who leads it.
    pub initiator: Party,
    /// All roles and their parties, in the order of the conf.
    pub roles: Vec<(Role, Vec<PartyId>)>,
    /// Where it stands.
    pub status: Status,
    /// 0 to 100.
    pub progress: u8,
    /// `""`, `job_end`, `submit_failed`.
    pub tag: String,
    /// Free text.
    pub description: String,
    /// True once somebody asked to stop it.
    pub cancel_signal: bool,
    /// DSL as submitted; of a predict job that of its model.
    pub dsl: Value,
    /// Runtime conf with defaults, as the initiator keeps it.
    pub runtime_conf: Value,
    /// Flat conf of this party.
    pub runtime_conf_on_party: Value,
    /// Conf of the training that a predict job uses; `{}` otherwise.
    pub train_runtime_conf: Value,
    /// Cores that it takes while it runs.
    pub cores: u32,
    /// Submitted.
    pub created_ms: i64,
    /// Last change.
    pub updated_ms: i64,
    /// Started.
    pub start_ms: Option<i64>,
    /// Ended.
    pub end_ms: Option<i64>,
}

/// A party task; times in ms since the epoch.
#[derive(Clone, Debug)]
pub struct TaskView {
    /// The job.
    pub job: JobId,
    /// Component in the DSL.
    pub component: String,
    /// Counts runs from 0.
    pub version: u32,
    /// Where it runs.
    pub party: Party,
    /// Module.
    pub module: String,
    /// Name and version of the component that runs it: `hetero_lr`, `0.1.0`.
    pub provider: (String, String),
    /// What the module may do beyond the contract.
    pub grants: Vec<Grant>,
    /// Digest of the image.
    pub image: String,
    /// Who leads the job.
    pub initiator: Party,
    /// Status of the task over all parties.
    pub status: Status,
    /// Status at this party.
    pub party_status: Status,
    /// Parameters with defaults.
    pub parameters: Value,
    /// Why it failed; empty otherwise.
    pub error_report: String,
    /// How far it says it is: done, of, what.
    pub progress: Option<(u64, u64, String)>,
    /// Runs that are left after a failure.
    pub auto_retries: u32,
    /// Created.
    pub created_ms: i64,
    /// Last change.
    pub updated_ms: i64,
    /// Started.
    pub start_ms: Option<i64>,
    /// Ended.
    pub end_ms: Option<i64>,
}

/// What to select. `None` = all; a list = any of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Jobs.
    pub jobs: Option<Vec<String>>,
    /// Roles, as text: an unknown one selects nothing.
    pub roles: Option<Vec<String>>,
    /// Party ids.
    pub parties: Option<Vec<String>>,
    /// Statuses, as text.
    pub statuses: Option<Vec<String>>,
    /// Components (tasks only).
    pub components: Option<Vec<String>>,
    /// Every version of a task rather than the latest.
    pub all_versions: bool,
    /// Most rows of `jobs` and `tasks`; none = all.
    pub limit: Option<u32>,
}

/// A table under its name.
#[derive(Clone, Debug)]
pub struct TableView {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// Partitions.
    pub partitions: u32,
    /// Bytes on disk.
    pub bytes: u64,
    /// Columns.
    pub schema: Schema,
    /// `upload`, `reader`, `output`, `table_bind`, `writer`.
    pub origin: String,
    /// Of a bound table: where it was bound to, in the user's words.
    pub address: Option<Value>,
    /// Readers are refused.
    pub disabled: bool,
    /// The job that made it.
    pub job: Option<JobId>,
    /// When it was stored, ms since the epoch.
    pub created_ms: i64,
}

/// An output table of a party task.
#[derive(Clone)]
pub struct OutputTable {
    /// Name in the DSL: `data`.
    pub data_name: String,
    /// Namespace under which it is kept.
    pub namespace: String,
    /// Name under which it is kept.
    pub name: String,
    /// The rows.
    pub table: Arc<dyn Table>,
}

/// A series with its points, sorted by key.
#[derive(Clone, Debug)]
pub struct Series {
    /// `train`, `validate`, ...
    pub namespace: String,
    /// `loss`, ...
    pub name: String,
    /// FATE's type: `LOSS`.
    pub metric_type: String,
    /// More about it.
    pub extra: Map<String, Value>,
    /// The points.
    pub points: Vec<(Scalar, Scalar)>,
}

/// A model part of a party task.
#[derive(Clone, Debug)]
pub struct ModelPartView {
    /// Alias in the DSL: `model`.
    pub alias: String,
    /// `HeteroLogisticRegressionParam`.
    pub name: String,
    /// JSON object; null when it is looked at and is too large for that.
    pub json: Value,
    /// Bytes of its JSON text, and of what it holds for machines.
    pub bytes: u64,
}

/// Why the node refused. The HTTP layer turns each into FATE's retcode.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// DSL, conf or arguments are not right; all faults in one text.
    #[error("{0}")]
    Invalid(String),
    /// No such job, task, table.
    #[error("{0}")]
    NotFound(String),
    /// A table of that name is there already.
    #[error("{0}")]
    Exists(String),
    /// The node itself failed.
    #[error("{0}")]
    Internal(String),
}
