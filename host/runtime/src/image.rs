//! An image: a component's bytes, checked, compiled, linked and asked to describe itself. Not for: choosing which image serves
//! a module (`images`), running attempts (`sandbox`).

use std::sync::{Arc, atomic::AtomicU64};
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::{Attempt, StopSignal},
    descriptor::{Descriptor, Module},
    id::{AttemptId, JobId, TaskId},
    limit::Limits,
    party::{Party, Role},
};
use sha2::{Digest, Sha256};
use wasmtime::component::{HasSelf, InstancePre, Linker};
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;

use crate::engine::Machine;
use crate::generated;
use crate::limiter::Limiter;
use crate::state::State;
use crate::{compile, description, preflight, refusal};

/// What `describe` may take.
const DESCRIBE_TIME: Duration = Duration::from_secs(1);
/// Memory of `describe`, bytes.
const DESCRIBE_MEMORY: u64 = 64 << 20;

/// Why an image was refused.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// Too large.
    #[error("image has {0} bytes, {1} are allowed; `wasm-tools strip` takes out what is there for debuggers")]
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
        Image::checked(machine, bytes).map_err(AcceptError::tamed)
    }

    fn checked(machine: &Machine, bytes: &[u8]) -> Result<Image, AcceptError> {
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
        let pre = linker.instantiate_pre(&component).map_err(|e| refusal::unlinked(&e))?;
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
    let attempt = starved();
    let instances = attempt.limits.instances;
    let failed = |e: wasmtime::Error| refusal::undescribed(&e, instances);
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
    let world = generated::ComponentPre::new(pre.clone()).map_err(|e| refusal::unfit(&e))?;
    let instance = world.instantiate(&mut store).map_err(failed)?;
    let said = instance.call_describe(&mut store).map_err(failed)?;
    description::checked(said).map_err(AcceptError::Describe)
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
