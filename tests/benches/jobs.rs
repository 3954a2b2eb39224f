//! Speed of whole jobs: an iteration of HeteroLR, and a job that hardly does anything. Not for: the cryptography alone
//! (`crypto`), uploads (`upload`), the sandbox alone (`sandbox`).
//!
//! References: FATE 1.11 needs 9.4 s and 17 cpu-seconds for an iteration of its example `normal`, and 7 s for a job with a
//! Reader alone; measured earlier, on another machine.

mod http;
mod report;

use std::time::Instant;

use http::Server;
use parcae_domain::{
    party::{Party, Role},
    status::Status,
};
use parcae_node::view::Filter;
use parcae_tests::{Site, breast, merge};
use report::{below, median};
use serde_json::{Value, json};

const ARBITER: Party = Party { role: Role::Arbiter, id: 10000 };

/// How often a pair of trainings is run.
const RUNS: usize = 3;
/// How often the small job is run.
const SMALL_RUNS: usize = 20;
/// Rows of the small job's table.
const SMALL_ROWS: usize = 20_000;
/// Ticks of the operating system's clock of processor time, a second.
const TICKS: f64 = 100.0;

/// A training that is run with many and with few iterations, so that what is not an iteration cancels out.
struct Case {
    what: &'static str,
    parameters: Value,
    many: usize,
    few: usize,
    target: f64,
    reference: &'static str,
}

/// Seconds of one training.
struct Run {
    /// The whole job.
    job: f64,
    /// The arbiter's task.
    training: f64,
    /// Processor time of this process.
    processor: f64,
}

fn main() {
    if !report::is_wanted() {
        return;
    }
    let cases = [
        Case {
            what: "hetero_lr, 569 rows, all in one batch, 1024 bits",
            parameters: json!({}),
            many: 30,
            few: 5,
            target: 0.25,
            reference: "FATE 1.11, batches of 320: 9.4 s, 17 cpu-s",
        },
        Case {
            what: "hetero_lr, 569 rows, batches of 320, masked and shuffled (FATE's `normal`), 1024 bits",
            // So small a tolerance is not reached.
            parameters: json!({"batch_size": 320, "tol": 1e-12}),
            many: 8,
            few: 3,
            target: 0.6,
            reference: "FATE 1.11: 9.4 s, 17 cpu-s",
        },
    ];
    let site = Site::new();
    breast::upload(&site);
    for case in &cases {
        iterations(&site, case);
    }
    drop(site);
    small_job();
}

/// Seconds of an iteration.
fn iterations(site: &Site, case: &Case) {
    let count = (case.many - case.few) as f64;
    let (mut each, mut processor, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (many, few) = (train(site, case, case.many), train(site, case, case.few));
        each.push((many.training - few.training) / count);
        processor.push((many.processor - few.processor) / count);
        whole.push(many.job);
    }
    let (each, processor, whole) = (median(each), median(processor), median(whole));
    println!(
        "{}: {each:.3} s an iteration, {processor:.2} cpu-s; the whole job with {} iterations {whole:.2} s ({}; {}; median \
         of {RUNS})",
        case.what,
        case.many,
        case.reference,
        below(each, case.target, "s"),
    );
}

/// Runs the example with the parameters of a case.
fn train(site: &Site, case: &Case, iterations: usize) -> Run {
    let (dsl, mut conf) = breast::job();
    let parameters = &mut conf["component_parameters"]["common"]["hetero_lr_0"];
    merge(parameters, case.parameters.clone());
    merge(parameters, json!({"max_iter": iterations}));
    let (begun, used) = (Instant::now(), processor_seconds());
    let job = site.succeed(&dsl, &conf);
    let (whole, used) = (begun.elapsed().as_secs_f64(), processor_seconds() - used);
    assert_eq!(iterations_of(site, &job), iterations, "{}: it converged early", case.what);
    Run { job: whole, training: training_seconds(site, &job), processor: used }
}

/// How many iterations a training took: points of its loss.
fn iterations_of(site: &Site, job: &str) -> usize {
    let series = site.node.default_tenant().metrics(job, "hetero_lr_0", ARBITER).expect("metrics of the arbiter");
    series.iter().find(|s| s.namespace == "train" && s.name == "loss").map_or(0, |loss| loss.points.len())
}

/// How long the arbiter's part of a training ran.
fn training_seconds(site: &Site, job: &str) -> f64 {
    let filter = Filter {
        jobs: Some(vec![job.to_owned()]),
        roles: Some(vec!["arbiter".to_owned()]),
        components: Some(vec!["hetero_lr_0".to_owned()]),
        ..Filter::default()
    };
    let tasks = site.node.default_tenant().tasks(&filter).expect("tasks of the job");
    let task = tasks.first().expect("the arbiter has a task");
    let (start, end) = task.start_ms.zip(task.end_ms).expect("the task has ended");
    (end - start) as f64 / 1e3
}

/// Processor time of this process so far, of threads that have ended, too.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is a name in parentheses, in which anything may stand.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<f64>().ok()).unwrap_or(f64::NAN);
    (ticks(14) + ticks(15)) / TICKS
}

/// A job of one Reader, from its submission to its success.
fn small_job() {
    let site = Site::new();
    let rows = (0..SMALL_ROWS).map(|i| format!("u{i},{},{i}.5\n", i % 2));
    let csv: String = std::iter::once("id,y,x0\n".to_owned()).chain(rows).collect();
    let view = site.upload("small", &csv);
    assert_eq!(view.status, Status::Success, "{}", site.errors(&view.job.0));
    let dsl = json!({"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "component_parameters": {"common": {"reader_0": {"table": {"namespace": "experiment", "name": "small"}}}}
    });
    let through_node = small_runs(|| drop(site.succeed(&dsl, &conf)));
    let server = Server::start(&site.node);
    let body = json!({"job_dsl": dsl, "job_runtime_conf": conf}).to_string();
    let through_http = small_runs(|| server.wait(&server.post("job/submit", "application/json", body.as_str())));
    for (way, ms) in [("through the node", through_node), ("over HTTP, asked for every 2 ms", through_http)] {
        println!(
            "job of one Reader, {SMALL_ROWS} rows, {way}: {ms:.1} ms from submission to success (FATE: 7000 ms; {}; median of \
             {SMALL_RUNS})",
            below(ms, 100.0, "ms"),
        );
    }
}

/// Median of several runs in ms.
fn small_runs(job: impl Fn()) -> f64 {
    let run = |_| {
        let begun = Instant::now();
        job();
        begun.elapsed().as_secs_f64() * 1e3
    };
    median((0..SMALL_RUNS).map(run).collect())
}
