//! An image: a component's bytes, checked, compiled, linked and asked to describe itself. Not for: choosing which image serves
//! a module (`images`), running attempts (`sandbox`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::{Attempt, Isolation, StopSignal},
    descriptor::{Descriptor, Module},
    id::{AttemptId, JobId, TaskId},
    image::Origin,
    limit::Limits,
    party::{Party, Role},
    tenant::TenantId,
};
use sha2::{Digest, Sha256};
use wasmtime::component::{HasSelf, InstancePre, Linker};
use wasmtime::{Engine, Store, UpdateDeadline};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::bindings::random::{insecure, random};

use crate::artefacts::{Artefacts, Made};
use crate::engine::{Machine, Settings};
use crate::flavour::Flavour;
use crate::generated;
use crate::limiter::Limiter;
use crate::process::Code;
use crate::sandbox::LONGEST;
use crate::state::State;
use crate::{compile, description, preflight, refusal, scratch};

/// Why an image was refused.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// Too large.
    #[error(
        "image has {0} bytes, {1} are allowed (image_bytes); `wasm-tools strip` takes out what is there for debuggers"
    )]
    Size(usize, usize),
    /// Not a component, or with features that the sandbox does not allow.
    #[error("not a WebAssembly component that this node can run: {0}")]
    Compile(String),
    /// It has, or takes, more of something than is allowed.
    #[error("this node does not take it: {0}")]
    Limit(String),
    /// What the process that looked at it said.
    #[error("{0}")]
    Unfit(String),
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
    /// Its code for threads, linked.
    pre: InstancePre<State>,
    others: Arc<Artefacts>,
}

impl Image {
    /// Checks, compiles, links and describes an image, and makes it ready to run where images from there do.
    pub fn accept(machine: &Machine, bytes: &[u8], origin: Origin) -> Result<Image, AcceptError> {
        Image::named(machine, bytes, origin, None).map_err(AcceptError::tamed)
    }

    /// The same with what a tenant pushes.
    pub(crate) fn pushed(machine: &Machine, bytes: &[u8], tenant: &TenantId) -> Result<Image, AcceptError> {
        let name = pushed_name(&digest_of(bytes), tenant);
        Image::named(machine, bytes, Origin::Pushed, Some(&name)).map_err(AcceptError::tamed)
    }

    /// Its code for attempts on threads.
    pub(crate) fn linked(&self, machine: &Machine, attempt: &Attempt, stop: &StopSignal) -> Made<InstancePre<State>> {
        match Flavour::of(attempt) {
            Flavour::THREAD => Ok(self.pre.clone()),
            flavour => Artefacts::linked(&self.others, machine, flavour, (attempt, stop)),
        }
    }

    /// Its code for attempts in processes.
    pub(crate) fn code(&self, machine: &Machine, attempt: &Attempt, stop: &StopSignal) -> Made<Arc<Code>> {
        Artefacts::code(&self.others, machine, Flavour::of(attempt), (attempt, stop))
    }

    /// An image whose compiled code is kept under a name, or else under its digest.
    fn named(machine: &Machine, bytes: &[u8], origin: Origin, name: Option<&str>) -> Result<Image, AcceptError> {
        let limit = machine.settings.image_bytes;
        if bytes.len() > limit {
            return Err(AcceptError::Size(bytes.len(), limit));
        }
        if origin.is_operators() {
            preflight::check(bytes)?;
        } else {
            compile::look(&machine.settings, bytes)?;
        }
        let digest = digest_of(bytes);
        let began = Instant::now();
        let others = Arc::new(Artefacts::new(name.unwrap_or(&digest), bytes));
        let component = others.first(machine, machine.settings.isolation.of(origin))?;
        let compile_time = began.elapsed();
        let linker = linker(machine.engine(Flavour::THREAD)).map_err(|e| AcceptError::World(format!("{e:#}")))?;
        let pre = linker.instantiate_pre(&component).map_err(|e| refusal::unlinked(&e))?;
        let descriptor = describe(machine, &pre)?;
        Ok(Image { digest, descriptor, bytes: bytes.len() as u64, compile_time, pre, others })
    }
}

/// Under which name compiled code of a pushed image is kept: for its tenant alone, so that the time that a push takes
/// tells nobody what others have.
pub(crate) fn pushed_name(digest: &str, tenant: &TenantId) -> String {
    format!("{digest}.{tenant}.")
}

/// SHA-256 of an image, in hex.
pub(crate) fn digest_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Everything that a component may import.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    // WASI's own clock blocks the thread, whatever deadline or stop there is.
    linker.allow_shadowing(true);
    monotonic_clock::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    // And its own randomness is counted by nobody.
    random::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    insecure::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    // And its files have no quota.
    scratch::link(&mut linker)?;
    linker.allow_shadowing(false);
    generated::Component::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}

/// Asks a component what it is, in an instance with nothing behind it.
fn describe(machine: &Machine, pre: &InstancePre<State>) -> Result<Descriptor, AcceptError> {
    let Settings { describe_seconds, describe_memory_bytes, descriptor_bytes, .. } = machine.settings;
    let attempt = starved(describe_memory_bytes);
    let limits = attempt.limits.clone();
    let failed = |e: wasmtime::Error| refusal::undescribed(&e, &limits);
    let limiter = Limiter::new(&attempt.limits, machine.memory.clone());
    let state = State::new(Arc::new(attempt), None, StopSignal::new(), limiter);
    let mut store = Store::new(machine.engine(Flavour::THREAD), state);
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(usize::try_from(descriptor_bytes).unwrap_or(usize::MAX));
    store.set_epoch_deadline(1);
    let end = Instant::now() + Duration::from_secs(describe_seconds.min(LONGEST));
    store.epoch_deadline_callback(move |_| {
        if Instant::now() < end {
            return Ok(UpdateDeadline::Continue(1));
        }
        Err(wasmtime::Error::msg(format!("limit describe_seconds reached: it took more than {describe_seconds} s")))
    });
    let world = generated::ComponentPre::new(pre.clone()).map_err(|e| refusal::unfit(&e))?;
    let called = world.instantiate(&mut store).and_then(|instance| instance.call_describe(&mut store));
    let stderr = &store.data().stderr;
    stderr.finish();
    let said = called.map_err(|e| refusal::with_words(failed(e), &stderr.last()))?;
    description::checked(said).map_err(AcceptError::Describe)
}

/// The attempt that `describe` runs as: nothing to reach, little memory.
fn starved(memory_bytes: u64) -> Attempt {
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
        tenant: TenantId::default_tenant(),
        module,
        image: String::new(),
        parties: vec![],
        isolation: Isolation::Thread,
        parameters: serde_json::Value::Null,
        seed: 0,
        deterministic: false,
        draws: None,
        grants: vec![],
        limits: Limits { memory_bytes, handles: 16, ..Limits::default() },
        scratch: None,
        usage: Arc::default(),
    }
}
