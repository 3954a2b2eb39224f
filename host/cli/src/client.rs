//! A small typed client of a node's API; it blocks. Not for: waiting for jobs (`watch`), what is printed (the
//! commands).

mod components;
mod tls;

use std::{
    io::{Cursor, ErrorKind, Read},
    path::Path,
    time::Duration,
};

use parcae_api::{
    Envelope,
    envelope::EnvelopeError,
    job::{JobKey, JobQuery, StopRequest, SubmitData, SubmitRequest, UploadFailure},
    node::{LogLine, LogRequest, LogSize},
    rows::{JobRow, TaskRow},
    tracking::{ComponentKey, ComponentNames, Metrics},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use ureq::{Agent, Body, RequestBuilder, SendBody, http::Response, tls::RootCerts, typestate::WithBody};

use crate::{UsageError, api_key::ApiKey, sign::Signer};

/// How long a node may take to answer; submitting a job writes to its disk.
const PATIENCE: Duration = Duration::from_secs(120);
/// Largest answer that is read, bytes.
const MAX_ANSWER: u64 = 256 << 20;

/// Why a node did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody is there.
    #[error("no node answers at {url} ({cause}); start one with `parcae serve`, or name another with --server")]
    Unreachable {
        /// Where.
        url: String,
        /// What the operating system says.
        cause: String,
    },
    /// The connection broke.
    #[error("the connection to the node at {url} broke off: {cause}")]
    Broken {
        /// Where.
        url: String,
        /// What happened.
        cause: String,
    },
    /// Somebody is there who is no node.
    #[error("what answers at {url} is no Parcae or FATE-Flow node (HTTP status {status}); is --server right?")]
    Foreign {
        /// Where.
        url: String,
        /// What it answered with.
        status: u16,
    },
    /// It said no.
    #[error("the node refuses: {0}")]
    Refused(EnvelopeError),
    /// The request cannot be written.
    #[error("the request cannot be written: {0}")]
    Request(#[from] serde_json::Error),
}

// Not a source: its text is in the message already.
impl From<EnvelopeError> for ClientError {
    fn from(error: EnvelopeError) -> ClientError {
        ClientError::Refused(error)
    }
}

/// A client of one node.
pub struct Client {
    agent: Agent,
    url: String,
    signer: Option<Signer>,
    key: Option<ApiKey>,
}

impl Client {
    /// A client of the node at a URL. Fails when that is none.
    pub fn new(server: &str) -> Result<Client, UsageError> {
        let url = if server.contains("://") { server.to_owned() } else { format!("http://{server}") };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(UsageError(format!("--server {server:?}: must begin with http:// or https://")));
        }
        Ok(Client {
            agent: tls::agent(RootCerts::PlatformVerifier),
            url: url.trim_end_matches('/').to_owned(),
            signer: None,
            key: None,
        })
    }

    /// The client, which trusts the certificates of a file alone. Fails when there are none in it.
    pub fn trusting(self, ca: Option<&Path>) -> Result<Client, UsageError> {
        let Some(ca) = ca else { return Ok(self) };
        Ok(Client { agent: tls::agent(tls::certificates(ca)?), ..self })
    }

    /// The client, with its requests signed.
    #[must_use]
    pub fn signing(self, signer: Option<Signer>) -> Client {
        Client { signer, ..self }
    }

    /// The client, with an API key in each request.
    #[must_use]
    pub fn with_key(self, key: Option<ApiKey>) -> Client {
        Client { key, ..self }
    }

    /// Where the node is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Submits a job.
    pub fn submit(&self, dsl: Value, conf: Value) -> Result<SubmitData, ClientError> {
        let request = SubmitRequest { job_dsl: Some(dsl), job_runtime_conf: Some(conf), ..SubmitRequest::default() };
        self.post("job/submit", &request)
    }

    /// Uploads what `content` holds as a table; `conf` is FATE's upload configuration.
    pub fn upload(&self, conf: &Value, file_name: &str, content: &mut dyn Read) -> Result<SubmitData, ClientError> {
        let query = utf8_percent_encode(&serde_json::to_string(conf)?, NON_ALPHANUMERIC).to_string();
        let boundary = boundary();
        let (before, after) = form(&boundary, file_name);
        let mut body = Cursor::new(before).chain(content).chain(Cursor::new(after));
        // Files are not signed.
        let request = self.request(&format!("{}/v1/data/upload?{query}", self.url), b"");
        let request = request.content_type(format!("multipart/form-data; boundary={boundary}"));
        let data: Value = self.answer(request.send(SendBody::from_reader(&mut body)))?;
        if data.get("code").and_then(Value::as_i64).is_some_and(|code| code != 0) {
            let UploadFailure { code, message, .. } = serde_json::from_value(data)?;
            return Err(EnvelopeError::Refused { retcode: code, retmsg: message }.into());
        }
        Ok(serde_json::from_value(data)?)
    }

    /// Rows of a job, one for each party.
    pub fn job(&self, job: &str) -> Result<Vec<JobRow>, ClientError> {
        self.post("job/query", &JobQuery { job_id: Some(job.into()), ..JobQuery::default() })
    }

    /// Rows of a job's tasks, one for each party.
    pub fn tasks(&self, job: &str) -> Result<Vec<TaskRow>, ClientError> {
        match self.post("job/task/query", &JobQuery { job_id: Some(job.into()), ..JobQuery::default() }) {
            // No task yet.
            Err(ClientError::Refused(EnvelopeError::Refused { retcode: 101, .. })) => Ok(Vec::new()),
            other => other,
        }
    }

    /// Names of a job's components, in the order of its DSL.
    pub fn components(&self, job: &str) -> Result<Vec<String>, ClientError> {
        let names: ComponentNames = self.post("tracking/component/list", &JobKey { job_id: job.into() })?;
        Ok(names.components)
    }

    /// Stops a job.
    pub fn stop(&self, job: &str) -> Result<(), ClientError> {
        self.post::<()>("job/stop", &StopRequest { job_id: job.into(), stop_status: None })
    }

    /// Series of a component at a party.
    pub fn metrics(&self, job: &str, role: &str, party: &str, component: &str) -> Result<Metrics, ClientError> {
        let key = ComponentKey {
            job_id: job.into(),
            role: Some(role.to_owned()),
            party_id: Some(party.into()),
            component_name: component.to_owned(),
        };
        self.post("tracking/component/metric/all", &key)
    }

    /// Number of lines of a log.
    pub fn log_size(&self, log: &LogRequest) -> Result<u64, ClientError> {
        Ok(self.post::<LogSize>("log/size", log)?.size)
    }

    /// Lines of a log.
    pub fn log_lines(&self, log: &LogRequest) -> Result<Vec<LogLine>, ClientError> {
        self.post("log/cat", log)
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        let text = serde_json::to_string(body)?;
        let request = self.request(&format!("{}/v1/{path}", self.url), text.as_bytes());
        self.answer(request.content_type("application/json").send(text))
    }

    /// Headers that say whose a request is.
    fn headers(&self, url: &str, signed_body: &[u8]) -> Vec<(&'static str, String)> {
        let signed = self.signer.iter().flat_map(|signer| signer.headers(url, signed_body));
        self.key.iter().map(ApiKey::header).chain(signed).collect()
    }

    /// A request, signed if need be.
    fn request(&self, url: &str, signed_body: &[u8]) -> RequestBuilder<WithBody> {
        let headers = self.headers(url, signed_body).into_iter();
        headers.fold(self.agent.post(url), |request, (name, value)| request.header(name, value))
    }

    fn answer<T: DeserializeOwned>(&self, sent: Result<Response<Body>, ureq::Error>) -> Result<T, ClientError> {
        let mut response = sent.map_err(|e| self.failed(&e))?;
        let text = response.body_mut().with_config().limit(MAX_ANSWER).read_to_string().map_err(|e| self.failed(&e))?;
        let foreign = |_| ClientError::Foreign { url: self.url.clone(), status: response.status().as_u16() };
        let envelope: Envelope = serde_json::from_str(&text).map_err(foreign)?;
        Ok(envelope.into_data()?)
    }

    fn failed(&self, error: &ureq::Error) -> ClientError {
        let (url, cause) = (self.url.clone(), tls::with_cure(error.to_string()));
        match error {
            ureq::Error::Io(e) if e.kind() != ErrorKind::ConnectionRefused => ClientError::Broken { url, cause },
            ureq::Error::Protocol(_) | ureq::Error::BodyExceedsLimit(_) => ClientError::Broken { url, cause },
            _ => ClientError::Unreachable { url, cause },
        }
    }
}

