//! Answers about models: which there are, and what predicts with one. Not for: what a job's components saved (`products`).

use std::collections::BTreeMap;

use parcae_domain::party::{PartyId, Role};
use parcae_metadata::{DEFAULT_TENANT, ModelFilter, ModelKey, SavedModel};
use serde_json::Value;

use crate::model_info::ModelInfo;
use crate::node::Node;
use crate::queries::store;
use crate::saved;
use crate::view::NodeError;

/// Which models; `None` does not matter. Words that mean nothing select nothing.
#[derive(Clone, Debug, Default)]
pub struct ModelSearch {
    /// Role of the party.
    pub role: Option<String>,
    /// Id of the party.
    pub party_id: Option<String>,
    /// Name of the model.
    pub model_id: Option<String>,
    /// Its version.
    pub model_version: Option<String>,
}

/// The model of one party; times in ms since the epoch.
#[derive(Clone, Debug)]
pub struct ModelView {
    /// Which one.
    pub key: ModelKey,
    /// The job that trained it, else its version.
    pub job: String,
    /// What is known of it.
    pub info: ModelInfo,
    /// Bytes of what its components saved.
    pub bytes: u64,
    /// When it was saved first.
    pub created_ms: i64,
    /// When it was last changed.
    pub updated_ms: i64,
}

impl ModelView {
    /// A conf to predict with this model, for users to fill in.
    pub fn predict_conf(&self) -> Value {
        let ModelKey { model_id, model_version, .. } = &self.key;
        let ModelInfo { train_runtime_conf, inference_dsl, .. } = &self.info;
        parcae_dsl::predict_conf_template(train_runtime_conf, inference_dsl, model_id, model_version)
    }
}

impl Node {
    /// Models of parties, the oldest first.
    pub fn models(&self, search: &ModelSearch) -> Result<Vec<ModelView>, NodeError> {
        let role: Option<Role> = match search.role.as_deref().map(str::parse::<Role>) {
            None => None,
            Some(Ok(role)) => Some(role),
            Some(Err(_)) => return Ok(Vec::new()),
        };
        let party_id: Option<PartyId> = match search.party_id.as_deref().map(str::parse::<PartyId>) {
            None => None,
            Some(Ok(id)) => Some(id),
            Some(Err(_)) => return Ok(Vec::new()),
        };
        if let Some(version) = &search.model_version {
            saved::settle(&self.site, version).map_err(store)?;
        }
        let filter = ModelFilter {
            tenant: Some(DEFAULT_TENANT.into()),
            model_id: search.model_id.clone(),
            model_version: search.model_version.clone(),
            ..ModelFilter::default()
        };
        let found = self.site.store.models(&filter).map_err(store)?;
        let mut sizes: BTreeMap<ModelKey, u64> = BTreeMap::new();
        for entry in self.site.store.model_entries(&filter).map_err(store)? {
            *sizes.entry(entry.key).or_default() += entry.bytes;
        }
        let wanted = |model: &SavedModel| {
            let party = model.key.party;
            role.is_none_or(|role| role == party.role) && party_id.is_none_or(|id| id == party.id)
        };
        Ok(found.into_iter().filter(wanted).map(|model| view(model, &sizes)).collect())
    }

    /// The guest's half of a model, else a host's: what predicts with it, and with which conf it was trained.
    pub fn model_to_predict(&self, model_id: &str, model_version: &str) -> Result<Option<ModelView>, NodeError> {
        let search = ModelSearch {
            model_id: Some(model_id.to_owned()),
            model_version: Some(model_version.to_owned()),
            ..ModelSearch::default()
        };
        let halves = self.models(&search)?.into_iter();
        let federated = halves.filter(|half| matches!(half.key.party.role, Role::Guest | Role::Host));
        Ok(federated.min_by_key(|half| half.key.party))
    }
}

fn view(model: SavedModel, sizes: &BTreeMap<ModelKey, u64>) -> ModelView {
    let info = ModelInfo::of(&model);
    let SavedModel { key, job, created_ms, updated_ms, .. } = model;
    ModelView {
        job: job.map_or_else(|| key.model_version.clone(), |job| job.0),
        bytes: sizes.get(&key).copied().unwrap_or(0),
        key,
        info,
        created_ms,
        updated_ms,
    }
}
