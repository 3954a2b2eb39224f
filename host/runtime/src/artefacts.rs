//! Code of an image in the flavours that it does not need at once: made when it is asked for the first time, and kept.
//! Not for: compiling (`compile`), the code that an image is accepted with (`image`).

use std::sync::{Arc, Mutex, PoisonError, TryLockError, mpsc};
use std::time::Duration;

use parcae_domain::{
    attempt::{Attempt, Isolation, StopSignal},
    outcome::Outcome,
};
use wasmtime::component::{Component, InstancePre};

use crate::cache::loaded;
use crate::engine::Machine;
use crate::flavour::Flavour;
use crate::image::{AcceptError, linker};
use crate::process::Code;
use crate::sandbox::stopped;
use crate::state::State;
use crate::{compile, refusal};

/// How often an attempt that waits for its code looks at its stop signal.
const LOOK: Duration = Duration::from_millis(10);

/// Something that an attempt needs, or how it ends without.
pub(crate) type Made<T> = Result<T, Outcome>;

/// Something that is made once.
type Slot<T> = Mutex<Option<T>>;

/// An image's bytes, and what was made of them.
pub(crate) struct Artefacts {
    /// Under which compiled code is kept.
    name: String,
    wasm: Box<[u8]>,
    /// For attempts on threads in the deterministic flavour.
    linked: Slot<InstancePre<State>>,
    /// For attempts in processes; the deterministic flavour is the second.
    codes: [Slot<Arc<Code>>; 2],
}

impl Artefacts {
    pub(crate) fn new(name: &str, wasm: &[u8]) -> Artefacts {
        Artefacts { name: name.to_owned(), wasm: wasm.into(), linked: Slot::default(), codes: Default::default() }
    }

    /// Compiles the image for threads, where it describes itself, and at the same time for where it is going to run.
    pub(crate) fn first(&self, machine: &Machine, isolation: Isolation) -> Result<Component, AcceptError> {
        let both = isolation == Isolation::Process && machine.settings.program.is_some();
        std::thread::scope(|scope| {
            let aside = || self.code_in(machine, Flavour::PROCESS);
            let thread = std::thread::Builder::new().name("compiles-for-processes".into());
            let other = both.then(|| thread.spawn_scoped(scope, aside)).transpose();
            let component = self.component(machine, Flavour::THREAD)?;
            let failed = |what: &str| AcceptError::Compile(format!("it could not be compiled for processes: {what}"));
            if let Some(other) = other.map_err(|e| failed(&e.to_string()))? {
                other.join().map_err(|_| failed("the compiler crashed"))??;
            }
            Ok(component)
        })
    }

    fn component(&self, machine: &Machine, flavour: Flavour) -> Result<Component, AcceptError> {
        let code = compile::code(machine, flavour, &self.name, &self.wasm)?;
        loaded(machine.engine(flavour), &code).map_err(|e| AcceptError::Compile(format!("{e:#}")))
    }

    fn linked_in(&self, machine: &Machine, flavour: Flavour) -> Result<InstancePre<State>, AcceptError> {
        make(&self.linked, || {
            let component = self.component(machine, flavour)?;
            let linker = linker(machine.engine(flavour)).map_err(|e| AcceptError::World(format!("{e:#}")))?;
            linker.instantiate_pre(&component).map_err(|e| refusal::unlinked(&e))
        })
    }

    fn code_in(&self, machine: &Machine, flavour: Flavour) -> Result<Arc<Code>, AcceptError> {
        make(self.slot(flavour), || {
            let code = compile::code(machine, flavour, &self.name, &self.wasm)?;
            let sealed = Code::seal(&code).map_err(|e| AcceptError::Compile(format!("no memory file for it: {e}")))?;
            Ok(Arc::new(sealed))
        })
    }

    fn slot(&self, flavour: Flavour) -> &Slot<Arc<Code>> {
        &self.codes[usize::from(flavour.deterministic)]
    }

    /// The image linked in a flavour for threads.
    pub(crate) fn linked(
        artefacts: &Arc<Artefacts>,
        machine: &Machine,
        flavour: Flavour,
        of: (&Attempt, &StopSignal),
    ) -> Made<InstancePre<State>> {
        if let Some(there) = there(&artefacts.linked) {
            return Ok(there);
        }
        let (artefacts, machine) = (artefacts.clone(), machine.clone());
        waiting(of, move || artefacts.linked_in(&machine, flavour))
    }

    /// The image's code in a flavour for processes.
    pub(crate) fn code(
        artefacts: &Arc<Artefacts>,
        machine: &Machine,
        flavour: Flavour,
        of: (&Attempt, &StopSignal),
    ) -> Made<Arc<Code>> {
        if let Some(there) = there(artefacts.slot(flavour)) {
            return Ok(there);
        }
        let (artefacts, machine) = (artefacts.clone(), machine.clone());
        waiting(of, move || artefacts.code_in(&machine, flavour))
    }
}

/// What is in a slot, unless it is being made just now.
fn there<T: Clone>(slot: &Slot<T>) -> Option<T> {
    match slot.try_lock() {
        Ok(made) => made.clone(),
        Err(TryLockError::Poisoned(made)) => made.into_inner().clone(),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// What is in a slot; made by the first who comes, while all others wait. A failure is forgotten.
fn make<T: Clone>(slot: &Slot<T>, make: impl FnOnce() -> Result<T, AcceptError>) -> Result<T, AcceptError> {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(made) = slot.as_ref() {
        return Ok(made.clone());
    }
    let made = make()?;
    *slot = Some(made.clone());
    Ok(made)
}

/// Has something made on another thread, as it may take minutes and a stop must not.
fn waiting<T: Send + 'static>(
    (attempt, stop): (&Attempt, &StopSignal),
    make: impl FnOnce() -> Result<T, AcceptError> + Send + 'static,
) -> Made<T> {
    let node = |what: String| Outcome::Node { message: format!("image {} cannot be compiled: {what}", attempt.image) };
    let (done, made) = mpsc::channel();
    let spawned = std::thread::Builder::new().name("compiles".into()).spawn(move || {
        // Nobody waits any more when the attempt was stopped.
        let _ = done.send(make());
    });
    spawned.map_err(|e| node(e.to_string()))?;
    loop {
        match made.recv_timeout(LOOK) {
            Ok(made) => return made.map_err(|e| node(e.to_string())),
            Err(mpsc::RecvTimeoutError::Timeout) if stop.reason().is_some() => return Err(stopped(stop, attempt)),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(node("the compiler crashed".into())),
        }
    }
}
