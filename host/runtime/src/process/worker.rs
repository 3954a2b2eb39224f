//! The `main` of a worker: takes what to run from its standard input, which is a socket, puts up the walls, runs the
//! component, says how it ended. Until it hears what to run it only makes an engine ready. Not for: the node's half (`run`).

use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use parcae_domain::{
    attempt::{Attempt, StopSignal},
    outcome::Outcome,
    port::{PortError, Table, World},
    usage::Usage,
};
use wasmtime::Engine;
use wasmtime::component::{InstancePre, Linker};

use super::code::Code;
use super::confine::{Confinement, Scratch, confine};
use super::inherited;
use super::leash::leash;
use super::remote::{FarPool, Line, Remote};
use super::reply::{self, BEGIN};
use super::request::Request;
use super::socket::WorkerEnd;
use crate::engine::engine;
use crate::flavour::Flavour;
use crate::image::linker;
use crate::limiter::Limiter;
use crate::sandbox::{guarded, play};
use crate::state::State;

/// First argument with which a program that uses this crate runs an attempt that a node gives it over its standard input.
pub const WORKER_COMMAND: &str = "attempt-worker";
/// Stack that imports of the node may use, on top of the wasm stack, bytes.
const STACK_BYTES: usize = 4 << 20;
/// Largest wasm stack, bytes.
const LARGEST_STACK: usize = 64 << 20;
/// Files that may be open: tables, uploads, scratch files, and what the process needs itself.
const OPEN_FILES: u64 = 512;

/// Reads a finished table from its open file, whose name is for errors.
pub type TableOpener = fn(&str, File) -> Result<Arc<dyn Table>, PortError>;

/// The worker's side: for `main` of a program that `Settings::program` names, before it does anything else. Nothing may
/// have been opened, and no thread started.
pub fn worker_command(arguments: &[String], open: TableOpener) -> Result<(), String> {
    let Some(stack_bytes) = arguments.first().and_then(|text| text.parse().ok()) else {
        return Err(format!("{WORKER_COMMAND} takes stack bytes; the node calls it"));
    };
    inherited::give_up();
    let stdin = std::io::stdin().as_fd().try_clone_to_owned().map_err(|e| e.to_string())?;
    let mut end = WorkerEnd::new(UnixStream::from(stdin));
    let ready = Ready::new(stack_bytes, Flavour::PROCESS)?;
    let (kind, body, descriptors) = match end.receive() {
        Ok(message) => message,
        // It was not needed.
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
        Err(e) => return Err(format!("standard input is no socket of a node: {e}")),
    };
    if kind != BEGIN {
        return Err("the node did not say what to run".into());
    }
    let attempt = reply::begin(&body).map_err(|e| e.to_string())?.attempt();
    let leashed = end.again().map_err(|e| e.to_string())?;
    let line = Arc::new(Line::new(end, open));
    let code = descriptors.into_iter().next().ok_or("the node gave no code");
    let prepared = code.map_err(str::to_owned).and_then(|code| {
        let ready = ready.into_flavour(stack_bytes, Flavour::of(&attempt))?;
        let component = Code::load(&ready.engine, &code)?;
        ready.linker.instantiate_pre(&component).map_err(|e| format!("{e:#}"))
    });
    let attempt = Arc::new(attempt);
    let outcome = prepared.and_then(|pre| {
        let state = state(&line, &attempt);
        parcae_crypto::give_way();
        let walls = confine(&confinement(&attempt))?;
        line.tell(&Request::Confined(walls.code()));
        leash(leashed).map_err(|e| format!("no thread that waits for the node's end: {e}"))?;
        on_a_thread(pre, state, stack_bytes)
    });
    let outcome = outcome.unwrap_or_else(|message| Outcome::Node { message });
    let usage: Box<Usage> = Box::new(attempt.usage.sum_up(std::time::Duration::ZERO));
    line.tell(&Request::Done { outcome, usage });
    // The node counts what was used, and ends it.
    line.wait();
    Ok(())
}

/// An engine, and everything that a component may import.
struct Ready {
    flavour: Flavour,
    engine: Engine,
    linker: Linker<State>,
}

impl Ready {
    fn new(stack_bytes: usize, flavour: Flavour) -> Result<Ready, String> {
        let engine = engine(stack_bytes, flavour).map_err(|e| format!("the engine: {e:#}"))?;
        let linker = linker(&engine).map_err(|e| format!("the engine: {e:#}"))?;
        Ok(Ready { flavour, engine, linker })
    }

    /// The same for another flavour, if that is what is to run.
    fn into_flavour(self, stack_bytes: usize, flavour: Flavour) -> Result<Ready, String> {
        if self.flavour == flavour { Ok(self) } else { Ready::new(stack_bytes, flavour) }
    }
}

/// What the attempt owns here: its world is the node, its memory is the node's.
fn state(line: &Arc<Line>, attempt: &Arc<Attempt>) -> State {
    let world: Arc<dyn World> = Arc::new(Remote::new(line.clone()));
    let pool = Arc::new(FarPool::new(line.clone()));
    let limiter = Limiter::new(&attempt.limits, pool).told(attempt.usage.clone());
    State::new(attempt.clone(), Some(world), StopSignal::new(), limiter)
}

fn confinement(attempt: &Attempt) -> Confinement {
    let limits = &attempt.limits;
    let memory = [limits.memory_bytes, limits.handle_bytes, limits.call_bytes, limits.page_bytes];
    let scratch = attempt.scratch.clone().map(|folder| Scratch { folder, file_bytes: limits.scratch_bytes });
    Confinement {
        memory_bytes: memory.into_iter().fold(0, u64::saturating_add),
        cpu_seconds: Some(limits.cpu_seconds),
        open_files: OPEN_FILES,
        scratch,
    }
}

/// Runs the component on a thread that has the stack that it needs.
fn on_a_thread(pre: InstancePre<State>, state: State, stack_bytes: usize) -> Result<Outcome, String> {
    let id = state.attempt.id.clone();
    let thread =
        std::thread::Builder::new().name("component".into()).stack_size(STACK_BYTES + stack_bytes.min(LARGEST_STACK));
    let running = thread.spawn(move || guarded(&id, || play(&pre, state, stack_bytes)));
    let running = running.map_err(|e| format!("no thread for the component: {e}"))?;
    running.join().map_err(|_| "the sandbox itself failed".to_owned())
}
