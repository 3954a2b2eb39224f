//! A site that is served over HTTP on a port of its own, and a small client that sends what FATE's clients send and
//! checks what holds for every answer. Not for: what single endpoints answer (the tests).

use std::{
    collections::BTreeMap,
    io::Read,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use parcae_runtime::Images;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use ureq::{Agent, Body, http::Response};

use crate::Site;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);
/// Largest answer that is read, bytes.
const MAX_ANSWER: u64 = 256 << 20;
/// Keys that an envelope may have.
const ENVELOPE: [&str; 5] = ["retcode", "retmsg", "data", "jobId", "meta"];
/// What separates the parts of a form.
const BOUNDARY: &str = "parcae-tests-7d93b1";

/// A site with its server, which stops when this is dropped.
pub struct Served {
    /// The site.
    pub site: Site,
    address: SocketAddr,
    agent: Agent,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

/// An answer before anybody looked into it.
#[derive(Clone, Debug)]
pub struct Raw {
    /// HTTP status.
    pub status: u16,
    /// Header `Content-Type`, or nothing.
    pub content_type: String,
    /// Header `Content-Disposition`, or nothing.
    pub disposition: String,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Served {
    /// A fresh site.
    pub fn new() -> Served {
        Served::of(Site::new())
    }

    /// Serves a site.
    pub fn of(site: Site) -> Served {
        Served::with(site, parcae_server::Options::default())
    }

    /// Serves a site with other options of the server.
    pub fn with(site: Site, options: parcae_server::Options) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket that does not block");
        let address = listener.local_addr().expect("the socket has an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let node = Arc::clone(&site.node);
        let serve = move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let served = runtime.expect("a runtime").block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                let told = async move {
                    let _ = stopped.await;
                };
                parcae_server::serve(listener, node, options, told).await
            });
            served.expect("the server serves until it is told to stop");
        };
        let server = std::thread::Builder::new().name("http".into()).spawn(serve).expect("a thread for the server");
        let config = Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(Some(PATIENCE));
        Served { site, address, agent: config.build().into(), stop: Some(stop), server: Some(server) }
    }

    /// The same folder opened by a new node and served anew, after this one was closed.
    pub fn reopened(self) -> Served {
        self.reopened_of(crate::images(), |_| ())
    }

    /// The same with other images and options.
    pub fn reopened_of(self, images: Arc<Images>, change: impl FnOnce(&mut parcae_node::Options)) -> Served {
        // The server has the node, too, until it has stopped.
        let site = Site { node: Arc::clone(&self.site.node), folder: self.site.folder.clone() };
        drop(self);
        Served::of(site.reopened_of(images, change))
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Posts JSON to a path below `/v1/`, such as `job/query`: HTTP status and checked answer.
    pub fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.post_text(path, &body.to_string())
    }

    /// Posts any text, as plain text: the server has to read it as JSON all the same.
    pub fn post_text(&self, path: &str, body: &str) -> (u16, Value) {
        let request = self.agent.post(self.url(path)).content_type("text/plain");
        Raw::of(request.send(body)).answer()
    }

    /// Posts nothing at all.
    pub fn post_nothing(&self, path: &str) -> (u16, Value) {
        Raw::of(self.agent.post(self.url(path)).send_empty()).answer()
    }

    /// Posts JSON; the answer is a file.
    pub fn download(&self, path: &str, body: Value) -> Raw {
        let request = self.agent.post(self.url(path)).content_type("application/json");
        Raw::of(request.send(body.to_string()))
    }

    /// Gets a path of the server, such as `/healthz`; nothing is checked.
    pub fn get(&self, path: &str) -> Raw {
        Raw::of(self.agent.get(format!("http://{}{path}", self.address)).call())
    }

    /// Gets a path of the server that answers with an envelope: HTTP status and checked answer.
    pub fn get_json(&self, path: &str) -> (u16, Value) {
        self.get(path).answer()
    }

    /// Gets a path below `/v1/` with JSON as the body, as FATE's client does for output data.
    pub fn get_with_body(&self, path: &str, body: Value) -> Raw {
        let request = self.agent.get(self.url(path)).force_send_body().content_type("application/json");
        Raw::of(request.send(body.to_string()))
    }

    /// Sends bytes to a target such as `/v1/job/query?x=1`, with headers of the caller's choice; nothing is checked.
    pub fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Raw {
        let url = format!("http://{}{target}", self.address);
        let request = match method {
            "GET" => self.agent.get(url).force_send_body(),
            "DELETE" => self.agent.delete(url).force_send_body(),
            _ => self.agent.post(url),
        };
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Raw::of(request.send(body))
    }

    /// Uploads a file as FATE's client does: one part `file`, and the conf as JSON text that is the whole query string.
    pub fn upload(&self, conf: &Value, content: &[u8]) -> (u16, Value) {
        let path = conf["file"].as_str().unwrap_or("upload.csv");
        let name = path.rsplit('/').next().unwrap_or(path);
        let request = self.agent.post(self.url(&upload_path(conf))).content_type(form_type());
        Raw::of(request.send(form(name, content))).answer()
    }

    /// Posts a form that `form_with` makes.
    pub fn post_form(&self, path: &str, form: Vec<u8>) -> (u16, Value) {
        let request = self.agent.post(self.url(path)).content_type(form_type());
        Raw::of(request.send(form)).answer()
    }

    /// Data of a request that must succeed.
    pub fn data(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.post(path, body);
        assert_eq!((status, answer["retcode"].as_i64()), (200, Some(0)), "{path}: {answer}");
        answer["data"].clone()
    }

    /// Return code and message of a request that must be refused in an envelope with HTTP status 200.
    pub fn refused(&self, path: &str, body: Value) -> (i64, String) {
        let (status, answer) = self.post(path, body);
        let retcode = answer["retcode"].as_i64().unwrap_or_default();
        assert!(status == 200 && retcode != 0 && answer.get("data").is_none(), "{path}: HTTP {status}: {answer}");
        (retcode, answer["retmsg"].as_str().unwrap_or_default().to_owned())
    }

    /// Submits a job that must be taken on; its id.
    pub fn submit(&self, dsl: &Value, conf: &Value) -> String {
        let (_, answer) = self.post("job/submit", json!({"job_dsl": dsl, "job_runtime_conf": conf}));
        assert_eq!(answer["retcode"], 0, "{answer}");
        answer["jobId"].as_str().expect("a job that was taken on has an id").to_owned()
    }

    /// Submits a job and waits for its end: its id, and the row of the guest.
    pub fn run(&self, dsl: &Value, conf: &Value) -> (String, Value) {
        let job = self.submit(dsl, conf);
        let row = self.wait(&job, "guest", 9999);
        (job, row)
    }

    /// Waits until a job has ended and is cleaned up; its row at a party.
    pub fn wait(&self, job: &str, role: &str, party: u64) -> Value {
        self.wait_for(job, role, party, |row| row["f_tag"] == "job_end")
    }

    /// Polls `job/query` as FATE's pipeline does until the row of a party is as it should be; panics after two minutes.
    pub fn wait_for(&self, job: &str, role: &str, party: u64, good: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        let local = json!({"role": role, "party_id": party});
        let mut seen = 0;
        loop {
            let body = json!({"job_id": job, "role": role, "party_id": party, "local": local});
            let rows = self.data("job/query", body);
            let row = rows.get(0).unwrap_or_else(|| panic!("job {job} has no row at {role} {party}"));
            if good(row) {
                return row.clone();
            }
            let late = Instant::now() >= end;
            assert!(!late, "job {job} is {} after two minutes\n{}", row["f_status"], self.site.errors(job));
            seen = self.site.node.changed(seen, Duration::from_millis(500));
        }
    }

    /// Waits until something holds that no row shows; panics after two minutes.
    pub fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let end = Instant::now() + PATIENCE;
        let mut seen = 0;
        while !holds() {
            assert!(Instant::now() < end, "after two minutes it does not hold: {what}");
            seen = self.site.node.changed(seen, Duration::from_millis(20));
        }
    }

    /// Rows of a job's tasks, the latest version of each.
    pub fn tasks(&self, job: &str) -> Vec<Value> {
        match self.data("job/task/query", json!({"job_id": job})) {
            Value::Array(rows) => rows,
            other => panic!("tasks are no list: {other}"),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/v1/{path}", self.address)
    }
}

