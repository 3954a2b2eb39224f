//! Whole nodes in this process, for tests and benches: real sandbox, real database, a folder that vanishes. Not for: nodes in
//! processes of their own (`process`).

pub mod accounts;
pub mod breast;
pub mod http;
pub mod made;
pub mod nothing;
pub mod pages;
pub mod visitor;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parcae_domain::{port::Executor, status::Status};
use parcae_federation::Loopback;
use parcae_logs::{LogDir, local_clock};
use parcae_node::view::{Filter, JobView};
use parcae_node::{Node, Options, Parts};
use parcae_runtime::{Images, Sandbox, Settings, start};
use serde_json::{Value, json};

/// The images of the catalog, with those for tests, compiled once a process.
pub fn images() -> Arc<Images> {
    static IMAGES: OnceLock<Arc<Images>> = OnceLock::new();
    let made = || {
        let images = Images::new(
            start(Settings { cache: compiled_images(), program: program(), ..Settings::default() })
                .expect("the engine starts"),
        );
        for built in parcae_catalog::IMAGES.iter().chain(parcae_catalog::TEST_IMAGES) {
            images.add(built.wasm).unwrap_or_else(|e| panic!("component {}: {e}", built.name));
        }
        Arc::new(images)
    };
    IMAGES.get_or_init(made).clone()
}

/// The images of the catalog, with those for tests, in a sandbox of their own with other settings.
pub fn images_with(change: impl FnOnce(&mut Settings)) -> Arc<Images> {
    let mut settings = Settings { cache: compiled_images(), program: program(), ..Settings::default() };
    change(&mut settings);
    let images = Images::new(start(settings).expect("the engine starts"));
    for built in parcae_catalog::IMAGES.iter().chain(parcae_catalog::TEST_IMAGES) {
        images.add(built.wasm).unwrap_or_else(|e| panic!("component {}: {e}", built.name));
    }
    Arc::new(images)
}

/// Images of a node that others are pushed to: those of the catalog, without those for tests. `providers` serve modules by
/// configuration.
pub fn own_images(providers: &[(&str, &str)]) -> Arc<Images> {
    let settings = Settings { cache: compiled_images(), program: program(), ..Settings::default() };
    let providers = providers.iter().map(|(module, provider)| ((*module).to_owned(), (*provider).to_owned()));
    let images = Images::new(start(settings).expect("the engine starts")).with_providers(&providers.collect());
    for built in parcae_catalog::IMAGES {
        images.add(built.wasm).unwrap_or_else(|e| panic!("component {}: {e}", built.name));
    }
    Arc::new(images)
}

/// The program that runs attempts in processes and compiles images, as `parcae` does for a real node. It is built with the
/// tests and benches of this package.
pub fn program() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?.parent()?.parent()?.join("attempt-worker");
    program.is_file().then_some(program)
}

/// Where compiled images are kept from one run of the tests to the next: beside the test binaries.
fn compiled_images() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.parent()?.join("compiled-images"))
}

/// An open node, with its folder.
pub struct Site {
    /// The node.
    pub node: Arc<Node>,
    folder: Arc<tempfile::TempDir>,
}

impl Site {
    /// A fresh node with defaults.
    pub fn new() -> Site {
        Site::with(|_| ())
    }

    /// A fresh node with other options.
    pub fn with(change: impl FnOnce(&mut Options)) -> Site {
        Site::of(images(), change)
    }

    /// A fresh node with other images and options.
    pub fn of(images: Arc<Images>, change: impl FnOnce(&mut Options)) -> Site {
        let folder = Arc::new(tempfile::tempdir().expect("a temporary folder"));
        let mut options = Options::new(folder.path());
        change(&mut options);
        Site { node: open_of(images.clone(), options, Arc::new(Sandbox::new(images))), folder }
    }

    /// The folder of the node.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Uploads a CSV text under namespace `experiment` and waits.
    pub fn upload(&self, name: &str, csv: &str) -> JobView {
        let (job, _) = self.begin_upload(name, csv, json!({}));
        self.wait(&job)
    }

    /// Begins an upload; `more` overrides FATE's upload configuration.
    pub fn begin_upload(&self, name: &str, csv: &str, more: Value) -> (String, Result<(), String>) {
        let file = self.node.upload_folder().join(format!("{name}.csv"));
        std::fs::write(&file, csv).expect("the upload folder can be written");
        let mut config =
            json!({"file": "x.csv", "head": 1, "partition": 4, "namespace": "experiment", "table_name": name});
        merge(&mut config, more);
        let (job, taken) = self.node.default_tenant().upload(&config, &file, false);
        (job.0, taken.map(|_| ()).map_err(|e| e.to_string()))
    }

