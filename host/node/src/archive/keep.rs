//! Stores what came out of an archive, under the name that was asked for: all of it in one transaction, or nothing. Not
//! for: reading the archive (`unpack`, `content`).

use std::fs::File;
use std::sync::{Mutex, PoisonError};

use parcae_domain::id::{JobId, is_component_name};
use parcae_domain::party::Party;
use parcae_metadata::{Checkpoint, ComponentModel, ModelFilter, ModelKey, StoreError, Tx};

use crate::archive::content::{self, Unpacked};
use crate::archive::unpack::{self, Refused};
use crate::archive::{model_key, rename};
use crate::queries::store;
use crate::site::{Site, now_ms};
use crate::tenant::Tenant;
use crate::view::NodeError;

/// An archive may take a gigabyte of memory: one after the other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Longest id of a model, bytes: that of a job of a hundred parties.
const MODEL_ID_BYTES: usize = 2000;

/// Under which name to store the model of an archive.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// Whose model it becomes.
    pub party: Party,
    /// Its id.
    pub model_id: String,
    /// Its version.
    pub model_version: String,
    /// Replaces a model of that name.
    pub force: bool,
    /// SHA-256 that the archive must have.
    pub hash: Option<String>,
}

/// A model that was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// A fresh id by which the import is known, as FATE gives one.
    pub job: JobId,
}

impl From<Refused> for NodeError {
    fn from(refused: Refused) -> NodeError {
        NodeError::Invalid(refused.to_string())
    }
}

impl Tenant<'_> {
    /// Stores the model of an archive that anybody may have made.
    pub fn import_model(&self, request: &ImportRequest, file: &File) -> Result<Imported, NodeError> {
        check_name(request)?;
        let key = model_key(self.id(), request.party, &request.model_id, &request.model_version);
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = taken(&self.site, &key, request.force).map_err(store)? {
            return Err(NodeError::Exists(taken));
        }
        let digest = unpack::digest(file).map_err(Refused::from)?;
        if let Some(hash) = request.hash.as_deref().map(str::trim).filter(|hash| !hash.is_empty())
            && !hash.eq_ignore_ascii_case(&digest)
        {
            return Err(NodeError::Invalid(format!(
                "the archive has the SHA-256 {digest}, the request says {hash}: it was changed on its way, or is \
                 another"
            )));
        }
        let vouched = request.hash.as_deref().is_some_and(|hash| !hash.trim().is_empty());
        let members = unpack::unpack(file, self.site.options.limits.model_bytes)?;
        let mut unpacked = content::read(members, vouched)?;
        content::check_party(&unpacked.info, request.party)?;
        fit(&mut unpacked, request, digest);
        self.keep_archive(&key, &unpacked, request.force)?;
        Ok(Imported { job: self.next_job_id() })
    }

    fn keep_archive(&self, key: &ModelKey, unpacked: &Unpacked, force: bool) -> Result<(), NodeError> {
        let kept = self.site.store.commit(|tx| {
            // Somebody may have made one of that name meanwhile.
            if let Some(taken) = taken(&self.site, key, force)? {
                return Err(StoreError::Exists(taken));
            }
            write(tx, key, unpacked)
        });
        kept.map_err(|error| match error {
            StoreError::Exists(taken) => NodeError::Exists(taken),
            other => store(other),
        })
    }
}

fn write(tx: &Tx<'_>, key: &ModelKey, unpacked: &Unpacked) -> Result<(), StoreError> {
    tx.delete_model(key)?;
    tx.delete_checkpoints(key)?;
    for (saved, parts) in &unpacked.components {
        tx.put_component_model(&ComponentModel {
            key: key.clone(),
            component: saved.component.clone(),
            alias: saved.alias.clone(),
            module: saved.module.clone(),
            version: saved.version,
            parts: parts.clone(),
            created_ms: now_ms(),
        })?;
    }
    for (saved, parts) in &unpacked.checkpoints {
        tx.put_checkpoint(&Checkpoint {
            key: key.clone(),
            component: saved.component.clone(),
            alias: saved.alias.clone(),
            module: saved.module.clone(),
            step_index: saved.step_index,
            step_name: saved.step_name.clone(),
            parts: parts.clone(),
            created_ms: now_ms(),
        })?;
    }
    tx.put_model(key, None, &unpacked.info.to_value())
}

/// Fits what is known of the model to the name that it gets.
fn fit(unpacked: &mut Unpacked, request: &ImportRequest, digest: String) {
    let info = &mut unpacked.info;
    rename(info, &request.model_id, &request.model_version);
    info.loaded_times = 0;
    info.imported = true;
    info.archive_sha256 = Some(digest);
    info.archive_from_ip = None;
    let role = request.party.role;
    if unpacked.role.is_some_and(|other| other != role) {
        info.inference_dsl = parcae_dsl::with_code_paths(&info.inference_dsl, role);
    }
}

/// Why a name cannot be given to a model from elsewhere; `None` when it is free, or may be replaced.
pub(crate) fn taken(site: &Site, key: &ModelKey, force: bool) -> Result<Option<String>, StoreError> {
    let job = JobId(key.model_version.clone());
    let running =
        job.is_valid() && site.store.job(&job)?.is_some_and(|row| row.tenant == key.tenant && !row.status.is_end());
    let ModelKey { party, model_id, model_version, .. } = key;
    let name = format!("model {model_id} of version {model_version} at {} {}", party.role, party.id);
    if running {
        let cure = "choose another model_version, or wait for its end";
        return Ok(Some(format!("{name} is being made by job {job}: {cure}")));
    }
    let filter = ModelFilter::of(key);
    let exists = !site.store.models(&filter)?.is_empty() || !site.store.model_entries(&filter)?.is_empty();
    let text = || format!("{name} exists: choose another model_version, or pass force_update 1 to replace it");
    Ok((exists && !force).then(text))
}

fn check_name(request: &ImportRequest) -> Result<(), NodeError> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"_-#".contains(&b);
    let id = request.model_id.as_bytes();
    if !(1..=MODEL_ID_BYTES).contains(&id.len()) || !id.iter().copied().all(good) {
        let text = "model_id is not one of a model: it looks like guest-9999#host-10000#model";
        return Err(NodeError::Invalid(text.into()));
    }
    if !is_component_name(&request.model_version) {
        let text = "model_version is not one of a model: it is 1 to 100 letters, digits, _ and -";
        return Err(NodeError::Invalid(text.into()));
    }
    Ok(())
}
