//! How components are connected: every reference of `input` against the module's ports and against what the other
//! components declare. Not for: which ports may be connected together (`combination`), cycles (`graph`).

use std::collections::{HashMap, HashSet};

use parcae_domain::descriptor::{Module, Port, PortKind};
use serde_json::Value;

use crate::{
    combination,
    components::Node,
    fault::{Collector, Fault},
    job_parameters::JobType,
    nearest::nearest,
    plan::Input,
    read::{expect_object, object, texts},
};

const KINDS: [PortKind; 4] = [PortKind::Data, PortKind::Model, PortKind::IsometricModel, PortKind::Cache];

/// Connects the components.
pub(crate) fn wire(nodes: &mut [Node<'_>], job_type: JobType, faults: &mut Collector) {
    let places: HashMap<&str, usize> = nodes.iter().enumerate().map(|(i, node)| (node.name, i)).collect();
    let all: &[Node<'_>] = nodes;
    let made: Vec<Vec<Input>> = all.iter().map(|node| inputs_of(node, all, &places, job_type, faults)).collect();
    for (node, inputs) in nodes.iter_mut().zip(made) {
        let mut upstream: Vec<usize> =
            inputs.iter().filter_map(|input| places.get(input.from_component.as_str()).copied()).collect();
        upstream.sort_unstable();
        upstream.dedup();
        node.upstream = upstream;
        node.inputs = inputs;
    }
}

fn inputs_of<'n>(
    node: &Node<'n>,
    nodes: &[Node<'n>],
    places: &HashMap<&'n str, usize>,
    job_type: JobType,
    faults: &mut Collector,
) -> Vec<Input> {
    let mut wiring = Wiring { node, nodes, places, job_type, faults, inputs: Vec::new(), seen: HashSet::new() };
    wiring.read();
    wiring.inputs
}

/// True for a list of nothing: as if it were not there.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// Reads the connections of one component.
struct Wiring<'w, 'n> {
    node: &'w Node<'n>,
    nodes: &'w [Node<'n>],
    places: &'w HashMap<&'n str, usize>,
    job_type: JobType,
    faults: &'w mut Collector,
    inputs: Vec<Input>,
    /// Ports that the DSL says something of, even if it is wrong.
    seen: HashSet<(PortKind, String)>,
}

impl<'w, 'n> Wiring<'w, 'n> {
    fn read(&mut self) {
        let path = format!("components.{}.input", self.node.name);
        let Some(spec) = self.node.spec else { return };
        let before = self.faults.count();
        let input = object(spec, "input", &path, Some(self.node.name), self.faults);
        for (key, value) in input.into_iter().flatten().filter(|(_, value)| !is_nothing(value)) {
            let path = format!("{path}.{key}");
            match KINDS.into_iter().find(|kind| kind.as_str() == key) {
                Some(PortKind::Data) => self.read_data(value, &path),
                Some(kind) => self.read_kind(kind, value, &path),
                None => {
                    let fault = Fault::new(Some(self.node.name), path, "unknown kind of input");
                    self.faults.unknown(fault, key, KINDS.map(PortKind::as_str));
                }
            }
        }
        let Some(module) = self.node.module.as_deref() else { return };
        if self.faults.count() == before {
            combination::check(self.node.name, module, &self.inputs, self.job_type, self.faults);
        }
        self.require(module, &path);
    }

    /// `data` names the port.
    fn read_data(&mut self, value: &Value, path: &str) {
        let Some(data) = expect_object(value, path, Some(self.node.name), self.faults) else {
            // What was meant for which port is anybody's guess: do not ask for the required ones as well.
            let all = self.ports(PortKind::Data).map(|port| (PortKind::Data, port.name.clone())).collect::<Vec<_>>();
            self.seen.extend(all);
            return;
        };
        for (name, value) in data.iter().filter(|(_, value)| !is_nothing(value)) {
            let path = format!("{path}.{name}");
            let found = self.references(PortKind::Data, value, &path);
            let Some(module) = self.node.module.as_deref() else { continue };
            let Some(port) = self.ports(PortKind::Data).find(|port| port.name == *name) else {
                self.unknown_port(module, name, &path);
                continue;
            };
            self.connect(port, found, &path);
        }
    }

    /// The other kinds list references; the n-th is for the n-th port of the kind, and the last port takes the rest.
    fn read_kind(&mut self, kind: PortKind, value: &Value, path: &str) {
        let found = self.references(kind, value, path);
        let Some(module) = self.node.module.as_deref() else { return };
        let ports: Vec<&'w Port> = self.ports(kind).collect();
        let Some(last) = ports.len().checked_sub(1) else {
            self.unknown_port(module, kind.as_str(), path);
            return;
        };
        let mut shares: Vec<Vec<Reference>> = ports.iter().map(|_| Vec::new()).collect();
        for (i, reference) in found.into_iter().enumerate() {
            shares[i.min(last)].push(reference);
        }
        for (i, (port, share)) in ports.into_iter().zip(shares).enumerate() {
            if i == 0 || !share.is_empty() {
                self.connect(port, share, path);
            }
        }
    }

    /// The module's input ports of a kind.
    fn ports(&self, kind: PortKind) -> impl Iterator<Item = &'w Port> + use<'w, 'n> {
        let node: &'w Node<'n> = self.node;
        let ports: &'w [Port] = node.module.as_deref().map(|module| module.inputs.as_slice()).unwrap_or_default();
        ports.iter().filter(move |port| port.kind == kind)
    }

    fn connect(&mut self, port: &Port, found: Vec<Reference>, path: &str) {
        self.seen.insert((port.kind, port.name.clone()));
        if found.len() > 1 && !port.many {
            let message = format!("expected one reference, as the port takes no more, found {}", found.len());
            self.faults.add(Some(self.node.name), path, message);
        }
        self.inputs.extend(found.into_iter().flatten().map(|(from_component, from_output)| Input {
            port: port.name.clone(),
            kind: port.kind,
            from_component,
            from_output,
        }));
    }

    fn unknown_port(&mut self, module: &Module, name: &str, path: &str) {
        let mut known: Vec<&str> = module.inputs.iter().map(dsl_key).collect();
        known.dedup();
        let message = if known.is_empty() {
            format!("unknown port: {} has no inputs", module.name)
        } else {
            format!("unknown port: {} has the inputs {}", module.name, known.join(", "))
        };
        let near = nearest(name, known).map(|near| format!("did you mean {near:?}?"));
        self.faults.push(Fault::new(Some(self.node.name), path, message).hint(near));
    }

    fn require(&mut self, module: &Module, path: &str) {
        for port in module.inputs.iter().filter(|port| !port.optional) {
            if !self.seen.contains(&(port.kind, port.name.clone())) {
                let path = match port.kind {
                    PortKind::Data => format!("{path}.data.{}", port.name),
                    kind => format!("{path}.{}", kind.as_str()),
                };
                let message = format!("missing: {} needs this input", module.name);
                let fault = Fault::new(Some(self.node.name), path, message);
                let hint = if port.kind == PortKind::Data { to_feed(&port.name, self.job_type) } else { None };
                self.faults.push(fault.hint(hint));
            }
        }
    }

    fn references(&mut self, kind: PortKind, value: &Value, path: &str) -> Vec<Reference> {
        let texts = texts(value, path, Some(self.node.name), self.faults);
        texts.into_iter().map(|text| self.reference(kind, text, path)).collect()
    }

    /// Checks `component.output`.
    fn reference(&mut self, kind: PortKind, text: &str, path: &str) -> Reference {
        let me = Some(self.node.name);
        let parts = text.split_once('.').filter(|(component, output)| !component.is_empty() && !output.is_empty());
        let Some((component, output)) = parts else {
            self.faults.add(me, path, format!("expected component.output, found {text:?}"));
            return None;
        };
        let reference = Some((component.to_owned(), output.to_owned()));
        let model = matches!(kind, PortKind::Model | PortKind::IsometricModel);
        if model && self.job_type == JobType::Predict {
            // Models of a predict job come from the deployed model.
            return reference;
        }
        let Some(&place) = self.places.get(component) else {
            let fault = Fault::new(me, path, format!("unknown component {component:?} in {text:?}"));
            self.faults.unknown(fault, component, self.nodes.iter().map(|node| node.name));
            return None;
        };
        let outputs = &self.nodes[place].outputs;
        let made = if model { PortKind::Model } else { kind };
        if !outputs.unusable && !outputs.names(made).any(|name| name == output) {
            let kind = made.as_str();
            let fault = Fault::new(me, path, format!("{component} declares no {kind} output {output:?}"));
            self.faults.unknown(fault, output, outputs.names(made));
        }
        reference
    }
}

/// What a predict job lacks that was fed by a component which was not deployed.
pub(crate) fn to_feed(port: &str, job_type: JobType) -> Option<String> {
    let why = "what it read in the training was not deployed: deploy with a predict DSL that has a Reader beside it, \
               and here";
    (job_type == JobType::Predict).then(|| format!("{why} \"{port}\": [\"reader_0.data\"]"))
}

/// Component and output; none if it is faulty.
type Reference = Option<(String, String)>;

/// What a DSL calls an input: the port for data, the kind for the rest.
fn dsl_key(port: &Port) -> &str {
    match port.kind {
        PortKind::Data => &port.name,
        kind => kind.as_str(),
    }
}
