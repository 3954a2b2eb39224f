//! Which image runs a component: what DSL and conf say of its provider. All parties of a job run the same image. Not
//! for: the modules themselves (`components`), which image a provider is (the catalog).

use std::sync::Arc;

use parcae_domain::{
    descriptor::Module,
    image::Provider,
    port::{Catalog, Offer},
    tenant::TenantId,
};
use serde_json::Value;

use crate::{
    fault::{Collector, Fault},
    read::{Object, expect_object, found, object},
};

const ROOT: &str = "provider";

/// The modules that a DSL may name, and the images that serve them.
pub struct Modules<'a> {
    /// Finds a module by name or alias, and by what is said of its provider.
    pub find: &'a dyn Fn(&str, Option<&str>) -> Option<Offer>,
    /// All names, for hints.
    pub names: &'a [String],
    /// The images that serve a module, in words.
    pub providers: &'a dyn Fn(&str) -> Vec<String>,
}

/// Hex digits of a digest that a message shows.
const SHOWN: usize = 12;

impl Modules<'_> {
    /// Asks `ask` with the modules of a catalog that a tenant can use.
    pub fn of<T>(catalog: &dyn Catalog, tenant: &TenantId, ask: impl FnOnce(&Modules<'_>) -> T) -> T {
        let names = catalog.module_names(tenant);
        let find = |name: &str, provider: Option<&str>| catalog.module(tenant, name, provider);
        let providers = |name: &str| {
            let offers = catalog.offers(tenant).into_iter();
            let same = |offer: &Offer| {
                let mut names = std::iter::once(&offer.module.name).chain(&offer.module.aliases);
                names.any(|other| other.eq_ignore_ascii_case(name))
            };
            let words = |offer: Offer| {
                let digits = offer.image.get(..SHOWN).unwrap_or(&offer.image);
                format!("{}:{} (sha256:{digits})", offer.component, offer.version)
            };
            offers.filter(same).map(words).collect::<Vec<String>>()
        };
        ask(&Modules { find: &find, names: &names, providers: &providers })
    }
}

/// What a submission says of providers.
#[derive(Default)]
pub(crate) struct Providers<'a> {
    /// For all components that it has.
    global: Option<&'a str>,
    /// By component.
    common: Option<&'a Object>,
    /// By component, for some party, with the path of each.
    parties: Vec<(String, &'a Object)>,
}

/// What runs a component.
pub(crate) struct Served {
    /// The module.
    pub(crate) module: Arc<Module>,
    /// Digest of the image.
    pub(crate) image: String,
}

