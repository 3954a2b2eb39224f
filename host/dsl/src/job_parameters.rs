//! Parameters of a job as a whole (`job_parameters`): types, bounds, defaults. Not for: parameters of components
//! (`parameters`), how a job's rows show them (`conf`).

use std::ops::RangeInclusive;

use parcae_domain::limit::set_elsewhere;
use parcae_domain::limit_sources::{LimitFault, LimitSet};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    fault::{Collector, Fault},
    nearest::nearest,
    read::{Object, found, object},
};

/// What a job does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobType {
    /// Makes models.
    #[default]
    Train,
    /// Uses a deployed model.
    Predict,
}

impl JobType {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            JobType::Train => "train",
            JobType::Predict => "predict",
        }
    }
}

/// Parameters of a job, with FATE's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobParameters {
    /// What the job does.
    pub job_type: JobType,
    /// Cores of a task at each party.
    pub task_cores: u32,
    /// Tasks that may run at once.
    pub task_parallelism: Option<u32>,
    /// New attempts of a task that failed.
    pub auto_retries: u32,
    /// Pause before one, seconds.
    pub auto_retry_delay: u32,
    /// Time that the job may take from its submission, seconds.
    pub timeout: u64,
    /// Name of the model: made from the parties for a train job, given for a predict job.
    pub model_id: String,
    /// Its version: given for a predict job, else none, for whoever gives out the job's id to fill in.
    pub model_version: Option<String>,
    /// Slices of the tables that tasks make.
    pub computing_partitions: u32,
    /// The same job is to give the same outputs, byte by byte.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deterministic: bool,
    /// Limits that the job wants for itself; they can only lower those that are in force anyway.
    #[serde(default, skip_serializing_if = "LimitSet::is_empty")]
    pub limits: LimitSet,
    /// `job_parameters.role` as it was given; FATE keeps it and does nothing with it.
    pub role_parameters: Map<String, Value>,
    /// What else FATE knows, as it was given: `inheritance_info`, `eggroll_run`, `federated_status_collect_type`, ...
    pub extra: Map<String, Value>,
}

impl Default for JobParameters {
    fn default() -> JobParameters {
        JobParameters {
            job_type: JobType::Train,
            task_cores: 4,
            task_parallelism: None,
            auto_retries: 0,
            auto_retry_delay: 1,
            timeout: 259_200,
            model_id: String::new(),
            model_version: None,
            computing_partitions: 4,
            deterministic: false,
            limits: LimitSet::default(),
            role_parameters: Map::new(),
            extra: Map::new(),
        }
    }
}

const COMMON: &str = "job_parameters.common";
const TYPED: [&str; 11] = [
    "job_type",
    "task_cores",
    "task_parallelism",
    "auto_retries",
    "auto_retry_delay",
    "timeout",
    "model_id",
    "model_version",
    "computing_partitions",
    "deterministic",
    "limits",
];
/// Kept as given, if they are objects.
const OBJECTS: [&str; 8] = [
    "inheritance_info",
    "engines_address",
    "eggroll_run",
    "spark_run",
    "rabbitmq_run",
    "pulsar_run",
    "task_conf",
    "federation_info",
];
/// Kept as given, if they are texts.
const TEXTS: [&str; 5] = [
    "federated_mode",
    "federated_status_collect_type",
    "federated_data_exchange_type",
    "map_table_name",
    "map_namespace",
];
/// Known, and made anew whatever was given.
const MADE: [&str; 8] = [
    "computing_engine",
    "storage_engine",
    "federation_engine",
    "adaptation_parameters",
    "assistant_role",
    "roles",
    "role_parameters",
    "dsl_version",
];
/// Meant something before FATE 1.7.
const OBSOLETE: [&str; 2] = ["backend", "work_mode"];

/// Reads `job_parameters`; the model's name of a train job is left to the caller.
pub(crate) fn read(conf: &Object, faults: &mut Collector) -> JobParameters {
    let mut parameters = JobParameters::default();
    let Some(root) = object(conf, "job_parameters", "job_parameters", None, faults) else { return parameters };
    for key in root.keys().filter(|key| !["common", "role"].contains(&key.as_str())) {
        faults.warn(format!("job_parameters.{key}: ignored, neither common nor role"));
    }
    if let Some(role) = object(root, "role", "job_parameters.role", None, faults) {
        parameters.role_parameters = role.clone();
    }
    let none = Object::new();
    let common = object(root, "common", COMMON, None, faults).unwrap_or(&none);
    for (key, value) in common.iter().filter(|(_, value)| !value.is_null()) {
        take(&mut parameters, key, value, faults);
    }
    if common.get("computing_partitions").is_none_or(Value::is_null) {
        parameters.computing_partitions = parameters.task_cores;
    }
    let obsolete: Vec<&str> = OBSOLETE.into_iter().filter(|key| common.contains_key(*key)).collect();
    if !obsolete.is_empty() {
        faults.warn(format!("[WARN] {}: obsolete job parameters, ignored", obsolete.join(", ")));
    }
    model_of_job(&mut parameters, faults);
    parameters
}

