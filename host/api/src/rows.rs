//! Rows of jobs and of tasks with the columns that FATE-Flow 1.11 keeps in `t_job` and `t_task`, in alphabetical order
//! as it sends them. Columns that have no meaning here keep the value that they have in a FATE server at rest. Not for:
//! making them from what the node knows (`server`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A job as one of its parties sees it. Ids of parties are text here and numbers in `f_roles` and in confs; times are
/// milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobRow {
    /// When cores were taken, ms.
    pub f_apply_resource_time: Option<i64>,
    /// Somebody asked to stop it.
    pub f_cancel_signal: bool,
    /// When, ms.
    pub f_cancel_time: Option<i64>,
    /// Cores that it takes while it runs.
    pub f_cores: u32,
    /// Submitted, local time.
    pub f_create_date: String,
    /// Submitted, ms.
    pub f_create_time: i64,
    /// Free text.
    pub f_description: String,
    /// DSL as submitted.
    pub f_dsl: Value,
    /// From start to end, ms; null until the end.
    pub f_elapsed: Option<i64>,
    /// Ended, local time.
    pub f_end_date: Option<String>,
    /// Always 0 here.
    pub f_end_scheduling_updates: u32,
    /// Ended, ms.
    pub f_end_time: Option<i64>,
    /// Engine that computes.
    pub f_engine_name: String,
    /// Always `computing`.
    pub f_engine_type: String,
    /// What it takes over from an earlier job: `job_id` and `component_list`.
    pub f_inheritance_info: Value,
    /// Always `pass` here.
    pub f_inheritance_status: String,
    /// Who leads the job.
    pub f_initiator_party_id: String,
    /// In which role.
    pub f_initiator_role: String,
    /// This party leads it.
    pub f_is_initiator: bool,
    /// Its id.
    pub f_job_id: String,
    /// Always 0 here.
    pub f_memory: u64,
    /// Always empty here.
    pub f_name: String,
    /// Whose row this is.
    pub f_party_id: String,
    /// 0 to 100.
    pub f_progress: u32,
    /// About to start.
    pub f_ready_signal: bool,
    /// Since when, ms.
    pub f_ready_time: Option<i64>,
    /// Of its cores, those not in use.
    pub f_remaining_cores: u32,
    /// Always 0 here.
    pub f_remaining_memory: u64,
    /// Somebody asked to run it again.
    pub f_rerun_signal: bool,
    /// It holds its cores.
    pub f_resource_in_use: bool,
    /// When cores were given back, ms.
    pub f_return_resource_time: Option<i64>,
    /// In which role the party takes part.
    pub f_role: String,
    /// All roles and their parties.
    pub f_roles: BTreeMap<String, Vec<u64>>,
    /// Conf of the whole job.
    pub f_runtime_conf: Value,
    /// Conf as this party sees it.
    pub f_runtime_conf_on_party: Value,
    /// Started, local time.
    pub f_start_date: Option<String>,
    /// Started, ms.
    pub f_start_time: Option<i64>,
    /// `waiting`, `running`, `success`, `failed`, `canceled` or `timeout`.
    pub f_status: String,
    /// Always null.
    pub f_status_code: Option<i64>,
    /// Empty, `job_end` or `submit_failed`.
    pub f_tag: String,
    /// Conf of the training that a predict job uses; `{}` otherwise.
    pub f_train_runtime_conf: Value,
    /// Last change, local time.
    pub f_update_date: String,
    /// Last change, ms.
    pub f_update_time: i64,
    /// Users by role and party; empty names here.
    pub f_user: BTreeMap<String, BTreeMap<String, String>>,
    /// Always empty here.
    pub f_user_id: String,
}

/// A task as one of its parties sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskRow {
    /// Runs that are left after a failure.
    pub f_auto_retries: u32,
    /// Seconds between them.
    pub f_auto_retry_delay: u32,
    /// Always empty here: a component is no process.
    pub f_cmd: Value,
    /// Module: `HeteroLR`.
    pub f_component_module: String,
    /// Component in the DSL: `hetero_lr_0`.
    pub f_component_name: String,
    /// Module, `ComponentParam`, and what of the job belongs to it.
    pub f_component_parameters: Value,
    /// Created, local time.
    pub f_create_date: String,
    /// Created, ms.
    pub f_create_time: i64,
    /// Always null.
    pub f_deepspeed_id: Option<String>,
    /// From start to end, ms; null until the end.
    pub f_elapsed: Option<i64>,
    /// Ended, local time.
    pub f_end_date: Option<String>,
    /// Ended, ms.
    pub f_end_time: Option<i64>,
    /// Always empty here.
    pub f_engine_conf: Value,
    /// Why it failed; empty otherwise.
    pub f_error_report: String,
    /// `SINGLE`: all parties on this node.
    pub f_federated_mode: String,
    /// `PUSH`.
    pub f_federated_status_collect_type: String,
    /// Who leads the job.
    pub f_initiator_party_id: String,
    /// In which role.
    pub f_initiator_role: String,
    /// Always false.
    pub f_is_deepspeed: bool,
    /// The job.
    pub f_job_id: String,
    /// It was stopped from outside.
    pub f_kill_status: bool,
    /// Where it runs.
    pub f_party_id: String,
    /// Status at this party.
    pub f_party_status: String,
    /// Component that runs it: name, version, digest of the image.
    pub f_provider_info: Value,
    /// In which role.
    pub f_role: String,
    /// Always null.
    pub f_run_ip: Option<String>,
    /// Always true here.
    pub f_run_on_this_party: bool,
    /// Always null: a component is no process.
    pub f_run_pid: Option<i64>,
    /// Always null.
    pub f_run_port: Option<i64>,
    /// Started, local time.
    pub f_start_date: Option<String>,
    /// Started, ms.
    pub f_start_time: Option<i64>,
    /// Status over all parties.
    pub f_status: String,
    /// Always null.
    pub f_status_code: Option<i64>,
    /// `<job>_<component>`.
    pub f_task_id: String,
    /// Counts runs, from 0.
    pub f_task_version: u32,
    /// Last change, local time.
    pub f_update_date: String,
    /// Last change, ms.
    pub f_update_time: i64,
    /// Always null.
    pub f_worker_id: Option<String>,
}

