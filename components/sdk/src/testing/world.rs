//! What stands behind one party of a native test: who it is, what it was given, what it has made so far. Its thread
//! finds it without being told. Not for: what the calls of each interface do (the modules beside this one).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::{
    digest::digest,
    hub::Hub,
    outcome::{Checkpoint, Exported, Series},
    tables::Stored,
};
use crate::{
    Error, Level, Module, PortKind, Task,
    models::{Model, Part},
};

thread_local! {
    static CURRENT: RefCell<Option<Arc<World>>> = const { RefCell::new(None) };
}

/// Counts what is drawn outside of any attempt.
static DRAWN: AtomicU64 = AtomicU64::new(0);

/// A party's own tables, models and files, before its attempt begins.
#[derive(Debug, Default)]
pub(super) struct Ready {
    /// Tables on input ports, in the order in which they were given.
    pub(super) inputs: Vec<(String, Arc<Stored>)>,
    /// Models on input ports.
    pub(super) models: Vec<(String, Model)>,
    /// Tables of the tenant, by namespace and name.
    pub(super) tables: BTreeMap<(String, String), Arc<Stored>>,
    /// Outputs of earlier jobs, by job, component and name.
    pub(super) outputs: BTreeMap<(String, String, String), Arc<Stored>>,
    /// The file that was uploaded with the job.
    pub(super) uploaded: Option<Vec<u8>>,
}

/// What an attempt has made so far.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Finished tables by output port; the last one of a port counts.
    pub(super) outputs: BTreeMap<String, Arc<Stored>>,
    /// Finished tables of the tenant, by namespace and name.
    pub(super) published: BTreeMap<(String, String), Arc<Stored>>,
    /// Saved models by output port.
    pub(super) models: BTreeMap<String, Vec<Part>>,
    /// Checkpoints in the order of their steps.
    pub(super) checkpoints: BTreeMap<(String, u32), Checkpoint>,
    /// Series by namespace and name.
    pub(super) series: BTreeMap<(String, String), Series>,
    /// The summary.
    pub(super) summary: Value,
    /// The last progress: done, of, what.
    pub(super) progress: Option<(u64, u64, String)>,
    /// Lines of the log.
    pub(super) log: Vec<(Level, String)>,
    /// The file that is put out.
    pub(super) exported: Option<Exported>,
}

/// One party's attempt.
pub(super) struct World {
    task: Task,
    module: Module,
    /// What it was given.
    pub(super) ready: Ready,
    /// Messages of all parties.
    pub(super) hub: Arc<Hub>,
    kept: Mutex<Kept>,
    drawn: AtomicU64,
}

impl World {
    /// Of an attempt that has not begun.
    pub(super) fn new(task: Task, module: Module, ready: Ready, hub: Arc<Hub>) -> World {
        World { task, module, ready, hub, kept: Mutex::default(), drawn: AtomicU64::new(0) }
    }

    /// Makes this the world of the thread that calls.
    pub(super) fn enter(self: &Arc<World>) {
        CURRENT.set(Some(self.clone()));
    }

    /// The attempt.
    pub(super) fn task(&self) -> &Task {
        &self.task
    }

    /// What it has made so far.
    pub(super) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An error unless the module has this port for data.
    pub(super) fn data_port(&self, input: bool, port: &str) -> Result<(), Error> {
        self.port(input, port, "data", |kind| kind == PortKind::Data)
    }

    /// An error unless the module has this port for models.
    pub(super) fn model_port(&self, input: bool, port: &str) -> Result<(), Error> {
        self.port(input, port, "models", |kind| kind != PortKind::Data)
    }

    fn port(&self, input: bool, port: &str, what: &str, fits: fn(PortKind) -> bool) -> Result<(), Error> {
        let (list, word) = if input { (&self.module.inputs, "input") } else { (&self.module.outputs, "output") };
        if list.iter().any(|p| p.name == port && fits(p.kind)) {
            return Ok(());
        }
        Err(Error::NotFound(format!("module {} has no {word} {port} for {what}", self.module.name)))
    }

    /// An error unless the module asks for this grant: in a test it has all that it asks for.
    pub(super) fn require(&self, grant: crate::Grant) -> Result<(), Error> {
        let name = String::from(grant);
        if self.module.grants.contains(&name) {
            return Ok(());
        }
        Err(Error::Denied(format!("module {} was not granted {name}", self.module.name)))
    }
}

/// The world of this thread.
pub(super) fn current() -> Result<Arc<World>, Error> {
    let alone = "only an attempt has a node behind it; run the component with parcae_sdk::testing::Job";
    CURRENT.with_borrow(|world| world.clone()).ok_or_else(|| Error::Node(alone.to_owned()))
}

/// The attempt that this thread runs.
pub(crate) fn task() -> Task {
    match current() {
        Ok(world) => world.task.clone(),
        Err(error) => panic!("Task::current: {error:?}"),
    }
}

/// Keeps a line of the log, and shows it where tests show what they print.
pub(crate) fn log(level: Level, message: &str) {
    match current() {
        Ok(world) => {
            eprintln!("{}: {level:?}: {message}", world.task.me);
            let mut kept = world.kept();
            kept.log.extend(message.lines().map(|line| (level, line.to_owned())));
        }
        Err(_) => eprintln!("{level:?}: {message}"),
    }
}

/// A number that stands for a secret: another one at each call and party, the same ones in each run of a test.
pub(super) fn draw() -> u64 {
    let (who, number) = match current() {
        Ok(world) => (world.task.me.to_string(), world.drawn.fetch_add(1, Ordering::Relaxed)),
        Err(_) => (String::new(), DRAWN.fetch_add(1, Ordering::Relaxed)),
    };
    digest(&[who.as_bytes(), &number.to_le_bytes()])[0]
}
