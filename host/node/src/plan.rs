//! From a checked submission to what the scheduler and the sandbox need. Not for: checking it (`dsl`).

use std::sync::Arc;

use parcae_domain::{
    attempt::Attempt,
    descriptor::PortKind,
    grant,
    id::{AttemptId, JobId, TaskId},
    outcome::Outcome,
    tenant::TenantId,
};
use parcae_dsl::{ComponentPlan, JobPlan};
use parcae_scheduler::{JobSpec, TaskSpec};
use serde_json::Value;

use crate::limits;
use crate::site::Site;
use crate::world::Wire;

/// What the scheduler is told of a job.
pub(crate) fn job_spec(id: &JobId, tenant: &TenantId, created_ms: i64, plan: &JobPlan) -> JobSpec {
    let position = |place: usize| plan.order.iter().position(|p| *p == place).expect("the order holds every component");
    let tasks = plan.order.iter().map(|place| {
        let component = &plan.components[*place];
        TaskSpec {
            component: component.name.clone(),
            parties: component.parties.clone(),
            upstream: component.upstream.iter().copied().map(position).collect(),
            need_run: component.parties.iter().map(|p| needs_run(component.parameters.get(p))).collect(),
        }
    });
    JobSpec {
        id: id.clone(),
        tenant: tenant.clone(),
        created_ms,
        initiator: plan.initiator,
        tasks: tasks.collect(),
        task_parallelism: plan.parameters.task_parallelism,
        task_cores: plan.parameters.task_cores,
        auto_retries: plan.parameters.auto_retries,
        auto_retry_delay_s: plan.parameters.auto_retry_delay,
        timeout_s: plan.parameters.timeout,
        queued_s: u64::MAX,
    }
}

/// The same job, which may wait in the queue, and take in all, as long as the limits say that are in force for it.
pub(crate) fn bounded(site: &Site, spec: JobSpec, plan: &JobPlan) -> JobSpec {
    match limits::of_job(site, &spec.tenant, plan) {
        Ok(sources) => {
            let limits = sources.effective().limits;
            JobSpec { queued_s: limits.queued_seconds, timeout_s: limits.total_seconds, ..spec }
        }
        Err(error) => {
            tracing::warn!(job = %spec.id, "limits of the job's tenant cannot be read, the node's count: {error}");
            let node = &site.options.limits;
            JobSpec { queued_s: node.queued_seconds, timeout_s: spec.timeout_s.min(node.total_seconds), ..spec }
        }
    }
}

pub(crate) fn needs_run(parameters: Option<&Value>) -> bool {
    parameters.and_then(|p| p.get("need_run")).and_then(Value::as_bool).unwrap_or(true)
}

/// The attempt that the sandbox runs, or why it may not.
pub(crate) fn attempt(id: &AttemptId, component: &ComponentPlan, image: &str, site: &Site) -> Result<Attempt, Outcome> {
    let module = &component.module;
    let broken = |e| Outcome::Node { message: format!("grants of module {}: {e}", module.name) };
    let tenant = site.tenant(&id.task.job).map_err(broken)?;
    // Another tenant may have it still: this one's jobs run what this one has.
    let Some(origin) = site.catalog.origin(&tenant, image) else {
        return Err(Outcome::Node { message: format!("image {image} of module {} is gone", module.name) });
    };
    let given = site.given(&tenant, image, module).map_err(broken)?;
    let decision = grant::decide(&module.grants, &given);
    if !decision.missing.is_empty() {
        let names: Vec<&str> = decision.missing.iter().map(|grant| grant.as_str()).collect();
        let (name, names, cure) = (&module.name, names.join(", "), site.cure(&tenant, image, module));
        return Err(Outcome::Denied { message: format!("module {name} asks for {names}; {cure}") });
    }
    Ok(Attempt {
        id: id.clone(),
        tenant,
        module: module.clone(),
        image: image.to_owned(),
        parties: component.parties.clone(),
        parameters: component
            .parameters
            .get(&id.party)
            .cloned()
            .unwrap_or_else(|| Value::Object(serde_json::Map::new())),
        isolation: site.options.isolation.of(origin),
        seed: seed(&id.task),
        deterministic: false,
        draws: None,
        grants: decision.granted,
        limits: site.options.limits.clone(),
        scratch: None,
        usage: Arc::default(),
    })
}

/// What is wired to the ports of a component.
pub(crate) fn wires(component: &ComponentPlan) -> Vec<Wire> {
    let wire = |input: &parcae_dsl::Input| Wire {
        port: if input.kind == PortKind::Data { input.port.clone() } else { input.kind.as_str().to_owned() },
        kind: input.kind,
        component: input.from_component.clone(),
        name: input.from_output.clone(),
    };
    component.inputs.iter().map(wire).collect()
}

/// The same number for a task at every party and every attempt: FNV-1a of its id.
fn seed(task: &TaskId) -> u64 {
    let text = task.to_string();
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// A plan that is shared by the attempts of its job.
pub(crate) type SharedPlan = Arc<JobPlan>;
