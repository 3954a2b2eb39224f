//! How an attempt ended. A misbehaving component yields an outcome, never an error of the node. Not for: statuses of
//! tasks (`status`), which follow from it.

use serde::{Deserialize, Serialize};

use crate::status::Status;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// The component returned.
    Success,
    /// The component said why it cannot.
    Failed {
        /// Whose fault, and whether to try again.
        kind: FailureKind,
        /// Its words.
        message: String,
    },
    /// The component crashed.
    Trapped {
        /// The cause, and the wasm backtrace.
        message: String,
    },
    /// A limit was reached that ends the attempt.
    Limit {
        /// Name of the limit, as in `Limits`.
        limit: String,
        /// What was in force.
        message: String,
    },
    /// Out of time.
    Deadline {
        /// Which one: `run`, `peer`, `job`.
        which: String,
        /// Seconds; 0 when only the job knows.
        seconds: u64,
    },
    /// Stopped from outside.
    Canceled,
    /// A grant that the description asks for was not given.
    Denied {
        /// Which, and where to give it.
        message: String,
    },
    /// The node itself could not go on: disk full, image gone.
    Node {
        /// What happened.
        message: String,
    },
}

/// Why a component failed by its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// Data or parameters are not what it needs; a retry would end the same.
    Input,
    /// A peer failed or went away.
    Peer,
    /// Worth another try.
    Transient,
    /// Anything else.
    Other,
}

impl Outcome {
    /// Status of the party task.
    pub fn status(&self) -> Status {
        match self {
            Outcome::Success => Status::Success,
            Outcome::Canceled => Status::Canceled,
            Outcome::Deadline { .. } => Status::Timeout,
            _ => Status::Failed,
        }
    }

    /// What to show; empty for success.
    pub fn message(&self) -> String {
        match self {
            Outcome::Success => String::new(),
            Outcome::Failed { message, .. } => message.clone(),
            Outcome::Trapped { message } => format!("the component crashed: {message}"),
            Outcome::Limit { limit, message } => format!("limit {limit} reached: {message}"),
            Outcome::Deadline { which, seconds: 0 } => format!("out of time: {which} deadline"),
            Outcome::Deadline { which, seconds } => format!("out of time: {which} deadline of {seconds} s"),
            Outcome::Canceled => "canceled".into(),
            Outcome::Denied { message } => format!("denied: {message}"),
            Outcome::Node { message } => format!("the node could not go on: {message}"),
        }
    }
}
