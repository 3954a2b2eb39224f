//! The node that is attacked, over HTTP, with a job that behaves well and somebody who asks it for its version all the
//! while. Not for: what the attacks are (`attack`), what a node at rest has (`quiet`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::IsolationPolicy, grant::Grant, party::Party, port::Scalar, status::Status, tenant::TenantId,
};
use parcae_node::view::Filter;
use parcae_node::{Push, Tenant};
use parcae_runtime::Images;
use parcae_tests::{Site, breast, http::Served, images_with, merge, program};
use serde_json::json;
use tempfile::TempDir;

use crate::attack::{Attack, GUEST, Job, STRANGERS, Tries, alone};
use crate::hand::Hand;
use crate::quiet::{self, Quiet};

/// Cores that the scheduler believes in, so that nobody waits for them.
const CORES: u32 = 96;
/// Attacks at a time.
const LANES: usize = 5;
/// How long an attack may take that is not held up: longer than any of its own deadlines.
const PATIENCE: Duration = Duration::from_secs(100);
/// Time between two questions for the version.
const PAUSE: Duration = Duration::from_millis(5);
/// What a stranger's image may take to compile, seconds.
const COMPILE_SECONDS: u64 = 8;

/// The node.
pub struct Arena {
    /// The node, and its server.
    pub served: Served,
    /// Its images, with the memory that attempts share.
    pub images: Arc<Images>,
    /// A folder of the machine that nobody may write to, though a link in the tenant's own leads there.
    pub outside: TempDir,
    isolation: IsolationPolicy,
}

/// What happened while the node was attacked.
pub struct Beside {
    /// Attacks that did not end as they must.
    pub faults: Vec<String>,
    /// What the job that behaves well came to, each time.
    pub aucs: Vec<f64>,
    /// How long answers took.
    pub answers: Vec<Duration>,
}

/// How an attack ended, and all that was said.
struct Ended {
    status: Status,
    said: String,
    log: Option<String>,
}

impl Arena {
    /// A node with everything that the attacks and the job need.
    pub fn new(isolation: IsolationPolicy) -> Arena {
        assert!(program().is_some(), "the program that runs attempts is built with the tests of this package");
        // The node's own components are compiled first, with all the time that they need.
        drop(images_with(|settings| settings.isolation = isolation));
        let images = images_with(|settings| {
            settings.isolation = isolation;
            settings.compile_seconds = COMPILE_SECONDS;
        });
        let site = Site::of(images.clone(), |options| {
            options.cores = CORES;
            options.isolation = isolation;
            options.grants.insert("ProbeExport".to_owned(), vec![Grant::ExportFile]);
            options.grants.insert("ProbeScratch".to_owned(), vec![Grant::Scratch, Grant::MessageVolume]);
        });
        for stranger in STRANGERS {
            site.node.accounts().create(&stranger.parse().unwrap()).unwrap();
        }
        let rows = (0..100).map(|i| format!("u{i},{},{i}.5\n", i % 2));
        let csv: String = std::iter::once("id,y,x0\n".to_owned()).chain(rows).collect();
        assert_eq!(site.upload("t", &csv).status, Status::Success);
        breast::upload(&site);
        let (outside, local) = (tempfile::tempdir().unwrap(), site.folder().join("local"));
        std::fs::create_dir_all(&local).unwrap();
        std::os::unix::fs::symlink(outside.path(), local.join("way")).unwrap();
        Arena { served: Served::of(site), images, outside, isolation }
    }

    /// Runs the job that behaves well: trains on the example with two parties and an arbiter; the AUC.
    pub fn train(&self) -> f64 {
        let site = &self.served.site;
        let (dsl, mut conf) = breast::job();
        let quick = json!({"max_iter": 3, "encrypt_param": {"key_length": 1024}});
        merge(&mut conf["component_parameters"]["common"]["hetero_lr_0"], quick);
        let job = site.succeed(&dsl, &conf);
        let series = site.node.default_tenant().metrics(&job, "evaluation_0", GUEST).unwrap();
        let summary = series.iter().find(|s| s.metric_type == "EVALUATION_SUMMARY" && s.namespace == "train").unwrap();
        let point = summary.points.iter().find(|(key, _)| *key == Scalar::Text("auc".into())).unwrap();
        let Scalar::Number(auc) = point.1 else { panic!("the AUC is no number") };
        auc
    }

    /// What the node has at rest.
    pub fn quiet(&self) -> Quiet {
        quiet::now(self)
    }

    /// Waits until the node is as it was.
    pub fn is_as(&self, before: &Quiet) {
        quiet::again(self, before);
    }

    /// Closes the node; nothing of it is left.
    pub fn close(self) {
        let Arena { served, images, outside, .. } = self;
        quiet::closed(served, images);
        drop(outside);
    }

    /// Makes all attacks, several at a time, while the job runs again and again.
    pub fn beside(&self, attacks: &[Attack]) -> Beside {
        let (over, next) = (&AtomicBool::new(false), &AtomicUsize::new(0));
        thread::scope(|scope| {
            let asked = scope.spawn(|| self.ask(over));
            let trained = scope.spawn(|| self.train_until(over));
            let lanes: Vec<_> = (0..LANES).map(|_| scope.spawn(|| self.lane(attacks, next))).collect();
            let faults = lanes.into_iter().flat_map(joined).collect();
            over.store(true, Ordering::Release);
            let (aucs, answers) = (trained.join().unwrap_or_default(), asked.join().unwrap_or_default());
            Beside { faults, aucs, answers }
        })
    }

