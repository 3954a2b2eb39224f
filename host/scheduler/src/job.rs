//! One job in the scheduler's memory: which of its tasks may start, what an end of one means for the others, and when
//! the job itself has ended. Not for: which jobs run (`reactor`).

use parcae_domain::{attempt::StopReason, id::AttemptId, party::Role, port::Level, status::Status};

use crate::decision::{Action, Change, Decision, JobChange};
use crate::queue::Line;
use crate::room::Room;
use crate::spec::{JobSpec, JobState};
use crate::task::{End, Task};

/// A job that has not ended.
#[derive(Debug)]
pub struct Job {
    pub spec: JobSpec,
    pub tasks: Vec<Task>,
    /// As it is.
    pub row: JobChange,
    /// Why it is being stopped; the first reason counts.
    pub stop: Option<Stop>,
    /// Why a task of it has to wait that could start otherwise.
    pub held_back: Option<String>,
    /// As it is stored.
    stored: JobChange,
}

/// How often a task is started again because the node ended under it: one that ends the node would do so for ever.
const RESTARTS: u32 = 20;

/// Why a job is being stopped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stop {
    /// A user wants it to end with this status.
    Requested(Status),
    /// It ran out of time.
    Deadline,
    /// It waited too long for its start.
    Queued,
    /// A task of it ended badly.
    TaskFailed,
}

impl Stop {
    fn reason(self) -> StopReason {
        match self {
            Stop::Deadline | Stop::Queued => StopReason::JobDeadline,
            Stop::Requested(_) | Stop::TaskFailed => StopReason::Canceled,
        }
    }

    /// Status of an attempt that was stopped for this and did not end well, whatever it says itself.
    fn attempt_status(self) -> Status {
        match self {
            Stop::Deadline | Stop::Queued => Status::Timeout,
            Stop::Requested(status) => status,
            Stop::TaskFailed => Status::Canceled,
        }
    }
}

impl Job {
    /// A job that was just submitted.
    pub fn submitted(spec: JobSpec) -> Job {
        let state = JobState {
            status: Status::Waiting,
            progress: 0,
            queued_ms: spec.created_ms,
            start_ms: None,
            stop: None,
            tasks: std::collections::BTreeMap::new(),
        };
        Job::stored(spec, &state)
    }

    /// A job as it is stored.
    pub fn stored(spec: JobSpec, state: &JobState) -> Job {
        let row = JobChange {
            job: spec.id.clone(),
            status: state.status,
            progress: state.progress,
            queued_ms: state.queued_ms,
            start_ms: state.start_ms,
            end_ms: None,
            elapsed_ms: None,
            stop: state.stop,
        };
        let tasks = spec.tasks.iter().map(|t| Task::new(&spec, t, state.tasks.get(&t.component))).collect();
        Job { tasks, stored: row.clone(), row, stop: state.stop.map(Stop::Requested), held_back: None, spec }
    }

    /// Goes on after the node was started. What ran then gets a new version, which is not a retry; but not in a job
    /// that was being stopped.
    pub fn resume(&mut self, now_ms: i64, d: &mut Decision) {
        // What failed before the job was run again, and was not to be, does not stop it.
        let began = self.row.start_ms;
        let bad = |t: &Task| {
            t.status.is_end() && !t.status.is_good() && t.parties.iter().any(|party| party.start_ms >= began)
        };
        if self.stop.is_none() && self.row.status == Status::Running && self.tasks.iter().any(bad) {
            self.stop = Some(Stop::TaskFailed);
        }
        let mut worn_out = false;
        for task in &mut self.tasks {
            let retried = self.spec.auto_retries.saturating_sub(task.retries_left);
            // The first run since the job entered the queue was none, and a rerun begins to count anew.
            let restarts = task.runs.saturating_sub(1).saturating_sub(retried);
            if !task.interrupt(now_ms, d) || self.stop.is_some() {
                continue;
            }
            if restarts >= RESTARTS {
                let text = format!("task {} was interrupted {restarts} times: the job stops", task.id.component);
                d.log(&self.spec.id, Level::Error, text);
                worn_out = true;
                continue;
            }
            let text = format!("task {} is started again, as the node was restarted", task.id.component);
            d.log(&self.spec.id, Level::Warning, text);
            task.new_version(task.retries_left, now_ms, d);
        }
        if worn_out {
            self.stop = Some(Stop::TaskFailed);
        }
    }

