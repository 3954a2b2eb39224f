//! The envelope that every answer comes in, and its return codes. Not for: HTTP statuses, which are 200 for nearly
//! everything (the server knows the exceptions).

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

/// Return codes, as FATE-Flow numbers them.
pub mod retcode {
    /// All went well.
    pub const SUCCESS: i32 = 0;
    /// Nothing was changed: not allowed from the present status.
    pub const NOT_EFFECTIVE: i32 = 10;
    /// Anything that went wrong without a code of its own; unknown paths and methods, too.
    pub const EXCEPTION_ERROR: i32 = 100;
    /// Arguments are missing or not right; for some endpoints also: no such thing.
    pub const ARGUMENT_ERROR: i32 = 101;
    /// No such data.
    pub const DATA_ERROR: i32 = 102;
    /// The operation failed: a job that was not taken on.
    pub const OPERATING_ERROR: i32 = 103;
    /// Another party failed.
    pub const FEDERATED_ERROR: i32 = 104;
    /// Another party could not be reached.
    pub const CONNECTION_ERROR: i32 = 105;
    /// Still under way.
    pub const RUNNING: i32 = 106;
    /// Versions do not fit together.
    pub const INCOMPATIBLE_FATE_VER: i32 = 107;
    /// Not allowed.
    pub const PERMISSION_ERROR: i32 = 108;
    /// Not known.
    pub const AUTHENTICATION_ERROR: i32 = 109;
    /// The server itself failed.
    pub const SERVER_ERROR: i32 = 500;
}

/// What every answer that is no stream looks like. Keys without a value are left out, never null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Envelope {
    /// 0 = all went well.
    pub retcode: i32,
    /// `success`, or what is wrong in words; always there.
    pub retmsg: String,
    /// What was asked for; absent after most errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// Id of the job, where one was made.
    #[serde(rename = "jobId", default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// What belongs to the data: the meta part of a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
}

/// Why an envelope does not hold what was hoped for.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// It reports an error.
    #[error("{retmsg} (retcode {retcode})")]
    Refused {
        /// Its code.
        retcode: i32,
        /// Its words.
        retmsg: String,
    },
    /// Its data look different.
    #[error("the answer's data do not look as they should: {0}")]
    Data(#[from] serde_json::Error),
}

impl Envelope {
    /// All went well, and there is nothing more to say.
    pub fn success() -> Envelope {
        Envelope { retcode: retcode::SUCCESS, retmsg: "success".into(), data: None, job_id: None, meta: None }
    }

    /// Something is wrong.
    pub fn failure(retcode: i32, retmsg: &str) -> Envelope {
        Envelope { retcode, retmsg: without_retry_phrases(retmsg), ..Envelope::success() }
    }

    /// With data; null counts as none.
    #[must_use]
    pub fn with_data(self, data: Value) -> Envelope {
        Envelope { data: Some(data).filter(|value| !value.is_null()), ..self }
    }

    /// With the id of a job.
    #[must_use]
    pub fn with_job(self, job: impl Into<String>) -> Envelope {
        Envelope { job_id: Some(job.into()), ..self }
    }

    /// With another message.
    #[must_use]
    pub fn with_message(self, retmsg: &str) -> Envelope {
        Envelope { retmsg: without_retry_phrases(retmsg), ..self }
    }

    /// With a meta part; null counts as none.
    #[must_use]
    pub fn with_meta(self, meta: Value) -> Envelope {
        Envelope { meta: Some(meta).filter(|value| !value.is_null()), ..self }
    }

    /// The data as a type; absent data count as null.
    pub fn into_data<T: DeserializeOwned>(self) -> Result<T, EnvelopeError> {
        if self.retcode != retcode::SUCCESS {
            return Err(EnvelopeError::Refused { retcode: self.retcode, retmsg: self.retmsg });
        }
        Ok(serde_json::from_value(self.data.unwrap_or(Value::Null))?)
    }
}

/// FATE's pipeline client sends a request again when an answer contains one of two phrases, whatever it means. A
/// message that quotes another program must not make it do so.
fn without_retry_phrases(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if !lower.contains("connection refused") && !lower.contains("max retries") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some((at, len, instead)) = next_phrase(rest) {
        out.push_str(&rest[..at]);
        out.push_str(instead);
        rest = &rest[at + len..];
    }
    out.push_str(rest);
    out
}

/// The first phrase: where it begins, its length, what to write instead. ASCII lower case keeps every position.
fn next_phrase(text: &str) -> Option<(usize, usize, &'static str)> {
    let lower = text.to_ascii_lowercase();
    [("connection refused", "connection was refused"), ("max retries", "most retries")]
        .into_iter()
        .filter_map(|(phrase, instead)| lower.find(phrase).map(|at| (at, phrase.len(), instead)))
        .min_by_key(|(at, ..)| *at)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_without_a_value_are_left_out() {
        let text = |envelope: &Envelope| serde_json::to_string(envelope).unwrap();
        assert_eq!(text(&Envelope::success()), r#"{"retcode":0,"retmsg":"success"}"#);
        assert_eq!(
            text(&Envelope::failure(retcode::ARGUMENT_ERROR, "find task failed")),
            r#"{"retcode":101,"retmsg":"find task failed"}"#
        );
        assert_eq!(text(&Envelope::success().with_data(Value::Null)), r#"{"retcode":0,"retmsg":"success"}"#);
        // Empty is not absent.
        assert_eq!(
            text(&Envelope::success().with_data(json!([])).with_job("1")),
            r#"{"retcode":0,"retmsg":"success","data":[],"jobId":"1"}"#
        );
    }

    #[test]
    fn data_come_out_as_a_type() {
        let envelope: Envelope =
            serde_json::from_value(json!({"retcode": 0, "retmsg": "success", "data": [1, 2]})).unwrap();
        assert_eq!(envelope.into_data::<Vec<u32>>().unwrap(), [1, 2]);
        let refused = Envelope::failure(102, "can not found job").into_data::<Vec<u32>>();
        assert_eq!(refused.unwrap_err().to_string(), "can not found job (retcode 102)");
    }

    #[test]
    fn messages_do_not_make_pipeline_try_again() {
        let message = |text: &str| Envelope::failure(100, text).retmsg;
        assert_eq!(message("a plain text"), "a plain text");
        assert_eq!(
            message("peer: Connection refused; Max retries exceeded"),
            "peer: connection was refused; most retries exceeded"
        );
        assert_eq!(message("größe: Connection Refused"), "größe: connection was refused");
    }
}
