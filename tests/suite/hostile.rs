//! A component that misbehaves, through whole nodes: every behaviour of `probe` ends with its outcome and names its limit,
//! nobody else is disturbed, and a stop arrives whatever it is doing. Not for: images that are refused (`hostile_raw`).

mod limits;
mod rows;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use parcae_domain::{
    limit::Limits,
    party::{Party, Role},
    port::Catalog,
    status::Status,
    tenant::TenantId,
};
use parcae_node::view::{Filter, TaskView};
use parcae_tests::{Site, breast, images, merge};
use rows::{ROWS, Row, Set, Shape, TEXT};
use serde_json::{Value, json};

use crate::hostile_raw::auc;

/// Cores that the scheduler believes in, so that all jobs of a site run at once.
const CORES: u32 = 96;
/// How long a stop may take on a machine that is busy with other tests: ten times what is promised on one that is not.
const STOPPED_WITHIN: Duration = Duration::from_secs(1);
/// How often it is tried: other tests may have the processors for a while.
const TRIES: usize = 3;

/// DSL and conf of a job in which the probe does this.
fn job(behaviour: &str, amount: u64, shape: Shape) -> (Value, Value) {
    let mut dsl = json!({"components": {}});
    let mut probe = json!({"module": "Probe", "output": {"data": ["data"], "model": ["model"]}});
    if shape == Shape::Reads {
        dsl["components"]["reader_0"] = json!({"module": "Reader", "output": {"data": ["data"]}});
        probe["input"] = json!({"data": {"data": ["reader_0.data"]}});
    }
    dsl["components"]["probe_0"] = probe;
    let retries = u32::from(behaviour == "succeed_after");
    let mut conf = json!({
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999]},
        "job_parameters": {"common": {"task_cores": 1, "auto_retries": retries, "auto_retry_delay": 0}},
        "component_parameters": {"common": {"probe_0": {"behaviour": behaviour, "amount": amount, "text": TEXT}}}
    });
    match shape {
        Shape::Alone => {
            conf["initiator"] = json!({"role": "local", "party_id": 0});
            conf["role"] = json!({"local": [0]});
        }
        Shape::Reads => {
            let table = json!({"reader_0": {"table": {"namespace": "experiment", "name": "t"}}});
            merge(&mut conf["component_parameters"]["common"], table);
        }
        Shape::With(other) => {
            conf["role"]["host"] = json!([10000]);
            conf["component_parameters"]["role"] = json!({"host": {"0": {"probe_0": {"behaviour": other}}}});
        }
        Shape::Both => conf["role"]["host"] = json!([10000]),
    }
    (dsl, conf)
}

/// The party whose attempt is looked at.
fn party(shape: Shape) -> Party {
    if shape == Shape::Alone { Party::new(Role::Local, 0) } else { Party::new(Role::Guest, 9999) }
}

fn submit(site: &Site, behaviour: &str, amount: u64, shape: Shape) -> String {
    let (dsl, conf) = job(behaviour, amount, shape);
    site.submit(&dsl, &conf)
}

/// The probe's attempt.
fn task(site: &Site, job: &str, party: Party) -> TaskView {
    let filter =
        Filter { jobs: Some(vec![job.to_owned()]), components: Some(vec!["probe_0".to_owned()]), ..Filter::default() };
    site.node.default_tenant().tasks(&filter).unwrap().into_iter().find(|task| task.party == party).unwrap()
}

/// The log of the probe's attempt, all levels.
fn log(site: &Site, job: &str, party: Party) -> String {
    let file = site.folder().join("logs").join(job).join(party.to_string()).join("probe_0/stat.log");
    String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()).into_owned()
}

/// A site with a small table and such limits.
fn site(change: impl FnOnce(&mut Limits)) -> Site {
    let site = Site::with(|options| {
        options.cores = CORES;
        change(&mut options.limits);
    });
    let rows = (0..100).map(|i| format!("u{i},{},{i}.5\n", i % 2));
    let csv: String = std::iter::once("id,y,x0\n".to_owned()).chain(rows).collect();
    let view = site.upload("t", &csv);
    assert_eq!(view.status, Status::Success, "{}", site.errors(&view.job.0));
    site
}

/// What is wrong with how a behaviour ended; nothing when all is well.
fn faults(site: &Site, row: &Row, job: &str, log_bytes: u64) -> Vec<String> {
    site.wait(job);
    let (task, log) = (task(site, job, party(row.shape)), log(site, job, party(row.shape)));
    let said = format!("{}\n{log}", task.error_report);
    let mut faults = Vec::new();
    if task.party_status != row.status {
        faults.push(format!("ended as {} where {} was expected", task.party_status, row.status));
    }
    let missing = row.says.iter().filter(|words| !said.contains(**words));
    faults.extend(missing.map(|words| format!("does not say {words:?}")));
    // The line that says that there are no more stands behind the limit.
    if log.len() as u64 > log_bytes + 1_024 || log.matches("log limit of").count() > 1 {
        faults.push(format!("its log has {} bytes", log.len()));
    }
    if said.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        faults.push("a control character is in its log or its error report".to_owned());
    }
    let head = |fault: String| format!("{} ({}, {:?}): {fault}", row.behaviour, row.amount, row.set);
    let mut faults: Vec<String> = faults.into_iter().map(head).collect();
    if !faults.is_empty() {
        faults.push(format!("    {}", task.error_report.replace('\n', "\n    ")));
    }
    faults
}