    /// Puts an ended job into the queue again with new versions of the chosen tasks.
    pub fn requeue(&mut self, chosen: &[bool], now_ms: i64, d: &mut Decision) {
        self.row = JobChange {
            status: Status::Waiting,
            progress: 0,
            queued_ms: now_ms,
            start_ms: None,
            stop: None,
            ..self.row.clone()
        };
        self.stop = None;
        self.flush(d);
        for (task, chosen) in self.tasks.iter_mut().zip(chosen) {
            if *chosen && task.status != Status::Waiting {
                task.new_version(self.spec.auto_retries, now_ms, d);
            }
        }
    }

    /// True for what one site does for itself.
    pub fn is_local(&self) -> bool {
        self.spec.initiator.role == Role::Local
    }

    /// Where it waits.
    pub fn line(&self) -> Line {
        if self.is_local() { Line::Local } else { Line::Cores }
    }

    /// Attempts that its widest task starts at once, of those that are still to come or run.
    pub fn widest(&self) -> u64 {
        let to_come = self.tasks.iter().filter(|task| task.is_live() || !task.status.is_end());
        to_come.map(|task| task.parties.len() as u64).max().unwrap_or(0)
    }

    /// Attempts of it that run.
    pub fn live_attempts(&self) -> u64 {
        let live = |task: &Task| task.parties.iter().filter(|party| party.status == Status::Running).count() as u64;
        self.tasks.iter().map(live).sum()
    }

    /// Attempts for which it holds places while it runs, so that it can always go on.
    pub fn held_attempts(&self) -> u64 {
        let live = self.live_attempts();
        if self.stop.is_some() { live } else { live.max(self.widest()) }
    }

    /// Cores that it takes of a node with so many.
    pub fn cost(&self, cores: u32) -> u32 {
        if self.is_local() {
            return 0;
        }
        self.spec.task_cores.saturating_mul(self.spec.task_parallelism.unwrap_or(1)).clamp(1, cores.max(1))
    }

    /// When it has to have ended; while it waits, when it has to have started.
    pub fn deadline_ms(&self) -> i64 {
        let seconds = if self.row.status == Status::Waiting {
            self.spec.timeout_s.min(self.spec.queued_s)
        } else {
            self.spec.timeout_s
        };
        let timeout_ms = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
        self.row.queued_ms.saturating_add(timeout_ms)
    }

    /// Why it is stopped once that time has come, and words for it.
    pub fn overdue(&self) -> (Stop, String) {
        if self.row.status == Status::Waiting && self.spec.queued_s < self.spec.timeout_s {
            return (Stop::Queued, queued_words(self.spec.queued_s));
        }
        (Stop::Deadline, "the job is out of time".into())
    }

    /// The next time at which one of its tasks may be tried again.
    pub fn next_retry_ms(&self, now_ms: i64) -> Option<i64> {
        let waits = |t: &&Task| self.stop.is_none() && t.status == Status::Waiting && t.not_before_ms > now_ms;
        self.tasks.iter().filter(waits).map(|t| t.not_before_ms).min()
    }

    /// Leaves the queue.
    pub fn admit(&mut self, reason: &str, now_ms: i64, d: &mut Decision) {
        self.row.status = Status::Running;
        self.row.start_ms = Some(now_ms);
        d.log(&self.spec.id, Level::Info, format!("job starts: {reason}"));
    }

