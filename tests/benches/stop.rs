//! A node with two hundred attempts that compute without an end: how soon a stop arrives, and how soon others are
//! answered meanwhile, in each isolation. Not for: what an attempt costs that ends by itself (`isolation`).

mod report;

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use parcae_domain::{attempt::IsolationPolicy, status::Status};
use parcae_tests::{Site, http::Served, images};
use report::below;
use serde_json::{Value, json};

/// Attempts that compute at once.
const BUSY: usize = 200;
/// Of those, attempts that are stopped one after the other, while the others compute.
const ONE_BY_ONE: usize = 100;
/// How long others are asked for before the first stop.
const LISTEN: Duration = Duration::from_secs(10);
/// Pause between two questions.
const PAUSE: Duration = Duration::from_millis(10);
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Milliseconds within which a stop has to arrive, and an answer.
const STOP_TARGET: f64 = 100.0;
const ANSWER_TARGET: f64 = 50.0;

fn main() {
    if !report::is_wanted() {
        return;
    }
    if parcae_tests::program().is_none() {
        println!("nothing measured: the program attempt-worker is not there");
        return;
    }
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    for isolation in [IsolationPolicy::Thread, IsolationPolicy::Process] {
        println!("isolation {isolation:?}, {BUSY} attempts that compute, on {cores} cores");
        Bench::new(isolation).all();
    }
}

/// A served node.
struct Bench(Served);

impl Bench {
    fn new(isolation: IsolationPolicy) -> Bench {
        let site = Site::of(images(), |options| {
            // All that are wanted may run at once.
            options.cores = 4 * BUSY as u32;
            options.isolation = isolation;
        });
        let bench = Bench(Served::of(site));
        // Compiled for this isolation from now on.
        let job = bench.submit("none");
        bench.ended(&job, Status::Success);
        bench
    }

    fn all(&self) {
        self.memory("idle");
        self.answers("idle", || sleep(LISTEN));
        let jobs: Vec<String> = (0..BUSY).map(|_| self.submit("spin")).collect();
        self.running(BUSY);
        self.memory("busy");
        self.answers("busy", || sleep(LISTEN));
        let (one_by_one, at_once) = jobs.split_at(ONE_BY_ONE);
        self.answers("while attempts are stopped", || {
            let took = one_by_one.iter().map(|job| self.stop(job)).collect();
            told("  stop of one while the others compute", took, STOP_TARGET);
        });
        self.stop_at_once(at_once);
        self.running(0);
        self.memory("when all were stopped");
    }

    fn submit(&self, behaviour: &str) -> String {
        let dsl = json!({"components": {"probe_0": {"module": "Probe"}}});
        let conf = json!({
            "dsl_version": 2,
            "initiator": {"role": "local", "party_id": 0},
            "role": {"local": [0]},
            "job_parameters": {"common": {"task_cores": 1}},
            "component_parameters": {"common": {"probe_0": {"behaviour": behaviour}}}
        });
        self.0.site.submit(&dsl, &conf)
    }

    fn ended(&self, job: &str, status: Status) {
        let view = self.0.site.wait(job);
        assert_eq!(view.status, status, "{}", self.0.site.errors(job));
    }

    /// Waits until so many attempts run and use the processor, which they do not before they have begun.
    fn running(&self, count: usize) {
        let end = Instant::now() + PATIENCE;
        loop {
            let usage = self.0.site.node.default_tenant().usage(None, None).expect("what is used");
            let begun = usage.running.iter().filter(|used| used.usage.cpu > Duration::ZERO || count == 0).count();
            if begun == count {
                return;
            }
            assert!(Instant::now() < end, "{begun} attempts run where {count} should");
            sleep(PAUSE);
        }
    }

    /// From the request to stop a job until it has ended, ms.
    fn stop(&self, job: &str) -> f64 {
        let begun = Instant::now();
        self.0.site.node.default_tenant().stop(job, Status::Canceled).expect("the job is there");
        self.ended(job, Status::Canceled);
        begun.elapsed().as_secs_f64() * 1e3
    }

    /// Stops jobs without waiting for any; how long until all of them have ended.
    fn stop_at_once(&self, jobs: &[String]) {
        let begun = Instant::now();
        for job in jobs {
            self.0.site.node.default_tenant().stop(job, Status::Canceled).expect("the job is there");
        }
        let asked = begun.elapsed().as_secs_f64() * 1e3;
        jobs.iter().for_each(|job| self.ended(job, Status::Canceled));
        let all = begun.elapsed().as_secs_f64() * 1e3;
        println!("  stop of {} at once: asked for within {asked:.0} ms, all ended within {all:.0} ms", jobs.len());
    }

    /// Latency of two small questions while something else happens.
    fn answers(&self, when: &str, meanwhile: impl FnOnce()) {
        let over = AtomicBool::new(false);
        let ask = || {
            let (mut health, mut version) = (Vec::new(), Vec::new());
            while !over.load(Ordering::Acquire) {
                let begun = Instant::now();
                assert_eq!(self.0.get("/healthz").status, 200);
                health.push(begun.elapsed().as_secs_f64() * 1e3);
                let begun = Instant::now();
                let _: Value = self.0.data("version/get", json!({}));
                version.push(begun.elapsed().as_secs_f64() * 1e3);
                sleep(PAUSE);
            }
            (health, version)
        };
        let (health, version) = scope(|scope| {
            let asking = scope.spawn(ask);
            meanwhile();
            over.store(true, Ordering::Release);
            asking.join().expect("the node answers")
        });
        told(&format!("  GET /healthz, {when}"), health, ANSWER_TARGET);
        told(&format!("  version/get, {when}"), version, ANSWER_TARGET);
    }

    /// Memory of the node and of the processes that it has started.
    fn memory(&self, when: &str) {
        let own = std::process::id();
        let workers: Vec<u32> = processes().filter(|pid| parent(*pid) == Some(own)).collect();
        let of_workers: f64 = workers.iter().map(|pid| memory(*pid)).sum();
        println!(
            "  memory {when}: {:.1} MB, and {of_workers:.1} MB of its own of {} processes",
            memory(own),
            workers.len()
        );
    }
}

/// Median and 99th percentile of some figures.
fn told(what: &str, mut figures: Vec<f64>, target: f64) {
    figures.sort_by(f64::total_cmp);
    let at = |share: usize| figures.get((figures.len() * share / 100).min(figures.len().saturating_sub(1)));
    let [half, most] = [at(50), at(99)].map(|figure| figure.copied().unwrap_or(f64::NAN));
    let (count, word) = (figures.len(), below(most, target, "ms at p99"));
    println!("{what}: p50 {half:.1} ms, p99 {most:.1} ms ({count} times; {word})");
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is a name in parentheses, in which anything may stand.
    stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()
}

/// Memory that a process shares with no file, MB.
fn memory(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) * 1024.0 / 1e6
}
