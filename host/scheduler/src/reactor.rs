//! The scheduler: which jobs wait, which run, and what an event changes. Not for: which job leaves the queue next
//! (`admission`), the tasks of one job (`job`).

use std::collections::{BTreeMap, BTreeSet};

use parcae_domain::{
    id::{AttemptId, JobId},
    port::Level,
    status::Status,
};

use crate::admission::local_places;
use crate::decision::Decision;
use crate::event::Event;
use crate::job::{Job, Stop, ignore};
use crate::queue::Queue;
use crate::rerun::rerun_choice;
use crate::room::Room;
use crate::share::{Ledger, Shares};
use crate::spec::{JobSpec, JobState};
use crate::task::End;

/// All jobs that have not ended. Plain data; it changes through `on` alone.
#[derive(Debug)]
pub struct Core {
    /// Cores of the node.
    pub(crate) cores: u32,
    pub(crate) jobs: BTreeMap<JobId, Job>,
    /// Jobs that wait.
    pub(crate) queue: Queue,
    /// The job that is next and does not fit yet: the others wait for it.
    pub(crate) reserved: Option<JobId>,
    /// What tenants may use, and how they share.
    pub(crate) shares: Shares,
    /// What each tenant has used of the cores.
    pub(crate) by_cores: Ledger,
    /// And of the places for local jobs.
    pub(crate) by_places: Ledger,
    /// Up to when use was taken down.
    pub(crate) seen_ms: Option<i64>,
    /// Jobs that run.
    pub(crate) active: BTreeSet<JobId>,
    /// When jobs run out of time; a job that is being stopped may be missing.
    pub(crate) deadlines: BTreeSet<(i64, JobId)>,
}

impl Core {
    /// A scheduler without jobs, for a node with so many cores.
    pub fn new(cores: u32) -> Core {
        Core {
            cores: cores.max(1),
            jobs: BTreeMap::new(),
            queue: Queue::default(),
            reserved: None,
            shares: Shares::default(),
            by_cores: Ledger::new(cores.into()),
            by_places: Ledger::new(local_places(cores) as u64),
            seen_ms: None,
            active: BTreeSet::new(),
            deadlines: BTreeSet::new(),
        }
    }

    /// Decides what follows from an event at a time, ms since the epoch. Deadlines and retries that are due by then
    /// count, whatever the event is.
    pub fn on(&mut self, event: Event, now_ms: i64) -> Decision {
        let mut d = Decision::default();
        self.charge(now_ms);
        let entered = match &event {
            Event::Submitted(spec) | Event::Rerun { spec, .. } => Some(spec.id.clone()),
            _ => None,
        };
        match event {
            Event::Submitted(spec) => self.on_submitted(spec, &mut d),
            Event::Restored { spec, state } => self.on_restored(spec, &state, now_ms, &mut d),
            Event::PartyEnded { attempt, status, retryable, message } => {
                self.on_party_ended(&attempt, End { status, retryable, message }, now_ms, &mut d);
            }
            Event::StopRequested { job, status } => self.on_stop_requested(&job, status, &mut d),
            Event::Rerun { spec, state, components, force } => {
                self.on_rerun(spec, &state, components.as_deref(), force, now_ms, &mut d);
            }
            Event::Quotas(shares) => self.shares = shares,
            Event::Tick => {}
        }
        self.stop_overdue(now_ms, &mut d);
        self.settle(now_ms, &mut d);
        if let Some((job, why)) = entered.and_then(|job| self.waiting_reason(&job).map(|why| (job, why)))
            && self.job_status(&job) == Some(Status::Waiting)
        {
            d.log(&job, Level::Info, format!("job waits: {why}"));
        }
        d.wake_at_ms = self.wake_at_ms(now_ms);
        d
    }

    /// Status of a job that has not ended.
    pub fn job_status(&self, job: &JobId) -> Option<Status> {
        self.jobs.get(job).map(|job| job.row.status)
    }

    /// The jobs that wait, the one that came first at first.
    pub fn waiting(&self) -> impl Iterator<Item = &JobId> {
        self.queue.iter()
    }

    /// The jobs that run.
    pub fn running(&self) -> impl Iterator<Item = &JobId> {
        self.active.iter()
    }

    fn on_submitted(&mut self, spec: JobSpec, d: &mut Decision) {
        if self.jobs.contains_key(&spec.id) {
            d.log(&spec.id, Level::Warning, "the job was submitted twice".into());
            return;
        }
        d.log(&spec.id, Level::Info, format!("job of {} tasks enters the queue", spec.tasks.len()));
        self.insert(Job::submitted(spec));
    }

