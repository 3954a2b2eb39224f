//! Arguments and answers about jobs and their tasks. Not for: the rows themselves (`rows`), what components put out
//! (`tracking`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    arguments::Arguments,
    loose::{AnyOf, LooseId, LooseInt},
};

/// Arguments of `job/submit`. Everything else in the body is skipped.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct SubmitRequest {
    /// Components and how they are wired, dsl_version 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_dsl: Option<Value>,
    /// Roles, parties, parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_runtime_conf: Option<Value>,
    /// Another name of `job_dsl`, for when that is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dsl: Option<Value>,
    /// Another name of `job_runtime_conf`, for when that is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_conf: Option<Value>,
}

impl Arguments for SubmitRequest {
    const REQUIRED: &'static [&'static str] = &[];
}

impl SubmitRequest {
    /// The DSL: the first name that is not empty, else an empty object.
    pub fn dsl(&self) -> Value {
        let empty = || Value::Object(Map::new());
        [&self.job_dsl, &self.dsl].into_iter().flatten().find(|v| has_content(v)).cloned().unwrap_or_else(empty)
    }

    /// The runtime conf: the first name that is not empty.
    pub fn conf(&self) -> Option<Value> {
        [&self.job_runtime_conf, &self.runtime_conf].into_iter().flatten().find(|v| has_content(v)).cloned()
    }
}

fn has_content(value: &Value) -> bool {
    !matches!(value, Value::Null) && value.as_object().is_none_or(|object| !object.is_empty())
}

/// Where the model of a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelInfo {
    /// Roles and parties that train it.
    pub model_id: String,
    /// The job that trains it.
    pub model_version: String,
}

/// A job that was taken on. Paths are on the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SubmitData {
    /// Where to watch it.
    pub board_url: String,
    /// 0 = taken on.
    pub code: i32,
    /// DSL as submitted.
    pub dsl_path: String,
    /// Its id.
    pub job_id: String,
    /// Its logs.
    pub logs_directory: String,
    /// `success`, or warnings.
    pub message: String,
    /// The model that it trains.
    pub model_info: ModelInfo,
    /// Namespace of the table (uploads only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// DSL of the pipeline.
    pub pipeline_dsl_path: String,
    /// Conf as the initiator sees it.
    pub runtime_conf_on_party_path: String,
    /// Conf of the whole job.
    pub runtime_conf_path: String,
    /// Name of the table (uploads only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    /// Conf of the training that a predict job uses.
    pub train_runtime_conf_path: String,
}

/// An upload whose job was not taken on; the envelope says success all the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UploadFailure {
    /// Where to watch it.
    pub board_url: String,
    /// 103.
    pub code: i32,
    /// Id that was given to it.
    pub job_id: String,
    /// What is wrong.
    pub message: String,
}

/// Arguments of `job/query`: any column of the row without its `f_` filters, too.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct JobQuery {
    /// Jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<AnyOf>,
    /// Roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<AnyOf>,
    /// Parties.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_id: Option<AnyOf>,
    /// Statuses; of a task the one over all parties.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<AnyOf>,
    /// Components (tasks only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component_name: Option<AnyOf>,
    /// Column to sort by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_by: Option<String>,
    /// Largest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverse: Option<LooseInt>,
}

/// A job by its id.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct JobKey {
    /// The job.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: LooseId,
}

impl Arguments for JobKey {
    const REQUIRED: &'static [&'static str] = &["job_id"];
}

/// Arguments of `job/stop`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct StopRequest {
    /// The job.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: LooseId,
    /// Status that it ends with; `canceled` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_status: Option<String>,
}

impl Arguments for StopRequest {
    const REQUIRED: &'static [&'static str] = &["job_id"];
}

/// Arguments of `job/config`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ConfigRequest {
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
}

impl Arguments for ConfigRequest {
    const REQUIRED: &'static [&'static str] = &["job_id"];
}

/// What a job was submitted with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobConfig {
    /// Its DSL.
    pub dsl: Value,
    /// Its id.
    pub job_id: String,
    /// The model that it trains.
    pub model_info: ModelInfo,
    /// Its conf, with defaults.
    pub runtime_conf: Value,
    /// Conf of the training that a predict job uses.
    pub train_runtime_conf: Value,
}

/// Arguments of `job/list/job` and `job/list/task`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ListRequest {
    /// Rows of a page; 0 = all.
    pub limit: Option<LooseInt>,
    /// Which page, from 1.
    pub page: Option<LooseInt>,
    /// Part of the job's id (of a task: the id).
    pub job_id: Option<LooseId>,
    /// Part of the description (jobs only).
    pub description: Option<String>,
    /// Part of the party's id (of a task: the id).
    pub party_id: Option<LooseId>,
    /// Roles.
    pub role: Option<AnyOf>,
    /// Statuses (jobs only).
    pub status: Option<AnyOf>,
    /// Component (tasks only).
    pub component_name: Option<LooseId>,
    /// Column to sort by: `job_id`, `task_version`, `create_time`, `start_time`, `end_time`, `elapsed`.
    pub order_by: Option<String>,
    /// `asc` or `desc`.
    pub order: Option<String>,
}

impl Arguments for ListRequest {
    const REQUIRED: &'static [&'static str] = &[];
}

/// A page of jobs: rows as `JobRow`, without `f_`, with `partners`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobList {
    /// Jobs before the page was cut out.
    pub count: usize,
    /// The rows.
    pub jobs: Vec<Value>,
}

/// A page of tasks: rows as `TaskRow`, without `f_`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskList {
    /// Tasks before the page was cut out.
    pub count: usize,
    /// The rows.
    pub tasks: Vec<Value>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::arguments::read;

    #[test]
    fn either_name_of_the_conf_will_do() {
        let request: SubmitRequest =
            read(json!({"job_dsl": {}, "dsl": {"components": {}}, "runtime_conf": {"role": {}}})).unwrap();
        assert_eq!(request.dsl(), json!({"components": {}}));
        assert_eq!(request.conf(), Some(json!({"role": {}})));
        let nothing: SubmitRequest = read(json!({"job_dsl": null, "job_runtime_conf": {}})).unwrap();
        assert_eq!((nothing.dsl(), nothing.conf()), (json!({}), None));
    }
}