    /// Submits a job and waits; the initiator's view of it.
    pub fn run(&self, dsl: &Value, conf: &Value) -> JobView {
        let job = self.submit(dsl, conf);
        self.wait(&job)
    }

    /// Submits a job that must be taken on.
    pub fn submit(&self, dsl: &Value, conf: &Value) -> String {
        let (job, taken) = self.node.default_tenant().submit(dsl, conf);
        taken.unwrap_or_else(|e| panic!("job refused: {e}"));
        job.0
    }

    /// The initiator's view of a job.
    pub fn job(&self, job: &str) -> JobView {
        let rows = self
            .node
            .default_tenant()
            .jobs(&Filter { jobs: Some(vec![job.to_owned()]), ..Filter::default() })
            .expect("jobs");
        rows.into_iter().find(|row| row.party == row.initiator).expect("the job is there")
    }

    /// Waits until a job has ended.
    pub fn wait(&self, job: &str) -> JobView {
        self.wait_for(job, |view| view.status.is_end())
    }

    /// Waits until a job is as it should be; panics with its errors after two minutes.
    pub fn wait_for(&self, job: &str, good: impl Fn(&JobView) -> bool) -> JobView {
        let end = Instant::now() + Duration::from_secs(120);
        let mut seen = 0;
        loop {
            let view = self.job(job);
            if good(&view) {
                return view;
            }
            assert!(Instant::now() < end, "job {job} is {} after two minutes\n{}", view.status, self.errors(job));
            seen = self.node.changed(seen, Duration::from_millis(500));
        }
    }

    /// What the tasks of a job report.
    pub fn errors(&self, job: &str) -> String {
        let filter = Filter { jobs: Some(vec![job.to_owned()]), ..Filter::default() };
        let tasks = self.node.default_tenant().tasks(&filter).expect("tasks").into_iter();
        let lines = tasks.map(|t| format!("{} {} {}: {}\n", t.component, t.party, t.party_status, t.error_report));
        lines.collect()
    }

    /// Runs a job that must succeed; returns its id.
    pub fn succeed(&self, dsl: &Value, conf: &Value) -> String {
        let view = self.run(dsl, conf);
        assert_eq!(view.status, Status::Success, "{}", self.errors(&view.job.0));
        view.job.0
    }

    /// The same folder opened by a new node, after this one was dropped.
    pub fn reopened(self) -> Site {
        self.reopened_of(images(), |_| ())
    }

    /// The same with other images and options.
    pub fn reopened_of(self, images: Arc<Images>, change: impl FnOnce(&mut Options)) -> Site {
        let folder = self.folder.clone();
        drop(self);
        let mut options = Options::new(folder.path());
        change(&mut options);
        Site { node: open_of(images.clone(), options, Arc::new(Sandbox::new(images))), folder }
    }
}

impl Default for Site {
    fn default() -> Site {
        Site::new()
    }
}

/// Opens a node in its folder.
pub fn open(options: Options, executor: Arc<dyn Executor>) -> Arc<Node> {
    open_of(images(), options, executor)
}

fn open_of(catalog: Arc<Images>, options: Options, executor: Arc<dyn Executor>) -> Arc<Node> {
    let logs = Arc::new(LogDir::open(&options.data.join("logs"), local_clock()).expect("logs"));
    let transport = Arc::new(Loopback::charged_to(catalog.memory()));
    let parts = Parts { executor, catalog, transport, logs };
    Arc::new(Node::open(options, parts).expect("the node opens"))
}

/// Opens a node where that may be refused; why, then.
pub fn try_open(options: Options) -> Result<Node, String> {
    let logs = Arc::new(LogDir::open(&options.data.join("logs"), local_clock()).expect("logs"));
    let executor = Arc::new(Sandbox::new(images()));
    let parts = Parts { executor, catalog: images(), transport: Arc::new(Loopback::new()), logs };
    Node::open(options, parts).map_err(|e| e.to_string())
}

/// Overrides keys of an object by those of another, deeply.
pub fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more,
    }
}

/// A file of `examples/`.
pub fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(path)
}