/// A line that no file holds.
fn boundary() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("parcae-{:x}-{:x}", now.as_nanos(), std::process::id())
}

/// What stands before and after the file in a form.
fn form(boundary: &str, file_name: &str) -> (Vec<u8>, Vec<u8>) {
    let name: String =
        file_name.chars().map(|c| if c.is_control() || c == '"' || c == '\\' { '_' } else { c }).collect();
    let before = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    (before.into_bytes(), format!("\r\n--{boundary}--\r\n").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_may_be_short() {
        assert_eq!(Client::new("127.0.0.1:9380/").unwrap().url(), "http://127.0.0.1:9380");
        assert_eq!(Client::new("http://a:1").unwrap().url(), "http://a:1");
        assert_eq!(Client::new("https://a/").unwrap().url(), "https://a");
        assert!(Client::new("ftp://a").is_err_and(|e| e.to_string().contains("http:// or https://")));
    }

    #[test]
    fn nobody_there_is_told_with_the_cure() {
        // A port that was free a moment ago.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let error = Client::new(&format!("127.0.0.1:{port}")).unwrap().job("1").unwrap_err().to_string();
        assert!(error.starts_with(&format!("no node answers at http://127.0.0.1:{port} (")), "{error}");
        assert!(error.contains("parcae serve"), "{error}");
    }

    #[test]
    fn a_form_is_one() {
        let (before, after) = form("b", "a\"\r\n.csv");
        let want = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a___.csv\"\r\n\
                    Content-Type: application/octet-stream\r\n\r\n";
        assert_eq!(String::from_utf8(before).unwrap(), want);
        assert_eq!(after, b"\r\n--b--\r\n");
    }
}
