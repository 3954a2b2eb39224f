//! What a conf says of components (`component_parameters`): for all parties, and for some of a role. Not for: whether the
//! values fit the module (`parameters`).

use std::collections::HashSet;

use parcae_domain::party::{Party, Role};
use serde_json::Value;

use crate::{
    address::Address,
    components::Node,
    fault::{Collector, Fault},
    header::{Header, known_role},
    read::{Object, expect_object, found, object},
};

const ROOT: &str = "component_parameters";

/// What a conf says of components.
#[derive(Default)]
pub(crate) struct Overrides<'a> {
    common: Option<&'a Object>,
    entries: Vec<Entry<'a>>,
}

/// What it says for some parties of a role.
struct Entry<'a> {
    role: Role,
    address: Address,
    path: String,
    components: &'a Object,
}

/// What it says of one component for one party, in one place.
pub(crate) struct Layer<'a> {
    /// Where: `component_parameters.common.hetero_lr_0`.
    pub(crate) path: String,
    /// What.
    pub(crate) value: &'a Object,
}

impl<'a> Overrides<'a> {
    /// Reads `component_parameters`. Without nodes the names of components are not checked.
    pub(crate) fn read(
        conf: &'a Object,
        nodes: Option<&[Node<'_>]>,
        header: &Header,
        faults: &mut Collector,
    ) -> Overrides<'a> {
        let mut made = Overrides::default();
        let Some(root) = object(conf, ROOT, ROOT, None, faults) else { return made };
        for key in root.keys().filter(|key| !["common", "role"].contains(&key.as_str())) {
            let fault = Fault::new(None, format!("{ROOT}.{key}"), format!("expected common or role, found {key:?}"));
            faults.unknown(fault, key, ["common", "role"]);
        }
        let names = nodes.map(Names::new);
        let path = format!("{ROOT}.common");
        if let Some(common) = object(root, "common", &path, None, faults) {
            check_names(common, &path, names.as_ref(), faults);
            made.common = Some(common);
        }
        let roles = object(root, "role", &format!("{ROOT}.role"), None, faults);
        for (name, value) in roles.into_iter().flatten().filter(|(_, value)| !value.is_null()) {
            let path = format!("{ROOT}.role.{name}");
            let Some(role) = known_role(name, &path, faults) else { continue };
            let Some(parties) = expect_object(value, &path, None, faults) else { continue };
            for (key, value) in parties.iter().filter(|(_, value)| !value.is_null()) {
                let path = format!("{path}.{key}");
                made.entries.extend(entry(role, key, value, path, names.as_ref(), header, faults));
            }
        }
        made
    }

    /// What is said of a component for a party, in the order in which it counts: later wins.
    pub(crate) fn layers(&self, component: &str, party: Party, place: usize) -> Vec<Layer<'a>> {
        let layer = |path: &str, components: &'a Object| {
            let value = components.get(component).and_then(Value::as_object)?;
            Some(Layer { path: format!("{path}.{component}"), value })
        };
        let common = self.common.and_then(|common| layer("component_parameters.common", common));
        let entries = self.entries.iter().filter(|entry| entry.role == party.role && entry.address.is_for(place));
        common.into_iter().chain(entries.filter_map(|entry| layer(&entry.path, entry.components))).collect()
    }
}

fn entry<'a>(
    role: Role,
    key: &str,
    value: &'a Value,
    path: String,
    names: Option<&Names<'_>>,
    header: &Header,
    faults: &mut Collector,
) -> Option<Entry<'a>> {
    let Some(address) = Address::parse(key) else {
        // The toy test leaves the level out, and must not fail.
        faults.warn(format!("{path}: skipped, as {key:?} names no party (\"0\", \"0|1\" or \"all\")"));
        return None;
    };
    let parties = header.roles.get(&role).map_or(0, Vec::len);
    let beyond = address.beyond(parties);
    if header.complete && !beyond.is_empty() {
        faults.warn(format!("{path}: no party at {beyond:?}, as the job has {parties} {role} parties"));
    }
    let components = expect_object(value, &path, None, faults)?;
    check_names(components, &path, names, faults);
    Some(Entry { role, address, path, components })
}

/// The names of the components, to look up and to list.
struct Names<'a> {
    set: HashSet<&'a str>,
    list: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn new(nodes: &[Node<'a>]) -> Names<'a> {
        let list: Vec<&'a str> = nodes.iter().map(|node| node.name).collect();
        Names { set: list.iter().copied().collect(), list }
    }
}

fn check_names(components: &Object, path: &str, names: Option<&Names<'_>>, faults: &mut Collector) {
    for (name, value) in components {
        let path = format!("{path}.{name}");
        if let Some(names) = names.filter(|names| !names.set.contains(name.as_str())) {
            let fault = Fault::new(None, path, format!("unknown component {name:?}"));
            faults.unknown(fault, name, names.list.iter().copied());
        } else if !value.is_object() && !value.is_null() {
            faults.add(Some(name), path, format!("expected object, found {}", found(value)));
        }
    }
}
