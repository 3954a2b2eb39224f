//! What the sandbox costs: compiling, starting an attempt, calling the node, moving pages. Attempts of the probe run
//! directly in the sandbox, over a world that keeps tables in memory (`fake`). Not for: whole jobs (`jobs`).
//!
//! References are bare wasmtime 48 with the same settings, measured earlier: 85 KB of component compile in 130 to 250 ms of
//! processor time, store and instance take 25 to 30 us, an empty call of the node 93 to 102 ns, a list of numbers goes in with
//! 6 to 11 and out with 10 to 14 GB/s.

mod fake;
mod report;

use std::sync::Arc;
use std::time::Instant;

use fake::{Fake, Memory};
use parcae_domain::{
    attempt::{Attempt, Isolation, StopSignal},
    id::{AttemptId, JobId, TaskId},
    limit::Limits,
    outcome::Outcome,
    party::{Party, Role},
    port::{Catalog, Executor, Table},
    tenant::TenantId,
};
use parcae_runtime::{Images, Sandbox, Settings, start};
use report::{below, median};
use serde_json::{Value, json};

/// Attempts that do nothing.
const ATTEMPTS: usize = 1000;
/// Calls of the node in one attempt.
const CALLS: u64 = 1_000_000;
/// How often the table is read in one attempt.
const READS: u64 = 256;
/// Pages that are written in one attempt.
const WRITES: u64 = 512;
/// How often each measurement but the first is run; the shortest counts.
const RUNS: usize = 3;
/// GB/s that pages have to reach.
const PAGE_TARGET: f64 = 1.5;

fn main() {
    if !report::is_wanted() {
        return;
    }
    let bench = Bench::new(compiled());
    let idle = bench.attempts();
    let calls = (bench.best("bench_noop", CALLS).0 - idle) / CALLS as f64 * 1e9;
    println!(
        "call of the node, metrics.progress with a short text: {calls:.0} ns (bare wasmtime, empty: 93 to 102 ns)"
    );
    let reference = "bare wasmtime, one list: 6 to 11 GB/s";
    bench.pages("read by the component, 512 KiB each, with a copy in the node", "bench_pages", READS, reference, idle);
    let reference = "bare wasmtime, one list: 10 to 14 GB/s";
    bench.pages("written by the component, 672 KiB each", "bench_write", WRITES, reference, idle);
}

/// Compiles all images.
fn compiled() -> Arc<Images> {
    let images = Images::new(start(Settings::default()).expect("the engine starts"));
    for built in parcae_catalog::IMAGES.iter().chain(parcae_catalog::TEST_IMAGES) {
        let begun = Instant::now();
        let image = images.add(built.wasm).unwrap_or_else(|e| panic!("component {}: {e}", built.name));
        println!(
            "compile {}, {:.0} KB: {:.0} ms, accepted after {:.0} ms (bare wasmtime, 85 KB: 130 to 250 ms of one core)",
            built.name,
            built.wasm.len() as f64 / 1e3,
            image.compile_time.as_secs_f64() * 1e3,
            begun.elapsed().as_secs_f64() * 1e3,
        );
    }
    Arc::new(images)
}

/// The sandbox, and an attempt of the probe.
struct Bench {
    sandbox: Sandbox,
    attempt: Attempt,
    table: Arc<dyn Table>,
}

impl Bench {
    fn new(images: Arc<Images>) -> Bench {
        let offer = images.module(&TenantId::default_tenant(), "Probe", None).expect("the catalog has the probe");
        let party = Party::new(Role::Local, 0);
        let task = TaskId { job: JobId(format!("20260101{:013}", 0)), component: "probe_0".to_owned() };
        let attempt = Attempt {
            id: AttemptId { task, version: 0, party },
            tenant: TenantId::default_tenant(),
            module: offer.module,
            image: offer.image,
            parties: vec![party],
            parameters: Value::Null,
            isolation: Isolation::Thread,
            seed: 1,
            deterministic: false,
            draws: None,
            grants: Vec::new(),
            limits: Limits::default(),
            scratch: None,
            usage: Arc::default(),
        };
        Bench { sandbox: Sandbox::new(images), attempt, table: Arc::new(Memory::wide()) }
    }

    /// Runs an attempt; its seconds, and the lines of its log.
    fn run(&self, behaviour: &str, amount: u64) -> (f64, Vec<String>) {
        let parameters = json!({"behaviour": behaviour, "amount": amount, "role": "", "text": ""});
        let attempt = Attempt { parameters, ..self.attempt.clone() };
        let world = Arc::new(Fake::new(self.table.clone()));
        let stop = StopSignal::new();
        let begun = Instant::now();
        let outcome = self.sandbox.run(&attempt, world.clone(), &stop);
        let seconds = begun.elapsed().as_secs_f64();
        assert_eq!(outcome, Outcome::Success, "behaviour {behaviour}");
        (seconds, world.lines())
    }

    /// The shortest of several attempts.
    fn best(&self, behaviour: &str, amount: u64) -> (f64, Vec<String>) {
        let runs = (0..RUNS).map(|_| self.run(behaviour, amount));
        runs.min_by(|a, b| a.0.total_cmp(&b.0)).expect("there are runs")
    }

    /// Attempts that do nothing; seconds of one.
    fn attempts(&self) -> f64 {
        let seconds = median((0..ATTEMPTS).map(|_| self.run("none", 0).0).collect());
        println!(
            "attempt that does nothing (store, instance, run, drop): {:.1} us (bare wasmtime without run: 25 to 30 us; {}; \
             median of {ATTEMPTS})",
            seconds * 1e6,
            below(seconds * 1e6, 200.0, "us"),
        );
        seconds
    }

    /// Pages across the boundary; `idle` is an attempt without any.
    fn pages(&self, what: &str, behaviour: &str, amount: u64, reference: &str, idle: f64) {
        let (seconds, lines) = self.best(behaviour, amount);
        // "... bytes, ..." is what the behaviour says at its end.
        let bytes = lines.iter().find_map(|line| line.split_once(" bytes")?.0.parse::<f64>().ok());
        let bytes = bytes.unwrap_or_else(|| panic!("{behaviour} does not say its bytes: {lines:?}"));
        let rate = bytes / (seconds - idle) / 1e9;
        let word = if rate > PAGE_TARGET { "met" } else { "missed" };
        println!("pages {what}: {rate:.2} GB/s ({reference}; target: > {PAGE_TARGET} GB/s, {word})");
    }
}
