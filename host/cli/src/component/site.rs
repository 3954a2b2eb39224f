//! A node for one local run: the real sandbox, scheduler and store in a folder that vanishes, all parties at home,
//! messages through a tap. Not for: what is run in it (`job`), what is shown of it (`account`).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use parcae_domain::{descriptor::Descriptor, id::AttemptId, status::Status};
use parcae_logs::{LogDir, local_clock};
use parcae_node::{
    Node, NodeError, Options, Parts,
    view::{Filter, JobView, TaskView},
};
use parcae_runtime::{Image, Sandbox, Usage};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::job::NAMESPACE;
use super::kept;
use super::read;
use super::tap::{Fault, Tap};
use crate::{UsageError, args::RunCase};

/// Components that bring tables into a job.
const BRINGING: [&str; 3] = ["upload", "reader", "data_transform"];
/// How often the tap is asked whether the job is to be stopped.
const LOOK: Duration = Duration::from_millis(50);
/// How long a party waits for a message, seconds; and when one is lost on purpose.
const PEER_SECONDS: (u64, u64) = (60, 5);

/// What each attempt used.
type Used = Arc<Mutex<BTreeMap<AttemptId, Usage>>>;

/// A node for one local run.
pub(super) struct Site {
    /// The node.
    pub(super) node: Node,
    /// All messages.
    pub(super) tap: Arc<Tap>,
    /// The component that is tried.
    pub(super) image: Arc<Image>,
    used: Used,
    /// Dropped after the node.
    _folder: TempDir,
}

impl Site {
    /// Opens one with the component that is to be tried.
    pub(super) fn open(args: &RunCase) -> anyhow::Result<Site> {
        let bytes = read(&args.wasm)?;
        let images = match &args.cache {
            Some(folder) => kept::images(Some(folder.clone())),
            None => kept::kept_images(),
        }?;
        let mut taken = Vec::new();
        for name in BRINGING {
            let wasm = parcae_catalog::get(name).ok_or_else(|| anyhow!("this program lacks component {name}"))?;
            let built = images.add(wasm).with_context(|| format!("built-in component {name}"))?;
            taken.push(built);
        }
        let image = images.add(&bytes).with_context(|| format!("component {}", args.wasm.display()))?;
        refuse_taken(&image.descriptor, &taken)?;
        let folder = tempfile::tempdir().context("a folder for the run")?;
        let options = options(folder.path(), args, &image.descriptor);
        let logs = LogDir::open(&folder.path().join("logs"), local_clock()).context("logs")?;
        let (images, used, tap) = (Arc::new(images), Used::default(), Arc::new(Tap::new(args.fault)));
        let watched = used.clone();
        let watcher = Arc::new(move |attempt: &AttemptId, usage: Usage| {
            watched.lock().unwrap_or_else(PoisonError::into_inner).insert(attempt.clone(), usage);
        });
        let parts = Parts {
            executor: Arc::new(Sandbox::watched(images.clone(), watcher)),
            catalog: images,
            transport: tap.clone(),
            logs: Arc::new(logs),
        };
        let node = Node::open(options, parts).map_err(|e| anyhow!("the node cannot be opened: {e}"))?;
        Ok(Site { node, tap, image, used, _folder: folder })
    }

    /// What an attempt used; none when it did not run.
    pub(super) fn used(&self, attempt: &AttemptId) -> Option<Usage> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).get(attempt).cloned()
    }

    /// Makes a table of a CSV file whose first line is a header.
    pub(super) fn upload(&self, table: &str, file: &Path) -> anyhow::Result<()> {
        let config = json!({
            "file": file.file_name().map(|name| name.to_string_lossy().into_owned()), "head": 1, "partition": 2,
            "namespace": NAMESPACE, "table_name": table, "drop": 1,
        });
        let (job, taken) = self.node.default_tenant().upload(&config, file, true);
        taken.with_context(|| format!("uploading {}", file.display()))?;
        let view = self.wait(job.as_str())?;
        if view.status == Status::Success {
            return Ok(());
        }
        let tasks = self.tasks(job.as_str())?;
        let reports = tasks.iter().map(|task| reason(&task.error_report)).collect::<Vec<_>>().join("; ");
        bail!("uploading {}: {reports}", file.display())
    }

    /// Runs a job to its end.
    pub(super) fn run(&self, dsl: &Value, conf: &Value) -> anyhow::Result<JobView> {
        let (job, taken) = self.node.default_tenant().submit(dsl, conf);
        let refused = |e: NodeError| UsageError(format!("the job of the case is refused: {e}"));
        taken.map_err(refused)?;
        self.wait(job.as_str())
    }

    /// Tasks of a job at all parties.
    pub(super) fn tasks(&self, job: &str) -> anyhow::Result<Vec<TaskView>> {
        Ok(self.node.default_tenant().tasks(&Filter { jobs: Some(vec![job.to_owned()]), ..Filter::default() })?)
    }

    fn wait(&self, job: &str) -> anyhow::Result<JobView> {
        let (mut seen, mut stopped) = (0, false);
        loop {
            let rows =
                self.node.default_tenant().jobs(&Filter { jobs: Some(vec![job.to_owned()]), ..Filter::default() })?;
            let view = rows.into_iter().find(|row| row.party == row.initiator);
            let view = view.ok_or_else(|| anyhow!("the node lost job {job}"))?;
            if view.status.is_end() {
                return Ok(view);
            }
            if !stopped && self.tap.wants_stop() {
                self.node.default_tenant().stop(job, Status::Canceled)?;
                stopped = true;
            }
            seen = self.node.changed(seen, LOOK);
        }
    }
}

/// A report without the lines of the log that follow it.
pub(super) fn reason(report: &str) -> &str {
    report.split("\nlast lines of its log:").next().unwrap_or(report)
}

fn options(folder: &Path, args: &RunCase, said: &Descriptor) -> Options {
    let mut options = Options::new(folder);
    let (usual, short) = PEER_SECONDS;
    let usual = if matches!(args.fault, Some(Fault::Drop(_))) { short } else { usual };
    options.limits.peer_seconds = args.peer_seconds.unwrap_or(usual);
    options.limits.run_seconds = args.run_seconds;
    for module in &said.modules {
        options.grants.insert(module.name.clone(), module.grants.clone());
    }
    options
}

/// Refuses modules that would stand in the way of those that the run itself needs.
fn refuse_taken(said: &Descriptor, taken: &[Arc<Image>]) -> Result<(), UsageError> {
    let clash = |name: &str| taken.iter().find_map(|image| image.descriptor.module(name).map(|_| &image.descriptor));
    for module in &said.modules {
        for name in std::iter::once(&module.name).chain(&module.aliases) {
            if let Some(other) = clash(name) {
                return Err(UsageError(format!(
                    "module {}: {name:?} is the name of a module of {}, which every node has; name it otherwise",
                    module.name, other.name
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_cut_before_the_log() {
        assert_eq!(reason("it failed\nhard\nlast lines of its log:\n[INFO] x"), "it failed\nhard");
        assert_eq!(reason("canceled"), "canceled");
    }
}
