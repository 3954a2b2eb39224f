//! Starts and stops attempts, each on a thread of its own. Starting one that runs already does nothing, so that actions are
//! idempotent. Not for: deciding which run (`scheduler`).

use std::collections::HashMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use parcae_domain::{
    attempt::{Attempt, StopReason, StopSignal},
    id::{AttemptId, JobId, TaskId},
    limit::Limits,
    outcome::Outcome,
    port::{Level, Stream},
};
use parcae_logs::LogLimits;
use parcae_metadata::StoreError;
use parcae_scheduler::Action;

use crate::deterministic;
use crate::export;
use crate::imports::Imports;
use crate::leftovers;
use crate::limits;
use crate::mailbox::{Ended, Mail};
use crate::plan;
use crate::saved;
use crate::scratch;
use crate::site::Site;
use crate::spans;
use crate::world::{AttemptWorld, Outputs, session};

/// Stack of an attempt's thread that imports of the node may use, on top of the wasm stack.
const STACK_BYTES: usize = 4 << 20;
/// Largest wasm stack.
const LARGEST_STACK: usize = 64 << 20;

/// The attempts that run.
pub(crate) struct Attempts {
    site: Arc<Site>,
    mailbox: Sender<Mail>,
    running: HashMap<AttemptId, StopSignal>,
}

impl Attempts {
    pub(crate) fn new(site: Arc<Site>, mailbox: Sender<Mail>) -> Attempts {
        Attempts { site, mailbox, running: HashMap::new() }
    }

    /// Carries an action out.
    pub(crate) fn act(&mut self, action: &Action) {
        match action {
            Action::Start(attempt) => self.start(attempt),
            Action::Stop { attempt, reason } => {
                if let Some(stop) = self.running.get(attempt) {
                    stop.stop(*reason);
                }
            }
            Action::FinishJob { job, .. } => self.finish(job),
        }
    }

    /// Forgets an attempt that has ended; closes the session of its task after the last one.
    pub(crate) fn ended(&mut self, ended: &Ended) {
        self.running.remove(&ended.attempt);
        self.site.meters.running(self.running.len());
        self.site.meters.ended(&ended.outcome);
        let same = |other: &AttemptId| other.task == ended.attempt.task && other.version == ended.attempt.version;
        if !self.running.keys().any(same) {
            self.site.transport.close(&format!("{}_{}", ended.attempt.task, ended.attempt.version));
        }
        self.site.forget_progress(&ended.attempt);
        self.site.running.end(&ended.attempt);
        self.site.release(&ended.attempt);
    }

    /// Stops everything, as the node is being closed; what ran is resumed when it is opened again.
    pub(crate) fn stop_all(&self) {
        self.running.values().for_each(|stop| stop.stop(StopReason::Canceled));
    }

    fn start(&mut self, id: &AttemptId) {
        if self.running.contains_key(id) {
            return;
        }
        let stop = StopSignal::new();
        self.running.insert(id.clone(), stop.clone());
        self.site.meters.running(self.running.len());
        let asked = Instant::now();
        let (site, mailbox, id) = (self.site.clone(), self.mailbox.clone(), id.clone());
        let name = format!("{}/{}", id.task.component, id.party);
        let (again, mailbox_again) = (id.clone(), mailbox.clone());
        let wasm = usize::try_from(self.site.options.limits.stack_bytes).unwrap_or(LARGEST_STACK).min(LARGEST_STACK);
        let thread = std::thread::Builder::new().name(name).stack_size(STACK_BYTES + wasm);
        let spawned = thread.spawn(move || {
            let ended = guarded(&site, &id, &stop, asked);
            // The loop is gone only when the node is being closed.
            let _ = mailbox.send(Mail::Ended(Box::new(ended)));
        });
        if let Err(error) = spawned {
            let outcome = Outcome::Node { message: format!("no thread for the attempt: {error}") };
            let ended = Ended { attempt: again, outcome, last_lines: vec![], outputs: Outputs::default(), used: None };
            let _ = mailbox_again.send(Mail::Ended(Box::new(ended)));
        }
    }

    /// On a thread of its own: the disk may take its time with a job's logs.
    fn finish(&self, job: &JobId) {
        let (site, job) = (self.site.clone(), job.clone());
        let done = std::thread::Builder::new().name("finish".into()).spawn(move || {
            if let Err(error) = finish(&site, &job) {
                tracing::error!(%job, "the job could not be finished: {error}");
            }
            site.bell.ring_for([&job]);
        });
        if let Err(error) = done {
            // Owed again when the node is opened the next time.
            tracing::error!("no thread to finish a job: {error}");
        }
    }
}

/// What is left to do for a job that has ended; doing it twice does no harm.
pub(crate) fn finish(site: &Site, job: &JobId) -> Result<(), StoreError> {
    site.files(job).drop_upload();
    let folders = export::Folders::of(&site.options, &site.tenant(job)?);
    leftovers::clear(&folders, &site.files(job).exports(), |by| leftovers::succeeded(&site.store, by));
    site.forget_plan(job);
    site.schedule(job, Level::Info, "job is finished and cleaned up");
    if let Err(error) = site.logs.sync(job) {
        tracing::warn!(%job, "logs of the job are not safe on the disk yet: {error}");
    }
    if let Err(error) = spans::job(site, job) {
        tracing::warn!(%job, "the job has no trace: {error}");
    }
    let models = saved::trained(site, job)?;
    site.store.commit(|tx| {
        saved::put(tx, job, &models)?;
        tx.set_job_tag(job, JOB_END)
    })
}