impl Default for Served {
    fn default() -> Served {
        Served::new()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Nobody listens when the server has failed already.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let ended = self.server.take().map_or(Ok(()), JoinHandle::join);
        assert!(ended.is_ok() || std::thread::panicking(), "the server failed");
    }
}

impl Raw {
    fn of(sent: Result<Response<Body>, ureq::Error>) -> Raw {
        let mut response = sent.expect("the server answers");
        let status = response.status().as_u16();
        let header = |name: &str| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (content_type, disposition) = (header("content-type"), header("content-disposition"));
        let body = response.body_mut().with_config().limit(MAX_ANSWER);
        let bytes = body.read_to_vec().expect("the answer comes to its end");
        assert_ne!(status, 500, "{}", String::from_utf8_lossy(&bytes));
        Raw { status, content_type, disposition, bytes }
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        let Raw { status, bytes, .. } = self;
        let text = || String::from_utf8_lossy(bytes).into_owned();
        serde_json::from_slice(bytes).unwrap_or_else(|e| panic!("HTTP {status}, no JSON ({e}): {}", text()))
    }

    /// HTTP status and envelope, with all that holds for every envelope.
    pub fn answer(&self) -> (u16, Value) {
        let answer = self.json();
        let Value::Object(envelope) = &answer else { panic!("an answer is no object: {answer}") };
        assert_eq!(self.content_type, "application/json", "{answer}");
        for (key, value) in envelope {
            assert!(ENVELOPE.contains(&key.as_str()), "an answer has the key {key}: {answer}");
            assert!(!value.is_null(), "{key} of an answer is null: {answer}");
        }
        let retmsg = envelope.get("retmsg").and_then(Value::as_str);
        let retmsg = retmsg.unwrap_or_else(|| panic!("retmsg of an answer is no text: {answer}")).to_ascii_lowercase();
        let again = ["connection refused", "max retries"].iter().any(|phrase| retmsg.contains(phrase));
        assert!(!again, "FATE's pipeline would send the request again: {answer}");
        let retcode = envelope.get("retcode").and_then(Value::as_i64);
        let retcode = retcode.unwrap_or_else(|| panic!("retcode of an answer is no whole number: {answer}"));
        if self.status != 200 {
            assert_eq!(i64::from(self.status), retcode, "{answer}");
            assert_eq!(envelope.len(), 2, "an answer with a status of its own has more than code and words: {answer}");
        }
        (self.status, answer)
    }

