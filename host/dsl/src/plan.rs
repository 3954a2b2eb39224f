//! What a submission means once it is checked: parties, components in order, their connections and parameters. Plain data
//! that a database can keep as JSON. Not for: checking (`check`), confs on the wire (`conf`).

use std::collections::BTreeMap;

use parcae_domain::{
    descriptor::{Module, Port, PortKind},
    party::{Party, PartyId, Role},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::job_parameters::JobParameters;

/// A checked job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobPlan {
    /// The parties of each role, in the order of the conf. Roles without a party are left out.
    pub roles: BTreeMap<Role, Vec<PartyId>>,
    /// The roles in the order of the conf.
    pub role_order: Vec<Role>,
    /// Who leads the job; one of the parties.
    pub initiator: Party,
    /// Parameters of the job.
    pub parameters: JobParameters,
    /// The components in the order of the DSL.
    pub components: Vec<ComponentPlan>,
    /// Places in `components`, each after its upstream.
    pub order: Vec<usize>,
    /// What was ignored and may not have been meant so. Obsolete job parameters make the only one that begins with
    /// `[WARN]`; FATE answers a submission with that one.
    pub warnings: Vec<String>,
}

/// One component of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComponentPlan {
    /// Name in the DSL: `hetero_lr_0`.
    pub name: String,
    /// What it runs.
    pub module: Module,
    /// Digest of the image that serves the module; empty in plans of earlier versions.
    #[serde(default)]
    pub image: String,
    /// Who runs it: the parties whose role the module has, by role and then in the order of the conf. Never empty.
    pub parties: Vec<Party>,
    /// What it reads, in the order of the DSL.
    pub inputs: Vec<Input>,
    /// What it makes: tables, then models, then caches.
    pub outputs: Vec<Output>,
    /// Places in `JobPlan::components` of those it reads from, ascending, once each.
    pub upstream: Vec<usize>,
    /// Longest way from a component without upstream.
    pub depth: usize,
    /// Parameters of each party, checked and with defaults filled in.
    #[serde(with = "by_party")]
    pub parameters: BTreeMap<Party, Value>,
}

/// One connection into a port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Name of the module's input port: `train_data`.
    pub port: String,
    /// What goes through it.
    pub kind: PortKind,
    /// The component that makes it; `pipeline` when it comes out of the model that a predict job uses.
    pub from_component: String,
    /// Name of the output there; `hetero_lr_0.model` when it comes from `pipeline`.
    pub from_output: String,
}

/// One thing that a component makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// What it is.
    pub kind: PortKind,
    /// Its name in the DSL: `data`; `0`, `1` for tables and caches and `default` for a model that the DSL does not name.
    pub name: String,
    /// Name of the module's output port that it comes from: the n-th name means the n-th port of the kind.
    pub port: String,
}

impl JobPlan {
    /// All parties, by role and then in the order of the conf.
    pub fn parties(&self) -> Vec<Party> {
        self.roles.iter().flat_map(|(role, ids)| ids.iter().map(|id| Party::new(*role, *id))).collect()
    }

    /// The component of that name.
    pub fn component(&self, name: &str) -> Option<&ComponentPlan> {
        self.components.iter().find(|component| component.name == name)
    }

    /// The components that read from the one at this place, ascending.
    pub fn downstream(&self, place: usize) -> Vec<usize> {
        (0..self.components.len()).filter(|other| self.components[*other].upstream.contains(&place)).collect()
    }
}

impl ComponentPlan {
    /// The module's port that an output's name in the DSL stands for.
    pub fn output_port(&self, kind: PortKind, name: &str) -> Option<&Port> {
        let output = self.outputs.iter().find(|output| output.kind == kind && output.name == name)?;
        self.module.outputs.iter().find(|port| port.kind == kind && port.name == output.port)
    }

    /// The output's name in the DSL that a port of the module stands for; none when the DSL has no name for it.
    pub fn output_name(&self, kind: PortKind, port: &str) -> Option<&str> {
        self.outputs.iter().find(|output| output.kind == kind && output.port == port).map(|output| output.name.as_str())
    }

    /// The connections into a port, in the order of the DSL.
    pub fn inputs_of<'a>(&'a self, port: &'a str) -> impl Iterator<Item = &'a Input> {
        self.inputs.iter().filter(move |input| input.port == port)
    }
}

/// JSON has texts for keys: a map by party is kept as a list of pairs.
mod by_party {
    use std::collections::BTreeMap;

    use parcae_domain::party::Party;
    use serde::{Deserialize, Deserializer, Serializer};
    use serde_json::Value;

    pub(super) fn serialize<S: Serializer>(map: &BTreeMap<Party, Value>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Party, Value>, D::Error> {
        Ok(Vec::<(Party, Value)>::deserialize(deserializer)?.into_iter().collect())
    }
}