    fn ask(&self, over: &AtomicBool) -> Vec<Duration> {
        let mut took = Vec::new();
        while !over.load(Ordering::Acquire) {
            let began = Instant::now();
            self.served.data("version/get", json!({}));
            took.push(began.elapsed());
            thread::park_timeout(PAUSE);
        }
        took
    }

    fn train_until(&self, over: &AtomicBool) -> Vec<f64> {
        let mut aucs = Vec::new();
        while !over.load(Ordering::Acquire) {
            aucs.push(self.train());
        }
        aucs
    }

    /// Makes attacks, one after the other, until there are none left; what was wrong.
    fn lane(&self, attacks: &[Attack], next: &AtomicUsize) -> Vec<String> {
        let mut faults = Vec::new();
        while let Some(attack) = attacks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let tenant: TenantId = attack.by.parse().unwrap();
            match self.tried(attack, &self.served.site.node.tenant(&tenant)) {
                Ok(ended) => faults.extend(self.faults(attack, &ended)),
                Err(said) => faults.push(format!("{}: {said}", attack.name)),
            }
        }
        faults
    }

    /// Makes an attack; why that cannot be done.
    fn tried(&self, attack: &Attack, node: &Tenant<'_>) -> Result<Ended, String> {
        match &attack.tries {
            Tries::Image(image) => match node.push_component(&image(), &Push::default()) {
                Ok(_) => Err("it was taken".to_owned()),
                Err(refusal) => Ok(Ended { status: Status::Failed, said: refusal.to_string(), log: None }),
            },
            Tries::Component(hand) => self.run(node, &taken(node, hand)?),
            Tries::Job(job) => self.run(node, job),
        }
    }

    /// Runs a job to its end; a refusal is an end, too.
    fn run(&self, node: &Tenant<'_>, job: &Job) -> Result<Ended, String> {
        let (id, submitted) = node.submit(&job.dsl, &job.conf);
        if let Err(refusal) = submitted {
            return Ok(Ended { status: Status::Failed, said: refusal.to_string(), log: None });
        }
        let id = id.as_str();
        if !has_ended(node, id) {
            node.stop(id, Status::Canceled).map_err(|e| e.to_string())?;
            return Err(format!("job {id} has not ended after {PATIENCE:?}"));
        }
        let filter = Filter { jobs: Some(vec![id.to_owned()]), ..Filter::default() };
        let tasks = node.tasks(&filter).map_err(|e| e.to_string())?;
        let of_component = || tasks.iter().filter(|task| task.component == job.component);
        let task = of_component().find(|task| task.party == job.party);
        let task = task.ok_or_else(|| format!("job {id} has no task {}", job.component))?;
        // Two parties run out of time together: whoever does first ends the other, too.
        let late = of_component().find(|task| task.party_status == Status::Timeout);
        let task = if task.party_status == Status::Canceled { late.unwrap_or(task) } else { task };
        let log = self.log(id, task.party, job.component);
        let said = format!("{}\n{log}", task.error_report);
        Ok(Ended { status: task.party_status, said, log: Some(log) })
    }

    /// The log of an attempt, all levels.
    fn log(&self, job: &str, party: Party, component: &str) -> String {
        let folder = self.served.site.folder().join("logs").join(job).join(party.to_string());
        let bytes = std::fs::read(folder.join(component).join("stat.log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What is wrong with how an attack ended; nothing when all is well.
    fn faults(&self, attack: &Attack, ended: &Ended) -> Vec<String> {
        let Ended { status, said, log } = ended;
        let mut faults = Vec::new();
        if *status != attack.status {
            faults.push(format!("ended as {status} where {} was expected", attack.status));
        }
        let missing = attack.says.iter().filter(|words| !said.contains(**words));
        faults.extend(missing.map(|words| format!("does not say {words:?}")));
        if said.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            faults.push("a control character is in its log or its error report".to_owned());
        }
        let isolation = if self.isolation == IsolationPolicy::Process { "process" } else { "thread" };
        if log.as_ref().is_some_and(|log| !log.contains(&format!("isolation: {isolation}"))) {
            faults.push(format!("did not run in isolation {isolation}"));
        }
        if !faults.is_empty() {
            let said: String = said.chars().take(1_500).collect();
            faults.push(format!("    {}", said.replace('\n', "\n    ")));
        }
        faults.into_iter().map(|fault| format!("{}: {fault}", attack.name)).collect()
    }
}

/// What a thread that made attacks found.
fn joined(lane: ScopedJoinHandle<'_, Vec<String>>) -> Vec<String> {
    lane.join().unwrap_or_else(|_| vec!["a thread that made attacks panicked".to_owned()])
}

/// Pushes a component, and grants what it asks for; its job.
fn taken(node: &Tenant<'_>, hand: &Hand) -> Result<Job, String> {
    let pushed = node.push_component(&hand.image(), &Push::default()).map_err(|e| format!("it was refused: {e}"))?;
    let granted = node.grant_component(&pushed.image.digest, hand.name, hand.grants);
    granted.map_err(|e| format!("its grants were refused: {e}"))?;
    let mut job = alone(hand.name, json!({}), hand.job_limits());
    job.dsl["components"][job.component]["output"] = json!({"data": ["data"]});
    Ok(job)
}

/// Waits for the end of a job; false when it does not come.
fn has_ended(node: &Tenant<'_>, job: &str) -> bool {
    let (end, mut seen) = (Instant::now() + PATIENCE, 0);
    let filter = Filter { jobs: Some(vec![job.to_owned()]), ..Filter::default() };
    loop {
        let rows = node.jobs(&filter).unwrap();
        if rows.iter().any(|row| row.party == row.initiator && row.status.is_end()) {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        seen = node.changed(seen, Duration::from_millis(500));
    }
}
