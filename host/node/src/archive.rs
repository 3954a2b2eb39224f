//! Archives of models: the model of one party as one zip file, laid out as FATE's, with a manifest by which another
//! node knows that it is whole. Not for: carrying the file (`server`), what is in a model's parts (the components).
//!
//! `layout` names the members; `manifest` says what is in them; `pipeline` is FATE's own description of a model; `pack`
//! writes an archive; `unpack` takes one apart that anybody may have made; `content` reads it; `keep` stores it;
//! `rename` fits it to its new name.

mod content;
mod keep;
mod layout;
mod manifest;
mod pack;
mod pipeline;
mod rename;
mod unpack;

use std::fs::File;

use parcae_domain::{party::Party, tenant::TenantId};
use parcae_metadata::{ModelFilter, ModelKey};
use sha2::{Digest, Sha256};

pub(crate) use keep::taken;
pub use keep::{ImportRequest, Imported};
pub(crate) use rename::{rename, resettle};

use crate::archive::pack::Content;
use crate::queries::store;
use crate::saved;
use crate::tenant::Tenant;
use crate::view::NodeError;

/// Largest archive that is taken, and most bytes that may come out of it.
pub const MAX_ARCHIVE_BYTES: u64 = 1 << 30;

/// An archive that is ready to be sent.
#[derive(Debug)]
pub struct ModelArchive {
    /// What FATE calls it: `guest#9999#arbiter-10000#guest-9999#host-10000#model_<version>.zip`.
    pub name: String,
    /// The file, at its beginning; it vanishes when it is closed.
    pub file: File,
    /// Its bytes.
    pub bytes: u64,
}

/// Names the model of a party.
pub(crate) fn model_key(tenant: &TenantId, party: Party, model_id: &str, model_version: &str) -> ModelKey {
    ModelKey {
        tenant: tenant.to_string(),
        party,
        model_id: model_id.to_owned(),
        model_version: model_version.to_owned(),
    }
}

/// SHA-256 as hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Tenant<'_> {
    /// Packs the model of a party with all its checkpoints.
    pub fn export_model(&self, party: Party, model_id: &str, model_version: &str) -> Result<ModelArchive, NodeError> {
        saved::settle(&self.site, self.id(), model_version).map_err(store)?;
        let key = model_key(self.id(), party, model_id, model_version);
        let filter = ModelFilter::of(&key);
        let found = self.site.store.models(&filter).map_err(store)?.into_iter().next();
        let model = found.ok_or_else(|| {
            NodeError::NotFound(format!(
                "there is no model {model_id} of version {model_version} at {} {}: flow model get-model-info lists \
                 those that there are",
                party.role, party.id
            ))
        })?;
        let content = Content {
            components: self.site.store.component_models(&filter).map_err(store)?,
            checkpoints: self.site.store.checkpoints(&key, None).map_err(store)?,
            info: model.info,
            key,
        };
        let name = content.archive_name();
        let (file, bytes) = pack::pack(&content, &self.upload_folder())
            .map_err(|e| NodeError::Internal(format!("pack model {model_id} of version {model_version}: {e}")))?;
        Ok(ModelArchive { name, file, bytes })
    }
}
