//! Arguments and answers about the site: what it offers, its cores, other sites' keys, templates, and FATE's defaults.
//! Not for: versions and logs (`node`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    arguments::Arguments,
    loose::{LooseId, LooseInt},
};

/// Arguments of `provider/register`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct RegisterRequest {
    /// Name of the provider.
    #[serde(default)]
    #[schema(required = true)]
    pub name: String,
    /// Its version.
    #[serde(default)]
    #[schema(required = true)]
    pub version: LooseId,
    /// Its folder on the server.
    #[serde(default)]
    #[schema(required = true)]
    pub path: String,
}

impl Arguments for RegisterRequest {
    const REQUIRED: &'static [&'static str] = &["name", "version", "path"];
}

/// Arguments of `permission/grant`, `permission/delete` and `permission/query`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct PermissionRequest {
    /// The site.
    #[serde(default)]
    #[schema(required = true)]
    pub party_id: LooseId,
}

impl Arguments for PermissionRequest {
    const REQUIRED: &'static [&'static str] = &["party_id"];
}

/// Arguments of `service/query`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ServiceRequest {
    /// Name of the service.
    #[serde(default)]
    #[schema(required = true)]
    pub service_name: String,
}

impl Arguments for ServiceRequest {
    const REQUIRED: &'static [&'static str] = &["service_name"];
}

/// Arguments of `key/public/save`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct SaveKeyRequest {
    /// The site whose key it is.
    #[serde(default)]
    #[schema(required = true)]
    pub party_id: LooseId,
    /// Its public key, PEM.
    #[serde(default)]
    #[schema(required = true)]
    pub key: String,
}

impl Arguments for SaveKeyRequest {
    const REQUIRED: &'static [&'static str] = &["party_id", "key"];
}

/// Arguments of `key/query` and `key/public/delete`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct KeyRequest {
    /// The site whose key it is.
    #[serde(default)]
    #[schema(required = true)]
    pub party_id: LooseId,
    /// Which key; `public` when absent, and there are no others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
}

impl Arguments for KeyRequest {
    const REQUIRED: &'static [&'static str] = &["party_id"];
}

/// Arguments of `template/download`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct TemplateRequest {
    /// Leave out the large data sets; there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_data: Option<LooseInt>,
    /// Where the client unpacks the archive: the paths in it begin with this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_path: Option<String>,
}

/// Cores that a job has at a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobCores {
    /// The job.
    pub job_id: String,
    /// Role of the party.
    pub role: String,
    /// The party.
    pub party_id: String,
    /// Cores: those of the job stand at its initiator, for all its parties are on this node and share them.
    pub core: u32,
    /// Memory; not accounted for, as in FATE.
    pub memory: u64,
}

/// The row of the computing engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EngineRow {
    /// Cores that jobs may use.
    pub f_cores: u32,
    /// When the node was opened, local time.
    pub f_create_date: String,
    /// When the node was opened, ms since the epoch.
    pub f_create_time: i64,
    /// `cores_per_node`, `nodes`.
    pub f_engine_config: Value,
    /// `fate_on_standalone`.
    pub f_engine_entrance: String,
    /// `STANDALONE`.
    pub f_engine_name: String,
    /// `computing`.
    pub f_engine_type: String,
    /// Memory; not accounted for, as in FATE.
    pub f_memory: u64,
    /// 1.
    pub f_nodes: u32,
    /// Cores that no job has.
    pub f_remaining_cores: u32,
    /// Memory; not accounted for, as in FATE.
    pub f_remaining_memory: u64,
    /// When a job took cores last, local time.
    pub f_update_date: String,
    /// When a job took cores last, ms since the epoch.
    pub f_update_time: i64,
}

/// Data of `resource/query`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Resources {
    /// The one engine.
    pub computing_engine_resource: EngineRow,
    /// Jobs that run, a row for each party.
    pub use_resource_job: Vec<JobCores>,
}

/// A row of `resource/return`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReturnedCores {
    /// The job.
    pub job_id: String,
    /// Role of the party.
    pub role: String,
    /// The party.
    pub party_id: String,
    /// The job has its cores.
    pub resource_in_use: bool,
    /// Cores were given back by this request; never, for a job keeps them to its end and no longer.
    pub resource_return_status: bool,
}

/// Defaults of jobs that are numbers.
const NUMBERS: [(&str, u64); 19] = [
    ("auto_retries", 0),
    ("auto_retry_delay", 1),
    ("detect_connect_long_retry_count", 2),
    ("detect_connect_max_retry_count", 3),
    ("end_status_job_scheduling_time_limit", 300_000),
    ("end_status_job_scheduling_updates", 1),
    ("federated_command_trys", 3),
    ("job_timeout", 259_200),
    ("max_cores_percent_per_job", 1),
    ("output_data_summary_count_limit", 100),
    ("remote_request_timeout", 30_000),
    ("resource_waiting_timeout", 21_600),
    ("task_cores", 4),
    ("task_memory", 0),
    ("task_parallelism", 1),
    ("task_world_size", 2),
    ("total_cores_overweight_percent", 1),
    ("total_memory_overweight_percent", 1),
    ("upload_block_max_bytes", 104_857_600),
];

/// Defaults of jobs under FATE's names; what means nothing here is FATE's own.
pub fn job_default_config() -> BTreeMap<&'static str, Value> {
    let others = [
        ("default_component_provider_path", Value::from("federatedml")),
        ("federated_status_collect_type", Value::from("PUSH")),
        ("task_process_classpath", Value::from(true)),
    ];
    NUMBERS.into_iter().map(|(name, number)| (name, Value::from(number))).chain(others).collect()
}
