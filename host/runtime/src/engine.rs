//! The wasmtime engine and the thread that keeps its time: every 10 ms it lets running components look at the clock, and
//! gives the stop signal to attempts whose time is up. Not for: limits of one attempt (`state`, `limiter`).

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, atomic::AtomicU64};
use std::time::{Duration, Instant};

use crate::cache::Cache;
use parcae_domain::attempt::{StopReason, StopSignal};
use wasmtime::{Config, Engine, OptLevel, WasmBacktraceDetails};

/// How often running components look at the clock.
const TICK: Duration = Duration::from_millis(10);

/// Settings of the whole sandbox.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Linear memory of all attempts together, bytes.
    pub memory_pool_bytes: u64,
    /// Stack of wasm code, bytes.
    pub stack_bytes: usize,
    /// Largest image, bytes.
    pub image_bytes: usize,
    /// Folder that keeps compiled images; without one each start compiles them again.
    pub cache: Option<PathBuf>,
    /// Program that compiles images in a process of its own (see `compile_command`); without one this process does.
    pub compiler: Option<PathBuf>,
    /// What compiling one image may take there, seconds.
    pub compile_seconds: u64,
    /// And its memory, bytes.
    pub compile_memory_bytes: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            memory_pool_bytes: 4 << 30,
            stack_bytes: 1 << 20,
            image_bytes: parcae_domain::limit::IMAGE_BYTES,
            cache: None,
            compiler: None,
            compile_seconds: 120,
            compile_memory_bytes: 4 << 30,
        }
    }
}

/// The engine with what all attempts share.
#[derive(Clone)]
pub struct Machine {
    pub(crate) engine: Engine,
    pub(crate) settings: Settings,
    /// Linear memory in use by all attempts, bytes.
    pub(crate) memory_used: Arc<AtomicU64>,
    /// Compiled images.
    pub(crate) cache: Option<Arc<Cache>>,
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
    /// Gives `stop` at `at`, unless the watch is dropped before.
    pub(crate) fn watch(&self, at: Instant, stop: &StopSignal) -> Watch {
        let mut list = self.deadlines.lock();
        let id = list.iter().map(|(id, ..)| id + 1).max().unwrap_or(0);
        list.push((id, at, stop.clone()));
        Watch { id, deadlines: self.deadlines.clone() }
    }
}

/// The engine, without a clock.
pub(crate) fn engine(settings: &Settings) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .cranelift_opt_level(OptLevel::Speed)
        .concurrency_support(false)
        .epoch_interruption(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .max_wasm_stack(settings.stack_bytes)
        .memory_init_cow(true)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    Engine::new(&config)
}

/// Starts the engine and its clock.
pub fn start(settings: Settings) -> wasmtime::Result<Machine> {
    let engine = engine(&settings)?;
    let cache = settings.cache.as_deref().map(Cache::open).transpose()?.map(Arc::new);
    let deadlines = Arc::new(Deadlines::default());
    let (weak, bells) = (engine.weak(), deadlines.clone());
    std::thread::Builder::new().name("sandbox-clock".into()).spawn(move || {
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine);
            bells.ring(Instant::now());
            std::thread::sleep(TICK);
        }
    })?;
    Ok(Machine { engine, settings, memory_used: Arc::new(AtomicU64::new(0)), cache, deadlines })
}
