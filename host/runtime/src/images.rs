//! The images of a node: accepted once, found by module and provider or by digest. Not for: accepting them (`image`).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use parcae_domain::image::{Accepted, Origin, Provider};
use parcae_domain::pool::Pool;
use parcae_domain::port::{Catalog, Offer};
use parcae_domain::tenant::TenantId;

use crate::engine::Machine;
use crate::image::{AcceptError, Image, digest_of, pushed_name};

/// Accepted images. Without another word a module is served by the image that the configuration names for it, else by
/// the one of the operator's that was added last, else by the one that was pushed last: a push takes no place that is
/// filled.
pub struct Images {
    machine: Machine,
    /// Providers of modules, whose names are in small letters, by configuration.
    providers: BTreeMap<String, String>,
    lists: RwLock<Lists>,
}

#[derive(Default)]
struct Lists {
    /// They serve, in the order in which they were added.
    published: Vec<Entry>,
    /// They do not serve yet.
    waiting: Vec<Arc<Image>>,
    /// Counts what was published.
    count: u64,
}

struct Entry {
    image: Arc<Image>,
    origin: Origin,
    /// Those that pushed it, and when each did, by `Lists::count`.
    owners: BTreeMap<TenantId, u64>,
}

impl Images {
    /// None yet.
    pub fn new(machine: Machine) -> Images {
        Images { machine, providers: BTreeMap::new(), lists: RwLock::default() }
    }

    /// With providers of modules that serve when a job says nothing of them.
    #[must_use]
    pub fn with_providers(self, providers: &BTreeMap<String, String>) -> Images {
        let providers = providers.iter().map(|(module, provider)| (module.to_ascii_lowercase(), provider.clone()));
        Images { providers: providers.collect(), ..self }
    }

    /// Modules and their configured providers that no image serves, whoever it belongs to.
    pub fn unserved(&self) -> Vec<(&str, &str)> {
        let lists = self.look();
        let serves = |module: &str, provider: &str| {
            let provider = Provider::parse(provider);
            let is = |image: &Image| provider == Provider::Default || provider.is(&image.digest, &image.descriptor);
            lists.published.iter().any(|entry| is(&entry.image) && entry.image.descriptor.module(module).is_some())
        };
        let all = self.providers.iter().map(|(module, provider)| (module.as_str(), provider.as_str()));
        all.filter(|(module, provider)| !serves(module, provider)).collect()
    }

    /// Accepts a built-in image and adds it; the same bytes again change nothing but the order.
    pub fn add(&self, bytes: &[u8]) -> Result<Arc<Image>, AcceptError> {
        self.add_from(bytes, Origin::BuiltIn)
    }

    /// Accepts an image and adds it.
    pub fn add_from(&self, bytes: &[u8], origin: Origin) -> Result<Arc<Image>, AcceptError> {
        let image = Arc::new(Image::accept(&self.machine, bytes, origin)?);
        let mut lists = self.change();
        lists.published.retain(|other| other.image.digest != image.digest);
        lists.published.push(Entry { image: image.clone(), origin, owners: BTreeMap::new() });
        Ok(image)
    }

    /// The image with a digest.
    pub fn digest(&self, digest: &str) -> Option<Arc<Image>> {
        self.look().published.iter().find(|entry| entry.image.digest == digest).map(|entry| entry.image.clone())
    }

    /// The memory that all attempts of these images share, with what the node holds on their behalf.
    pub fn memory(&self) -> Arc<Pool> {
        self.machine.memory.clone()
    }

    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Compiled code that was kept for who pushed an image is not needed any more: it would fill the disk.
    fn forget_code(&self, tenant: &TenantId, digest: &str) {
        if let Some(cache) = &self.machine.cache {
            cache.forget(&pushed_name(digest, tenant));
        }
    }

    fn look(&self) -> RwLockReadGuard<'_, Lists> {
        self.lists.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, Lists> {
        self.lists.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The provider that the configuration names for a module.
    fn configured(&self, name: &str, served: Option<&Offer>) -> Option<&str> {
        let of = |name: &str| self.providers.get(&name.to_ascii_lowercase()).map(String::as_str);
        of(name).or_else(|| of(&served?.module.name))
    }
}

impl Lists {
    /// Those that serve, the first choice first.
    fn by_choice(&self, tenant: &TenantId) -> impl Iterator<Item = &Entry> {
        let seen = self.published.iter().rev().filter(|entry| entry.is_for(tenant));
        let (operators, mut pushed): (Vec<_>, Vec<_>) = seen.partition(|entry| entry.origin.is_operators());
        // In this tenant's order: others may have had them before.
        pushed.sort_by_key(|entry| Reverse(entry.owners.get(tenant).copied()));
        operators.into_iter().chain(pushed)
    }

