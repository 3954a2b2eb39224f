//! An image: a component's bytes, checked, compiled, linked and asked to describe itself. Not for: choosing which image serves
//! a module (`images`), running attempts (`sandbox`).

use std::collections::HashSet;
use std::sync::{Arc, atomic::AtomicU64};
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::{Attempt, StopSignal},
    descriptor::{Descriptor, Module, Port, PortKind},
    grant::Grant,
    id::{AttemptId, JobId, TaskId, is_component_name},
    image::check_names,
    limit::Limits,
    party::{Party, Role},
};
use sha2::{Digest, Sha256};
use wasmtime::component::{HasSelf, InstancePre, Linker};
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;

use crate::compile;
use crate::convert::role_in;
use crate::engine::Machine;
use crate::generated::{self, parcae::component::descriptor};
use crate::limiter::Limiter;
use crate::preflight;
use crate::state::State;

/// What `describe` may take.
const DESCRIBE_TIME: Duration = Duration::from_secs(1);
/// Memory of `describe`, bytes.
const DESCRIBE_MEMORY: u64 = 64 << 20;
/// Longest text of a description, bytes; a parameter schema may be 256 times longer.
const TEXT_BYTES: usize = 4096;
/// Most modules of an image, ports of a module, aliases of a module.
const LIST_LEN: usize = 64;
/// Deepest parameter schema: it is stored inside the plan of a job, and JSON deeper than 128 is not read back.
const SCHEMA_DEPTH: usize = 64;

/// Why an image was refused.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// Too large.
    #[error("image has {0} bytes, {1} are allowed")]
    Size(usize, usize),
    /// Not a component, or with features that the sandbox does not allow.
    #[error("not a WebAssembly component that this node can run: {0}")]
    Compile(String),
    /// Asks for things that are not there.
    #[error("the component imports what this node does not offer: {0}")]
    Imports(String),
    /// Does not export `describe` and `run`.
    #[error("the component does not export the world parcae:component@0.1.0: {0}")]
    World(String),
    /// Crashed, took too long, or said nonsense when asked what it is.
    #[error("describe failed: {0}")]
    Describe(String),
}

/// A component that may run.
pub struct Image {
    /// SHA-256 of its bytes, in hex.
    pub digest: String,
    /// What it says of itself.
    pub descriptor: Descriptor,
    /// Its size, bytes.
    pub bytes: u64,
    /// Time that compiling took.
    pub compile_time: Duration,
    pub(crate) pre: InstancePre<State>,
}

impl Image {
    /// Checks, compiles, links and describes an image.
    pub fn accept(machine: &Machine, bytes: &[u8]) -> Result<Image, AcceptError> {
        let limit = machine.settings.image_bytes;
        if bytes.len() > limit {
            return Err(AcceptError::Size(bytes.len(), limit));
        }
        preflight::check(bytes)?;
        let digest = digest_of(bytes);
        let began = Instant::now();
        let component = compile::component(machine, &digest, bytes)?;
        let compile_time = began.elapsed();
        let linker = linker(machine).map_err(|e| AcceptError::World(format!("{e:#}")))?;
        let pre = linker.instantiate_pre(&component).map_err(|e| AcceptError::Imports(format!("{e:#}")))?;
        let descriptor = describe(machine, &pre)?;
        Ok(Image { digest, descriptor, bytes: bytes.len() as u64, compile_time, pre })
    }
}

/// SHA-256 of an image, in hex.
pub(crate) fn digest_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

