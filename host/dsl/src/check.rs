//! A submission into a plan, or into all of its faults. The order of the readers is here and nowhere else. Not for: what
//! each of them looks at.

use serde_json::Value;

use crate::{
    assemble::{Pieces, plan},
    components::{self, Node, Sources},
    fault::{Collector, Faults},
    graph::{self, Order},
    header::{self, Header},
    job_parameters::{self, JobType},
    model_id::model_id,
    parameters,
    plan::JobPlan,
    providers::{Modules, Providers},
    read::{Object, expect_object},
    roles, wiring,
};

/// The two documents of a submission.
#[derive(Clone, Copy, Debug)]
pub struct Submission<'a> {
    /// `job_dsl`: the components. For a predict job it is the DSL of the deployed model; null and `{}` give a plan without
    /// components.
    pub dsl: &'a Value,
    /// `job_runtime_conf`: parties and parameters.
    pub conf: &'a Value,
}

/// Reads a submission; `modules` knows what its components may run.
///
/// # Errors
///
/// Everything that is wrong with it, at once, in the order conf, DSL, connections, parameters.
pub fn check(submission: &Submission<'_>, modules: &Modules<'_>) -> Result<JobPlan, Faults> {
    let mut faults = Collector::default();
    let none = Object::new();
    let conf = expect_object(submission.conf, "conf", None, &mut faults);
    let header = match conf {
        Some(conf) => header::read(conf, &mut faults),
        None => Header::default(),
    };
    let conf = conf.unwrap_or(&none);
    let mut parameters = job_parameters::read(conf, &mut faults);
    let providers = Providers::read(submission.dsl, conf, &mut faults);
    let sources = Sources { modules, providers: &providers };
    let mut nodes = components::read(submission.dsl, &sources, parameters.job_type, &mut faults);
    let used = nodes.iter().flatten().filter_map(|node| node.spec?.get("module")?.as_str());
    providers.check_global(used, modules, &mut faults);
    let known = nodes.as_deref_mut().unwrap_or_default();
    wiring::wire(known, parameters.job_type, &mut faults);
    roles::check(known, &header, &mut faults);
    let order = ordered(known, &mut faults);
    let values = parameters::read(conf, nodes.as_deref(), &header, &mut faults);
    if parameters.job_type == JobType::Train {
        parameters.model_id = model_id(&header.roles);
    }
    let (Some(initiator), Some(order)) = (header.initiator, order) else { return Err(faults.into_faults()) };
    let warnings = faults.finish()?;
    let nodes = nodes.unwrap_or_default();
    Ok(plan(Pieces { header, initiator, parameters, nodes, order, values }, warnings))
}

/// The order of the components; none, and a fault for each cycle, if there is none.
fn ordered(nodes: &[Node<'_>], faults: &mut Collector) -> Option<Order> {
    let upstream: Vec<Vec<usize>> = nodes.iter().map(|node| node.upstream.clone()).collect();
    match graph::order(&upstream) {
        Ok(order) => Some(order),
        Err(cycles) => {
            for cycle in cycles {
                let round = cycle.iter().chain(cycle.first()).map(|place| nodes[*place].name);
                let way = round.collect::<Vec<_>>().join("->");
                let first = cycle.first().map(|place| nodes[*place].name);
                faults.add(first, "components", format!("expected no cycle, found {way}"));
            }
            None
        }
    }
}
