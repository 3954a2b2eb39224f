//! The plan out of the pieces that were read without a fault. Not for: reading them.

use parcae_domain::party::Party;

use crate::{
    components::Node,
    graph::Order,
    header::Header,
    job_parameters::JobParameters,
    parameters::ByParty,
    plan::{ComponentPlan, JobPlan},
    roles::parties,
};

/// What was read of a submission.
pub(crate) struct Pieces<'a> {
    /// Who takes part.
    pub(crate) header: Header,
    /// Who leads.
    pub(crate) initiator: Party,
    /// Parameters of the job.
    pub(crate) parameters: JobParameters,
    /// The components, each with a module.
    pub(crate) nodes: Vec<Node<'a>>,
    /// Their order.
    pub(crate) order: Order,
    /// Their parameters.
    pub(crate) values: Vec<ByParty>,
}

/// The plan.
pub(crate) fn plan(pieces: Pieces<'_>, warnings: Vec<String>) -> JobPlan {
    let Pieces { header, initiator, parameters, nodes, order, values } = pieces;
    let components = nodes
        .into_iter()
        .zip(values)
        .zip(&order.depth)
        .map(|((node, parameters), depth)| {
            let module = node.module.as_deref().expect("a component without a module is a fault").clone();
            ComponentPlan {
                name: node.name.to_owned(),
                parties: parties(&module, &header.roles).into_iter().map(|(party, _)| party).collect(),
                module,
                image: node.image,
                inputs: node.inputs,
                outputs: node.outputs.assigned,
                upstream: node.upstream,
                depth: *depth,
                parameters,
            }
        })
        .collect();
    let Header { roles, role_order, .. } = header;
    JobPlan { roles, role_order, initiator, parameters, components, order: order.order, warnings }
}
