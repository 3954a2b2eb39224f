//! What a process of its own costs an attempt and what it gives, against a thread of the node: start, memory, computing, calls
//! of the node, pages, messages. Attempts of the probe, over a world that keeps tables in memory (`fake`). Not for: whole
//! jobs (`jobs`), hostile ones (`stop`).

mod fake;
mod report;

use std::sync::Arc;
use std::time::{Duration, Instant};

use fake::{Fake, Memory};
use parcae_domain::{
    attempt::{Attempt, Isolation, IsolationPolicy, StopReason, StopSignal},
    id::{AttemptId, JobId, TaskId},
    image::Origin,
    limit::Limits,
    outcome::Outcome,
    party::{Party, Role},
    port::{Catalog, Executor, Table},
    tenant::TenantId,
};
use parcae_runtime::{Images, Sandbox, Settings, start};
use report::median;
use serde_json::{Value, json};

/// Attempts that do nothing.
const ATTEMPTS: usize = 200;
/// Attempts that run at once when memory is looked at.
const AT_ONCE: usize = 20;
/// Dot products of 2048 numbers in one attempt.
const DOTS: u64 = 1_000_000;
/// Numbers whose Collatz sequences are followed in one attempt.
const NUMBERS: u64 = 3_000_000;
/// Calls of the node in one attempt.
const CALLS: u64 = 200_000;
/// How often the table is read in one attempt, and pages that are written.
const READS: u64 = 128;
const WRITES: u64 = 512;
/// Messages to another party.
const MESSAGES: u64 = 10_000;
/// How often each measurement is run; the shortest counts.
const RUNS: usize = 3;

fn main() {
    if !report::is_wanted() {
        return;
    }
    let Some(program) = parcae_tests::program() else {
        println!("nothing measured: the program attempt-worker is not there");
        return;
    };
    let settings = Settings { program: Some(program), isolation: IsolationPolicy::Process, ..Settings::default() };
    let images = Images::new(start(settings).expect("the engine starts"));
    let probe = parcae_catalog::TEST_IMAGES.iter().find(|image| image.name == "probe").expect("the probe is there");
    let begun = Instant::now();
    images.add_from(probe.wasm, Origin::Folder).unwrap_or_else(|e| panic!("probe: {e}"));
    println!("probe compiled for threads and for processes: {:.0} ms", begun.elapsed().as_secs_f64() * 1e3);
    let images = Arc::new(images);
    for isolation in [Isolation::Thread, Isolation::Process] {
        println!("isolation {isolation}");
        Bench::new(images.clone(), isolation).all();
    }
}

/// The sandbox, and an attempt of the probe.
#[derive(Clone)]
struct Bench {
    sandbox: Arc<Sandbox>,
    attempt: Attempt,
    table: Arc<dyn Table>,
}

impl Bench {
    fn new(images: Arc<Images>, isolation: Isolation) -> Bench {
        let offer = images.module(&TenantId::default_tenant(), "Probe", None).expect("there is the probe");
        let party = Party::new(Role::Local, 0);
        let task = TaskId { job: JobId(format!("20260101{:013}", 0)), component: "probe_0".to_owned() };
        let attempt = Attempt {
            id: AttemptId { task, version: 0, party },
            tenant: TenantId::default_tenant(),
            module: offer.module,
            image: offer.image,
            parties: vec![party, Party::new(Role::Host, 10000)],
            parameters: Value::Null,
            isolation,
            seed: 1,
            deterministic: false,
            draws: None,
            grants: Vec::new(),
            limits: Limits::default(),
            scratch: None,
            usage: Arc::default(),
        };
        Bench { sandbox: Arc::new(Sandbox::new(images)), attempt, table: Arc::new(Memory::wide()) }
    }

    fn all(&self) {
        let idle = self.starts();
        self.memory();
        let (seconds, lines) = self.best("bench_dot", DOTS);
        println!("  dot products: {:.2} GFLOP/s", said(&lines, " operations") / (seconds - idle) / 1e9);
        let (seconds, lines) = self.best("bench_branches", NUMBERS);
        println!("  Collatz steps: {:.0} million a second", said(&lines, " steps") / (seconds - idle) / 1e6);
        let (seconds, _) = self.best("bench_noop", CALLS);
        println!("  call that needs no answer: {:.0} ns", (seconds - idle) / CALLS as f64 * 1e9);
        let (seconds, _) = self.best("empty_messages", MESSAGES);
        println!("  message without a body: {:.2} us", (seconds - idle) / MESSAGES as f64 * 1e6);
        let (seconds, _) = self.best("flood_messages", MESSAGES);
        println!("  messages of 64 KiB: {:.2} GB/s", (MESSAGES * (64 << 10)) as f64 / (seconds - idle) / 1e9);
        self.pages("read from memory of the node", "bench_pages", READS, idle);
        self.pages("written", "bench_write", WRITES, idle);
        let folder = tempfile::tempdir().expect("a folder");
        let from_file = Bench { table: fake::on_disk(folder.path()), ..self.clone() };
        from_file.pages("read from a file", "bench_pages", READS, idle);
    }

