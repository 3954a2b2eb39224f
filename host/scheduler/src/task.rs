//! One task of a job in the scheduler's memory, with its party tasks: starting, stopping, ending, new versions.
//! Not for: when any of this happens (`job`).

use parcae_domain::{
    attempt::StopReason,
    id::{AttemptId, TaskId},
    party::Party,
    port::Level,
    status::Status,
};

use crate::decision::{Action, Change, Decision, PartyTaskChange, TaskChange};
use crate::spec::{JobSpec, TaskSpec, TaskState};

/// The latest version of a task.
#[derive(Debug)]
pub struct Task {
    pub id: TaskId,
    pub version: u32,
    /// The federated status. It stays running until every party has ended.
    pub status: Status,
    pub retries_left: u32,
    /// How many versions had been started since the job entered the queue, when this was taken from the store.
    pub runs: u32,
    /// Not started before, as it waits for its retry.
    pub not_before_ms: i64,
    pub parties: Vec<PartyTask>,
}

/// A task at one party. Its attempt is alive exactly while its status is running.
#[derive(Clone, Copy, Debug)]
pub struct PartyTask {
    pub party: Party,
    /// False: its success is a pass.
    pub need_run: bool,
    pub status: Status,
    pub start_ms: Option<i64>,
    /// False: its failure is not worth another try.
    pub retryable: bool,
    /// It was told to stop.
    pub stopping: bool,
}

/// How an attempt ended.
pub struct End {
    pub status: Status,
    pub retryable: bool,
    pub message: String,
}

impl Task {
    /// A task as it is stored, or untouched.
    pub fn new(job: &JobSpec, spec: &TaskSpec, state: Option<&TaskState>) -> Task {
        let party_task = |(i, party): (usize, &Party)| {
            let known = state.and_then(|s| s.parties.get(party));
            PartyTask {
                party: *party,
                need_run: spec.need_run.get(i).copied().unwrap_or(true),
                status: known.map_or(Status::Waiting, |s| s.status),
                start_ms: known.and_then(|s| s.start_ms),
                retryable: false,
                stopping: false,
            }
        };
        Task {
            id: TaskId { job: job.id.clone(), component: spec.component.clone() },
            version: state.map_or(0, |s| s.version),
            status: state.map_or(Status::Waiting, |s| s.status),
            retries_left: state.map_or(job.auto_retries, |s| s.retries_left),
            runs: state.map_or(0, |s| s.runs),
            not_before_ms: i64::MIN,
            parties: spec.parties.iter().enumerate().map(party_task).collect(),
        }
    }

    /// True while an attempt of it has not reported its end.
    pub fn is_live(&self) -> bool {
        self.parties.iter().any(|p| p.status == Status::Running)
    }

    /// True when every party that failed thinks another try worth while.
    pub fn is_retryable(&self) -> bool {
        let failed = |p: &&PartyTask| matches!(p.status, Status::Failed | Status::Timeout);
        self.parties.iter().filter(failed).all(|p| p.retryable)
    }

    /// Where in `parties` the attempt runs that the event names; `None` when it is late, a duplicate or unknown.
    pub fn live_party(&self, attempt: &AttemptId) -> Option<usize> {
        let runs = |p: &PartyTask| p.party == attempt.party && p.status == Status::Running;
        self.parties.iter().position(runs).filter(|_| self.version == attempt.version)
    }

    /// Starts it at all its parties. Without parties there is nothing to do, and that is a success.
    pub fn start(&mut self, now_ms: i64, d: &mut Decision) {
        if self.parties.is_empty() {
            self.set_status(Status::Success, d);
            return;
        }
        let (name, parties) = (&self.id.component, self.parties.len());
        let text = format!("task {name} version {} starts at {parties} parties", self.version);
        d.log(&self.id.job, Level::Info, text);
        self.set_status(Status::Running, d);
        for i in 0..self.parties.len() {
            self.parties[i].start_ms = Some(now_ms);
            self.set_party(i, Status::Running, None, String::new(), d);
            d.actions.push(Action::Start(self.attempt(i)));
        }
    }

