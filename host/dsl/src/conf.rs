//! The runtime confs that the rows of a job keep: the conf as it came, with parties as numbers and all parameters of the
//! job filled in. Not for: parameters of components, which stay as they came.

use serde_json::{Value, json};

use crate::{job_parameters::JobParameters, plan::JobPlan, read::Object};

/// The one engine there is, by the name that FATE has for a node that does everything itself.
const ENGINE: &str = "STANDALONE";

/// The conf of the job (`f_runtime_conf`): `job_parameters.common` is what the initiator starts from.
pub fn initiator_conf(plan: &JobPlan, conf: &Value) -> Value {
    let mut job = Object::new();
    job.insert("common".into(), Value::Object(shared(plan)));
    if !plan.parameters.role_parameters.is_empty() {
        job.insert("role".into(), Value::Object(plan.parameters.role_parameters.clone()));
    }
    with_job_parameters(plan, conf, job)
}

/// The conf at a party (`f_runtime_conf_on_party`): `job_parameters` is flat, without `common`. FATE gives every party of
/// a job the same one.
pub fn runtime_conf_on_party(plan: &JobPlan, conf: &Value) -> Value {
    let mut job = shared(plan);
    if let Some(Value::Object(adaptation)) = job.get_mut("adaptation_parameters") {
        adaptation.insert("if_initiator_baseline".into(), false.into());
    }
    for key in ["federation_engine", "storage_engine"] {
        job.insert(key.into(), ENGINE.into());
    }
    job.insert("engines_address".into(), json!({"computing": {}, "federation": {}, "storage": {}}));
    let eggroll = job.entry("eggroll_run").or_insert_with(|| json!({}));
    if let Value::Object(eggroll) = eggroll {
        let cores = plan.parameters.task_cores.into();
        eggroll.entry("eggroll.session.processors.per.node").or_insert(cores);
    }
    with_job_parameters(plan, conf, job)
}

fn with_job_parameters(plan: &JobPlan, conf: &Value, job: Object) -> Value {
    let mut made = conf.as_object().cloned().unwrap_or_default();
    made.insert("dsl_version".into(), 2.into());
    made.insert("initiator".into(), json!({"role": plan.initiator.role.as_str(), "party_id": plan.initiator.id}));
    made.insert("role".into(), roles(plan));
    made.insert("job_parameters".into(), Value::Object(job));
    Value::Object(made)
}

/// Parties by role, as numbers.
fn roles(plan: &JobPlan) -> Value {
    plan.roles.iter().map(|(role, ids)| (role.as_str().to_owned(), Value::from(ids.clone()))).collect::<Object>().into()
}

/// What both confs have.
fn shared(plan: &JobPlan) -> Object {
    let parameters = &plan.parameters;
    let mut job = Object::new();
    let mut put = |key: &str, value: Value| job.insert(key.to_owned(), value);
    put("adaptation_parameters", adaptation(parameters));
    put("auto_retries", parameters.auto_retries.into());
    put("auto_retry_delay", parameters.auto_retry_delay.into());
    put("computing_engine", ENGINE.into());
    put("computing_partitions", parameters.computing_partitions.into());
    put("federated_mode", "SINGLE".into());
    put("federated_status_collect_type", "PUSH".into());
    for key in
        ["eggroll_run", "engines_address", "inheritance_info", "pulsar_run", "rabbitmq_run", "spark_run", "task_conf"]
    {
        put(key, json!({}));
    }
    put("job_type", parameters.job_type.as_str().into());
    put("model_id", parameters.model_id.as_str().into());
    if let Some(version) = &parameters.model_version {
        put("model_version", version.as_str().into());
    }
    put("role_parameters", Value::Object(parameters.role_parameters.clone()));
    put("roles", roles(plan));
    put("task_parallelism", parameters.task_parallelism.unwrap_or(1).into());
    // FATE keeps it only where the conf gives it.
    if parameters.timeout != JobParameters::default().timeout {
        put("timeout", parameters.timeout.into());
    }
    if parameters.deterministic {
        put("deterministic", true.into());
    }
    if !parameters.limits.is_empty() {
        put("limits", json!(parameters.limits));
    }
    for (key, value) in &parameters.extra {
        put(key, value.clone());
    }
    job
}

/// Cores as FATE spreads them over the nodes of an engine; here there is one.
fn adaptation(parameters: &JobParameters) -> Value {
    json!({
        "if_initiator_baseline": true,
        "request_task_cores": parameters.task_cores,
        "task_cores_per_node": parameters.task_cores,
        "task_memory_per_node": 0,
        "task_nodes": 1
    })
}