impl<'a> Providers<'a> {
    /// Reads `provider` of the DSL and of the conf; in the conf, `common` and `role`.
    pub(crate) fn read(dsl: &'a Value, conf: &'a Object, faults: &mut Collector) -> Providers<'a> {
        let given = dsl.get(ROOT).and_then(|given| text(given, ROOT, None, faults));
        let mut made = Providers { global: given, ..Providers::default() };
        let Some(root) = object(conf, ROOT, ROOT, None, faults) else { return made };
        made.common = object(root, "common", "provider.common", None, faults);
        let roles = object(root, "role", "provider.role", None, faults);
        for (role, parties) in roles.into_iter().flatten() {
            let path = format!("provider.role.{role}");
            let Some(parties) = expect_object(parties, &path, None, faults) else { continue };
            for (place, components) in parties {
                let path = format!("{path}.{place}");
                made.parties.extend(expect_object(components, &path, None, faults).map(|all| (path.clone(), all)));
            }
        }
        let components = dsl.get("components").and_then(Value::as_object);
        let layers = made.common.map(|all| ("provider.common", all)).into_iter();
        for (path, all) in layers.chain(made.parties.iter().map(|(path, all)| (path.as_str(), *all))) {
            for name in all.keys().filter(|name| components.is_some_and(|known| !known.contains_key(*name))) {
                faults.warn(format!("{path}.{name}: ignored, as the DSL has no such component"));
            }
        }
        made
    }

    /// The module `wanted` of a component, from the image that is meant; a fault when there is none.
    pub(crate) fn serve(
        &self,
        name: &str,
        spec: &Object,
        wanted: &str,
        modules: &Modules<'_>,
        faults: &mut Collector,
    ) -> Option<Served> {
        let default = (modules.find)(wanted, None);
        if default.is_none() && (modules.providers)(wanted).is_empty() {
            let key = format!("components.{name}.module");
            let fault = Fault::new(Some(name), key, format!("unknown module {wanted:?}"));
            faults.unknown(fault, wanted, modules.names.iter().map(String::as_str));
            return None;
        }
        let said = self.said(name, spec, faults);
        let served = match said.first() {
            Some((path, provider)) => chosen(name, path, wanted, provider, modules, faults)?,
            // A provider for all components is meant for those that it has.
            None => match self.global.and_then(|global| (modules.find)(wanted, Some(global))).or(default) {
                Some(offer) => offer,
                None => {
                    let message = format!(
                        "module {wanted} has no default provider: the one under [providers] of the node's \
                         configuration is not here; name another as provider"
                    );
                    let fault = Fault::new(Some(name), format!("components.{name}.module"), message);
                    faults.push(fault.hint(listed(wanted, modules)));
                    return None;
                }
            },
        };
        for (path, provider) in said.iter().skip(1) {
            let other = chosen(name, path, wanted, provider, modules, faults)?;
            if other.image != served.image {
                let (first, _) = &said[0];
                let message = format!(
                    "expected the provider that {first} names, found {provider:?}: all parties of a job run the same \
                     image"
                );
                faults.add(Some(name), path.clone(), message);
                return None;
            }
        }
        Some(Served { image: served.image, module: Arc::new(served.module) })
    }

    /// What is said of a component, with the places where it is said: what counts, and what must be no other.
    fn said(&self, name: &str, spec: &Object, faults: &mut Collector) -> Vec<(String, String)> {
        let own = format!("components.{name}.provider");
        let mut read = |path: String, value: Option<&Value>| {
            let said = value.and_then(|value| text(value, &path, Some(name), faults)).map(str::to_owned);
            said.map(|said| (path, said))
        };
        let of_spec = read(own, spec.get("provider"));
        let common = self.common.and_then(|all| read(format!("provider.common.{name}"), all.get(name)));
        let parties = self.parties.iter().filter_map(|(path, all)| read(format!("{path}.{name}"), all.get(name)));
        // What the conf says for all takes the place of what the DSL says.
        let mut made: Vec<(String, String)> = common.or(of_spec).into_iter().collect();
        made.extend(parties);
        made
    }

    /// A provider for all components that has none of them is a slip.
    pub(crate) fn check_global<'u>(
        &self,
        used: impl Iterator<Item = &'u str>,
        modules: &Modules<'_>,
        faults: &mut Collector,
    ) {
        let Some(global) = self.global.filter(|global| Provider::parse(global) != Provider::Default) else { return };
        let mut used = used.peekable();
        if used.peek().is_some() && used.all(|wanted| (modules.find)(wanted, Some(global)).is_none()) {
            faults.add(None, ROOT, format!("no module of the DSL has a provider {global:?}"));
        }
    }
}

fn chosen(
    name: &str,
    path: &str,
    wanted: &str,
    provider: &str,
    modules: &Modules<'_>,
    faults: &mut Collector,
) -> Option<Offer> {
    let found = (modules.find)(wanted, Some(provider));
    if found.is_none() {
        let fault = Fault::new(Some(name), path, format!("module {wanted} has no provider {provider:?}"));
        faults.push(fault.hint(listed(wanted, modules)));
    }
    found
}

fn listed(wanted: &str, modules: &Modules<'_>) -> Option<String> {
    let all = (modules.providers)(wanted);
    (!all.is_empty()).then(|| format!("its providers: {}", all.join(", ")))
}

/// Text of a provider; nothing for null and for an empty one.
fn text<'v>(value: &'v Value, path: &str, component: Option<&str>, faults: &mut Collector) -> Option<&'v str> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()),
        other => {
            faults.add(component, path, format!("expected name of a provider, found {}", found(other)));
            None
        }
    }
}
