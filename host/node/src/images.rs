//! Images as a node shows them, and taking up the pushed ones when it is opened. Not for: changing them (`registry`).

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use parcae_domain::{
    descriptor::Descriptor,
    grant::{self, Grant},
    image::{Accepted, Origin},
    party::PartyId,
    tenant::{NoTenant, TenantId},
};
use parcae_metadata::Image;

use crate::queries::store;
use crate::signing::{self, DetachedSignature};
use crate::site::Site;
use crate::view::NodeError;

/// Why pushed images were not taken up when the node was opened, by tenant and digest.
#[derive(Debug, Default)]
pub(crate) struct LeftOut(Mutex<BTreeMap<(String, String), String>>);

impl LeftOut {
    fn all(&self) -> MutexGuard<'_, BTreeMap<(String, String), String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, row: &Image, why: String) {
        self.all().insert((row.tenant.clone(), row.digest.clone()), why);
    }

    /// It was pushed again, or is gone.
    pub(crate) fn forget(&self, tenant: &TenantId, digest: &str) {
        self.all().remove(&(tenant.to_string(), digest.to_owned()));
    }

    /// Why an image that has a row is not there.
    pub(crate) fn why(&self, tenant: &TenantId, digest: &str) -> String {
        let why = self.all().get(&(tenant.to_string(), digest.to_owned())).cloned();
        why.unwrap_or_else(|| "it is not there any more: push it again".to_owned())
    }
}

/// An image of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentImage {
    /// SHA-256 of its bytes, in hex.
    pub digest: String,
    /// What it says of itself.
    pub descriptor: Descriptor,
    /// Where it comes from.
    pub origin: Origin,
    /// Its size, bytes.
    pub bytes: u64,
    /// When it was pushed, ms since the epoch.
    pub created_ms: Option<i64>,
    /// The client that pushed it.
    pub pushed_by: Option<String>,
    /// Name of the key that signed it.
    pub signed_by: Option<String>,
    /// Why it could not be taken up at the last start, if so: it serves nothing.
    pub left_out: Option<String>,
    /// Parties that do not take it, and the rule of each.
    pub refused_by: BTreeMap<PartyId, String>,
    /// Modules that it serves when a job names no provider.
    pub default_for: Vec<String>,
    /// What its modules may do beyond the contract.
    pub grants: Vec<ModuleGrants>,
}

/// What a module may do beyond the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleGrants {
    /// Its name.
    pub module: String,
    /// What it asks for.
    pub asked: Vec<Grant>,
    /// What of that it was given.
    pub granted: Vec<Grant>,
    /// What of that it was not: without it no job can run the module.
    pub missing: Vec<Grant>,
}

impl ComponentImage {
    /// `name:version`.
    pub fn label(&self) -> String {
        self.descriptor.label()
    }
}

/// All images: those that came with the node, then the pushed ones, each the oldest first.
pub(crate) fn all(site: &Site, tenant: &TenantId) -> Result<Vec<ComponentImage>, NodeError> {
    let rows = site.store.images(tenant.as_str()).map_err(store)?;
    let mut rows: BTreeMap<String, Image> = rows.into_iter().map(|row| (row.digest.clone(), row)).collect();
    let mut made = Vec::new();
    for image in site.catalog.images(tenant) {
        let row = rows.remove(&image.digest);
        made.push(seen(site, tenant, image, row, None)?);
    }
    // What stands in the database and could not be taken up can still be removed.
    for row in rows.into_values() {
        let Image { digest, descriptor, bytes, .. } = row.clone();
        let image = Accepted { digest, descriptor, origin: Origin::Pushed, bytes, compile_ms: 0 };
        let why = site.left_out.why(tenant, &image.digest);
        made.push(seen(site, tenant, image, Some(row), Some(why))?);
    }
    made.sort_by_key(|image| (image.origin == Origin::Pushed, image.created_ms));
    Ok(made)
}

fn seen(
    site: &Site,
    tenant: &TenantId,
    image: Accepted,
    row: Option<Image>,
    left_out: Option<String>,
) -> Result<ComponentImage, NodeError> {
    let Accepted { digest, descriptor, origin, bytes, .. } = image;
    let row = row.filter(|_| origin == Origin::Pushed);
    let mut grants = Vec::new();
    for module in &descriptor.modules {
        let given = if left_out.is_some() { Vec::new() } else { site.given(tenant, &digest, module).map_err(store)? };
        let decision = grant::decide(&module.grants, &given);
        grants.push(ModuleGrants {
            module: module.name.clone(),
            asked: module.grants.clone(),
            granted: decision.granted,
            missing: decision.missing,
        });
    }
    let serves = |name: &&String| site.catalog.module(tenant, name, None).is_some_and(|offer| offer.image == digest);
    let default_for = descriptor.modules.iter().map(|module| &module.name).filter(serves).cloned().collect();
    let signature = row.as_ref().and_then(|row| DetachedSignature::parse(row.signature.as_deref()?).ok());
    let refused_by = match origin.is_operators() {
        true => BTreeMap::new(),
        false => site.options.policy.refusals(tenant, &digest, signature.as_ref()),
    };
    Ok(ComponentImage {
        refused_by,
        created_ms: row.as_ref().map(|row| row.created_ms),
        pushed_by: row.as_ref().map(|row| row.pushed_by.clone()).filter(|by| !by.is_empty()),
        signed_by: row.and_then(|row| row.signed_by),
        default_for,
        digest,
        descriptor,
        origin,
        bytes,
        left_out,
        grants,
    })
}

/// Takes up the pushed images, the oldest first; one that cannot be is told of and left out. Files of no row go.
pub(crate) fn load(site: &Site) -> Result<(), NodeError> {
    let folder = site.image_folder();
    let broken = |e: std::io::Error| NodeError::Internal(format!("folder {}: {e}", folder.display()));
    std::fs::create_dir_all(&folder).map_err(broken)?;
    let rows = site.store.all_images().map_err(store)?;
    let keep: HashSet<String> = rows.iter().map(|row| format!("{}.wasm", row.digest)).collect();
    remove_others(&folder, &keep);
    for row in rows {
        if let Err(why) = take_up(site, &row) {
            let Image { digest, descriptor: Descriptor { name, version, .. }, .. } = &row;
            tracing::warn!(digest, "component {name}:{version} cannot be taken up: {why}; push it again, or remove it");
            site.left_out.keep(&row, why);
        }
    }
    Ok(())
}

fn take_up(site: &Site, row: &Image) -> Result<(), String> {
    let tenant: TenantId = row.tenant.parse().map_err(|e: NoTenant| e.to_string())?;
    if site.catalog.publish(&tenant, &row.digest) {
        return Ok(());
    }
    let file = site.image_file(&row.digest);
    let bytes = std::fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    if signing::digest(&bytes) != row.digest {
        return Err(format!("{} was changed", file.display()));
    }
    // The rules may be others by now, and so may be the keys.
    let signature = row.signature.as_deref().map(DetachedSignature::parse).transpose()?;
    site.options.policy.admit(&tenant, &row.digest, signature.as_ref())?;
    let accepted = site.catalog.accept(&tenant, &bytes)?;
    site.catalog.publish(&tenant, &accepted.digest);
    Ok(())
}

fn remove_others(folder: &Path, keep: &HashSet<String>) {
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if !keep.contains(&*file.file_name().to_string_lossy())
            && let Err(error) = std::fs::remove_file(file.path())
        {
            tracing::warn!(file = %file.path().display(), "a file that no component has could not be removed: {error}");
        }
    }
}
