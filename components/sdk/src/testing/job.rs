//! A job of one component in a native test: its parties are threads. Not for: what they call (the modules beside this
//! one), what came of it (`outcome`).

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::{
    defaults,
    hub::Hub,
    outcome::{Outcome, PartyOutcome},
    tables::Stored,
    world::{Ready, World},
};
use crate::{
    Component, Failure, FailureKind, Frame, Module, PAGE_ROWS, Party, PortKind, Result, Role, Task, failed,
    models::{Model, Part},
};

/// How long a job may take, unless the test says otherwise.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long parties that were told of the deadline may take to end.
const GRACE: Duration = Duration::from_secs(2);
/// The seed, unless the test says otherwise.
const SEED: u64 = 20_260_101;

/// What one party has: tables, models, parameters of its own.
#[derive(Debug, Default)]
pub struct Given {
    inputs: Vec<(String, Frame)>,
    models: Vec<(String, Model)>,
    tables: BTreeMap<(String, String), Frame>,
    outputs: BTreeMap<(String, String, String), Frame>,
    uploaded: Option<Vec<u8>>,
    parameters: Map<String, Value>,
}

impl Given {
    /// A table on an input port; one more for each call.
    pub fn input(mut self, port: &str, frame: Frame) -> Given {
        self.inputs.push((port.to_owned(), frame));
        self
    }

    /// A model on an input port, as `component` saved it.
    pub fn model(mut self, port: &str, component: &str, parts: Vec<Part>) -> Given {
        let model = Model { component: component.to_owned(), alias: "model".to_owned(), parts };
        self.models.push((port.to_owned(), model));
        self
    }

    /// A table of the tenant, for `site::open_table`.
    pub fn table(mut self, namespace: &str, name: &str, frame: Frame) -> Given {
        self.tables.insert((namespace.to_owned(), name.to_owned()), frame);
        self
    }

    /// An output of an earlier job, for `site::open_output`.
    pub fn job_output(mut self, job: &str, component: &str, data_name: &str, frame: Frame) -> Given {
        self.outputs.insert((job.to_owned(), component.to_owned(), data_name.to_owned()), frame);
        self
    }

    /// The file that was uploaded with the job, for `site::uploaded_read`.
    pub fn uploaded(mut self, bytes: impl Into<Vec<u8>>) -> Given {
        self.uploaded = Some(bytes.into());
        self
    }

    /// Parameters of this party, on top of those of the job.
    ///
    /// # Panics
    /// When they are no JSON object.
    #[track_caller]
    pub fn parameters(mut self, parameters: Value) -> Given {
        self.parameters = object(parameters);
        self
    }

    fn ready(self, party: Party, page_rows: usize) -> Ready {
        let stored = |frame: &Frame, what: String| match Stored::of(frame, page_rows) {
            Ok(stored) => Arc::new(stored),
            Err(error) => panic!("{what} of {party} is no table: {error:?}"),
        };
        let inputs = self.inputs.into_iter();
        Ready {
            inputs: inputs.map(|(port, frame)| (port.clone(), stored(&frame, format!("input {port}")))).collect(),
            models: self.models,
            tables: named(self.tables, |frame, name| stored(frame, format!("table {}.{}", name.0, name.1))),
            outputs: named(self.outputs, |frame, name| stored(frame, format!("output {} of {}", name.2, name.1))),
            uploaded: self.uploaded,
        }
    }
}

fn named<K: Ord>(frames: BTreeMap<K, Frame>, store: impl Fn(&Frame, &K) -> Arc<Stored>) -> BTreeMap<K, Arc<Stored>> {
    let stored = |(name, frame): (K, Frame)| {
        let table = store(&frame, &name);
        (name, table)
    };
    frames.into_iter().map(stored).collect()
}

#[track_caller]
fn object(parameters: Value) -> Map<String, Value> {
    match parameters {
        Value::Object(parameters) => parameters,
        other => panic!("parameters must be a JSON object, not {other}"),
    }
}

/// A job of one component: every party a thread, everything in memory.
pub struct Job {
    run: fn(&str, &Task) -> Result<()>,
    component: String,
    module: Module,
    parties: Vec<(Party, Given)>,
    parameters: Map<String, Value>,
    seed: u64,
    attempt: u32,
    deadline: Duration,
    page_rows: usize,
}

