//! What a deployment is made from, so that it can be seen whether that is still so when the deployment is stored. Not for:
//! the models themselves, which are copied within the transaction.

use std::collections::BTreeMap;

use parcae_domain::{id::JobId, party::Party, status::Status, tenant::TenantId};
use parcae_metadata::{ModelEntry, ModelFilter, Store, StoreError};

use crate::model_info::ModelInfo;

/// A version of a model at all its parties.
#[derive(PartialEq)]
pub(super) struct Known {
    /// What is known of it, party by party.
    pub(super) models: BTreeMap<Party, ModelInfo>,
    /// What components saved.
    pub(super) entries: Vec<ModelEntry>,
    /// How the job is that makes this version, and when it entered the queue, which a rerun changes.
    job: Option<(Status, i64)>,
}

impl Known {
    /// As it is stored now.
    pub(super) fn of(
        store: &Store,
        tenant: &TenantId,
        model_id: &str,
        model_version: &str,
    ) -> Result<Known, StoreError> {
        let filter = ModelFilter {
            tenant: Some(tenant.to_string()),
            model_id: Some(model_id.to_owned()),
            model_version: Some(model_version.to_owned()),
            ..ModelFilter::default()
        };
        let job = JobId(model_version.to_owned());
        let row = if job.is_valid() { store.job(&job)? } else { None };
        let row = row.filter(|row| row.tenant == tenant.as_str());
        Ok(Known {
            models: store.models(&filter)?.iter().map(|model| (model.key.party, ModelInfo::of(model))).collect(),
            entries: store.model_entries(&filter)?,
            job: row.map(|row| (row.status, row.queued_ms)),
        })
    }

    /// Status of the job that makes this version, unless it has ended.
    pub(super) fn unended(&self) -> Option<Status> {
        self.job.map(|(status, _)| status).filter(|status| !status.is_end())
    }
}
