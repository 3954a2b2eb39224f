//! From a checked submission to what the scheduler and the sandbox need. Not for: checking it (`dsl`).

use std::sync::Arc;

use parcae_domain::{
    attempt::Attempt,
    descriptor::PortKind,
    grant,
    id::{AttemptId, JobId, TaskId},
    outcome::Outcome,
};
use parcae_dsl::{ComponentPlan, JobPlan};
use parcae_scheduler::{JobSpec, TaskSpec};
use serde_json::Value;

use crate::site::Site;
use crate::world::Wire;

/// What the scheduler is told of a job.
pub(crate) fn job_spec(id: &JobId, created_ms: i64, plan: &JobPlan) -> JobSpec {
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
        created_ms,
        initiator: plan.initiator,
        tasks: tasks.collect(),
        task_parallelism: plan.parameters.task_parallelism,
        task_cores: plan.parameters.task_cores,
        auto_retries: plan.parameters.auto_retries,
        auto_retry_delay_s: plan.parameters.auto_retry_delay,
        timeout_s: plan.parameters.timeout,
    }
}

pub(crate) fn needs_run(parameters: Option<&Value>) -> bool {
    parameters.and_then(|p| p.get("need_run")).and_then(Value::as_bool).unwrap_or(true)
}

/// The attempt that the sandbox runs, or why it may not.
pub(crate) fn attempt(id: &AttemptId, component: &ComponentPlan, image: &str, site: &Site) -> Result<Attempt, Outcome> {
    let module = &component.module;
    let broken = |e| Outcome::Node { message: format!("grants of module {}: {e}", module.name) };
    let given = site.given(image, module).map_err(broken)?;
    let decision = grant::decide(&module.grants, &given);
    if !decision.missing.is_empty() {
        let names: Vec<&str> = decision.missing.iter().map(|grant| grant.as_str()).collect();
        let (name, names, cure) = (&module.name, names.join(", "), site.cure(image, module));
        return Err(Outcome::Denied { message: format!("module {name} asks for {names}; {cure}") });
    }
    Ok(Attempt {
        id: id.clone(),
        module: module.clone(),
        image: image.to_owned(),
        parties: component.parties.clone(),
        parameters: component
            .parameters
            .get(&id.party)
            .cloned()
            .unwrap_or_else(|| Value::Object(serde_json::Map::new())),
        seed: seed(&id.task),
        grants: decision.granted,
        limits: site.options.limits.clone(),
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