/// Runs all behaviours of a set at once, on one site.
fn run(set: Set) {
    let site = site(|limits| set.apply(limits));
    let log_bytes = site.node.limits().log_bytes;
    let rows: Vec<&Row> = ROWS.iter().filter(|row| row.set == set).collect();
    let jobs: Vec<String> = rows.iter().map(|row| submit(&site, row.behaviour, row.amount, row.shape)).collect();
    let ended = rows.iter().zip(&jobs);
    let faults: Vec<String> = ended.flat_map(|(row, job)| faults(&site, row, job, log_bytes)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let tables = std::fs::read_dir(site.folder().join("tables")).unwrap().flatten();
    let names = tables.map(|file| file.file_name().to_string_lossy().into_owned());
    let left: Vec<String> = names.filter(|name| name.ends_with(".tmp")).collect();
    assert!(left.is_empty(), "unfinished tables were left: {left:?}");
}

#[test]
fn behaviours_end_as_they_should_under_tight_limits() {
    run(Set::Tight);
}

#[test]
fn behaviours_without_an_end_are_out_of_time() {
    run(Set::Hasty);
}

#[test]
fn behaviours_end_as_they_should_under_rates_and_counts() {
    run(Set::Busy);
}

#[test]
fn behaviours_end_as_they_should_under_the_usual_limits() {
    run(Set::Roomy);
}

#[test]
fn every_behaviour_is_expected_to_end_somehow() {
    let probe = images().module(&TenantId::default_tenant(), "Probe", None).unwrap().module;
    let offered = probe.parameters["properties"]["behaviour"]["enum"].as_array().unwrap();
    let offered: BTreeSet<&str> = offered.iter().filter_map(Value::as_str).collect();
    let expected: BTreeSet<&str> = ROWS.iter().map(|row| row.behaviour).collect();
    assert_eq!(expected, offered);
}

#[test]
fn others_go_on_beside_components_that_misbehave() {
    let site = site(|limits| {
        limits.memory_bytes = 128 << 20;
        limits.log_bytes = 64 << 10;
    });
    breast::upload(&site);
    let endless = ["spin", "flood_log"].map(|behaviour| submit(&site, behaviour, 0, Shape::Alone));
    let failing = ["panic", "allocate"].map(|behaviour| submit(&site, behaviour, 0, Shape::Alone));
    let began = Instant::now();
    let (dsl, conf) = job("none", 0, Shape::Alone);
    site.succeed(&dsl, &conf);
    println!("a job that does nothing took {:?} beside four that misbehave", began.elapsed());
    let (dsl, mut conf) = breast::job();
    merge(&mut conf["component_parameters"]["common"]["hetero_lr_0"], json!({"max_iter": 5}));
    let trained = site.succeed(&dsl, &conf);
    assert!((auc(&site, &trained) - 0.975186).abs() < 1e-6);
    for job in &failing {
        assert_eq!(site.wait(job).status, Status::Failed, "{}", site.errors(job));
    }
    for job in &endless {
        assert_eq!(site.job(job).status, Status::Running, "{}", site.errors(job));
        site.node.default_tenant().stop(job, Status::Canceled).unwrap();
        assert_eq!(site.wait(job).status, Status::Canceled, "{}", site.errors(job));
    }
}

/// Behaviour, amount, who takes part, and what the log says once the state is reached.
type State = (&'static str, u64, Shape, &'static str);

/// Stops a job once the probe's log says that it is in the state; how long that took.
fn stopped(site: &Site, (behaviour, amount, shape, mark): State) -> Duration {
    let job = submit(site, behaviour, amount, shape);
    site.wait_for(&job, |_| log(site, &job, party(shape)).contains(mark));
    let began = Instant::now();
    site.node.default_tenant().stop(&job, Status::Canceled).unwrap();
    let view = site.wait(&job);
    let took = began.elapsed();
    assert_eq!(view.status, Status::Canceled, "{behaviour}: {}", site.errors(&job));
    let task = task(site, &job, party(shape));
    assert_eq!(task.party_status, Status::Canceled, "{behaviour}: {}", task.error_report);
    took
}

#[test]
fn a_stop_arrives_whatever_a_component_is_doing() {
    let site = site(|limits| limits.log_bytes = 64 << 10);
    let states: [State; 13] = [
        ("spin", 0, Shape::Alone, "behaviour spin"),
        ("fill_long", 400 << 20, Shape::Alone, "fills"),
        ("pull_never", 0, Shape::Both, "behaviour pull_never"),
        ("read_long", 0, Shape::Reads, "reads"),
        ("write_long", 0, Shape::Alone, "writes"),
        ("encrypt_long", 0, Shape::Alone, "encrypts"),
        ("decrypt_long", 0, Shape::Alone, "decrypts"),
        ("sums_long", 0, Shape::Alone, "sums"),
        ("send_long", 0, Shape::With("pull_never"), "sends"),
        ("blind_long", 0, Shape::Alone, "blinds"),
        ("generate_long", 0, Shape::Alone, "behaviour generate_long"),
        ("points_long", 0, Shape::Alone, "is paced"),
        ("flood_log", 0, Shape::Alone, "log limit of"),
    ];
    for state in states {
        let mut took = Duration::MAX;
        for _ in 0..TRIES {
            took = took.min(stopped(&site, state));
            println!("{}: stopped within {} ms", state.0, took.as_millis());
            if took < STOPPED_WITHIN {
                break;
            }
        }
        assert!(took < STOPPED_WITHIN, "{}: a stop took {took:?}", state.0);
    }
}
