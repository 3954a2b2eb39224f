//! The scheduler: which jobs wait, which run, and what an event changes. Jobs leave the queue in the order in which
//! they entered it, and the first one blocks the others; local ones have an order of their own. Not for: the tasks of one job (`job`).

use std::collections::{BTreeMap, BTreeSet};

use parcae_domain::{
    id::{AttemptId, JobId},
    port::Level,
    status::Status,
};

use crate::decision::Decision;
use crate::event::Event;
use crate::job::{Job, Stop, ignore};
use crate::rerun::rerun_choice;
use crate::spec::{JobSpec, JobState};
use crate::task::End;

/// Local jobs that run at once, however few cores the node has.
const LOCAL_JOBS: usize = 8;

/// All jobs that have not ended. Plain data; it changes through `on` alone.
#[derive(Debug)]
pub struct Core {
    /// Cores of the node.
    pub(crate) cores: u32,
    pub(crate) jobs: BTreeMap<JobId, Job>,
    /// Jobs that wait, by the time at which they entered the queue.
    pub(crate) queue: BTreeSet<(i64, JobId)>,
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
            queue: BTreeSet::new(),
            active: BTreeSet::new(),
            deadlines: BTreeSet::new(),
        }
    }

    /// Decides what follows from an event at a time, ms since the epoch. Deadlines and retries that are due by then
    /// count, whatever the event is.
    pub fn on(&mut self, event: Event, now_ms: i64) -> Decision {
        let mut d = Decision::default();
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
            Event::Tick => {}
        }
        self.stop_overdue(now_ms, &mut d);
        self.settle(now_ms, &mut d);
        d.wake_at_ms = self.wake_at_ms(now_ms);
        d
    }

    /// Status of a job that has not ended.
    pub fn job_status(&self, job: &JobId) -> Option<Status> {
        self.jobs.get(job).map(|job| job.row.status)
    }

    /// The jobs that wait, the next one first.
    pub fn waiting(&self) -> impl Iterator<Item = &JobId> {
        self.queue.iter().map(|(_, job)| job)
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
            self.queue.insert((job.row.queued_ms, id.clone()));
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
        self.queue.remove(&(job.row.queued_ms, id.clone()));
        self.active.insert(id.clone());
    }

    fn stop_overdue(&mut self, now_ms: i64, d: &mut Decision) {
        while let Some((at_ms, id)) = self.deadlines.first().cloned()
            && at_ms <= now_ms
        {
            d.log(&id, Level::Error, "the job is out of time".into());
            self.stop(&id, Stop::Deadline, d);
        }
    }

    /// Lets jobs out of the queue and moves those that run, until nothing changes any more.
    fn settle(&mut self, now_ms: i64, d: &mut Decision) {
        loop {
            self.admit(now_ms, d);
            let mut ended = Vec::new();
            for id in &self.active {
                let job = self.jobs.get_mut(id).expect("an active job is in the map");
                if job.advance(self.cores, now_ms, d) {
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

    /// Starts jobs in their order as long as the cores that they take fit into the node's; one job always runs. Jobs that
    /// one site does for itself (uploads) take no core and stand in a line of their own.
    fn admit(&mut self, now_ms: i64, d: &mut Decision) {
        self.admit_local(now_ms, d);
        while let Some(next) = self.first_in_line() {
            let cost = |id: &JobId| self.jobs.get(id).map_or(0, |job| u64::from(job.cost(self.cores)));
            let used: u64 = self.active.iter().map(cost).sum();
            let wanted = cost(&next.1);
            if used > 0 && used + wanted > u64::from(self.cores) {
                return;
            }
            let reason = format!("first in the queue, takes {wanted} of {} cores, {used} are taken", self.cores);
            self.start(next, reason, now_ms, d);
        }
    }

    /// Starts local jobs in their order while there are not too many: each has threads and memory.
    fn admit_local(&mut self, now_ms: i64, d: &mut Decision) {
        let most = (self.cores as usize).saturating_mul(2).max(LOCAL_JOBS);
        let running = self.active.iter().filter(|id| self.is_local(id)).count();
        let waiting = self.queue.iter().filter(|(_, id)| self.is_local(id));
        let next: Vec<_> = waiting.take(most.saturating_sub(running)).cloned().collect();
        for next in next {
            self.start(next, "it is local and takes no core".into(), now_ms, d);
        }
    }

    /// The job that waits for cores and is next.
    fn first_in_line(&self) -> Option<(i64, JobId)> {
        self.queue.iter().find(|(_, id)| !self.is_local(id)).cloned()
    }

    fn is_local(&self, id: &JobId) -> bool {
        self.jobs.get(id).is_some_and(Job::is_local)
    }

    fn start(&mut self, next: (i64, JobId), reason: String, now_ms: i64, d: &mut Decision) {
        self.queue.remove(&next);
        let (_, id) = next;
        self.jobs.get_mut(&id).expect("a job in the queue is in the map").admit(&reason, now_ms, d);
        self.active.insert(id);
    }

    fn wake_at_ms(&self, now_ms: i64) -> Option<i64> {
        let deadline = self.deadlines.first().map(|(at_ms, _)| *at_ms);
        let retries = self.active.iter().filter_map(|id| self.jobs.get(id)?.next_retry_ms(now_ms));
        retries.chain(deadline).min()
    }
}