impl Job {
    /// A job of a module, by its name or an alias, without any party yet.
    ///
    /// # Panics
    /// When the component does not describe such a module.
    #[track_caller]
    pub fn new<C: Component>(module: &str) -> Job {
        let description = C::description();
        let is_called = |m: &&Module| m.name == module || m.aliases.iter().any(|a| a.eq_ignore_ascii_case(module));
        let Some(found) = description.modules.iter().find(is_called).cloned() else {
            let names: Vec<&str> = description.modules.iter().map(|m| m.name.as_str()).collect();
            panic!("{} has no module {module}; it has {}", description.name, names.join(", "));
        };
        Job {
            run: C::run,
            component: format!("{}_0", description.name),
            module: found,
            parties: Vec::new(),
            parameters: Map::new(),
            seed: SEED,
            attempt: 0,
            deadline: DEADLINE,
            page_rows: PAGE_ROWS,
        }
    }

    /// Adds a party with what it has: `|party| party.input("data", frame)`.
    ///
    /// # Panics
    /// When the party is there already, or the module does not run in its role.
    #[track_caller]
    pub fn party(mut self, role: Role, id: u64, give: impl FnOnce(Given) -> Given) -> Job {
        let party = Party { role, id };
        assert!(self.module.roles.contains(&role), "module {} does not run in role {role}", self.module.name);
        assert!(self.parties.iter().all(|(other, _)| *other != party), "{party} is in the job already");
        self.parties.push((party, give(Given::default())));
        self
    }

    /// Parameters of all parties.
    ///
    /// # Panics
    /// When they are no JSON object.
    #[track_caller]
    pub fn parameters(mut self, parameters: Value) -> Job {
        self.parameters = object(parameters);
        self
    }

    /// The seed of the task.
    pub fn seed(mut self, seed: u64) -> Job {
        self.seed = seed;
        self
    }

    /// The number of the attempt, counted from 0.
    pub fn attempt(mut self, attempt: u32) -> Job {
        self.attempt = attempt;
        self
    }

    /// How long the job may take; 10 s unless said otherwise. Who waits for a message then gets an error.
    pub fn deadline(mut self, deadline: Duration) -> Job {
        self.deadline = deadline;
        self
    }

    /// Rows in each page of the tables that parties have: few, to see what happens at the borders of pages.
    pub fn page_rows(mut self, rows: usize) -> Job {
        self.page_rows = rows;
        self
    }

    /// Runs it. A job that a node would refuse ends with that reason at all parties.
    ///
    /// # Panics
    /// When what a party was given is no table, or is for a port that the module does not have.
    #[track_caller]
    pub fn run(mut self) -> Outcome {
        self.parties.sort_by_key(|(party, _)| party.role);
        self.check_ports();
        let parties: Vec<Party> = self.parties.iter().map(|(party, _)| *party).collect();
        let accepted: std::result::Result<Vec<Value>, String> = match self.refusal() {
            Some(why) => Err(why),
            None => self.parties.iter().map(|(_, given)| self.filled(given)).collect(),
        };
        match accepted {
            Ok(parameters) => self.attempts(&parties, &parameters),
            Err(why) => refused(&parties, &why),
        }
    }

    #[track_caller]
    fn check_ports(&self) {
        let module = &self.module;
        let has =
            |port: &str, data: bool| module.inputs.iter().any(|p| p.name == port && (p.kind == PortKind::Data) == data);
        for (party, given) in &self.parties {
            for (port, _) in &given.inputs {
                assert!(has(port, true), "{party}: module {} has no input {port} for data", module.name);
            }
            for (port, _) in &given.models {
                assert!(has(port, false), "{party}: module {} has no input {port} for models", module.name);
            }
        }
    }

