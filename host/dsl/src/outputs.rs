//! What a component declares to make, and which port of its module each name stands for. Not for: who reads it (`wiring`).

use std::collections::HashSet;

use parcae_domain::{
    descriptor::{Module, Port, PortKind},
    id::is_component_name,
};

use crate::{
    fault::{Collector, Fault},
    plan::Output,
    read::{Object, object, texts},
};

/// The kinds that a component makes, in the order of `ComponentPlan::outputs`.
const KINDS: [PortKind; 3] = [PortKind::Data, PortKind::Model, PortKind::Cache];

/// What a component makes.
#[derive(Default)]
pub(crate) struct Outputs {
    /// As the DSL declares it; only this can be referred to.
    pub(crate) declared: Vec<(PortKind, String)>,
    /// With the module's ports, and names for what the DSL does not declare.
    pub(crate) assigned: Vec<Output>,
    /// True when `declared` is faulty, and references to something else may be right.
    pub(crate) unusable: bool,
}

impl Outputs {
    /// The declared names of a kind.
    pub(crate) fn names(&self, kind: PortKind) -> impl Iterator<Item = &str> {
        self.declared.iter().filter(move |(other, _)| *other == kind).map(|(_, name)| name.as_str())
    }
}

/// Reads `output` of a component.
pub(crate) fn read(component: &str, spec: &Object, module: Option<&Module>, faults: &mut Collector) -> Outputs {
    let before = faults.count();
    let declared = declared(component, spec, faults);
    let unusable = faults.count() > before;
    let assigned = module.map_or_else(Vec::new, |module| assign(component, module, &declared, faults));
    Outputs { declared, assigned, unusable }
}

fn declared(component: &str, spec: &Object, faults: &mut Collector) -> Vec<(PortKind, String)> {
    let path = format!("components.{component}.output");
    let Some(output) = object(spec, "output", &path, Some(component), faults) else { return Vec::new() };
    for key in output.keys().filter(|key| KINDS.iter().all(|kind| kind.as_str() != key.as_str())) {
        let fault = Fault::new(Some(component), format!("{path}.{key}"), "unknown kind of output");
        faults.unknown(fault, key, KINDS.map(PortKind::as_str));
    }
    let mut declared = Vec::new();
    for kind in KINDS {
        let Some(value) = output.get(kind.as_str()).filter(|value| !value.is_null()) else { continue };
        let path = format!("{path}.{}", kind.as_str());
        let mut seen = HashSet::new();
        for name in texts(value, &path, Some(component), faults) {
            if !is_component_name(name) {
                let message = format!("illegal name {name:?}: expected 1 to 100 letters, digits, _ and -");
                faults.add(Some(component), &path, message);
            } else if seen.insert(name) {
                declared.push((kind, name.to_owned()));
            } else {
                faults.add(Some(component), &path, format!("expected each name once, found {name:?} again"));
            }
        }
    }
    declared
}

fn assign(component: &str, module: &Module, declared: &[(PortKind, String)], faults: &mut Collector) -> Vec<Output> {
    let mut assigned = Vec::new();
    for kind in KINDS {
        let ports: Vec<&Port> = module.outputs.iter().filter(|port| port.kind == kind).collect();
        let mut names: Vec<String> = declared.iter().filter(|(k, _)| *k == kind).map(|(_, n)| n.clone()).collect();
        if names.len() > ports.len() {
            faults.add(
                Some(component),
                format!("components.{component}.output.{}", kind.as_str()),
                too_many(module, kind, &ports, names.len()),
            );
        }
        if names.is_empty() {
            names = (0..ports.len()).map(|n| unnamed(kind, n)).collect();
        }
        let made = ports.iter().zip(names).map(|(port, name)| Output { kind, name, port: port.name.clone() });
        assigned.extend(made);
    }
    assigned
}

fn too_many(module: &Module, kind: PortKind, ports: &[&Port], names: usize) -> String {
    let kind = kind.as_str();
    let known: Vec<&str> = ports.iter().map(|port| port.name.as_str()).collect();
    match known.len() {
        0 => format!("expected nothing, as {} has no {kind} output, found {names}", module.name),
        most => format!(
            "expected at most {most}, for the {kind} outputs of {} ({}), found {names}",
            module.name,
            known.join(", ")
        ),
    }
}

/// FATE's names for what a DSL does not name.
fn unnamed(kind: PortKind, place: usize) -> String {
    match (kind, place) {
        (PortKind::Model, 0) => "default".to_owned(),
        (PortKind::Model, _) => format!("default_{place}"),
        _ => place.to_string(),
    }
}