    fn chosen(&self, tenant: &TenantId, name: &str, provider: Provider<'_>) -> Option<Offer> {
        let meant = |entry: &&Entry| provider.is(&entry.image.digest, &entry.image.descriptor);
        self.by_choice(tenant).filter(meant).find_map(|entry| entry.offer(name))
    }
}

impl Entry {
    fn is_for(&self, tenant: &TenantId) -> bool {
        self.origin.is_operators() || self.owners.contains_key(tenant)
    }

    fn accepted(&self) -> Accepted {
        accepted(&self.image, self.origin)
    }

    fn offer(&self, name: &str) -> Option<Offer> {
        Some(Offer {
            module: self.image.descriptor.module(name)?.clone(),
            image: self.image.digest.clone(),
            component: self.image.descriptor.name.clone(),
            version: self.image.descriptor.version.clone(),
            origin: self.origin,
        })
    }
}

fn accepted(image: &Image, origin: Origin) -> Accepted {
    Accepted {
        digest: image.digest.clone(),
        descriptor: image.descriptor.clone(),
        origin,
        bytes: image.bytes,
        compile_ms: u64::try_from(image.compile_time.as_millis()).unwrap_or(u64::MAX),
    }
}

impl Catalog for Images {
    fn module(&self, tenant: &TenantId, name: &str, provider: Option<&str>) -> Option<Offer> {
        let lists = self.look();
        let wanted = provider.map_or(Provider::Default, Provider::parse);
        let first = lists.by_choice(tenant).find_map(|entry| entry.offer(name));
        let default = match self.configured(name, first.as_ref()).map(Provider::parse) {
            None | Some(Provider::Default) => first,
            Some(configured) => lists.chosen(tenant, name, configured),
        };
        match wanted {
            Provider::Default => default,
            // Of a component's versions the configured one, too.
            Provider::Named { name: component, version: None } => {
                default.filter(|offer| offer.component == component).or_else(|| lists.chosen(tenant, name, wanted))
            }
            _ => lists.chosen(tenant, name, wanted),
        }
    }

    fn images(&self, tenant: &TenantId) -> Vec<Accepted> {
        self.look().published.iter().filter(|entry| entry.is_for(tenant)).map(Entry::accepted).collect()
    }

    fn accept(&self, tenant: &TenantId, bytes: &[u8]) -> Result<Accepted, String> {
        let digest = digest_of(bytes);
        let is_there = |entry: &&Entry| entry.image.digest == digest && entry.is_for(tenant);
        let there = self.look().published.iter().find(is_there).map(Entry::accepted);
        if let Some(there) = there {
            return Ok(there);
        }
        let looked_at = Image::pushed(&self.machine, bytes, tenant).inspect_err(|_| self.forget_code(tenant, &digest));
        let image = Arc::new(looked_at.map_err(|e| e.to_string())?);
        let mut lists = self.change();
        lists.waiting.retain(|other| other.digest != image.digest);
        lists.waiting.push(image.clone());
        Ok(accepted(&image, Origin::Pushed))
    }

    fn publish(&self, tenant: &TenantId, digest: &str) -> bool {
        let mut lists = self.change();
        lists.count += 1;
        let count = lists.count;
        if let Some(at) = lists.waiting.iter().position(|image| image.digest == digest) {
            let image = lists.waiting.remove(at);
            if !lists.published.iter().any(|entry| entry.image.digest == digest) {
                lists.published.push(Entry { image, origin: Origin::Pushed, owners: BTreeMap::new() });
            }
        }
        let Some(entry) = lists.published.iter_mut().find(|entry| entry.image.digest == digest) else { return false };
        entry.owners.entry(tenant.clone()).or_insert(count);
        true
    }

    fn forget(&self, tenant: &TenantId, digest: &str) {
        let mut lists = self.change();
        lists.waiting.retain(|image| image.digest != digest);
        for entry in lists.published.iter_mut().filter(|entry| entry.image.digest == digest) {
            entry.owners.remove(tenant);
        }
        lists.published.retain(|entry| entry.origin.is_operators() || !entry.owners.is_empty());
        drop(lists);
        self.forget_code(tenant, digest);
    }

    fn origin(&self, tenant: &TenantId, digest: &str) -> Option<Origin> {
        let lists = self.look();
        let found = lists.published.iter().find(|entry| entry.image.digest == digest && entry.is_for(tenant));
        found.map(|entry| entry.origin)
    }

    fn module_names(&self, tenant: &TenantId) -> Vec<String> {
        let lists = self.look();
        let seen = lists.published.iter().filter(|entry| entry.is_for(tenant));
        let modules = seen.flat_map(|entry| &entry.image.descriptor.modules);
        let names: BTreeSet<_> = modules.map(|module| module.name.clone()).collect();
        names.into_iter().collect()
    }
}