/// A row without the `f_` before its columns, as `job/list/*` sends it.
pub fn without_prefix(row: Map<String, Value>) -> Map<String, Value> {
    row.into_iter().map(|(key, value)| (key.strip_prefix("f_").unwrap_or(&key).to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A finished upload, as a FATE-Flow 1.11 server answered it.
    fn golden_job() -> Value {
        json!({
            "f_apply_resource_time": 1_795_300_832_358_i64, "f_cancel_signal": false, "f_cancel_time": null,
            "f_cores": 4,
            "f_create_date": "2026-11-21 22:40:30", "f_create_time": 1_795_300_830_296_i64, "f_description": "",
            "f_dsl": {"components": {"upload_0": {"module": "Upload"}}}, "f_elapsed": 19_377,
            "f_end_date": "2026-11-21 22:40:51", "f_end_scheduling_updates": 0, "f_end_time": 1_795_300_851_784_i64,
            "f_engine_name": "STANDALONE", "f_engine_type": "computing", "f_inheritance_info": {},
            "f_inheritance_status": "pass", "f_initiator_party_id": "0", "f_initiator_role": "local",
            "f_is_initiator": true, "f_job_id": "202611212240299893180", "f_memory": 0, "f_name": "", "f_party_id": "0",
            "f_progress": 100, "f_ready_signal": false, "f_ready_time": null, "f_remaining_cores": 4,
            "f_remaining_memory": 0, "f_rerun_signal": false, "f_resource_in_use": false,
            "f_return_resource_time": 1_795_300_851_790_i64, "f_role": "local", "f_roles": {"local": [0]},
            "f_runtime_conf": {"dsl_version": 2}, "f_runtime_conf_on_party": {"dsl_version": 2},
            "f_start_date": "2026-11-21 22:40:32", "f_start_time": 1_795_300_832_407_i64, "f_status": "success",
            "f_status_code": null, "f_tag": "job_end", "f_train_runtime_conf": {},
            "f_update_date": "2026-11-21 22:40:51",
            "f_update_time": 1_795_300_851_790_i64, "f_user": {"local": {"0": ""}}, "f_user_id": ""
        })
    }

    /// A running task, as a FATE-Flow 1.11 server answered it.
    fn golden_task() -> Value {
        json!({
            "f_auto_retries": 0, "f_auto_retry_delay": 1, "f_cmd": {}, "f_component_module": "Reader",
            "f_component_name": "reader_0", "f_component_parameters": {"module": "Reader"},
            "f_create_date": "2026-11-21 23:04:19", "f_create_time": 1_795_302_259_885_i64, "f_deepspeed_id": null,
            "f_elapsed": null, "f_end_date": null, "f_end_time": null, "f_engine_conf": {}, "f_error_report": "",
            "f_federated_mode": "SINGLE", "f_federated_status_collect_type": "PUSH", "f_initiator_party_id": "9999",
            "f_initiator_role": "guest", "f_is_deepspeed": false, "f_job_id": "202611212304187542290",
            "f_kill_status": false, "f_party_id": "9999", "f_party_status": "waiting",
            "f_provider_info": {"name": "fate_flow", "version": "1.11.1"}, "f_role": "guest", "f_run_ip": null,
            "f_run_on_this_party": true, "f_run_pid": null, "f_run_port": null, "f_start_date": null,
            "f_start_time": null, "f_status": "running", "f_status_code": null,
            "f_task_id": "202611212304187542290_reader_0", "f_task_version": 0, "f_update_date": "2026-11-21 23:05:10",
            "f_update_time": 1_795_302_310_150_i64, "f_worker_id": null
        })
    }

    #[test]
    fn rows_have_fates_columns_and_no_others() {
        let job: JobRow = serde_json::from_value(golden_job()).unwrap();
        assert_eq!(serde_json::to_value(job).unwrap(), golden_job());
        let task: TaskRow = serde_json::from_value(golden_task()).unwrap();
        assert_eq!(serde_json::to_value(task).unwrap(), golden_task());
    }

    #[test]
    fn nulls_of_a_row_are_sent() {
        let task: TaskRow = serde_json::from_value(golden_task()).unwrap();
        assert!(serde_json::to_string(&task).unwrap().contains(r#""f_end_time":null"#));
    }

    #[test]
    fn lists_have_no_prefix() {
        let Value::Object(row) = golden_task() else { panic!("a row is an object") };
        let keys: Vec<_> = without_prefix(row).into_iter().map(|(key, _)| key).take(3).collect();
        assert_eq!(keys, ["auto_retries", "auto_retry_delay", "cmd"]);
    }
}
