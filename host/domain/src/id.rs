//! Names of jobs, tasks and attempts. Not for: parties (`party`).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::party::Party;

/// Date and time of the submission with microseconds, then a counter: at least 21 digits. Never a number: it has more
/// than 53 bits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub String);

impl JobId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for what a node could have given out: 21 to 25 digits. Anything else never reaches a path or a query.
    pub fn is_valid(&self) -> bool {
        (21..=25).contains(&self.0.len()) && self.0.bytes().all(|b| b.is_ascii_digit())
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One component of a job, at every party: `<job>_<component>` on the wire.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TaskId {
    /// The job.
    pub job: JobId,
    /// The component's name in the DSL: `hetero_lr_0`.
    pub component: String,
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.job, self.component)
    }
}

/// One run of a task at one party. Actions are idempotent by this key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AttemptId {
    /// The task.
    pub task: TaskId,
    /// Counts runs of the task, from 0; `task_version` on the wire.
    pub version: u32,
    /// Where it runs.
    pub party: Party,
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}_{}_{}", self.task, self.version, self.party.role, self.party.id)
    }
}

/// True for a name that a DSL may give to a component: letters, digits, `_` and `-`, at most 100 of them.
pub fn is_component_name(name: &str) -> bool {
    (1..=100).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}
