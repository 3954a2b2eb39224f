//! What there is of a model for those who would serve it elsewhere: its parties, and whether it is deployed. Not for:
//! serving it, which a node does not do.

use parcae_domain::party::Party;
use parcae_metadata::{ModelFilter, SavedModel};

use crate::model_info::ModelInfo;
use crate::queries::store;
use crate::saved;
use crate::tenant::Tenant;
use crate::view::NodeError;

/// The half of a model that a party has.
#[derive(Clone, Debug)]
pub struct ServableModel {
    /// The party.
    pub party: Party,
    /// True once it was deployed; only then it predicts.
    pub is_deployed: bool,
}

impl Tenant<'_> {
    /// The halves of the model of a version, of any id or of one; none when there is no such model.
    pub fn servable_models(
        &self,
        model_id: Option<&str>,
        model_version: &str,
    ) -> Result<Vec<ServableModel>, NodeError> {
        saved::settle(&self.site, self.id(), model_version).map_err(store)?;
        let filter = ModelFilter {
            tenant: Some(self.name().to_owned()),
            model_id: model_id.map(str::to_owned),
            model_version: Some(model_version.to_owned()),
            ..ModelFilter::default()
        };
        let found = self.site.store.models(&filter).map_err(store)?;
        let view = |model: &SavedModel| ServableModel {
            party: model.key.party,
            is_deployed: ModelInfo::of(model).is_deployed(),
        };
        Ok(found.iter().map(view).collect())
    }

    /// A fresh id, by which an operation without a job is known.
    pub fn operation_id(&self) -> String {
        self.next_job_id().0
    }
}