    fn on_restored(&mut self, spec: JobSpec, state: &JobState, now_ms: i64, d: &mut Decision) {
        if self.jobs.contains_key(&spec.id) || state.status.is_end() {
            d.log(&spec.id, Level::Warning, format!("a job that is {} is not taken up again", state.status));
            return;
        }
        d.log(&spec.id, Level::Info, format!("job is taken up again: {}", state.status));
        let mut job = Job::stored(spec, state);
        job.resume(now_ms, d);
        self.insert(job);
    }

    fn on_party_ended(&mut self, attempt: &AttemptId, end: End, now_ms: i64, d: &mut Decision) {
        match self.jobs.get_mut(&attempt.task.job) {
            Some(job) => job.party_ended(attempt, end, now_ms, d),
            None => ignore(attempt, d),
        }
    }

    fn on_stop_requested(&mut self, job: &JobId, status: Status, d: &mut Decision) {
        let status = match status {
            Status::Timeout | Status::Failed => status,
            _ => Status::Canceled,
        };
        d.log(job, Level::Info, format!("a user wants the job to stop: {status}"));
        self.stop(job, Stop::Requested(status), d);
    }

    fn on_rerun(
        &mut self,
        spec: JobSpec,
        state: &JobState,
        components: Option<&[String]>,
        force: bool,
        now_ms: i64,
        d: &mut Decision,
    ) {
        let id = spec.id.clone();
        if self.jobs.contains_key(&id) || !state.status.job_may_become(Status::Waiting) {
            d.log(&id, Level::Warning, "the job has not ended, it cannot be run again".into());
            return;
        }
        let chosen = rerun_choice(&spec, state, components, force);
        if !chosen.contains(&true) {
            d.log(&id, Level::Info, "no task has to be run again".into());
            return;
        }
        let tasks = chosen.iter().filter(|chosen| **chosen).count();
        d.log(&id, Level::Info, format!("job enters the queue again with {tasks} tasks to run"));
        let mut job = Job::stored(spec, state);
        job.requeue(&chosen, now_ms, d);
        self.insert(job);
    }

    fn insert(&mut self, job: Job) {
        let id = job.spec.id.clone();
        if job.row.status == Status::Running || job.stop.is_some() {
            self.active.insert(id.clone());
        } else {
            self.queue.insert(&job);
        }
        if job.stop.is_none() {
            self.deadlines.insert((job.deadline_ms(), id.clone()));
        }
        self.jobs.insert(id, job);
    }

    /// Stops a job, unless it is being stopped already. One that waits becomes active, so that `settle` ends it.
    fn stop(&mut self, id: &JobId, stop: Stop, d: &mut Decision) {
        let Some(job) = self.jobs.get_mut(id) else { return };
        self.deadlines.remove(&(job.deadline_ms(), id.clone()));
        if job.stop.is_some() {
            return;
        }
        job.stop(stop, d);
        self.queue.remove(job);
        self.active.insert(id.clone());
    }

    fn stop_overdue(&mut self, now_ms: i64, d: &mut Decision) {
        while let Some((at_ms, id)) = self.deadlines.first().cloned()
            && at_ms <= now_ms
        {
            let overdue = || (Stop::Deadline, "the job is out of time".to_owned());
            let (stop, words) = self.jobs.get(&id).map_or_else(overdue, Job::overdue);
            d.log(&id, Level::Error, words);
            self.stop(&id, stop, d);
        }
    }

    /// Lets jobs out of the queue and moves those that run, until nothing changes any more.
    fn settle(&mut self, now_ms: i64, d: &mut Decision) {
        loop {
            self.admit(now_ms, d);
            let mut ended = Vec::new();
            let mut room = Room::of(&self.shares, self.active.iter().filter_map(|id| self.jobs.get(id)));
            if let Some(next) = self.reserved.as_ref().and_then(|id| self.jobs.get(id)) {
                room.keep(next.widest());
            }
            for id in &self.active {
                let job = self.jobs.get_mut(id).expect("an active job is in the map");
                if job.advance(self.cores, &mut room, now_ms, d) {
                    ended.push(id.clone());
                }
            }
            if ended.is_empty() {
                return;
            }
            for id in ended {
                self.active.remove(&id);
                let job = self.jobs.remove(&id).expect("an active job is in the map");
                self.deadlines.remove(&(job.deadline_ms(), id));
            }
        }
    }

    fn wake_at_ms(&self, now_ms: i64) -> Option<i64> {
        let deadline = self.deadlines.first().map(|(at_ms, _)| *at_ms);
        let retries = self.active.iter().filter_map(|id| self.jobs.get(id)?.next_retry_ms(now_ms));
        retries.chain(deadline).min()
    }
}