    /// Stops what runs. Only the stop of a user, or of a job that never started, cancels what waits, too: tasks behind a
    /// failed one stay waiting.
    pub fn stop(&mut self, stop: Stop, d: &mut Decision) {
        self.stop = Some(stop);
        for task in &mut self.tasks {
            task.stop(stop.reason(), d);
        }
        if let Stop::Requested(status) = stop {
            self.row.stop = Some(status);
            self.tasks.iter_mut().for_each(|task| task.cancel_waiting("", d));
        }
        if stop == Stop::Queued {
            self.cancel_all(d);
        }
    }

    /// Cancels the tasks of a job that never started, and says so on each.
    fn cancel_all(&mut self, d: &mut Decision) {
        let words = queued_words(self.spec.queued_s);
        self.tasks.iter_mut().for_each(|task| task.cancel_waiting(&words, d));
    }

    /// Takes down how an attempt ended.
    pub fn party_ended(&mut self, attempt: &AttemptId, mut end: End, now_ms: i64, d: &mut Decision) {
        let Some(index) = self.tasks.iter().position(|t| t.id == attempt.task) else {
            return ignore(attempt, d);
        };
        let Some(i) = self.tasks[index].live_party(attempt) else {
            return ignore(attempt, d);
        };
        end.status = match (end.status, self.stop) {
            (Status::Success | Status::Pass, _) if self.tasks[index].parties[i].need_run => Status::Success,
            (Status::Success | Status::Pass, _) => Status::Pass,
            (_, Some(stop)) => stop.attempt_status(),
            (Status::Waiting | Status::Running, None) => Status::Failed,
            (bad, None) => bad,
        };
        if let Some(status) = self.tasks[index].party_ended(i, end, now_ms, d)
            && !status.is_good()
            && self.stop.is_none()
        {
            self.task_failed(index, now_ms, d);
        }
    }

    /// Starts what may start, and ends the job when nothing is left to wait for. True when it has ended.
    pub fn advance(&mut self, cores: u32, room: &mut Room<'_>, now_ms: i64, d: &mut Decision) -> bool {
        let before = self.held_back.take();
        if self.stop.is_none() {
            self.start_tasks(cores, room, now_ms, d);
        }
        if let Some(why) = self.held_back.as_ref().filter(|_| before.is_none()) {
            d.log(&self.spec.id, Level::Info, format!("a task waits: {why}"));
        }
        self.update_progress();
        let end = self.end_status();
        if let Some(status) = end {
            self.row.status = status;
            self.row.end_ms = Some(now_ms);
            self.row.elapsed_ms = self.row.start_ms.map(|start| now_ms - start);
            if status == Status::Success {
                self.row.progress = 100;
            }
            d.log(&self.spec.id, Level::Info, format!("job ends: {status}"));
            d.actions.push(Action::FinishJob { job: self.spec.id.clone(), status });
        }
        self.flush(d);
        end.is_some()
    }

    /// One more try of a task that failed, when it has any left; else the job fails with it.
    fn task_failed(&mut self, index: usize, now_ms: i64, d: &mut Decision) {
        let delay_ms = i64::from(self.spec.auto_retry_delay_s) * 1000;
        let task = &mut self.tasks[index];
        let may_retry = matches!(task.status, Status::Failed | Status::Timeout) && task.is_retryable();
        if may_retry && task.retries_left > 0 {
            let text = format!("task {} is tried again, {} retries left", task.id.component, task.retries_left - 1);
            d.log(&self.spec.id, Level::Info, text);
            task.new_version(task.retries_left - 1, now_ms.saturating_add(delay_ms), d);
        } else {
            if may_fail_again(task) {
                let text = format!("{} retries are not used: another try would end the same", task.retries_left);
                d.log(&self.spec.id, Level::Warning, text);
            }
            let text = format!("task {} {}: the job stops", task.id.component, task.status);
            d.log(&self.spec.id, Level::Error, text);
            self.stop(Stop::TaskFailed, d);
        }
    }

