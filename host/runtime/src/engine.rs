//! The wasmtime engines and the thread that keeps its time: every 10 ms it lets running components look at the clock, and
//! gives the stop signal to attempts whose time is up. Not for: limits of one attempt (`state`, `limiter`).

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::cache::Cache;
use crate::flavour::Flavour;
use crate::process::Processes;
use crate::tenants::TenantPools;
use crate::turns::Turns;
use parcae_domain::attempt::{Isolation, IsolationPolicy, StopReason, StopSignal};
use parcae_domain::pool::Pool;
use wasmtime::{Config, Engine, OptLevel, WasmBacktraceDetails};

/// How often running components look at the clock.
const TICK: Duration = Duration::from_millis(10);

/// Frames of the backtrace of a crash.
const FRAMES: usize = 32;

/// Settings of the whole sandbox.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Memory of all attempts together, with what the node holds on their behalf, bytes.
    pub memory_pool_bytes: u64,
    /// Stack of wasm code, bytes.
    pub stack_bytes: usize,
    /// Largest image, bytes.
    pub image_bytes: usize,
    /// Folder that keeps compiled images; without one each start compiles them again.
    pub cache: Option<PathBuf>,
    /// Program that compiles images and runs attempts in processes of its own (see `compile_command` and
    /// `worker_command`); without one this process compiles, and no attempt can have a process.
    pub program: Option<PathBuf>,
    /// Which images are made ready to run in processes as they are accepted.
    pub isolation: IsolationPolicy,
    /// What compiling one image may take there, seconds.
    pub compile_seconds: u64,
    /// And its memory, bytes.
    pub compile_memory_bytes: u64,
    /// Time that a component may take to describe itself, seconds.
    pub describe_seconds: u64,
    /// Its memory meanwhile, bytes.
    pub describe_memory_bytes: u64,
    /// Texts and lists of its description, bytes.
    pub descriptor_bytes: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            memory_pool_bytes: 4 << 30,
            stack_bytes: 1 << 20,
            image_bytes: parcae_domain::limit::IMAGE_BYTES,
            cache: None,
            program: None,
            isolation: IsolationPolicy::default(),
            compile_seconds: 120,
            compile_memory_bytes: 4 << 30,
            describe_seconds: 1,
            describe_memory_bytes: 64 << 20,
            descriptor_bytes: 4 << 20,
        }
    }
}

/// The engines, one a flavour, with what all attempts share.
#[derive(Clone)]
pub struct Machine {
    engines: [Engine; 4],
    pub(crate) settings: Settings,
    /// Attempts in processes of their own.
    pub(crate) processes: Arc<Processes>,
    /// Memory of all attempts: their own, and the node's on their behalf.
    pub(crate) memory: Arc<Pool>,
    /// What of it each tenant has.
    pub(crate) tenants: Arc<TenantPools>,
    /// Compiled images.
    pub(crate) cache: Option<Arc<Cache>>,
    /// Attempts on threads compute in turns.
    pub(crate) turns: Arc<Turns>,
    deadlines: Arc<Deadlines>,
}

/// Attempts that must end at some time.
#[derive(Default)]
struct Deadlines(Mutex<Vec<(u64, Instant, StopSignal)>>);

/// Keeps an attempt's deadline until it is dropped.
pub(crate) struct Watch {
    id: u64,
    deadlines: Arc<Deadlines>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.deadlines.lock().retain(|(id, ..)| *id != self.id);
    }
}

impl Deadlines {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(u64, Instant, StopSignal)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self, now: Instant) {
        for (_, at, stop) in self.lock().iter() {
            if now >= *at {
                stop.stop(StopReason::RunDeadline);
            }
        }
    }
}

impl Machine {
    /// The engine of a flavour.
    pub(crate) fn engine(&self, flavour: Flavour) -> &Engine {
        &self.engines[flavour.place()]
    }

    /// Gives `stop` at `at`, unless the watch is dropped before.
    pub(crate) fn watch(&self, at: Instant, stop: &StopSignal) -> Watch {
        let mut list = self.deadlines.lock();
        let id = list.iter().map(|(id, ..)| id + 1).max().unwrap_or(0);
        list.push((id, at, stop.clone()));
        Watch { id, deadlines: self.deadlines.clone() }
    }
}

/// An engine, without a clock.
pub(crate) fn engine(stack_bytes: usize, flavour: Flavour) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .cranelift_opt_level(OptLevel::Speed)
        .concurrency_support(false)
        .epoch_interruption(flavour.isolation == Isolation::Thread)
        .cranelift_nan_canonicalization(flavour.deterministic)
        .wasm_relaxed_simd(false)
        .relaxed_simd_deterministic(flavour.deterministic)
        .wasm_memory64(false)
        .max_wasm_stack(stack_bytes)
        .memory_init_cow(true)
        .wasm_backtrace_max_frames(NonZeroUsize::new(FRAMES))
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    Engine::new(&config)
}

/// Starts the engines and their clock.
pub fn start(settings: Settings) -> wasmtime::Result<Machine> {
    let of = |flavour| engine(settings.stack_bytes, flavour);
    let [thread, process, still, still_process] = Flavour::ALL.map(of);
    let engines = [thread?, process?, still?, still_process?];
    let cache = settings.cache.as_deref().map(Cache::open).transpose()?.map(Arc::new);
    let deadlines = Arc::new(Deadlines::default());
    let turns = Arc::new(Turns::new(std::thread::available_parallelism().map_or(1, usize::from)));
    let (weak, bells, rounds) = (engines.each_ref().map(Engine::weak), deadlines.clone(), turns.clone());
    std::thread::Builder::new().name("sandbox-clock".into()).spawn(move || {
        loop {
            let live: Vec<Engine> = weak.iter().filter_map(|engine| engine.upgrade()).collect();
            if live.is_empty() {
                return;
            }
            live.iter().for_each(Engine::increment_epoch);
            drop(live);
            let now = Instant::now();
            bells.ring(now);
            rounds.tick(now);
            std::thread::sleep(TICK);
        }
    })?;
    parcae_crypto::start_pool();
    let memory = Arc::new(Pool::of_node(settings.memory_pool_bytes));
    let processes = Arc::new(Processes::new(settings.program.clone(), settings.stack_bytes));
    let tenants = Arc::default();
    Ok(Machine { engines, settings, processes, memory, tenants, cache, turns, deadlines })
}