    /// Takes down how the attempt at party `i` ended. One bad end stops the other parties; once all have ended, so has
    /// the task, and its status is returned.
    pub fn party_ended(&mut self, i: usize, end: End, now_ms: i64, d: &mut Decision) -> Option<Status> {
        let (party, good) = (self.parties[i].party, end.status.is_good());
        let level = if good { Level::Info } else { Level::Warning };
        let mut text = format!("task {} version {} at {party}: {}", self.id.component, self.version, end.status);
        if !end.message.is_empty() {
            text = format!("{text}, {}", end.message);
        }
        d.log(&self.id.job, level, text);
        self.parties[i].retryable = end.retryable;
        self.set_party(i, end.status, Some(now_ms), end.message, d);
        if !good {
            self.stop(StopReason::Canceled, d);
        }
        if self.is_live() {
            return None;
        }
        let status = self.federated_status();
        self.set_status(status, d);
        Some(status)
    }

    /// Tells the running attempts to stop, each once.
    pub fn stop(&mut self, reason: StopReason, d: &mut Decision) {
        for i in 0..self.parties.len() {
            if self.parties[i].status == Status::Running && !self.parties[i].stopping {
                self.parties[i].stopping = true;
                d.actions.push(Action::Stop { attempt: self.attempt(i), reason });
            }
        }
    }

    /// Cancels it when it has not been started; `message` is shown with it.
    pub fn cancel_waiting(&mut self, message: &str, d: &mut Decision) {
        if self.status != Status::Waiting {
            return;
        }
        self.set_status(Status::Canceled, d);
        for i in 0..self.parties.len() {
            self.set_party(i, Status::Canceled, None, message.to_owned(), d);
        }
    }

    /// Cancels what ran when the node died; true when anything did.
    pub fn interrupt(&mut self, now_ms: i64, d: &mut Decision) -> bool {
        if !self.is_live() && self.status != Status::Running {
            return false;
        }
        for i in 0..self.parties.len() {
            if self.parties[i].status == Status::Running {
                self.set_party(i, Status::Canceled, Some(now_ms), "the node was restarted".into(), d);
            }
        }
        if !self.status.is_end() {
            self.set_status(Status::Canceled, d);
        }
        true
    }

    /// Gives it a new version at all its parties.
    pub fn new_version(&mut self, retries_left: u32, not_before_ms: i64, d: &mut Decision) {
        self.version += 1;
        self.status = Status::Waiting;
        self.retries_left = retries_left;
        self.not_before_ms = not_before_ms;
        for p in &mut self.parties {
            *p = PartyTask { status: Status::Waiting, start_ms: None, retryable: false, stopping: false, ..*p };
        }
        d.changes.push(Change::NewVersion { task: self.id.clone(), version: self.version, retries_left });
    }

    /// Once all parties have ended: the worst status, failed before timeout before canceled; else success, as a pass
    /// counts for one.
    fn federated_status(&self) -> Status {
        let has = |status| self.parties.iter().any(|p| p.status == status);
        [Status::Failed, Status::Timeout, Status::Canceled].into_iter().find(|s| has(*s)).unwrap_or(Status::Success)
    }

    fn attempt(&self, i: usize) -> AttemptId {
        AttemptId { task: self.id.clone(), version: self.version, party: self.parties[i].party }
    }

    fn set_status(&mut self, status: Status, d: &mut Decision) {
        debug_assert!(self.status.task_may_become(status), "{}: {} to {status}", self.id, self.status);
        self.status = status;
        d.changes.push(Change::Task(TaskChange { task: self.id.clone(), version: self.version, status }));
    }

    fn set_party(&mut self, i: usize, status: Status, end_ms: Option<i64>, message: String, d: &mut Decision) {
        let attempt = self.attempt(i);
        let party = &mut self.parties[i];
        debug_assert!(party.status.task_may_become(status), "{attempt}: {} to {status}", party.status);
        party.status = status;
        let start_ms = party.start_ms;
        let elapsed_ms = match (start_ms, end_ms) {
            (Some(start), Some(end)) if status != Status::Canceled => Some(end - start),
            _ => None,
        };
        d.changes.push(Change::PartyTask(PartyTaskChange { attempt, status, start_ms, end_ms, elapsed_ms, message }));
    }
}
