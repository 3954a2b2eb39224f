//! Arguments and answers of what boards and scripts ask about jobs: times of tasks, tables, first rows, single metrics;
//! and which components there are. Not for: rows of jobs (`rows`), what FATE's client asks of components (`tracking`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    arguments::Arguments,
    loose::{AnyOf, LooseId},
    usage,
};

/// A job at a party; without role and party the initiator is meant.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct PartyJobRequest {
    /// The job.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: LooseId,
    /// Role of the party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_id: Option<LooseId>,
}

impl Arguments for PartyJobRequest {
    const REQUIRED: &'static [&'static str] = &["job_id"];
}

/// A task of `job/report`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskReport {
    /// The component.
    pub component_name: String,
    /// From start to end, ms.
    pub elapsed: Option<i64>,
    /// When it ended, ms.
    pub end_time: Option<i64>,
    /// Longest way from a component without inputs.
    pub index: usize,
    /// When it started, ms.
    pub start_time: Option<i64>,
    /// Where it stands.
    pub status: String,
}

/// Where to watch a job: one page for each of its parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardUrls {
    /// The pages.
    pub board_url: Vec<String>,
}

/// Where the logs of a job are on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogPath {
    /// The folder.
    pub logs_directory: String,
}

/// Arguments of `job/data/view/query`. Everything else in the body is skipped.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct DataViewRequest {
    /// The job.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: AnyOf,
    /// Roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<AnyOf>,
    /// Parties.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_id: Option<AnyOf>,
    /// Components.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component_name: Option<AnyOf>,
}

impl Arguments for DataViewRequest {
    const REQUIRED: &'static [&'static str] = &["job_id"];
}

/// A table that a task put out, with the columns that FATE-Flow keeps in `t_tracking_output_data_info`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DataViewRow {
    /// The component.
    pub f_component_name: String,
    /// Made, local time.
    pub f_create_date: String,
    /// Made, ms.
    pub f_create_time: i64,
    /// Name in the DSL: `data`.
    pub f_data_name: String,
    /// Always empty here.
    pub f_description: String,
    /// The job.
    pub f_job_id: String,
    /// At which party.
    pub f_party_id: String,
    /// In which role.
    pub f_role: String,
    /// Name under which it is kept.
    pub f_table_name: String,
    /// Namespace under which it is kept.
    pub f_table_namespace: String,
    /// `<job>_<component>`.
    pub f_task_id: String,
    /// Which run of the component.
    pub f_task_version: u32,
    /// Last change, local time.
    pub f_update_date: String,
    /// Last change, ms.
    pub f_update_time: i64,
}

/// What belongs to the rows of `tracking/component/output/data`, for each table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowsMeta {
    /// Names of its columns.
    pub header: Vec<Vec<String>>,
    /// Name in the DSL: `data`.
    pub names: Vec<String>,
    /// Rows that it has altogether.
    pub total: Vec<u64>,
}

/// Arguments of `tracking/component/metric_data`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct MetricRequest {
    /// The job.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: LooseId,
    /// Role of the party; the initiator's when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_id: Option<LooseId>,
    /// The component.
    #[serde(default)]
    #[schema(required = true)]
    pub component_name: String,
    /// `train`.
    #[serde(default)]
    #[schema(required = true)]
    pub metric_namespace: String,
    /// `loss`.
    #[serde(default)]
    #[schema(required = true)]
    pub metric_name: String,
}

impl Arguments for MetricRequest {
    const REQUIRED: &'static [&'static str] = &["job_id", "component_name", "metric_namespace", "metric_name"];
}

/// Arguments of `tracking/component/metric/delete`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct MetricDeleteRequest {
    /// The job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<LooseId>,
}

impl Arguments for MetricDeleteRequest {
    const REQUIRED: &'static [&'static str] = &[];
}

/// A job at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobView {
    /// Tables that it reads: role, party, component, `namespace.name`.
    pub dataset: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>,
    /// Limits that hold for it, with what its attempts have used of them.
    #[serde(default)]
    pub limits: usage::Limits,
    /// How good its models are: namespace, component, name of the number.
    pub model_summary: BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>,
    /// The other parties, by role.
    pub partner: BTreeMap<String, Vec<u64>>,
    /// Parties that this one may see, by role: all at the initiator.
    pub roles: BTreeMap<String, Vec<u64>>,
}

/// Modules by name; each also by its name in small letters.
pub type Components = BTreeMap<String, ComponentInfo>;

/// Where a module comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComponentInfo {
    /// Its names in a DSL.
    pub alias: Vec<String>,
    /// `fate` or `fate_flow`.
    pub default_provider: String,
    /// The same, as a list.
    pub support_provider: Vec<String>,
}

/// Arguments of `component/validate`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ValidateRequest {
    /// Name of the component.
    #[serde(default)]
    #[schema(required = true)]
    pub component_name: String,
    /// Its module.
    #[serde(default)]
    #[schema(required = true)]
    pub component_module_name: String,
    /// Parties by role, as in a conf.
    #[serde(default)]
    #[schema(required = true)]
    pub role: Value,
    /// `common` and `role`, as in a conf.
    #[serde(default)]
    #[schema(required = true)]
    pub component_parameters: Value,
    /// Version of the DSL: 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dsl_version: Option<LooseId>,
}

impl Arguments for ValidateRequest {
    // What is missing has a status of its own.
    const REQUIRED: &'static [&'static str] = &[];
}
