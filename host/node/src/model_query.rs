//! Answers about models: which there are, and what predicts with one. Not for: what a job's components saved (`products`).

use std::collections::BTreeMap;

use parcae_domain::{
    party::{PartyId, Role},
    tenant::TenantId,
};
use parcae_metadata::{ModelFilter, ModelKey, SavedModel};
use serde_json::Value;

use crate::model_info::ModelInfo;
use crate::queries::{read, store};
use crate::saved;
use crate::tenant::Tenant;
use crate::view::NodeError;

/// Versions of models that one question looks up among jobs that have just ended.
const JUST_ENDED: usize = 100;

/// Which models; `None` does not matter, a list = any of them. Words that mean nothing select nothing.
#[derive(Clone, Debug, Default)]
pub struct ModelSearch {
    /// Roles of parties.
    pub roles: Option<Vec<String>>,
    /// Ids of parties.
    pub party_ids: Option<Vec<String>>,
    /// Names of models.
    pub model_ids: Option<Vec<String>>,
    /// Their versions.
    pub model_versions: Option<Vec<String>>,
    /// Most models.
    pub limit: Option<u32>,
}

impl ModelSearch {
    /// As the store understands it; none when it selects nothing.
    fn filter(&self, tenant: &TenantId) -> Option<ModelFilter> {
        let as_it_is = |text: &str| Some(text.to_owned());
        Some(ModelFilter {
            tenant: Some(tenant.to_string()),
            roles: read(self.roles.as_ref(), |text| text.parse::<Role>().ok())?,
            party_ids: read(self.party_ids.as_ref(), |text| text.parse::<PartyId>().ok())?,
            model_ids: read(self.model_ids.as_ref(), as_it_is)?,
            model_versions: read(self.model_versions.as_ref(), as_it_is)?,
            limit: self.limit,
            ..ModelFilter::default()
        })
    }
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

impl Tenant<'_> {
    /// Models of parties, the oldest first.
    pub fn models(&self, search: &ModelSearch) -> Result<Vec<ModelView>, NodeError> {
        let Some(filter) = search.filter(self.id()) else { return Ok(Vec::new()) };
        for version in filter.model_versions.iter().take(JUST_ENDED) {
            saved::settle(&self.site, self.id(), version).map_err(store)?;
        }
        let found = self.site.store.models(&filter).map_err(store)?;
        let mut sizes: BTreeMap<ModelKey, u64> = BTreeMap::new();
        for entry in self.site.store.model_entries(&filter).map_err(store)? {
            *sizes.entry(entry.key).or_default() += entry.bytes;
        }
        Ok(found.into_iter().map(|model| view(model, &sizes)).collect())
    }

    /// The guest's half of a model, else a host's: what predicts with it, and with which conf it was trained.
    pub fn model_to_predict(&self, model_id: &str, model_version: &str) -> Result<Option<ModelView>, NodeError> {
        let search = ModelSearch {
            model_ids: Some(vec![model_id.to_owned()]),
            model_versions: Some(vec![model_version.to_owned()]),
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
