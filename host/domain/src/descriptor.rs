//! What an image says of itself: modules, roles, ports, parameters. The node, the command line and forms all read this one
//! description. Not for: running it (`runtime`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{grant::Grant, party::Role};

/// What an image says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Descriptor {
    /// Name of the component: `hetero_lr`.
    pub name: String,
    /// Its version, semantic.
    pub version: String,
    /// SPDX expression of its licence.
    pub licence: String,
    /// One sentence.
    pub summary: String,
    /// What it offers to a DSL.
    pub modules: Vec<Module>,
}

/// One algorithm that a DSL may name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Module {
    /// Name in a DSL: `HeteroLR`.
    pub name: String,
    /// Other names; compared without case.
    pub aliases: Vec<String>,
    /// One sentence.
    pub summary: String,
    /// Roles whose parties run it.
    pub roles: Vec<Role>,
    /// Roles that a job must have a party in for it to run.
    #[serde(default)]
    pub needs: Vec<Role>,
    /// What it reads.
    pub inputs: Vec<Port>,
    /// What it makes.
    pub outputs: Vec<Port>,
    /// JSON Schema (2020-12) of its parameters: types, defaults, bounds, allowed values, help.
    pub parameters: Value,
    /// What it needs beyond the contract.
    pub grants: Vec<Grant>,
}

/// One input or output of a module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Port {
    /// Name in a DSL: `train_data`.
    pub name: String,
    /// What goes through it.
    pub kind: PortKind,
    /// May stay unconnected.
    pub optional: bool,
    /// May be connected more than once.
    pub many: bool,
    /// One sentence.
    pub help: String,
}

/// What goes through a port; the key under `input` and `output` of a DSL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortKind {
    /// Tables.
    Data,
    /// A model of the same algorithm: to go on from it, or to predict.
    Model,
    /// A model of another algorithm: feature selection reads binning's.
    IsometricModel,
    /// A cache of processed ids.
    Cache,
}

impl PortKind {
    /// The key in a DSL.
    pub fn as_str(self) -> &'static str {
        match self {
            PortKind::Data => "data",
            PortKind::Model => "model",
            PortKind::IsometricModel => "isometric_model",
            PortKind::Cache => "cache",
        }
    }
}

impl Descriptor {
    /// `name:version`, as a job names a provider.
    pub fn label(&self) -> String {
        format!("{}:{}", self.name, self.version)
    }

    /// The module that a DSL's name means: exact, then by name or alias without case.
    pub fn module(&self, name: &str) -> Option<&Module> {
        let same = |text: &str| text.eq_ignore_ascii_case(name);
        self.modules
            .iter()
            .find(|m| m.name == name)
            .or_else(|| self.modules.iter().find(|m| same(&m.name) || m.aliases.iter().any(|a| same(a))))
    }
}
