//! A node's API on a free port of this machine, and a client of it: the way that users of FATE go. Not for: how answers look
//! (the server's own tests).

#![allow(dead_code, reason = "each bench needs its share")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use parcae_node::Node;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use ureq::{Agent, AsSendBody};

/// Pause between two questions after a job.
const POLL: Duration = Duration::from_millis(2);
/// How long a job may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server that runs until it is dropped, and a client with one connection.
pub struct Server {
    agent: Agent,
    url: String,
    _runtime: Runtime,
}

impl Server {
    /// Serves a node.
    pub fn start(node: &Arc<Node>) -> Server {
        let runtime = Builder::new_multi_thread().enable_all().build().expect("threads can be started");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port is free");
        let url = format!("http://{}/v1", listener.local_addr().expect("the socket has an address"));
        let options = parcae_server::Options::default();
        runtime.spawn(parcae_server::serve(listener, Arc::clone(node), options, std::future::pending::<()>()));
        let agent = Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        Server { agent, url, _runtime: runtime }
    }

    /// Posts to a path below `/v1`; the envelope of an answer that says success.
    pub fn post(&self, path: &str, content_type: &str, body: impl AsSendBody) -> Value {
        let request = self.agent.post(format!("{}/{path}", self.url)).content_type(content_type);
        let mut response = request.send(body).expect("the node answers");
        let text = response.body_mut().read_to_string().expect("the answer is complete");
        let envelope: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(envelope["retcode"], 0, "{text}");
        envelope
    }

    /// Waits until a job has succeeded; `taken` is the answer to its submission.
    pub fn wait(&self, taken: &Value) {
        assert_eq!(taken["data"]["code"], 0, "the job is refused: {taken}");
        let question = json!({"job_id": taken["data"]["job_id"]}).to_string();
        let end = Instant::now() + PATIENCE;
        loop {
            let rows = self.post("job/query", "application/json", question.as_str());
            match rows["data"][0]["f_status"].as_str() {
                Some("success") => return,
                Some("waiting" | "running") if Instant::now() < end => std::thread::sleep(POLL),
                _ => panic!("the job has not succeeded: {rows}"),
            }
        }
    }
}