fn linker(machine: &Machine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(&machine.engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    // WASI's own clock blocks the thread, whatever deadline or stop there is.
    linker.allow_shadowing(true);
    monotonic_clock::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    linker.allow_shadowing(false);
    generated::Component::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}

/// Asks a component what it is, in an instance with nothing behind it.
fn describe(machine: &Machine, pre: &InstancePre<State>) -> Result<Descriptor, AcceptError> {
    let failed = |e: wasmtime::Error| AcceptError::Describe(format!("{e:#}"));
    let attempt = starved();
    let limiter = Limiter::new(&attempt.limits, Arc::new(AtomicU64::new(0)), u64::MAX);
    let state = State::new(Arc::new(attempt), None, StopSignal::new(), limiter);
    let mut store = Store::new(&machine.engine, state);
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(1 << 24);
    store.set_epoch_deadline(1);
    let end = Instant::now() + DESCRIBE_TIME;
    store.epoch_deadline_callback(move |_| {
        if Instant::now() < end {
            return Ok(UpdateDeadline::Continue(1));
        }
        Err(wasmtime::Error::msg(format!("it took more than {} s", DESCRIBE_TIME.as_secs())))
    });
    let world = generated::ComponentPre::new(pre.clone()).map_err(|e| AcceptError::World(format!("{e:#}")))?;
    let instance = world.instantiate(&mut store).map_err(failed)?;
    let said = instance.call_describe(&mut store).map_err(failed)?;
    checked(said).map_err(AcceptError::Describe)
}

/// The attempt that `describe` runs as: nothing to reach, little memory.
fn starved() -> Attempt {
    let task = TaskId { job: JobId(String::new()), component: "describe".into() };
    let module = Module {
        name: "describe".into(),
        aliases: vec![],
        summary: String::new(),
        roles: vec![],
        needs: vec![],
        inputs: vec![],
        outputs: vec![],
        parameters: serde_json::Value::Null,
        grants: vec![],
    };
    Attempt {
        id: AttemptId { task, version: 0, party: Party::new(Role::Local, 0) },
        module,
        image: String::new(),
        parties: vec![],
        parameters: serde_json::Value::Null,
        seed: 0,
        grants: vec![],
        limits: Limits { memory_bytes: DESCRIBE_MEMORY, handles: 16, ..Limits::default() },
    }
}

fn text(what: &str, text: String) -> Result<String, String> {
    let odd = text.chars().any(|c| c.is_control() && c != '\n');
    if text.len() > TEXT_BYTES || odd {
        return Err(format!("{what} has more than {TEXT_BYTES} bytes or control characters"));
    }
    Ok(text)
}

fn few<T>(what: &str, list: Vec<T>) -> Result<Vec<T>, String> {
    if list.len() > LIST_LEN { Err(format!("{} {what}, {LIST_LEN} are allowed", list.len())) } else { Ok(list) }
}

/// Checks and bounds everything that a component says of itself.
fn checked(said: descriptor::Description) -> Result<Descriptor, String> {
    let modules = few("modules", said.modules)?;
    if modules.is_empty() {
        return Err("no modules".into());
    }
    let modules = modules.into_iter().map(module).collect::<Result<Vec<_>, _>>()?;
    let mut names = HashSet::new();
    if let Some(twice) = modules.iter().find(|m| !names.insert(m.name.to_ascii_lowercase())) {
        return Err(format!("module {} is there twice", twice.name));
    }
    let descriptor = Descriptor {
        name: text("name", said.name)?,
        version: text("version", said.version)?,
        licence: text("licence", said.licence)?,
        summary: text("summary", said.summary)?,
        modules,
    };
    check_names(&descriptor)?;
    Ok(descriptor)
}

fn module(said: descriptor::Module) -> Result<Module, String> {
    if !is_component_name(&said.name) {
        return Err(format!("module name {:?}: letters, digits, `_` and `-`, at most 100", said.name));
    }
    if said.parameters.len() > TEXT_BYTES * 256 {
        return Err(format!("module {}: its parameter schema has {} bytes", said.name, said.parameters.len()));
    }
    let parameters = serde_json::from_str(&said.parameters)
        .map_err(|e| format!("module {}: parameters are not JSON: {e}", said.name))?;
    if depth(&parameters) > SCHEMA_DEPTH {
        return Err(format!("module {}: its parameter schema is nested deeper than {SCHEMA_DEPTH}", said.name));
    }
    let asked = few("grants", said.grants)?.into_iter().map(|grant| grant.parse::<Grant>().map_err(|e| e.to_string()));
    let grants = asked.collect::<Result<_, _>>().map_err(|e| format!("module {}: {e}", said.name))?;
    let ports = |list: Vec<descriptor::Port>| few("ports", list)?.into_iter().map(port).collect::<Result<Vec<_>, _>>();
    Ok(Module {
        name: said.name,
        aliases: few("aliases", said.aliases)?.into_iter().map(|a| text("alias", a)).collect::<Result<_, _>>()?,
        summary: text("summary", said.summary)?,
        roles: few("roles", said.roles)?.into_iter().map(role_in).collect(),
        needs: few("needed roles", said.needs)?.into_iter().map(role_in).collect(),
        inputs: ports(said.inputs)?,
        outputs: ports(said.outputs)?,
        parameters,
        grants,
    })
}

fn depth(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        serde_json::Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn port(said: descriptor::Port) -> Result<Port, String> {
    if !is_component_name(&said.name) {
        return Err(format!("port name {:?}: letters, digits, `_` and `-`, at most 100", said.name));
    }
    let kind = match said.kind {
        descriptor::PortKind::Data => PortKind::Data,
        descriptor::PortKind::Model => PortKind::Model,
        descriptor::PortKind::IsometricModel => PortKind::IsometricModel,
        descriptor::PortKind::Cache => PortKind::Cache,
    };
    Ok(Port { name: said.name, kind, optional: said.optional, many: said.many, help: text("help", said.help)? })
}
