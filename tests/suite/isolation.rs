//! Attempts in processes of their own: the same results and the same words as on threads, and what happens when a process is
//! killed, by the node or by somebody else. Not for: what a worker may do (`confinement`), workers that lie (tests of the
//! runtime).

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::IsolationPolicy,
    party::{Party, Role},
    port::Scalar,
    status::Status,
};
use parcae_node::Options;
use parcae_node::view::Filter;
use parcae_runtime::Images;
use parcae_tests::{Site, breast, images, merge, own_images};
use serde_json::{Value, json};

const GUEST: Party = Party { role: Role::Guest, id: 9999 };
const ARBITER: Party = Party { role: Role::Arbiter, id: 10000 };
const LOCAL: Party = Party { role: Role::Local, id: 0 };

fn site_of(images: Arc<Images>, isolation: IsolationPolicy, change: impl FnOnce(&mut Options)) -> Site {
    Site::of(images, |options| {
        options.cores = 96;
        options.isolation = isolation;
        change(options);
    })
}

fn site(isolation: IsolationPolicy) -> Site {
    site_of(images(), isolation, |_| ())
}

/// A job that makes the probe do this, alone.
fn job(behaviour: &str, retries: u32) -> (Value, Value) {
    let dsl = json!({"components": {"probe_0": {"module": "Probe", "output": {"data": ["data"]}}}});
    let conf = json!({
        "dsl_version": 2,
        "initiator": {"role": "local", "party_id": 0},
        "role": {"local": [0]},
        "job_parameters": {"common": {"task_cores": 1, "auto_retries": retries, "auto_retry_delay": 0}},
        "component_parameters": {"common": {"probe_0": {"behaviour": behaviour, "amount": 0, "text": "words"}}}
    });
    (dsl, conf)
}

fn submit(site: &Site, behaviour: &str, retries: u32) -> String {
    let (dsl, conf) = job(behaviour, retries);
    site.submit(&dsl, &conf)
}

fn log(site: &Site, job: &str, component: &str, party: Party) -> String {
    let file = site.folder().join("logs").join(job).join(party.to_string()).join(component).join("stat.log");
    String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()).into_owned()
}

/// Processes that the probe's attempts of a job have had, the first one first.
fn processes(site: &Site, job: &str) -> Vec<u32> {
    let log = log(site, job, "probe_0", LOCAL);
    let said = log.lines().filter_map(|line| line.split_once("runs in process ")?.1.split(':').next()?.parse().ok());
    said.collect()
}

/// Waits until the probe's attempts have had so many processes, and the last of them does what it is to do.
fn running(site: &Site, job: &str, count: usize) -> u32 {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let processes = processes(site, job);
        let busy = log(site, job, "probe_0", LOCAL).matches("behaviour spin").count() >= count;
        if let [.., last] = processes[..]
            && processes.len() >= count
            && busy
        {
            return last;
        }
        assert!(Instant::now() < end, "no process runs: {}", log(site, job, "probe_0", LOCAL));
        std::thread::yield_now();
    }
}

fn kill(process: u32) {
    assert!(Command::new("kill").args(["-9", &process.to_string()]).status().unwrap().success());
}