/// Tag of a job that has ended and for which nothing is owed.
pub(crate) const JOB_END: &str = "job_end";

/// Runs one attempt to its end; whatever happens, the loop hears of it.
fn guarded(site: &Arc<Site>, id: &AttemptId, stop: &StopSignal, asked: Instant) -> Ended {
    let run = std::panic::AssertUnwindSafe(|| run(site, id, stop, asked));
    let ended = std::panic::catch_unwind(run).unwrap_or_else(|_| {
        site.transport.leave(&format!("{}_{}", id.task, id.version), id.party);
        let outcome = Outcome::Node { message: "the node itself failed while it ran the attempt".into() };
        Ended { attempt: id.clone(), outcome, last_lines: vec![], outputs: Outputs::default(), used: None }
    });
    Ended { used: site.running.used(id), ..ended }
}

fn run(site: &Arc<Site>, id: &AttemptId, stop: &StopSignal, asked: Instant) -> Ended {
    let ended = |outcome, last_lines, outputs| Ended { attempt: id.clone(), outcome, last_lines, outputs, used: None };
    let prepared = match prepare(site, id, stop) {
        Ok(world) => world,
        Err(outcome) => {
            site.transport.leave(&format!("{}_{}", id.task, id.version), id.party);
            return ended(outcome, vec![], Outputs::default());
        }
    };
    let world = Arc::new(prepared);
    world.log.line(Level::Debug, Stream::Log, &about(&world.attempt));
    if world.attempt.deterministic {
        world.log.line(Level::Info, Stream::Log, deterministic::WORDS);
    }
    site.meters.start.observe(asked.elapsed());
    let began = Instant::now();
    let outcome = match site.executor.run(&world.attempt, world.clone(), stop) {
        Outcome::Canceled if stop.reason() == Some(StopReason::TenantCpu) => site.day_used_up(&world.attempt.tenant),
        outcome => outcome,
    };
    let export = world.outputs().export.take();
    let (export, outcome) = export::settle(export, outcome);
    world.outputs().export = export;
    if let Outcome::Success = outcome {
        world.log.line(Level::Info, Stream::Log, "attempt ended: success");
    } else {
        world.log.line(Level::Error, Stream::Log, &format!("attempt ended: {}", outcome.message()));
    }
    world.attempt.usage.log_bytes.set(world.log.written());
    let used = world.attempt.usage.sum_up(began.elapsed());
    site.meters.used(&used);
    spans::attempt(site, &world.attempt, &outcome, &used, &world.imports);
    site.transport.leave(&session(&world.attempt), id.party);
    let outputs = std::mem::take(&mut *world.outputs());
    ended(outcome, world.log.last_lines(LAST_LINES), outputs)
}

/// What runs, and what it may.
fn about(attempt: &Attempt) -> String {
    let grants: Vec<&str> = attempt.grants.iter().map(|grant| grant.as_str()).collect();
    let grants = if grants.is_empty() { "none".to_owned() } else { grants.join(", ") };
    let (module, image, isolation) = (&attempt.module.name, &attempt.image, attempt.isolation);
    format!("module {module} runs, image {image}, isolation: {isolation}, grants: {grants}")
}

/// Lines of its log that a failed attempt reports.
const LAST_LINES: usize = 64;

fn prepare(site: &Arc<Site>, id: &AttemptId, stop: &StopSignal) -> Result<AttemptWorld, Outcome> {
    let job = site.plan(&id.task.job).map_err(|message| Outcome::Node { message })?;
    let component = component(&job, &id.task)?;
    let image = site.image(&id.task).map_err(|message| Outcome::Node { message })?;
    let mut attempt = plan::attempt(id, component, &image, site)?;
    deterministic::settle(&mut attempt, &job, &site.options)?;
    let sources = limits::of_attempt(site, &attempt.tenant, &job, &component.module, &image);
    let limits = sources.map_err(|e| Outcome::Node { message: format!("limits of the attempt: {e}") })?.effective();
    attempt.limits = limits.limits.clone();
    let (log_bytes, claim) = site.claim_logs(&attempt.tenant, attempt.limits.log_bytes);
    attempt.limits.log_bytes = log_bytes;
    let scratch = scratch::make(&site.options, &attempt);
    let scratch = scratch.map_err(|e| Outcome::Node { message: format!("scratch directory of the attempt: {e}") })?;
    attempt.scratch = scratch.as_ref().map(|folder| folder.path().to_owned());
    let log = site.logs.attempt_within(id, log_limits(&attempt.limits));
    let log = log.map_err(|e| Outcome::Node { message: format!("log of the attempt: {e}") })?;
    site.running.begin(&attempt, limits);
    let mut outputs = Outputs::default();
    outputs.claims.extend(claim);
    Ok(AttemptWorld {
        site: site.clone(),
        wires: plan::wires(component),
        log,
        attempt: Arc::new(attempt),
        stop: stop.clone(),
        outputs: Mutex::new(outputs),
        paced: Mutex::new(None),
        _scratch: scratch,
        imports: Imports::new(site.options.spans.is_some()),
    })
}

fn log_limits(limits: &Limits) -> LogLimits {
    LogLimits {
        bytes: limits.log_bytes,
        lines_per_second: limits.log_lines_per_second,
        bytes_per_second: limits.log_bytes_per_second,
    }
}

fn component<'a>(job: &'a parcae_dsl::JobPlan, task: &TaskId) -> Result<&'a parcae_dsl::ComponentPlan, Outcome> {
    job.component(&task.component)
        .ok_or_else(|| Outcome::Node { message: format!("{task} is not in the plan of its job") })
}
