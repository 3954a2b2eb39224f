//! Arguments and answers of what changes a job that was taken on: running it again, other parameters, cleaning up. Not
//! for: submitting and stopping (`job`).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    arguments::Arguments,
    loose::{AnyOf, LooseId, LooseInt},
};

/// Arguments of `job/rerun`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct RerunRequest {
    /// The job.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: LooseId,
    /// Components that run again however they ended, with what they need and what needs them. When absent, what did not
    /// end well runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component_name: Option<AnyOf>,
    /// 1 or true: without components, what ended well runs, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force: Option<LooseInt>,
}

impl Arguments for RerunRequest {
    const REQUIRED: &'static [&'static str] = &["job_id"];
}

/// Arguments of `job/parameter/update`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ParameterRequest {
    /// The job.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: LooseId,
    /// `common` and `role`, as at the submission: what is here is put on top of what the job has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component_parameters: Option<Value>,
    /// `common`: takes the place of what the job has, except for the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_parameters: Option<Value>,
}

impl Arguments for ParameterRequest {
    const REQUIRED: &'static [&'static str] = &["job_id"];
}

/// Parameters of a job from now on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UpdatedParameters {
    /// `common` and `role`.
    pub component_parameters: Value,
    /// Always empty, as FATE-Flow has it.
    pub components: Vec<String>,
    /// `common`, with defaults.
    pub job_parameters: Value,
}

/// Arguments of `job/clean`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct CleanRequest {
    /// The job.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: LooseId,
    /// Only at parties in this role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Only at this party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_id: Option<LooseId>,
    /// Only of this component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component_name: Option<String>,
}

impl Arguments for CleanRequest {
    const REQUIRED: &'static [&'static str] = &["job_id"];
}

/// What was removed of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cleaned {
    /// Metrics.
    pub metrics: Vec<CleanedMetric>,
    /// Output tables.
    pub tables: Vec<CleanedTable>,
}

/// An output table that was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CleanedTable {
    /// The component that made it.
    pub component_name: String,
    /// Name in the DSL: `data`.
    pub data_name: String,
    /// At which party.
    pub party_id: String,
    /// In which role.
    pub role: String,
    /// Name under which it was kept.
    pub table_name: String,
    /// Namespace under which it was kept.
    pub table_namespace: String,
    /// Which run of the component.
    pub task_version: u32,
}

/// A metric that was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CleanedMetric {
    /// The component that wrote it.
    pub component_name: String,
    /// `loss`.
    pub metric_name: String,
    /// `train`.
    pub metric_namespace: String,
    /// At which party.
    pub party_id: String,
    /// In which role.
    pub role: String,
}

/// Arguments of `job/update`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct NotesRequest {
    /// The job.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: LooseId,
    /// Role of the party; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The party; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_id: Option<LooseId>,
    /// The job's description from now on; nothing when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Arguments for NotesRequest {
    const REQUIRED: &'static [&'static str] = &["job_id"];
}

/// Arguments of `job/dsl/generate`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct PredictDslRequest {
    /// Components of the trained DSL: a list, or a text with commas between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpn_str: Option<Value>,
    /// The trained DSL, as JSON text or as an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_dsl: Option<Value>,
    /// Version of the DSL: 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<LooseId>,
    /// When given, the DSL comes as a file of this name rather than in an envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
}

impl Arguments for PredictDslRequest {
    // Whatever is wrong has one status of its own.
    const REQUIRED: &'static [&'static str] = &[];
}
