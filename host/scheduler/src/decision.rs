//! What the scheduler decides: changes for one transaction, then actions, which are idempotent by their attempt.
//! Not for: making the decision (`reactor`, `job`, `task`).

use std::fmt;

use parcae_domain::{
    attempt::StopReason,
    id::{AttemptId, JobId, TaskId},
    port::Level,
    status::Status,
};

/// Everything that follows from one event.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "commit the changes, then carry out the actions"]
pub struct Decision {
    /// To be committed in one transaction, in this order, before any action.
    pub changes: Vec<Change>,
    /// To be carried out once the changes are committed.
    pub actions: Vec<Action>,
    /// For the jobs' logs.
    pub log: Vec<LogLine>,
    /// When the next `Tick` is due at the latest, ms since the epoch; `None` = only another event can change anything.
    pub wake_at_ms: Option<i64>,
}

/// A change of stored state. Each carries all fields that the scheduler owns, so that storing it twice does no harm.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Of a job.
    Job(JobChange),
    /// Of a task's federated status.
    Task(TaskChange),
    /// Of a task at one party.
    PartyTask(PartyTaskChange),
    /// A task and its party tasks get a new version, all waiting.
    NewVersion {
        /// The task.
        task: TaskId,
        /// The new version, one more than the latest.
        version: u32,
        /// How often it may still be tried again.
        retries_left: u32,
    },
}

/// A job as it is from now on.
#[derive(Clone, Debug, PartialEq)]
pub struct JobChange {
    /// Which one.
    pub job: JobId,
    /// Its status.
    pub status: Status,
    /// Percent.
    pub progress: u8,
    /// When it entered the queue.
    pub queued_ms: i64,
    /// When its first task started.
    pub start_ms: Option<i64>,
    /// When it ended.
    pub end_ms: Option<i64>,
    /// From start to end.
    pub elapsed_ms: Option<i64>,
    /// What it is to become, when a user asked for a stop; `cancel_signal` on the wire.
    pub stop: Option<Status>,
}

/// A task as it is from now on.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskChange {
    /// Which one.
    pub task: TaskId,
    /// Which run.
    pub version: u32,
    /// Its federated status.
    pub status: Status,
}

/// A task at one party as it is from now on.
#[derive(Clone, Debug, PartialEq)]
pub struct PartyTaskChange {
    /// Which one.
    pub attempt: AttemptId,
    /// Its own status.
    pub status: Status,
    /// When it started.
    pub start_ms: Option<i64>,
    /// When it ended.
    pub end_ms: Option<i64>,
    /// From start to end; none for one that was stopped.
    pub elapsed_ms: Option<i64>,
    /// What to show; empty for success.
    pub message: String,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Run an attempt and report its end.
    Start(AttemptId),
    /// Stop a running attempt; its end is still to be reported.
    Stop {
        /// Which one.
        attempt: AttemptId,
        /// Why.
        reason: StopReason,
    },
    /// The job has ended and nothing of it runs: save its pipeline model, clean up.
    FinishJob {
        /// Which one.
        job: JobId,
        /// How it ended.
        status: Status,
    },
}

/// A line for a job's log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// Whose log.
    pub job: JobId,
    /// How bad it is.
    pub level: Level,
    /// Which rule decided so: file and line of the scheduler.
    pub place: String,
    /// One line.
    pub text: String,
}

impl Change {
    /// The job that changes, or whose task does.
    pub fn job(&self) -> &JobId {
        match self {
            Change::Job(job) => &job.job,
            Change::Task(task) => &task.task.job,
            Change::PartyTask(party_task) => &party_task.attempt.task.job,
            Change::NewVersion { task, .. } => &task.job,
        }
    }
}

impl Decision {
    #[track_caller]
    pub(crate) fn log(&mut self, job: &JobId, level: Level, text: String) {
        let caller = std::panic::Location::caller();
        let file = caller.file().rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        let place = format!("scheduler.{file}:{}", caller.line());
        self.log.push(LogLine { job: job.clone(), level, place, text });
    }
}

/// One line, as in the scheduler's tests.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Job(c) => write!(f, "job {} is {}, {} %", c.job, c.status, c.progress),
            Change::Task(c) => write!(f, "task {} v{} is {}", c.task, c.version, c.status),
            Change::PartyTask(c) if c.message.is_empty() => write!(f, "attempt {} is {}", c.attempt, c.status),
            Change::PartyTask(c) => write!(f, "attempt {} is {}: {}", c.attempt, c.status, c.message),
            Change::NewVersion { task, version, retries_left } => {
                write!(f, "task {task} gets v{version}, {retries_left} retries left")
            }
        }
    }
}

/// One line, as in the scheduler's tests.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Start(attempt) => write!(f, "start {attempt}"),
            Action::Stop { attempt, reason: StopReason::Canceled } => write!(f, "stop {attempt}"),
            Action::Stop { attempt, .. } => write!(f, "stop {attempt}: out of time"),
            Action::FinishJob { job, status } => write!(f, "finish {job}: {status}"),
        }
    }
}
