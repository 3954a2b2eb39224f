//! What the scheduler is told of a job: its specification, which never changes, and its state, with which a stored job
//! is taken up again. Not for: DSL and configuration, from which the node makes the specification.

use std::collections::BTreeMap;

use parcae_domain::{id::JobId, party::Party, status::Status, tenant::TenantId};
use serde::{Deserialize, Serialize};

/// A job, as far as scheduling is concerned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobSpec {
    /// Which one.
    pub id: JobId,
    /// Whose it is.
    #[serde(default)]
    pub tenant: TenantId,
    /// When it was submitted, ms since the epoch.
    pub created_ms: i64,
    /// Whose list of tasks counts for the progress.
    pub initiator: Party,
    /// The tasks in topological order.
    pub tasks: Vec<TaskSpec>,
    /// How many of its tasks may run at once; none = as many as the node has cores.
    pub task_parallelism: Option<u32>,
    /// Cores that one of its tasks wants.
    pub task_cores: u32,
    /// How often each task may be tried again.
    pub auto_retries: u32,
    /// Time between a failure and the next try, seconds.
    pub auto_retry_delay_s: u32,
    /// Time that the job has from entering the queue to its end, seconds.
    pub timeout_s: u64,
    /// Time that it may wait in the queue, seconds.
    pub queued_s: u64,
}

/// A task of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// Its name in the DSL, unique in the job.
    pub component: String,
    /// Where it runs; each party once.
    pub parties: Vec<Party>,
    /// Indexes of the tasks whose outputs it reads.
    pub upstream: Vec<usize>,
    /// `need_run` of each party, in the order of `parties`; true where it is missing.
    pub need_run: Vec<bool>,
}

/// A job as it was stored. What is missing in `tasks` has not been touched yet.
#[derive(Clone, Debug, PartialEq)]
pub struct JobState {
    /// Its status.
    pub status: Status,
    /// Percent.
    pub progress: u8,
    /// When it entered the queue: at its submission, or at its last rerun.
    pub queued_ms: i64,
    /// When its first task started.
    pub start_ms: Option<i64>,
    /// What it is to become, when a stop was asked for.
    pub stop: Option<Status>,
    /// Latest version of each task, by component.
    pub tasks: BTreeMap<String, TaskState>,
}

/// The latest version of a task as it was stored.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskState {
    /// Counts its runs, from 0.
    pub version: u32,
    /// Its federated status.
    pub status: Status,
    /// How often it may still be tried again.
    pub retries_left: u32,
    /// How many of its versions were started since the job entered the queue.
    pub runs: u32,
    /// This version at each party.
    pub parties: BTreeMap<Party, PartyState>,
}

/// A party task as it was stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartyState {
    /// Its own status.
    pub status: Status,
    /// When it started.
    pub start_ms: Option<i64>,
}
