//! The components of a DSL: names, modules, what they declare to make. Not for: how they are connected (`wiring`).

use std::sync::Arc;

use parcae_domain::{descriptor::Module, id::is_component_name};
use serde_json::Value;

use crate::{
    fault::Collector,
    job_parameters::JobType,
    outputs::{self, Outputs},
    plan::Input,
    providers::{Modules, Providers, Served},
    read::{Object, expect_object, found, warn_of_typos},
};

/// Most components of a job.
const MAX_COMPONENTS: usize = 1_000;
/// What a component of a DSL may say; anything else is ignored.
const KNOWN: [&str; 5] = ["module", "provider", "CodePath", "input", "output"];
/// Stands for the model of a predict job in references, and for the job as a whole in metrics.
pub(crate) const RESERVED: &str = "pipeline";

/// Where the modules of a DSL come from.
pub(crate) struct Sources<'a> {
    /// The modules that there are.
    pub(crate) modules: &'a Modules<'a>,
    /// Which of their images are meant.
    pub(crate) providers: &'a Providers<'a>,
}

/// A component while it is being read.
pub(crate) struct Node<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// What the DSL says of it; none if that is no object.
    pub(crate) spec: Option<&'a Object>,
    /// What it runs; none if that is faulty.
    pub(crate) module: Option<Arc<Module>>,
    /// Digest of the image that serves the module.
    pub(crate) image: String,
    /// What it makes.
    pub(crate) outputs: Outputs,
    /// What it reads; filled in by `wiring`.
    pub(crate) inputs: Vec<Input>,
    /// Places of those it reads from; filled in by `wiring`.
    pub(crate) upstream: Vec<usize>,
}

/// Reads the components; none if there is no list of them. A predict job may leave them to the model that it uses.
pub(crate) fn read<'a>(
    dsl: &'a Value,
    sources: &Sources<'_>,
    job_type: JobType,
    faults: &mut Collector,
) -> Option<Vec<Node<'a>>> {
    let components = listed(dsl, job_type, faults)?;
    if components.len() > MAX_COMPONENTS {
        let message = format!("expected at most {MAX_COMPONENTS} components, found {}", components.len());
        faults.add(None, "components", message);
        return None;
    }
    Some(components.iter().map(|(name, spec)| node(name, spec, sources, faults)).collect())
}

fn listed<'a>(dsl: &'a Value, job_type: JobType, faults: &mut Collector) -> Option<&'a Object> {
    let missing = "missing: expected object with at least one component";
    let given = match dsl {
        Value::Null => None,
        Value::Object(dsl) => dsl.get("components").filter(|value| !value.is_null()),
        other => {
            faults.add(None, "dsl", format!("expected object, found {}", found(other)));
            return None;
        }
    };
    match given {
        Some(Value::Object(components)) if !components.is_empty() => Some(components),
        Some(Value::Object(_)) | None => {
            if job_type == JobType::Train {
                faults.add(None, "components", missing);
            }
            None
        }
        Some(other) => {
            faults.add(None, "components", format!("expected object, found {}", found(other)));
            None
        }
    }
}

fn node<'a>(name: &'a str, spec: &'a Value, sources: &Sources<'_>, faults: &mut Collector) -> Node<'a> {
    let path = format!("components.{name}");
    if !is_component_name(name) {
        let message = format!("illegal name {name:?}: expected 1 to 100 letters, digits, _ and -");
        faults.add(Some(name), &path, message);
    } else if name == RESERVED {
        faults.add(Some(name), &path, "illegal name: it stands for the model of a predict job");
    }
    let mut node = Node {
        name,
        spec: expect_object(spec, &path, Some(name), faults),
        module: None,
        image: String::new(),
        outputs: Outputs::default(),
        inputs: Vec::new(),
        upstream: Vec::new(),
    };
    if let Some(spec) = node.spec {
        warn_of_typos(spec, &KNOWN, &format!("{path}."), faults);
        if let Some(served) = module(name, spec, sources, faults) {
            (node.module, node.image) = (Some(served.module), served.image);
        }
        node.outputs = outputs::read(name, spec, node.module.as_deref(), faults);
    } else {
        node.outputs.unusable = true;
    }
    node
}

fn module(name: &str, spec: &Object, sources: &Sources<'_>, faults: &mut Collector) -> Option<Served> {
    let path = format!("components.{name}.module");
    match spec.get("module") {
        Some(Value::String(wanted)) => sources.providers.serve(name, spec, wanted, sources.modules, faults),
        None | Some(Value::Null) => {
            faults.add(Some(name), path, "missing: expected name of a module");
            None
        }
        Some(other) => {
            faults.add(Some(name), path, format!("expected name of a module, found {}", found(other)));
            None
        }
    }
}
