//! Answers: an envelope with HTTP status 200, or, where a client branches on the status, an envelope with that status.
//! Not for: what is in them (the handlers), files (`archive`).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use parcae_api::{Envelope, arguments::ArgumentError, retcode};
use parcae_node::NodeError;
use serde::Serialize;
use serde_json::Value;

use crate::{audited::Said, words::cut};

/// What a handler gives.
pub(crate) type Handled = Result<Answer, Refusal>;

/// All went well.
#[derive(Debug)]
pub(crate) struct Answer(pub(crate) Envelope);

/// It did not.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Failure>);

#[derive(Debug)]
enum Failure {
    /// With HTTP status 200.
    Envelope(Envelope),
    /// With a status of its own, which is the return code, too.
    Status(u16, String),
}

impl Answer {
    /// Nothing but success.
    pub(crate) fn empty() -> Answer {
        Answer(Envelope::success())
    }

    /// With data.
    pub(crate) fn data(data: impl Serialize) -> Handled {
        Ok(Answer(Envelope::success().with_data(to_value(data)?)))
    }

    /// With another message.
    pub(crate) fn message(self, retmsg: &str) -> Answer {
        Answer(self.0.with_message(retmsg))
    }
}

/// A value as JSON; numbers that JSON does not have become null.
pub(crate) fn to_value(data: impl Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(data).map_err(|e| Refusal::internal(&format!("an answer cannot be written: {e}")))
}

impl Refusal {
    /// An envelope with a return code.
    pub(crate) fn code(retcode: i32, retmsg: &str) -> Refusal {
        Refusal::envelope(Envelope::failure(retcode, retmsg))
    }

    /// An envelope.
    pub(crate) fn envelope(envelope: Envelope) -> Refusal {
        Refusal(Box::new(Failure::Envelope(envelope)))
    }

    /// Return code 100: something went wrong that has no code of its own.
    pub(crate) fn exception(retmsg: &str) -> Refusal {
        Refusal::code(retcode::EXCEPTION_ERROR, retmsg)
    }

    /// An HTTP status other than 200.
    pub(crate) fn status(status: u16, retmsg: &str) -> Refusal {
        Refusal(Box::new(Failure::Status(status, retmsg.to_owned())))
    }

    /// The same with an HTTP status of its own: 401 when it is not known who asks, 403 when that one may not.
    pub(crate) fn into_status(self) -> Refusal {
        match *self.0 {
            Failure::Envelope(Envelope { retcode: retcode::AUTHENTICATION_ERROR, retmsg, .. }) => {
                Refusal::status(401, &retmsg)
            }
            Failure::Envelope(Envelope { retcode: retcode::PERMISSION_ERROR, retmsg, .. }) => {
                Refusal::status(403, &retmsg)
            }
            other => Refusal(Box::new(other)),
        }
    }

    /// Its code and its words.
    pub(crate) fn said(&self) -> (i32, String) {
        match &*self.0 {
            Failure::Envelope(envelope) => (envelope.retcode, cut(envelope.retmsg.clone())),
            Failure::Status(status, words) => (i32::from(*status), cut(words.clone())),
        }
    }

    /// The node itself failed: why goes to its log, not to the client.
    pub(crate) fn internal(why: &str) -> Refusal {
        tracing::error!(why, "a request failed within the node");
        Refusal::exception("the node failed to do this; its log says why")
    }
}

impl From<ArgumentError> for Refusal {
    fn from(error: ArgumentError) -> Refusal {
        Refusal::code(error.retcode(), &error.to_string())
    }
}

impl From<NodeError> for Refusal {
    fn from(error: NodeError) -> Refusal {
        match error {
            NodeError::Invalid(text) => Refusal::code(retcode::ARGUMENT_ERROR, &text),
            NodeError::NotFound(text) | NodeError::Exists(text) => Refusal::exception(&text),
            NodeError::Internal(why) => Refusal::internal(&why),
        }
    }
}

/// An envelope on its way, with what it says beside it.
fn sent(envelope: &Envelope, status: StatusCode) -> Response {
    let mut response = (status, Json(envelope)).into_response();
    response.extensions_mut().insert(Said::of(envelope));
    response
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        sent(&self.0, StatusCode::OK)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match *self.0 {
            Failure::Envelope(envelope) => {
                let retmsg = cut(envelope.retmsg);
                sent(&Envelope { retmsg, ..envelope }, StatusCode::OK)
            }
            Failure::Status(status, retmsg) => {
                let envelope = Envelope::failure(i32::from(status), &cut(retmsg));
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
                sent(&envelope, status)
            }
        }
    }
}
