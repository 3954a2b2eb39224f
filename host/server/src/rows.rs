//! Rows of jobs and tasks, made from what the node shows of them. Not for: which rows are wanted (`query`, `list`).

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use parcae_api::rows::{JobRow, TaskRow};
use parcae_domain::{id::JobId, party::Party, status::Status};
use parcae_node::view::{JobView, TaskView};
use serde_json::{Map, Value, json};

/// Milliseconds since the epoch as local time, `2026-11-21 22:40:30`.
pub(crate) fn date(ms: i64) -> String {
    let at = Timestamp::from_millisecond(ms).unwrap_or_default();
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// From start to end, ms.
pub(crate) fn elapsed(start_ms: Option<i64>, end_ms: Option<i64>) -> Option<i64> {
    Some(end_ms? - start_ms?)
}

fn by_role<T>(job: &JobView, of_party: impl Fn(u64) -> T) -> BTreeMap<String, Vec<T>> {
    let parties = |ids: &[u64]| -> Vec<T> { ids.iter().map(|id| of_party(*id)).collect() };
    job.roles.iter().map(|(role, ids)| (role.to_string(), parties(ids))).collect()
}

/// What a job takes over from an earlier one.
fn inheritance(conf: &Value) -> Value {
    conf.pointer("/job_parameters/common/inheritance_info").cloned().unwrap_or_else(|| json!({}))
}

/// The row of a job.
pub(crate) fn job_row(job: &JobView) -> JobRow {
    let users = by_role(job, |id| (id.to_string(), String::new()));
    JobRow {
        f_apply_resource_time: job.start_ms,
        f_cancel_signal: job.cancel_signal,
        f_cancel_time: job.cancel_signal.then(|| job.end_ms.unwrap_or(job.updated_ms)),
        f_cores: job.cores,
        f_create_date: date(job.created_ms),
        f_create_time: job.created_ms,
        f_description: job.description.clone(),
        f_dsl: job.dsl.clone(),
        f_elapsed: elapsed(job.start_ms, job.end_ms),
        f_end_date: job.end_ms.map(date),
        f_end_scheduling_updates: 0,
        f_end_time: job.end_ms,
        f_engine_name: "STANDALONE".into(),
        f_engine_type: "computing".into(),
        f_inheritance_info: inheritance(&job.runtime_conf),
        f_inheritance_status: "pass".into(),
        f_initiator_party_id: job.initiator.id.to_string(),
        f_initiator_role: job.initiator.role.to_string(),
        f_is_initiator: job.party == job.initiator,
        f_job_id: job.job.to_string(),
        f_memory: 0,
        f_name: String::new(),
        f_party_id: job.party.id.to_string(),
        f_progress: u32::from(job.progress),
        f_ready_signal: false,
        f_ready_time: None,
        f_remaining_cores: job.cores,
        f_remaining_memory: 0,
        f_rerun_signal: false,
        f_resource_in_use: job.status == Status::Running,
        f_return_resource_time: job.start_ms.and(job.end_ms),
        f_role: job.party.role.to_string(),
        f_roles: by_role(job, |id| id),
        f_runtime_conf: job.runtime_conf.clone(),
        f_runtime_conf_on_party: job.runtime_conf_on_party.clone(),
        f_start_date: job.start_ms.map(date),
        f_start_time: job.start_ms,
        f_status: job.status.to_string(),
        f_status_code: None,
        f_tag: job.tag.clone(),
        f_train_runtime_conf: job.train_runtime_conf.clone(),
        f_update_date: date(job.updated_ms),
        f_update_time: job.updated_ms,
        f_user: users.into_iter().map(|(role, users)| (role, users.into_iter().collect())).collect(),
        f_user_id: String::new(),
    }
}

/// Jobs by id and party, for the columns of a task's row that come from its job.
pub(crate) struct Jobs(BTreeMap<(JobId, Party), JobView>);

impl Jobs {
    /// From what the node shows.
    pub(crate) fn new(jobs: Vec<JobView>) -> Jobs {
        Jobs(jobs.into_iter().map(|job| ((job.job.clone(), job.party), job)).collect())
    }

    fn of(&self, task: &TaskView) -> Option<&JobView> {
        // Any party's will do for a task whose own is not there.
        self.0.get(&(task.job.clone(), task.party)).or_else(|| self.0.values().find(|job| job.job == task.job))
    }
}

/// The row of a task.
pub(crate) fn task_row(task: &TaskView, jobs: &Jobs) -> TaskRow {
    let conf = jobs.of(task).map(|job| &job.runtime_conf);
    let common = |key: &str| conf.and_then(|conf| conf.pointer(&format!("/job_parameters/common/{key}")));
    let text = |key: &str, instead: &str| common(key).and_then(Value::as_str).unwrap_or(instead).to_owned();
    let delay = common("auto_retry_delay").and_then(Value::as_u64).and_then(|delay| u32::try_from(delay).ok());
    TaskRow {
        f_auto_retries: task.auto_retries,
        f_auto_retry_delay: delay.unwrap_or(1),
        f_cmd: json!({}),
        f_component_module: task.module.clone(),
        f_component_name: task.component.clone(),
        f_component_parameters: component_parameters(task, conf),
        f_create_date: date(task.created_ms),
        f_create_time: task.created_ms,
        f_deepspeed_id: None,
        f_elapsed: elapsed(task.start_ms, task.end_ms).filter(|_| task.party_status != Status::Canceled),
        f_end_date: task.end_ms.map(date),
        f_end_time: task.end_ms,
        f_engine_conf: json!({}),
        f_error_report: task.error_report.clone(),
        f_federated_mode: text("federated_mode", "SINGLE"),
        f_federated_status_collect_type: text("federated_status_collect_type", "PUSH"),
        f_initiator_party_id: task.initiator.id.to_string(),
        f_initiator_role: task.initiator.role.to_string(),
        f_is_deepspeed: false,
        f_job_id: task.job.to_string(),
        f_kill_status: task.party_status == Status::Canceled,
        f_party_id: task.party.id.to_string(),
        f_party_status: task.party_status.to_string(),
        f_provider_info: provider(task),
        f_role: task.party.role.to_string(),
        f_run_ip: None,
        f_run_on_this_party: true,
        f_run_pid: None,
        f_run_port: None,
        f_start_date: task.start_ms.map(date),
        f_start_time: task.start_ms,
        f_status: task.status.to_string(),
        f_status_code: None,
        f_task_id: format!("{}_{}", task.job, task.component),
        f_task_version: task.version,
        f_update_date: date(task.updated_ms),
        f_update_time: task.updated_ms,
        f_worker_id: None,
    }
}

fn provider(task: &TaskView) -> Value {
    let (name, version) = &task.provider;
    json!({
        "class_path": {}, "env": {}, "grants": task.grants, "image": task.image, "name": name, "path": "",
        "python_env": "", "version": version,
    })
}

fn component_parameters(task: &TaskView, conf: Option<&Value>) -> Value {
    let party = |party: Party| json!({"party_id": party.id, "role": party.role.as_str()});
    let mut all = Map::new();
    all.insert("CodePath".into(), task.module.clone().into());
    all.insert("ComponentParam".into(), task.parameters.clone());
    all.insert("ComponentParameterSource".into(), task.component.clone().into());
    all.insert("dsl_version".into(), 2.into());
    all.insert("initiator".into(), party(task.initiator));
    for key in ["job_parameters", "role"] {
        if let Some(value) = conf.and_then(|conf| conf.get(key)) {
            all.insert(key.into(), value.clone());
        }
    }
    all.insert("local".into(), party(task.party));
    all.insert("module".into(), task.module.clone().into());
    Value::Object(all)
}

/// A row as a JSON object.
pub(crate) fn object(row: &impl serde::Serialize) -> Result<Map<String, Value>, crate::answer::Refusal> {
    match crate::answer::to_value(row)? {
        Value::Object(object) => Ok(object),
        _ => Err(crate::answer::Refusal::internal("a row is not an object")),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use parcae_domain::party::Role;

    use super::*;

    pub(crate) fn job(id: &str, party: Party) -> JobView {
        let guest = Party::new(Role::Guest, 9999);
        JobView {
            job: JobId(id.into()),
            party,
            initiator: guest,
            roles: vec![(Role::Guest, vec![9999]), (Role::Host, vec![10000]), (Role::Arbiter, vec![10000])],
            status: Status::Success,
            progress: 100,
            tag: "job_end".into(),
            description: String::new(),
            cancel_signal: false,
            dsl: json!({"components": {}}),
            runtime_conf: json!({"role": {"guest": [9999]}, "job_parameters": {"common": {"auto_retry_delay": 3}}}),
            runtime_conf_on_party: json!({}),
            train_runtime_conf: json!({}),
            cores: 4,
            created_ms: 1_795_300_830_296,
            updated_ms: 1_795_300_851_790,
            start_ms: Some(1_795_300_832_407),
            end_ms: Some(1_795_300_851_784),
        }
    }

    #[test]
    fn a_job_becomes_fates_row() {
        let row = job_row(&job("202611212240299893180", Party::new(Role::Host, 10000)));
        assert_eq!((row.f_party_id.as_str(), row.f_role.as_str(), row.f_is_initiator), ("10000", "host", false));
        assert_eq!(row.f_roles["guest"], [9999]);
        assert_eq!(row.f_user["arbiter"]["10000"], "");
        assert_eq!(row.f_elapsed, Some(19_377));
        assert_eq!((row.f_status.as_str(), row.f_progress), ("success", 100));
    }

    #[test]
    fn a_task_takes_from_its_job() {
        let guest = Party::new(Role::Guest, 9999);
        let jobs = Jobs::new(vec![job("202611212240299893180", guest)]);
        let task = TaskView {
            job: JobId("202611212240299893180".into()),
            component: "reader_0".into(),
            version: 0,
            party: Party::new(Role::Host, 10000),
            module: "Reader".into(),
            provider: ("reader".into(), "0.1.0".into()),
            grants: Vec::new(),
            image: "ab".into(),
            initiator: guest,
            status: Status::Running,
            party_status: Status::Waiting,
            parameters: json!({"table": {"name": "t"}}),
            error_report: String::new(),
            progress: None,
            auto_retries: 0,
            created_ms: 0,
            updated_ms: 0,
            start_ms: None,
            end_ms: None,
        };
        let row = task_row(&task, &jobs);
        assert_eq!(row.f_task_id, "202611212240299893180_reader_0");
        assert_eq!((row.f_status.as_str(), row.f_party_status.as_str()), ("running", "waiting"));
        assert_eq!(row.f_auto_retry_delay, 3);
        assert_eq!(row.f_component_parameters["ComponentParam"]["table"]["name"], "t");
        assert_eq!(row.f_component_parameters["local"], json!({"party_id": 10000, "role": "host"}));
        assert_eq!((row.f_elapsed, row.f_end_date), (None, None));
    }
}
