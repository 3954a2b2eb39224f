//! The binary, killed with SIGKILL at seeded moments of the example job and started again each time: the job ends in success
//! with the same AUC, and nothing that was acknowledged is lost. Not for: nodes in this process (`tests/suite`).
//!
//! `PARCAE_KILLS` says how many moments; a plain `cargo test` takes a few, the slow suite thirty.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use parcae_cli::Client;
use serde_json::{Value, json};

/// AUC of the example after five epochs.
const AUC: f64 = 0.975186;
/// Moments of a plain `cargo test`.
const FEW: u64 = 4;
/// Longest time that a job may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A node in a process of its own.
struct Process {
    child: Child,
    client: Client,
}

impl Process {
    fn start(data: &Path) -> Process {
        let mut child = Command::new(env!("CARGO_BIN_EXE_parcae"))
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = serde_json::Deserializer::from_reader(child.stdout.take().unwrap()).into_iter::<Value>();
        let said = said.next().unwrap().unwrap();
        let client = Client::new(said["url"].as_str().unwrap()).unwrap();
        Process { child, client }
    }

    fn kill(mut self) {
        // On Unix this is SIGKILL.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/hetero_lr").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// Status and progress of a job at its initiator.
fn status(client: &Client, job: &str) -> String {
    let rows = client.job(job).unwrap();
    let rows = serde_json::to_value(&rows).unwrap();
    rows.as_array().unwrap().iter().find(|r| r["f_is_initiator"] == true).unwrap()["f_status"].as_str().unwrap().into()
}

fn wait(client: &Client, job: &str) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let now = status(client, job);
        if !["waiting", "running"].contains(&now.as_str()) {
            return now;
        }
        assert!(Instant::now() < end, "job {job} is {now} after {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn upload(client: &Client, name: &str) {
    let conf = json!({
        "file": format!("{name}.csv"), "head": 1, "partition": 4, "namespace": "experiment", "table_name": name
    });
    let taken = client.upload(&conf, name, &mut example(&format!("{name}.csv")).as_bytes()).unwrap();
    assert_eq!(wait(client, &taken.job_id), "success");
}

fn submit(client: &Client) -> String {
    let dsl = serde_json::from_str(&example("job_dsl.json")).unwrap();
    let mut conf: Value = serde_json::from_str(&example("job_conf.json")).unwrap();
    conf["component_parameters"]["common"]["hetero_lr_0"]["max_iter"] = json!(5);
    client.submit(dsl, conf).unwrap().job_id
}

/// Component and version of every task of a job that has ended well, at all its parties.
fn good_tasks(client: &Client, job: &str) -> BTreeSet<(String, u64)> {
    let rows = serde_json::to_value(client.tasks(job).unwrap()).unwrap();
    let rows = rows.as_array().unwrap().iter().filter(|row| row["f_status"] == "success");
    rows.map(|row| (row["f_component_name"].as_str().unwrap().into(), row["f_task_version"].as_u64().unwrap()))
        .collect()
}

fn auc(client: &Client, job: &str) -> f64 {
    let metrics = client.metrics(job, "guest", "9999", "evaluation_0").unwrap();
    let metrics = serde_json::to_value(&metrics).unwrap();
    let points = metrics["train"]["hetero_lr_0"]["data"].as_array().unwrap();
    points.iter().find(|p| p[0] == "auc").unwrap()[1].as_f64().unwrap()
}

/// The next of a seeded row of numbers below one (xorshift).
fn draw(state: &mut u64) -> f64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 11) as f64 / (1u64 << 53) as f64
}

#[test]
fn a_node_that_is_killed_at_any_moment_goes_on_with_what_it_owes() {
    let moments = std::env::var("PARCAE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(FEW);
    let folder = tempfile::tempdir().unwrap();
    let mut node = Process::start(folder.path());
    upload(&node.client, "breast_hetero_guest");
    upload(&node.client, "breast_hetero_host");
    let began = Instant::now();
    let first = submit(&node.client);
    assert_eq!(wait(&node.client, &first), "success");
    let whole = began.elapsed();
    let mut done = vec![first];
    let mut state = 0x9e37_79b9_7f4a_7c15;
    for round in 0..moments {
        let moment = whole.mul_f64(draw(&mut state) * 1.1);
        let began = Instant::now();
        let job = submit(&node.client);
        std::thread::sleep(moment.saturating_sub(began.elapsed()));
        let kept = good_tasks(&node.client, &job);
        node.kill();
        node = Process::start(folder.path());
        assert_eq!(wait(&node.client, &job), "success", "round {round}, killed after {moment:?}");
        // What had ended was not run again.
        let now = good_tasks(&node.client, &job);
        assert!(kept.is_subset(&now), "round {round}: {kept:?} had ended, now {now:?}");
        let got = auc(&node.client, &job);
        assert!((got - AUC).abs() < 1e-6, "round {round}, killed after {moment:?}: AUC {got}");
        done.push(job);
    }
    // What was acknowledged before is all there.
    for job in &done {
        assert_eq!(status(&node.client, job), "success");
        assert!((auc(&node.client, job) - AUC).abs() < 1e-6);
    }
    node.kill();
}