/// A predict job names the model that it uses; a train job makes one, whatever it says.
fn model_of_job(parameters: &mut JobParameters, faults: &mut Collector) {
    if parameters.job_type == JobType::Train {
        parameters.model_id = String::new();
        parameters.model_version = None;
        return;
    }
    let missing = "missing: a predict job names the deployed model that it uses";
    if parameters.model_id.is_empty() {
        faults.add(None, format!("{COMMON}.model_id"), missing);
    }
    if parameters.model_version.as_deref().is_none_or(str::is_empty) {
        faults.add(None, format!("{COMMON}.model_version"), missing);
    }
}

fn take(parameters: &mut JobParameters, key: &str, value: &Value, faults: &mut Collector) {
    let path = format!("{COMMON}.{key}");
    match key {
        "job_type" => match value.as_str() {
            Some("train") => parameters.job_type = JobType::Train,
            Some("predict") => parameters.job_type = JobType::Predict,
            _ => faults.add(None, path, format!("expected \"train\" or \"predict\", found {}", found(value))),
        },
        "task_cores" => set(&mut parameters.task_cores, value, 1..=1_024, path, faults),
        "task_parallelism" => {
            let mut tasks = 1;
            set(&mut tasks, value, 1..=1_024, path, faults);
            parameters.task_parallelism = Some(tasks);
        }
        "auto_retries" => set(&mut parameters.auto_retries, value, 0..=100, path, faults),
        "auto_retry_delay" => set(&mut parameters.auto_retry_delay, value, 0..=86_400, path, faults),
        "computing_partitions" => set(&mut parameters.computing_partitions, value, 1..=1_024, path, faults),
        "deterministic" => match value.as_bool() {
            Some(is) => parameters.deterministic = is,
            None => faults.add(None, path, format!("expected true or false, found {}", found(value))),
        },
        "timeout" => {
            // Ten years.
            let mut seconds = 259_200;
            set(&mut seconds, value, 1..=315_360_000, path, faults);
            parameters.timeout = u64::from(seconds);
        }
        "limits" => take_limits(&mut parameters.limits, value, &path, faults),
        "model_id" => parameters.model_id = text(value, path, faults),
        "model_version" => parameters.model_version = Some(text(value, path, faults)),
        _ if OBJECTS.contains(&key) && !value.is_object() => {
            faults.add(None, path, format!("expected object, found {}", found(value)));
        }
        _ if TEXTS.contains(&key) && !value.is_string() => {
            faults.add(None, path, format!("expected text, found {}", found(value)));
        }
        _ if OBJECTS.contains(&key) || TEXTS.contains(&key) => {
            parameters.extra.insert(key.to_owned(), value.clone());
        }
        _ if MADE.contains(&key) || OBSOLETE.contains(&key) => {}
        _ => unknown(key, path, faults),
    }
}

fn take_limits(to: &mut LimitSet, value: &Value, path: &str, faults: &mut Collector) {
    match LimitSet::read(value) {
        Ok(limits) => *to = limits,
        Err(wrong) => wrong.into_iter().for_each(|fault| match fault {
            LimitFault::Form => faults.add(None, path, format!("expected object, found {}", found(value))),
            LimitFault::Unknown(name) => match set_elsewhere(&name) {
                Some(place) => faults.add(None, format!("{path}.{name}"), format!("no limit of a job: {place}")),
                None => {
                    let fault = Fault::new(None, format!("{path}.{name}"), "unknown limit");
                    faults.unknown(fault, &name, LimitSet::names());
                }
            },
            LimitFault::Number(name, given) => {
                faults.add(None, format!("{path}.{name}"), format!("expected integer, 1 or more, found {given}"));
            }
        }),
    }
}

fn unknown(key: &str, path: String, faults: &mut Collector) {
    let known = TYPED.into_iter().chain(OBJECTS).chain(TEXTS).chain(MADE);
    let hint = nearest(key, known).map(|near| format!("did you mean {near:?}?"));
    faults.warn(Fault::new(None, path, "unknown job parameter, ignored").hint(hint).to_string());
}

fn set(to: &mut u32, value: &Value, range: RangeInclusive<u32>, path: String, faults: &mut Collector) {
    match value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| range.contains(n)) {
        Some(number) => *to = number,
        None => {
            let (least, most) = (range.start(), range.end());
            faults.add(None, path, format!("expected integer, {least} to {most}, found {}", found(value)));
        }
    }
}

fn text(value: &Value, path: String, faults: &mut Collector) -> String {
    if let Value::String(text) = value {
        return text.clone();
    }
    faults.add(None, path, format!("expected text, found {}", found(value)));
    // Not empty: that it is of the wrong type is enough to say.
    found(value)
}
