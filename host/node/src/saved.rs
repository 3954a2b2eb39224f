//! Keeps what is known of a trained model once its job has ended, however it ended: from then on it can be found, deployed
//! and exported. Not for: what components save of it (`commit`), deployed models (`deploy`).

use std::collections::BTreeMap;

use parcae_domain::{
    id::JobId,
    party::{PartyId, Role},
    tenant::TenantId,
};
use parcae_dsl::JobType;
use parcae_metadata::{JobFilter, JobRow, ModelFilter, ModelKey, StoreError, Tx};
use serde_json::Value;

use crate::archive::model_key;
use crate::model_info::{FATE_VERSION, ModelInfo};
use crate::site::Site;

/// What is kept of the model that a job trained, for each of its parties; nothing for uploads and predict jobs.
pub(crate) fn trained(site: &Site, job: &JobId) -> Result<Vec<(ModelKey, ModelInfo)>, StoreError> {
    let filter = JobFilter { ids: vec![job.clone()], ..JobFilter::default() };
    Ok(site.store.jobs(&filter)?.rows.iter().filter_map(record).collect())
}

/// Writes such records. Doing it again changes nothing.
pub(crate) fn put(tx: &Tx<'_>, job: &JobId, records: &[(ModelKey, ModelInfo)]) -> Result<(), StoreError> {
    records.iter().try_for_each(|(key, info)| tx.put_model(key, Some(job), &info.to_value()))
}

/// A job may be asked for its model as soon as it shows that it has ended, which is before all is done that its end asks
/// for.
pub(crate) fn settle(site: &Site, tenant: &TenantId, model_version: &str) -> Result<(), StoreError> {
    let (job, owner) = (JobId(model_version.to_owned()), Some(tenant.to_string()));
    let saved = ModelFilter { tenant: owner, model_version: Some(job.0.clone()), ..ModelFilter::default() };
    if !job.is_valid() || !site.store.models(&saved)?.is_empty() {
        return Ok(());
    }
    if !site.store.job(&job)?.is_some_and(|row| row.tenant == tenant.as_str() && row.status.is_end()) {
        return Ok(());
    }
    let records = trained(site, &job)?;
    site.store.commit(|tx| {
        // The end of the job, or of a rerun of it, may have put newer ones there.
        if site.store.models(&saved)?.is_empty() { put(tx, &job, &records) } else { Ok(()) }
    })
}

fn record(row: &JobRow) -> Option<(ModelKey, ModelInfo)> {
    let common = |key: &str| row.conf.pointer(&format!("/job_parameters/common/{key}")).and_then(Value::as_str);
    let roles: BTreeMap<Role, Vec<PartyId>> = serde_json::from_value(row.roles.clone()).ok()?;
    let alone = roles.keys().all(|role| *role == Role::Local);
    if alone || common("job_type") == Some(JobType::Predict.as_str()) {
        return None;
    }
    let info = ModelInfo {
        roles,
        initiator: row.initiator.into(),
        parent: Some(true),
        train_dsl: row.dsl.clone(),
        train_runtime_conf: row.conf.clone(),
        runtime_conf: row.conf.clone(),
        runtime_conf_on_party: row.conf_on_party.clone(),
        inference_dsl: parcae_dsl::with_code_paths(&row.dsl, row.party.role),
        fate_version: FATE_VERSION.into(),
        ..ModelInfo::default()
    };
    Some((model_key(&row.tenant.parse().ok()?, row.party, common("model_id")?, row.id.as_str()), info))
}