/// A process that is there, if only until somebody waits for it.
fn is_there(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

/// What the probe's attempt reports.
fn report(site: &Site, job: &str) -> String {
    let filter = Filter { jobs: Some(vec![job.to_owned()]), ..Filter::default() };
    let tasks = site.node.default_tenant().tasks(&filter).unwrap();
    tasks.into_iter().find(|task| task.component == "probe_0").unwrap().error_report
}

/// Trains for some epochs: the value of the evaluation, and the losses.
fn trained(isolation: IsolationPolicy) -> (f64, Vec<f64>) {
    let site = &site(isolation);
    breast::upload(site);
    let (dsl, mut conf) = breast::job();
    merge(&mut conf["component_parameters"]["common"]["hetero_lr_0"], json!({"max_iter": 5}));
    let job = site.succeed(&dsl, &conf);
    let tenant = site.node.default_tenant();
    let series = tenant.metrics(&job, "evaluation_0", GUEST).unwrap();
    let summary = series.iter().find(|s| s.metric_type == "EVALUATION_SUMMARY" && s.namespace == "train").unwrap();
    let point = summary.points.iter().find(|(key, _)| *key == Scalar::Text("auc".into())).unwrap();
    let number = |scalar: &Scalar| if let Scalar::Number(n) = scalar { *n } else { f64::NAN };
    let losses = tenant.metrics(&job, "hetero_lr_0", ARBITER).unwrap();
    let loss = losses.iter().find(|s| s.namespace == "train" && s.name == "loss").unwrap();
    let about = log(site, &job, "hetero_lr_0", GUEST);
    let wanted = if isolation == IsolationPolicy::Process { "isolation: process" } else { "isolation: thread" };
    assert!(about.contains(wanted), "{about}");
    (number(&point.1), loss.points.iter().map(|(_, value)| number(value)).collect())
}

#[test]
fn a_job_gives_the_same_in_processes_and_on_threads() {
    let (in_processes, on_threads) = (trained(IsolationPolicy::Process), trained(IsolationPolicy::Thread));
    assert!((in_processes.0 - 0.975186).abs() < 1e-6, "{in_processes:?}");
    assert!((in_processes.0 - on_threads.0).abs() < 1e-9, "{in_processes:?} and {on_threads:?}");
    assert_eq!(in_processes.1.len(), 5);
    let near = |(one, two): (&f64, &f64)| (one - two).abs() < 1e-9;
    assert!(in_processes.1.iter().zip(&on_threads.1).all(near), "{in_processes:?} and {on_threads:?}");
}

#[test]
fn bad_ends_have_the_same_words() {
    let lean = |options: &mut Options| {
        options.limits.memory_bytes = 64 << 20;
        options.limits.cpu_seconds = 1;
        options.limits.log_bytes = 64 << 10;
    };
    let of = |isolation| site_of(images(), isolation, lean);
    let (threads, processes) = (of(IsolationPolicy::Thread), of(IsolationPolicy::Process));
    for behaviour in
        ["panic", "unreachable", "exit", "recurse", "allocate", "spin", "fail_input", "fail_transient", "flood_log"]
    {
        let jobs = [&threads, &processes].map(|site| (site, submit(site, behaviour, 0)));
        let [one, two] = jobs.map(|(site, job)| {
            if behaviour == "flood_log" {
                site.wait_for(&job, |_| log(site, &job, "probe_0", LOCAL).contains("log limit of"));
                site.node.default_tenant().stop(&job, Status::Canceled).unwrap();
            }
            let status = site.wait(&job).status;
            (status, report(site, &job).lines().next().unwrap_or_default().to_owned())
        });
        assert_eq!(one, two, "{behaviour}");
    }
}

#[test]
fn a_process_that_is_killed_costs_its_own_attempt_only() {
    let site = site(IsolationPolicy::Process);
    let (killed, other) = (submit(&site, "spin", 0), submit(&site, "spin", 0));
    let (process, others) = (running(&site, &killed, 1), running(&site, &other, 1));
    assert_ne!(process, others);
    kill(process);
    assert_eq!(site.wait(&killed).status, Status::Failed, "{}", site.errors(&killed));
    let said = report(&site, &killed);
    assert!(said.contains("its process was killed, and not by this node"), "{said}");
    assert_eq!(site.job(&other).status, Status::Running, "{}", site.errors(&other));
    assert!(is_there(others));
    let (dsl, conf) = job("none", 0);
    site.succeed(&dsl, &conf);
    site.node.default_tenant().stop(&other, Status::Canceled).unwrap();
    assert_eq!(site.wait(&other).status, Status::Canceled, "{}", site.errors(&other));
}

#[test]
fn a_process_that_is_killed_is_retried() {
    let site = site(IsolationPolicy::Process);
    let job = submit(&site, "spin", 1);
    kill(running(&site, &job, 1));
    let second = running(&site, &job, 2);
    site.node.default_tenant().stop(&job, Status::Canceled).unwrap();
    assert_eq!(site.wait(&job).status, Status::Canceled, "{}", site.errors(&job));
    assert!(!is_there(second));
}

#[test]
fn a_process_that_is_killed_while_the_node_waits_for_a_peer_is_missed() {
    let site = site(IsolationPolicy::Process);
    let (dsl, mut conf) = job("pull_never", 0);
    merge(&mut conf, json!({"initiator": {"role": "guest", "party_id": 9999}}));
    conf["role"] = json!({"guest": [9999], "host": [10000]});
    let job = site.submit(&dsl, &conf);
    let waiting = |party: Party| {
        let log = log(&site, &job, "probe_0", party);
        let process =
            log.lines().find_map(|line| line.split_once("runs in process ")?.1.split(':').next()?.parse().ok());
        process.filter(|_| log.contains("behaviour pull_never"))
    };
    let host = Party { role: Role::Host, id: 10000 };
    site.wait_for(&job, |_| waiting(GUEST).is_some() && waiting(host).is_some());
    kill(waiting(GUEST).unwrap());
    assert_eq!(site.wait(&job).status, Status::Failed, "{}", site.errors(&job));
    assert!(log(&site, &job, "probe_0", GUEST).contains("its process was killed"), "{}", site.errors(&job));
}

#[test]
fn a_stop_kills_the_process_and_its_memory_comes_back() {
    let images = own_images(&[]);
    let probe = parcae_catalog::TEST_IMAGES.iter().find(|image| image.name == "probe").unwrap();
    images.add(probe.wasm).unwrap();
    let site = site_of(images.clone(), IsolationPolicy::Process, |_| ());
    let jobs: Vec<String> = (0..4).map(|_| submit(&site, "spin", 0)).collect();
    let processes: Vec<u32> = jobs.iter().map(|job| running(&site, job, 1)).collect();
    assert!(images.memory().used() > 0, "components have memory");
    for (job, process) in jobs.iter().zip(&processes) {
        let began = Instant::now();
        site.node.default_tenant().stop(job, Status::Canceled).unwrap();
        assert_eq!(site.wait(job).status, Status::Canceled, "{}", site.errors(job));
        println!("stopped within {} ms", began.elapsed().as_millis());
        assert!(!is_there(*process), "process {process} is still there");
    }
    assert_eq!(images.memory().used(), 0);
}

#[test]
fn strangers_components_get_processes_and_need_a_program() {
    let policy = IsolationPolicy::default();
    assert_eq!(policy, IsolationPolicy::Auto);
    let images = Arc::new(Images::new(parcae_runtime::start(parcae_runtime::Settings::default()).unwrap()));
    let probe = parcae_catalog::TEST_IMAGES.iter().find(|image| image.name == "probe").unwrap();
    images.add_from(probe.wasm, parcae_domain::image::Origin::Folder).unwrap();
    let site = site_of(images, policy, |_| ());
    let job = submit(&site, "none", 0);
    assert_eq!(site.wait(&job).status, Status::Failed);
    let said = report(&site, &job);
    assert!(said.contains("does not find its own program") && said.contains("isolation"), "{said}");
}