    /// Starts tasks in the job's order while their inputs are there and fewer than the larger of the job's
    /// `task_parallelism` and the node's cores run. A task counts once, at however many parties it runs: all parties of
    /// a task have to run at once, and mostly wait for each other; there has to be room for them all.
    fn start_tasks(&mut self, cores: u32, room: &mut Room<'_>, now_ms: i64, d: &mut Decision) {
        let most = self.spec.task_parallelism.unwrap_or(cores).max(1) as usize;
        while self.tasks.iter().filter(|t| t.status == Status::Running).count() < most {
            let Some(i) = (0..self.tasks.len()).find(|i| self.may_start(*i, now_ms)) else { return };
            let (tenant, needed) = (&self.spec.tenant, self.tasks[i].parties.len() as u64);
            if !room.start(tenant, needed, (self.live_attempts(), self.held_attempts())) {
                self.held_back = Some(room.why(tenant, needed));
                return;
            }
            self.tasks[i].start(now_ms, d);
        }
    }

    fn may_start(&self, index: usize, now_ms: i64) -> bool {
        let task = &self.tasks[index];
        let good = |up: &usize| self.tasks.get(*up).is_some_and(|t| t.status.is_good());
        task.status == Status::Waiting
            && task.not_before_ms <= now_ms
            && self.spec.tasks[index].upstream.iter().all(good)
    }

    /// Status of the job, once every attempt has reported its end and nothing more is to be started.
    fn end_status(&self) -> Option<Status> {
        if self.tasks.iter().any(Task::is_live) {
            return None;
        }
        if self.row.status == Status::Running && self.tasks.iter().all(|t| t.status.is_good()) {
            return Some(Status::Success);
        }
        // Nothing runs, so that a task which could start has been started, unless it waits for its retry.
        let retries = (0..self.tasks.len()).any(|i| self.may_start(i, i64::MAX));
        match self.stop {
            Some(Stop::Requested(status)) => Some(status),
            Some(Stop::Deadline | Stop::Queued) => Some(Status::Timeout),
            None if retries => None,
            Some(Stop::TaskFailed) | None => Some(self.worst_status()),
        }
    }

    /// The highest interrupt status of its tasks; canceled when there is none, as for tasks that wait for each other.
    fn worst_status(&self) -> Status {
        let has = |status| self.tasks.iter().any(|t| t.status == status);
        [Status::Failed, Status::Timeout].into_iter().find(|s| has(*s)).unwrap_or(Status::Canceled)
    }

    /// Percent of the initiator's tasks that have ended; never goes back.
    fn update_progress(&mut self) {
        let initiator = |t: &&Task| t.parties.iter().any(|p| p.party == self.spec.initiator);
        let (mut ended, mut total) = (0usize, 0usize);
        for task in self.tasks.iter().filter(initiator) {
            total += 1;
            ended += usize::from(task.status.is_end());
        }
        let percent = (100 * ended).checked_div(total).unwrap_or(0);
        self.row.progress = self.row.progress.max(u8::try_from(percent).unwrap_or(100));
    }

    /// Decides a change of the job when it is not as it is stored.
    fn flush(&mut self, d: &mut Decision) {
        if self.row != self.stored {
            self.stored = self.row.clone();
            d.changes.push(Change::Job(self.row.clone()));
        }
    }
}

/// What is said of a job that waited too long.
fn queued_words(seconds: u64) -> String {
    format!("out of time: queued deadline of {seconds} s")
}

/// True for a task with retries that would be of no use.
fn may_fail_again(task: &Task) -> bool {
    task.retries_left > 0 && task.status == Status::Failed && !task.is_retryable()
}

/// An end that nobody waits for.
pub fn ignore(attempt: &AttemptId, d: &mut Decision) {
    d.log(&attempt.task.job, Level::Debug, format!("the end of {attempt} comes late or twice and is ignored"));
}
