//! The manifest of an archive: what is in it, and the digest of every other member, so that an archive that was cut off
//! or changed is known as such. Not for: proving who made it.

use std::collections::BTreeMap;

use parcae_domain::party::{PartyId, Role};
use serde::{Deserialize, Serialize};

use crate::model_info::ModelInfo;

/// What this program writes, and the latest that it reads.
pub(crate) const FORMAT: u32 = 1;

/// What is in an archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// Version of this form.
    pub(crate) format: u32,
    /// Whose model it is.
    pub(crate) role: Role,
    /// Whose model it is.
    pub(crate) party_id: PartyId,
    /// Id of the model.
    pub(crate) model_id: String,
    /// Its version.
    pub(crate) model_version: String,
    /// All that is known of it.
    pub(crate) info: ModelInfo,
    /// What components saved.
    pub(crate) components: Vec<Saved>,
    /// What they saved on the way.
    pub(crate) checkpoints: Vec<SavedStep>,
    /// SHA-256 of every other member.
    pub(crate) members: BTreeMap<String, String>,
}

/// What a component saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// The component.
    pub(crate) component: String,
    /// Name of its output.
    pub(crate) alias: String,
    /// Its module.
    pub(crate) module: String,
    /// Version of the task that made it.
    #[serde(default)]
    pub(crate) version: u32,
    /// Names of the parts, in their order.
    pub(crate) parts: Vec<String>,
}

/// What a component saved after a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedStep {
    /// The component.
    pub(crate) component: String,
    /// Name of its output.
    pub(crate) alias: String,
    /// Its module.
    pub(crate) module: String,
    /// Which step.
    pub(crate) step_index: u32,
    /// Its name.
    pub(crate) step_name: String,
    /// Names of the parts, in their order.
    pub(crate) parts: Vec<String>,
}

/// What tells whether the rest can be read.
#[derive(Deserialize)]
pub(crate) struct ManifestFormat {
    /// Version of the form.
    pub(crate) format: u32,
}
