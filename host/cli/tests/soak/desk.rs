//! One tenant's way to a node that may be killed at any moment and comes back on another port: requests with its key.
//! Not for: what is asked (`drive`, `checks`).

use std::{
    sync::{Arc, PoisonError, RwLock},
    thread::sleep,
    time::{Duration, Instant},
};

use parcae_cli::{ApiKey, Client};
use serde_json::{Value, json};
use ureq::Agent;

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// How long a node may be away.
const AWAY: Duration = Duration::from_secs(120);
/// Pause before a request is sent again.
const PAUSE: Duration = Duration::from_millis(100);
/// Largest answer that is read, bytes.
const MAX_ANSWER: u64 = 256 << 20;

/// Where the node listens now.
pub type Place = Arc<RwLock<String>>;

/// A tenant with its key.
pub struct Desk {
    /// Its name.
    pub tenant: String,
    token: String,
    place: Place,
    agent: Agent,
}

impl Desk {
    /// For a tenant.
    pub fn new(tenant: &str, token: String, place: Place) -> Desk {
        let config = Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(Some(ANSWER));
        Desk { tenant: tenant.to_owned(), token, place, agent: config.build().into() }
    }

    fn url(&self) -> String {
        self.place.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Posts once: the envelope, or none when no answer came, whatever the node did.
    pub fn once(&self, path: &str, body: &Value) -> Option<Value> {
        let request = self.agent.post(format!("{}/v1/{path}", self.url()));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let mut response = request.content_type("application/json").send(body.to_string()).ok()?;
        let status = response.status().as_u16();
        let text = response.body_mut().with_config().limit(MAX_ANSWER).read_to_string();
        assert_ne!(status, 500, "{path}: {text:?}");
        let text = text.ok()?;
        let envelope: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}: {text}"));
        assert!(envelope["retcode"].is_i64(), "{path}: {envelope}");
        Some(envelope)
    }

    /// Asks until somebody answers. To be used for what may be done twice.
    pub fn ask(&self, path: &str, body: &Value) -> Value {
        let end = Instant::now() + AWAY;
        loop {
            if let Some(answer) = self.once(path, body) {
                return answer;
            }
            assert!(Instant::now() < end, "{path}: nobody answers for {AWAY:?}");
            sleep(PAUSE);
        }
    }

    /// Data of a request that must succeed.
    pub fn data(&self, path: &str, body: &Value) -> Value {
        let answer = self.ask(path, body);
        assert_eq!(answer["retcode"], 0, "{path} {body}: {answer}");
        answer["data"].clone()
    }

    /// Data of a path that is read with a GET.
    pub fn get(&self, path: &str) -> Value {
        let request = self.agent.get(format!("{}/v1/{path}", self.url()));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let mut response = request.call().unwrap_or_else(|e| panic!("{path}: {e}"));
        let text = response.body_mut().with_config().limit(MAX_ANSWER).read_to_string().unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}: {text}"));
        assert_eq!(answer["retcode"], 0, "{path}: {answer}");
        answer["data"].clone()
    }

    /// Uploads a table and waits; the job's id.
    pub fn upload(&self, name: &str, csv: &str) -> String {
        let conf = json!({"file": "t.csv", "head": 1, "partition": 2, "namespace": "soak", "table_name": name});
        let client = Client::new(&self.url()).unwrap().with_key(Some(ApiKey::from(self.token.clone())));
        let job = client.upload(&conf, "t.csv", &mut csv.as_bytes()).unwrap().job_id;
        let end = Instant::now() + AWAY;
        loop {
            let rows = self.data("job/query", &json!({"job_id": job}));
            if rows[0]["f_tag"] == "job_end" {
                assert_eq!(rows[0]["f_status"], "success", "upload of {name}: {rows}");
                return job;
            }
            assert!(Instant::now() < end, "upload of {name}: {rows}");
            sleep(PAUSE);
        }
    }

    /// All jobs that the tenant has: id, status and tag of each row.
    pub fn jobs(&self) -> Vec<(String, String, String)> {
        let list = self.data("job/list/job", &json!({}));
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let rows = list["jobs"].as_array().unwrap().iter();
        rows.map(|row| (text(row, "job_id"), text(row, "status"), text(row, "tag"))).collect()
    }
}
