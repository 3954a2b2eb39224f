//! The images of a node: those that came with it, and those that are pushed, each kept as a file and named by the
//! database. Not for: whether an image can run (the catalog), whether it may come in (`policy`), what it may do (`given`).

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use parcae_domain::{
    grant::{self, Grant},
    image::{Accepted, Origin, Provider},
};
use parcae_metadata::Image;

use crate::given;
use crate::images::{self, ComponentImage, ModuleGrants};
use crate::queries::store;
use crate::signing::{self, DetachedSignature};
use crate::site::Site;
use crate::tenant::Tenant;
use crate::turns::Turns;
use crate::view::NodeError;

/// Jobs that a message names.
const NAMED_JOBS: usize = 3;

/// Who changes the images, and who relies on them.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    /// Taken by who has an image looked at; nothing else is held meanwhile.
    turns: Turns,
    /// Held while images or their grants are changed: one after the other.
    changing: Mutex<()>,
    /// Held for reading by who takes a job on or runs one again, for writing by who removes an image. Taken before
    /// `changing` of jobs: with a remover between two readers, any other order would have all three wait for each other.
    in_use: RwLock<()>,
}

impl Locks {
    fn change(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No image goes while this is held.
    pub(crate) fn used(&self) -> RwLockReadGuard<'_, ()> {
        self.in_use.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn unused(&self) -> RwLockWriteGuard<'_, ()> {
        self.in_use.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of a push.
#[derive(Clone, Debug, PartialEq)]
pub struct Pushed {
    /// The image.
    pub image: ComponentImage,
    /// False when it was there before.
    pub is_new: bool,
    /// Time that compiling took, ms.
    pub compile_ms: u64,
}

/// Who pushes an image, and what speaks for it.
#[derive(Clone, Debug, Default)]
pub struct Push {
    /// A signature, as text.
    pub signature: Option<String>,
    /// The client; empty when the node does not ask who its clients are.
    pub by: String,
}

impl Tenant<'_> {
    /// Takes an image: checks, compiles and keeps it. Its modules serve jobs when this returns.
    pub fn push_component(&self, bytes: &[u8], push: &Push) -> Result<Pushed, NodeError> {
        let _turn = self.components.turns.take(self.id());
        let site = &self.site;
        let digest = signing::digest(bytes);
        let there = site.catalog.origin(self.id(), &digest);
        if there.is_some_and(Origin::is_operators) {
            return Ok(Pushed { image: self.component_image(&digest)?, is_new: false, compile_ms: 0 });
        }
        self.check_images(&digest, bytes.len() as u64)?;
        let (signature, signed_by) = self.admitted_signature(&digest, push.signature.as_deref())?;
        let accepted = site.catalog.accept(self.id(), bytes).map_err(NodeError::Invalid)?;
        let _change = self.components.change();
        let kept = self.keep(&accepted, bytes, signature.as_ref(), signed_by, push);
        if kept.is_err() && there.is_none() {
            site.catalog.forget(self.id(), &digest);
        }
        kept?;
        let mut published = site.catalog.publish(self.id(), &digest);
        if !published {
            // Somebody removed it meanwhile. Its code is there, and it is known to be harmless.
            site.catalog.accept(self.id(), bytes).map_err(NodeError::Invalid)?;
            published = site.catalog.publish(self.id(), &digest);
        }
        if !published {
            return Err(NodeError::Internal(format!("image {digest} was accepted and is not there")));
        }
        site.left_out.forget(self.id(), &digest);
        tracing::info!(digest, component = accepted.descriptor.name, by = push.by, "a component was pushed");
        let image = self.component_image(&digest)?;
        Ok(Pushed { image, is_new: there.is_none(), compile_ms: accepted.compile_ms })
    }

    /// The signature with which an image is kept, and the name of its key, once the rules let the image in. Who pushes it
    /// again without one that counts takes nothing from it.
    fn admitted_signature(
        &self,
        digest: &str,
        given: Option<&str>,
    ) -> Result<(Option<DetachedSignature>, Option<String>), NodeError> {
        let given = given.map(DetachedSignature::parse).transpose().map_err(NodeError::Invalid)?;
        let row = self.site.store.image(self.name(), digest).map_err(store)?;
        let kept = row.and_then(|row| DetachedSignature::parse(&row.signature?).ok());
        let admit = |signature| self.site.options.policy.admit(self.id(), digest, signature);
        let signer = match &given {
            Some(given) => admit(Some(given)).map_err(NodeError::Invalid)?,
            None => None,
        };
        if signer.is_some() {
            return Ok((given, signer));
        }
        match kept.as_ref().map(|kept| admit(Some(kept))) {
            Some(Ok(Some(signer))) => Ok((kept, Some(signer))),
            _ => admit(given.as_ref()).map(|signer| (given, signer)).map_err(NodeError::Invalid),
        }
    }

    fn keep(
        &self,
        accepted: &Accepted,
        bytes: &[u8],
        signature: Option<&DetachedSignature>,
        signed_by: Option<String>,
        push: &Push,
    ) -> Result<(), NodeError> {
        let Accepted { digest, descriptor, .. } = accepted;
        if signature.is_some_and(|signature| !signature.describes(descriptor)) {
            let text = "the signature is of another description of this component: sign the image anew";
            return Err(NodeError::Invalid(text.into()));
        }
        let (name, version) = (&descriptor.name, &descriptor.version);
        let same = |other: &ComponentImage| other.descriptor.name == *name && other.descriptor.version == *version;
        if let Some(other) = self.component_images()?.iter().find(|other| other.digest != *digest && same(other)) {
            let (there, origin) = (&other.digest, other.origin.as_str());
            return Err(NodeError::Exists(format!(
                "version {version} of {name} is there with another digest, {there} ({origin}): raise the version"
            )));
        }
        let file = self.site.image_file(digest);
        write(&file, bytes).map_err(|e| NodeError::Internal(format!("image {}: {e}", file.display())))?;
        let image = Image {
            tenant: self.name().to_owned(),
            digest: digest.clone(),
            descriptor: descriptor.clone(),
            origin: Origin::Pushed.as_str().into(),
            bytes: accepted.bytes,
            signature: signature.map(DetachedSignature::to_text),
            signed_by,
            pushed_by: push.by.clone(),
            created_ms: 0,
        };
        self.site.store.commit(|tx| tx.put_image(&image)).map_err(store)
    }

    /// All images: those that came with the node, then the pushed ones, each the oldest first.
    pub fn component_images(&self) -> Result<Vec<ComponentImage>, NodeError> {
        images::all(&self.site, self.id())
    }

    /// The image that is meant by a digest, the beginning of one, `name:version`, or a name that only one has.
    pub fn component_image(&self, named: &str) -> Result<ComponentImage, NodeError> {
        let provider = Provider::parse(named);
        let mut found = self.component_images()?;
        found.retain(|image| provider.is(&image.digest, &image.descriptor));
        let (Some(image), others) = (found.pop(), found) else {
            return Err(NodeError::NotFound(format!(
                "there is no component {named:?}: name one by digest, 12 or more digits of it, or as name:version; \
                 `parcae component list` shows them"
            )));
        };
        if others.is_empty() {
            return Ok(image);
        }
        let all = others.iter().chain([&image]).map(|image| format!("{} ({})", image.label(), image.digest));
        let all: Vec<String> = all.collect();
        Err(NodeError::Invalid(format!("{named:?} is the name of several: {}; name one", all.join(", "))))
    }

    /// The file of a pushed image, and its size in bytes.
    pub fn component_file(&self, named: &str) -> Result<(ComponentImage, File), NodeError> {
        let image = self.component_image(named)?;
        if image.origin.is_operators() {
            let text = format!("{} came with the node, which keeps files of pushed components only", image.label());
            return Err(NodeError::NotFound(text));
        }
        let file = File::open(self.site.image_file(&image.digest));
        let file = file.map_err(|e| NodeError::Internal(format!("file of image {}: {e}", image.digest)))?;
        Ok((image, file))
    }

    /// Gives a module of a pushed image what it asks for, or some of it; what was given before does not count any more.
    pub fn grant_component(&self, named: &str, module: &str, grants: &[Grant]) -> Result<ComponentImage, NodeError> {
        let _change = self.components.change();
        let image = self.component_image(named)?;
        let label = image.label();
        if image.origin.is_operators() {
            let text = format!("{label} came with the node: its grants stand under [grants] of the configuration");
            return Err(NodeError::Invalid(text));
        }
        let Some(module) = image.descriptor.module(module) else {
            let names: Vec<&str> = image.descriptor.modules.iter().map(|module| module.name.as_str()).collect();
            let text = format!("{label} has no module {module:?}; it has {}", names.join(", "));
            return Err(NodeError::NotFound(text));
        };
        let unasked = grant::decide(grants, &module.grants).missing;
        if let Some(unasked) = unasked.first() {
            let asked: Vec<&str> = module.grants.iter().map(|grant| grant.as_str()).collect();
            let asked = if asked.is_empty() { "nothing".to_owned() } else { asked.join(", ") };
            let text = format!("module {} does not ask for {unasked}; it asks for {asked}", module.name);
            return Err(NodeError::Invalid(text));
        }
        let mut grants = grants.to_vec();
        grants.sort_unstable();
        grants.dedup();
        let (digest, module) = (&image.digest, &module.name);
        let written = self.site.store.commit(|tx| tx.put_image_grants(self.name(), digest, module, &grants));
        written.map_err(store)?;
        self.component_image(digest)
    }

    /// Removes a pushed image that no unfinished job runs.
    pub fn delete_component(&self, named: &str) -> Result<ComponentImage, NodeError> {
        let _change = self.components.change();
        let image = self.component_image(named)?;
        let (digest, label) = (&image.digest, image.label());
        if image.origin.is_operators() {
            let cure = match image.origin {
                Origin::BuiltIn => "built-in components cannot be removed",
                _ => "take it out of the node's folder of components, and start the node again",
            };
            return Err(NodeError::Invalid(format!("{label} came with the node: {cure}")));
        }
        let _unused = self.components.unused();
        let users = self.site.store.commit(|tx| {
            let users = tx.jobs_with_image(self.name(), digest)?;
            if users.is_empty() {
                tx.delete_image(self.name(), digest)?;
            }
            Ok(users)
        });
        let users = users.map_err(store)?;
        if !users.is_empty() {
            let some: Vec<&str> = users.iter().take(NAMED_JOBS).map(|job| job.as_str()).collect();
            let some = some.join(", ");
            return Err(NodeError::Exists(match users.len() {
                1 => format!("{label} runs in job {some}, which has not ended: wait for it, or stop it"),
                n => format!("{label} runs in {n} jobs that have not ended ({some}): wait for them, or stop them"),
            }));
        }
        self.site.catalog.forget(self.id(), digest);
        self.site.left_out.forget(self.id(), digest);
        let others = self.site.store.all_images().map_err(store)?;
        if !others.iter().any(|other| other.digest == *digest)
            && let Err(error) = std::fs::remove_file(self.site.image_file(digest))
        {
            tracing::warn!(digest, "the file of a removed component stays until the next start: {error}");
        }
        tracing::info!(digest, component = label, "a component was removed");
        Ok(image)
    }
}

impl ModuleGrants {
    /// What is missing, and how the operator gives it; nothing when all is given.
    pub fn cure(&self, image: &ComponentImage) -> Option<String> {
        let module = image.descriptor.module(&self.module)?;
        (!self.missing.is_empty() && !image.origin.is_operators()).then(|| given::cure(&image.digest, module))
    }
}

impl Site {
    /// Folder of the pushed images.
    pub(crate) fn image_folder(&self) -> PathBuf {
        self.options.data.join("images")
    }

    /// File of a pushed image.
    pub(crate) fn image_file(&self, digest: &str) -> PathBuf {
        self.image_folder().join(format!("{digest}.wasm"))
    }
}

/// Writes a file that appears whole or not at all, and is on the disk when this returns.
fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(bytes)?;
    new.as_file().sync_all()?;
    new.persist(file).map_err(|e| e.error)?;
    // The name of the file, too.
    File::open(folder)?.sync_all()
}