    fn pages(&self, what: &str, behaviour: &str, amount: u64, idle: f64) {
        let (seconds, lines) = self.best(behaviour, amount);
        println!("  pages {what}: {:.2} GB/s", said(&lines, " bytes") / (seconds - idle) / 1e9);
    }

    fn attempt(&self, behaviour: &str, amount: u64) -> Attempt {
        let parameters = json!({"behaviour": behaviour, "amount": amount, "role": "", "text": ""});
        Attempt { parameters, usage: Arc::default(), ..self.attempt.clone() }
    }

    /// Runs an attempt; its seconds, and the lines of its log.
    fn run(&self, behaviour: &str, amount: u64) -> (f64, Vec<String>) {
        let attempt = self.attempt(behaviour, amount);
        let world = Arc::new(Fake::new(self.table.clone()));
        let begun = Instant::now();
        let outcome = self.sandbox.run(&attempt, world.clone(), &StopSignal::new());
        let seconds = begun.elapsed().as_secs_f64();
        assert_eq!(outcome, Outcome::Success, "behaviour {behaviour}");
        (seconds, world.lines())
    }

    /// The shortest of several attempts.
    fn best(&self, behaviour: &str, amount: u64) -> (f64, Vec<String>) {
        let runs = (0..RUNS).map(|_| self.run(behaviour, amount));
        runs.min_by(|a, b| a.0.total_cmp(&b.0)).expect("there are runs")
    }

    /// Attempts that do nothing, one after the other and with time between them; seconds of one of the latter.
    fn starts(&self) -> f64 {
        let hot = median((0..ATTEMPTS).map(|_| self.run("none", 0).0).collect());
        let rested = || {
            // Long enough for the next process to be ready.
            std::thread::sleep(Duration::from_millis(50));
            self.run("none", 0).0
        };
        let rested = median((0..ATTEMPTS / 4).map(|_| rested()).collect());
        println!("  attempt that does nothing: {:.2} ms, {:.2} ms back to back", rested * 1e3, hot * 1e3);
        rested
    }

    /// Memory of attempts that run at once, in this process and in theirs.
    fn memory(&self) {
        let worlds: Vec<Arc<Fake>> = (0..AT_ONCE).map(|_| Arc::new(Fake::new(self.table.clone()))).collect();
        let (before, stop) = (resident("self").unwrap_or(0.0), StopSignal::new());
        let threads: Vec<_> = worlds.iter().cloned().map(|world| self.spin(world, stop.clone())).collect();
        let running = |world: &Arc<Fake>| world.lines().iter().any(|line| line.contains("behaviour spin"));
        while !worlds.iter().all(running) {
            std::thread::yield_now();
        }
        let here = resident("self").unwrap_or(0.0) - before;
        let processes = worlds.iter().filter_map(|world| {
            world
                .lines()
                .iter()
                .find_map(|line| Some(line.split_once("runs in process ")?.1.split(':').next()?.to_owned()))
        });
        let theirs: Vec<f64> = processes.filter_map(|process| resident(&process)).collect();
        let each = |sum: f64| sum / AT_ONCE as f64;
        let own: f64 = theirs.iter().sum();
        println!(
            "  memory of one of {AT_ONCE}: {:.2} MiB in the node, {:.2} MiB in its process",
            each(here),
            each(own)
        );
        stop.stop(StopReason::Canceled);
        for thread in threads {
            assert_eq!(thread.join().expect("the attempt ends"), Outcome::Canceled);
        }
    }

    fn spin(&self, world: Arc<Fake>, stop: StopSignal) -> std::thread::JoinHandle<Outcome> {
        let (bench, attempt) = (self.clone(), self.attempt("spin", 0));
        std::thread::spawn(move || bench.sandbox.run(&attempt, world, &stop))
    }
}

/// The number before some words of a log.
fn said(lines: &[String], words: &str) -> f64 {
    let number = lines.iter().find_map(|line| line.split_once(words)?.0.parse().ok());
    number.unwrap_or_else(|| panic!("nobody says{words}: {lines:?}"))
}

/// Memory of a process that is its own, MiB: what it shares with others is not counted.
fn resident(process: &str) -> Option<f64> {
    let sizes = std::fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let mut pages = sizes.split_ascii_whitespace().skip(1).map(|pages| pages.parse::<f64>().unwrap_or(0.0));
    let (resident, shared) = (pages.next()?, pages.next()?);
    Some((resident - shared) * 4096.0 / f64::from(1 << 20))
}
