//! Statuses of jobs and tasks, with the transitions that are allowed. Not for: deciding when to make one (`scheduler`).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Status of a job, a task or a party task, in FATE's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In the queue, or its inputs are not there yet.
    Waiting,
    /// Under way.
    Running,
    /// Stopped by a user, or by another task's failure.
    Canceled,
    /// Out of time.
    Timeout,
    /// Ended with an error.
    Failed,
    /// A task whose `need_run` is false: its input went through.
    Pass,
    /// Ended well.
    Success,
}

impl Status {
    /// All statuses.
    pub const ALL: [Status; 7] = [
        Status::Waiting,
        Status::Running,
        Status::Canceled,
        Status::Timeout,
        Status::Failed,
        Status::Pass,
        Status::Success,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Waiting => "waiting",
            Status::Running => "running",
            Status::Canceled => "canceled",
            Status::Timeout => "timeout",
            Status::Failed => "failed",
            Status::Pass => "pass",
            Status::Success => "success",
        }
    }

    /// True when nothing more will happen.
    pub fn is_end(self) -> bool {
        !matches!(self, Status::Waiting | Status::Running)
    }

    /// True when a task that depends on this one may start.
    pub fn is_good(self) -> bool {
        matches!(self, Status::Success | Status::Pass)
    }

    /// True when a job may go from `self` to `to`.
    pub fn job_may_become(self, to: Status) -> bool {
        use Status::{Canceled, Failed, Pass, Running, Success, Timeout, Waiting};
        match self {
            Waiting => to != Waiting,
            Running => matches!(to, Canceled | Timeout | Failed | Success),
            Timeout => matches!(to, Failed | Success | Waiting),
            Canceled | Failed | Success => to == Waiting,
            Pass => false,
        }
    }

    /// True when a task or a party task may go from `self` to `to`. A new run is a new version, not a transition; a
    /// waiting one may be canceled with its job.
    pub fn task_may_become(self, to: Status) -> bool {
        use Status::{Canceled, Failed, Pass, Running, Success, Timeout, Waiting};
        match self {
            Waiting => matches!(to, Running | Success | Pass | Canceled),
            Running => matches!(to, Canceled | Timeout | Failed | Pass | Success),
            Canceled => to == Waiting,
            Timeout => matches!(to, Failed | Success),
            Failed | Pass | Success => false,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A status that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("unknown status {0:?}")]
pub struct UnknownStatus(pub String);

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Status, UnknownStatus> {
        Status::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    /// Every pair, as rows of the table in FATE-Flow's rules (flow of a job and of a task).
    #[test]
    fn transitions_are_the_table() {
        let table = |may: fn(Status, Status) -> bool| {
            Status::ALL
                .map(|from| {
                    let to: Vec<_> = Status::ALL.into_iter().filter(|to| may(from, *to)).map(Status::as_str).collect();
                    format!("{from}: {}", to.join(" "))
                })
                .join("\n")
        };
        assert_eq!(
            table(Status::job_may_become),
            "waiting: running canceled timeout failed pass success\nrunning: canceled timeout failed success\n\
             canceled: waiting\ntimeout: waiting failed success\nfailed: waiting\npass: \nsuccess: waiting"
        );
        assert_eq!(
            table(Status::task_may_become),
            "waiting: running canceled pass success\nrunning: canceled timeout failed pass success\n\
             canceled: waiting\ntimeout: failed success\nfailed: \npass: \nsuccess: "
        );
    }
}
