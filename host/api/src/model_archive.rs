//! Arguments and answers about archives of models, their migration and their checkpoints. Not for: the archive itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    arguments::Arguments,
    loose::{AnyOf, LooseId, LooseInt},
};

/// Arguments of `model/export`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ExportRequest {
    /// Role of the party whose model it is.
    #[serde(default)]
    #[schema(required = true)]
    pub role: String,
    /// The party.
    #[serde(default)]
    #[schema(required = true)]
    pub party_id: LooseId,
    /// Id of the model.
    #[serde(default)]
    #[schema(required = true)]
    pub model_id: LooseId,
    /// Its version.
    #[serde(default)]
    #[schema(required = true)]
    pub model_version: LooseId,
}

impl Arguments for ExportRequest {
    const REQUIRED: &'static [&'static str] = &["model_id", "model_version", "role", "party_id"];
}

/// Fields of the form of `model/import`, beside its part `file`: under which name to store the model.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ImportForm {
    /// Role of the party whose model it becomes.
    #[serde(default)]
    #[schema(required = true)]
    pub role: String,
    /// The party: one of those that trained the model.
    #[serde(default)]
    #[schema(required = true)]
    pub party_id: LooseId,
    /// Id that it gets.
    #[serde(default)]
    #[schema(required = true)]
    pub model_id: LooseId,
    /// Version that it gets.
    #[serde(default)]
    #[schema(required = true)]
    pub model_version: LooseId,
    /// 1 replaces a model of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_update: Option<LooseId>,
    /// SHA-256 that the archive must have; an archive that FATE wrote is taken only with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

impl Arguments for ImportForm {
    const REQUIRED: &'static [&'static str] = &["model_id", "model_version", "role", "party_id"];
}

/// A model that was imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportData {
    /// Id of the operation.
    pub job_id: String,
    /// Role of its party.
    pub role: String,
    /// Its party.
    pub party_id: String,
    /// Its id.
    pub model_id: String,
    /// Its version.
    pub model_version: String,
}

/// A party.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct PartyKey {
    /// Its role.
    #[serde(default)]
    #[schema(required = true)]
    pub role: String,
    /// Its id.
    #[serde(default)]
    #[schema(required = true)]
    pub party_id: LooseId,
}

/// Arguments of `model/migrate`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct MigrateRequest {
    /// Id of the model.
    #[serde(default)]
    #[schema(required = true)]
    pub model_id: LooseId,
    /// Its version.
    #[serde(default)]
    #[schema(required = true)]
    pub model_version: LooseId,
    /// Its parties.
    #[serde(default)]
    #[schema(required = true)]
    pub role: BTreeMap<String, AnyOf>,
    /// The parties that take their places, in the same order.
    #[serde(default)]
    #[schema(required = true)]
    pub migrate_role: BTreeMap<String, AnyOf>,
    /// Who leads from then on.
    #[serde(default)]
    #[schema(required = true)]
    pub migrate_initiator: PartyKey,
    /// The parties of `role` whose models are to be migrated.
    #[serde(default)]
    #[schema(required = true)]
    pub execute_party: BTreeMap<String, AnyOf>,
    /// Version of the migrated model; a new one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unify_model_version: Option<LooseId>,
}

impl Arguments for MigrateRequest {
    const REQUIRED: &'static [&'static str] =
        &["migrate_initiator", "role", "migrate_role", "model_id", "model_version", "execute_party", "job_parameters"];
}

/// Arguments of `checkpoint/list` and, with one of `step_index` and `step_name`, of `checkpoint/get`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct CheckpointRequest {
    /// Role of the party whose model it is.
    #[serde(default)]
    #[schema(required = true)]
    pub role: String,
    /// The party.
    #[serde(default)]
    #[schema(required = true)]
    pub party_id: LooseId,
    /// Id of the model.
    #[serde(default)]
    #[schema(required = true)]
    pub model_id: LooseId,
    /// Its version.
    #[serde(default)]
    #[schema(required = true)]
    pub model_version: LooseId,
    /// The component.
    #[serde(default)]
    #[schema(required = true)]
    pub component_name: String,
    /// Which step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_index: Option<LooseInt>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_name: Option<LooseId>,
}

impl Arguments for CheckpointRequest {
    const REQUIRED: &'static [&'static str] = &["role", "party_id", "model_id", "model_version", "component_name"];
}

/// A checkpoint in the list of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckpointEntry {
    /// Which step.
    pub step_index: u32,
    /// Its name.
    pub step_name: String,
    /// When it was saved, UTC.
    pub create_time: String,
    /// Its parts by name.
    pub models: BTreeMap<String, CheckpointPart>,
}

/// A part of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckpointPart {
    /// SHA-1 of what it holds.
    pub sha1: String,
    /// What it is.
    pub buffer_name: String,
}

/// A checkpoint with what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Checkpoint {
    /// Which step.
    pub step_index: u32,
    /// Its name.
    pub step_name: String,
    /// When it was saved, UTC.
    pub create_time: String,
    /// What its parts hold, in base64, by name: JSON where a component saved nothing for machines.
    pub models: BTreeMap<String, String>,
}