    /// Why a node would not begin this job, its parameters aside.
    fn refusal(&self) -> Option<String> {
        let Module { name, needs, inputs, .. } = &self.module;
        let lacks = |role: &&Role| self.parties.iter().all(|(party, _)| party.role != **role);
        if let Some(role) = needs.iter().find(lacks) {
            return Some(format!("module {name} needs a party in role {role}"));
        }
        let count = |given: &Given, port: &str| {
            let tables = given.inputs.iter().filter(|(other, _)| other == port).count();
            tables + given.models.iter().filter(|(other, _)| other == port).count()
        };
        for port in inputs {
            let connected = self.parties.iter().map(|(_, given)| count(given, &port.name)).max().unwrap_or(0);
            if connected == 0 && !port.optional {
                return Some(format!("module {name} needs input {}: give it to a party", port.name));
            }
            if connected > 1 && !port.many {
                return Some(format!("input {} of module {name} takes one, not {connected}", port.name));
            }
        }
        None
    }

    fn filled(&self, given: &Given) -> std::result::Result<Value, String> {
        let schema: Value = serde_json::from_str(&self.module.parameters)
            .map_err(|e| format!("the schema of module {} is no JSON: {e}", self.module.name))?;
        let all = Value::Object(self.parameters.clone());
        defaults::fill(&schema, &defaults::merged(&all, &Value::Object(given.parameters.clone())))
    }

    fn task(&self, me: Party, parties: &[Party], parameters: &Value) -> Task {
        Task {
            job: "202601010000000000001".to_owned(),
            component: self.component.clone(),
            attempt: self.attempt,
            me,
            parties: parties.to_vec(),
            parameters: parameters.to_string(),
            seed: self.seed,
        }
    }

    fn attempts(mut self, parties: &[Party], parameters: &[Value]) -> Outcome {
        let deadline = Instant::now() + self.deadline;
        let hub = Arc::new(Hub::new(parties, deadline));
        let given = std::mem::take(&mut self.parties);
        let worlds: Vec<Arc<World>> = given
            .into_iter()
            .zip(parameters)
            .map(|((party, given), parameters)| {
                let ready = given.ready(party, self.page_rows);
                let task = self.task(party, parties, parameters);
                Arc::new(World::new(task, self.module.clone(), ready, hub.clone()))
            })
            .collect();
        let results = run_all(&worlds, self.run, &self.module.name, deadline + GRACE);
        let ended = parties.iter().zip(results).zip(&worlds);
        let outcome = |((party, result), world): ((&Party, Option<Result<()>>), &Arc<World>)| {
            let late = || Err(failed(format!("still at work after {:?}; Job::deadline gives it more", self.deadline)));
            PartyOutcome::of(*party, result.unwrap_or_else(late), Some(world))
        };
        Outcome { parties: ended.map(outcome).collect(), edges: hub.edges() }
    }
}

/// A job that did not begin.
fn refused(parties: &[Party], why: &str) -> Outcome {
    let outcome = |party: &Party| {
        let failure = Failure { kind: FailureKind::Input, message: why.to_owned() };
        PartyOutcome::of(*party, Err(failure), None)
    };
    Outcome { parties: parties.iter().map(outcome).collect(), edges: Vec::new() }
}

/// Runs an attempt in each world, each on a thread of its own; none for those that have not ended in time.
fn run_all(
    worlds: &[Arc<World>],
    run: fn(&str, &Task) -> Result<()>,
    module: &str,
    until: Instant,
) -> Vec<Option<Result<()>>> {
    let (done, ended) = mpsc::channel();
    for (at, world) in worlds.iter().enumerate() {
        let (world, module, done) = (world.clone(), module.to_owned(), done.clone());
        let me = world.task().me;
        let attempt = move || {
            world.enter();
            let result = catch_unwind(AssertUnwindSafe(|| run(&module, world.task())));
            world.hub.leave(me);
            // Nobody listens any more after the deadline.
            let _ = done.send((at, result.unwrap_or_else(|payload| Err(failed(panicked(&*payload))))));
        };
        if let Err(error) = thread::Builder::new().name(me.to_string()).spawn(attempt) {
            panic!("no thread for {me}: {error}");
        }
    }
    drop(done);
    let mut results: Vec<Option<Result<()>>> = worlds.iter().map(|_| None).collect();
    while let Ok((at, result)) = ended.recv_timeout(until.saturating_duration_since(Instant::now())) {
        results[at] = Some(result);
    }
    results
}

fn panicked(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("without a text"))
}
