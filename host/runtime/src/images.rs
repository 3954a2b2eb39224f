//! The images of a node: accepted once, found by module or by digest. Not for: accepting them (`image`).

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use parcae_domain::descriptor::Descriptor;
use parcae_domain::port::{Catalog, Offer};

use crate::engine::Machine;
use crate::image::{AcceptError, Image};

/// Accepted images. A module is served by the image that was added last.
pub struct Images {
    machine: Machine,
    list: RwLock<Vec<Arc<Image>>>,
}

impl Images {
    /// None yet.
    pub fn new(machine: Machine) -> Images {
        Images { machine, list: RwLock::new(Vec::new()) }
    }

    /// Accepts an image and adds it; the same bytes again change nothing.
    pub fn add(&self, bytes: &[u8]) -> Result<Arc<Image>, AcceptError> {
        let image = Arc::new(Image::accept(&self.machine, bytes)?);
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        list.retain(|other| other.digest != image.digest);
        list.push(image.clone());
        Ok(image)
    }

    /// The image with a digest.
    pub fn digest(&self, digest: &str) -> Option<Arc<Image>> {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        list.iter().find(|image| image.digest == digest).cloned()
    }

    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }
}

impl Catalog for Images {
    fn module(&self, name: &str) -> Option<Offer> {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        list.iter().rev().find_map(|image| {
            Some(Offer {
                module: image.descriptor.module(name)?.clone(),
                image: image.digest.clone(),
                component: image.descriptor.name.clone(),
                version: image.descriptor.version.clone(),
            })
        })
    }

    fn has(&self, digest: &str) -> bool {
        self.digest(digest).is_some()
    }

    fn module_names(&self) -> Vec<String> {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        let names: BTreeSet<_> = list.iter().flat_map(|i| &i.descriptor.modules).map(|m| m.name.clone()).collect();
        names.into_iter().collect()
    }

    fn descriptors(&self) -> Vec<Descriptor> {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        list.iter().map(|image| image.descriptor.clone()).collect()
    }
}
