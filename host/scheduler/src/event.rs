//! What happens to jobs, as the node tells it. Not for: the answer (`decision`).

use parcae_domain::{
    id::{AttemptId, JobId},
    status::Status,
};

use crate::share::Shares;
use crate::spec::{JobSpec, JobState};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A job was submitted; it and its tasks are stored as waiting.
    Submitted(JobSpec),
    /// The node was started and found this job stored as waiting or running. No attempt of it runs any more. Jobs that
    /// ran come first, so that none that waited takes their place.
    Restored {
        /// The job.
        spec: JobSpec,
        /// How far it had come.
        state: JobState,
    },
    /// An attempt ended. Duplicates and late ones are ignored.
    PartyEnded {
        /// Which one.
        attempt: AttemptId,
        /// How.
        status: Status,
        /// False when another try would end the same.
        retryable: bool,
        /// What to show; empty for success.
        message: String,
    },
    /// A user wants the job to stop.
    StopRequested {
        /// Which one.
        job: JobId,
        /// What it is to become: canceled, timeout or failed. Anything else means canceled.
        status: Status,
    },
    /// A user wants an ended job to run again. It comes with the job, as the scheduler forgets jobs that have ended.
    Rerun {
        /// The job.
        spec: JobSpec,
        /// How it ended.
        state: JobState,
        /// Which components, however they ended, with what they need and what needs them; `None` = what did not end well.
        components: Option<Vec<String>>,
        /// Without components: also what ended well.
        force: bool,
    },
    /// What tenants may use, and how they share, is another from now on. What runs goes on.
    Quotas(Shares),
    /// Time has passed.
    Tick,
}
