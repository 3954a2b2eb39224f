//! Failures of an attempt, and how errors of imports become them.

use crate::{Error, Failure, FailureKind};

/// What an attempt returns.
pub type Result<T> = std::result::Result<T, Failure>;

/// A failure that data or parameters cause: a retry would end the same.
pub fn input_error(message: impl Into<String>) -> Failure {
    Failure { kind: FailureKind::Input, message: message.into() }
}

/// A failure of another kind.
pub fn failed(message: impl Into<String>) -> Failure {
    Failure { kind: FailureKind::Other, message: message.into() }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let (kind, message) = match error {
            Error::Invalid(m) | Error::NotFound(m) | Error::Exists(m) | Error::Denied(m) => (FailureKind::Input, m),
            Error::Limit(hit) => (FailureKind::Input, format!("limit {} reached: {}", hit.name, hit.message)),
            Error::Peer(m) | Error::Deadline(m) => (FailureKind::Peer, m),
            Error::Canceled => (FailureKind::Other, "canceled".to_owned()),
            Error::Node(m) => (FailureKind::Transient, m),
        };
        Failure { kind, message }
    }
}