    /// Files of a tar archive that is packed with gzip, by name.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!((self.status, self.content_type.as_str()), (200, "application/x-tar"), "{text:.200}");
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(self.bytes.as_slice()));
        let mut files = BTreeMap::new();
        for entry in archive.entries().expect("a tar archive") {
            let mut entry = entry.expect("an entry that is whole");
            let name = entry.path().expect("an entry has a path").display().to_string();
            assert!(entry.header().entry_type().is_file(), "{name} is no file");
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("an entry that can be read");
            assert!(files.insert(name.clone(), bytes).is_none(), "{name} is there twice");
        }
        files
    }
}

/// Path of an upload below `/v1/`, with its conf.
pub fn upload_path(conf: &Value) -> String {
    format!("data/upload?{}", quoted(&conf.to_string()))
}

/// Content type of a form that `form` makes.
pub fn form_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// A form with one file.
pub fn form(name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    let mut form = head.into_bytes();
    form.extend_from_slice(content);
    form.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    form
}

/// A form with fields, and a file after them.
pub fn form_with(fields: &[(&str, &str)], name: &str, content: &[u8]) -> Vec<u8> {
    let field = |(key, text): &(&str, &str)| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{text}\r\n")
    };
    let mut all: Vec<u8> = fields.iter().flat_map(|pair| field(pair).into_bytes()).collect();
    all.extend(form(name, content));
    all
}

/// Percent-encoded as Python's `requests` does it: most signs stay as they are.
fn quoted(text: &str) -> String {
    let stays = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,/:;=?@[]".contains(&byte);
    let sign = |byte: u8| if stays(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(sign).collect()
}

/// Keys of an object, sorted; panics when it is none.
pub fn keys(object: &Value) -> Vec<&str> {
    let object = object.as_object().unwrap_or_else(|| panic!("no object: {object}"));
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Items of a list; panics when it is none.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

/// Keys of what a FATE-Flow 1.11 server answered with.
pub mod golden {
    /// A row of `job/query`.
    pub const JOB_ROW: &str = "f_apply_resource_time f_cancel_signal f_cancel_time f_cores f_create_date \
        f_create_time f_description f_dsl f_elapsed f_end_date f_end_scheduling_updates f_end_time f_engine_name \
        f_engine_type f_inheritance_info f_inheritance_status f_initiator_party_id f_initiator_role f_is_initiator \
        f_job_id f_memory f_name f_party_id f_progress f_ready_signal f_ready_time f_remaining_cores \
        f_remaining_memory f_rerun_signal f_resource_in_use f_return_resource_time f_role f_roles f_runtime_conf \
        f_runtime_conf_on_party f_start_date f_start_time f_status f_status_code f_tag f_train_runtime_conf \
        f_update_date f_update_time f_user f_user_id";
    /// A row of `job/task/query`.
    pub const TASK_ROW: &str = "f_auto_retries f_auto_retry_delay f_cmd f_component_module f_component_name \
        f_component_parameters f_create_date f_create_time f_deepspeed_id f_elapsed f_end_date f_end_time \
        f_engine_conf f_error_report f_federated_mode f_federated_status_collect_type f_initiator_party_id \
        f_initiator_role f_is_deepspeed f_job_id f_kill_status f_party_id f_party_status f_provider_info f_role \
        f_run_ip f_run_on_this_party f_run_pid f_run_port f_start_date f_start_time f_status f_status_code f_task_id \
        f_task_version f_update_date f_update_time f_worker_id";
    /// Data of `job/submit`.
    pub const SUBMITTED: &str = "board_url code dsl_path job_id logs_directory message model_info pipeline_dsl_path \
        runtime_conf_on_party_path runtime_conf_path train_runtime_conf_path";
    /// Data of `data/upload`.
    pub const UPLOADED: &str = "board_url code dsl_path job_id logs_directory message model_info namespace \
        pipeline_dsl_path runtime_conf_on_party_path runtime_conf_path table_name train_runtime_conf_path";
    /// Data of `table/table_info`.
    pub const TABLE: &str = "address count enable exist extend_sid namespace origin partition schema table_name";
}
