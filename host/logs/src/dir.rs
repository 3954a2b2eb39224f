//! The folder of all logs, and the way to each of them. Not for: reading them back (`read`).

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use cap_std::fs::Dir;
use jiff::Zoned;
use parcae_domain::id::{AttemptId, JobId, is_component_name};

use crate::{
    attempt::AttemptLog,
    handles::Handles,
    indexes::Indexes,
    job::JobLog,
    layer::ServerLayer,
    rate::LogLimits,
    server::{ServerFiles, ServerLog},
};

/// Tells the time in the node's time zone.
pub type Clock = Box<dyn Fn() -> Zoned + Send + Sync>;

/// The clock of the operating system, in its time zone.
pub fn local_clock() -> Clock {
    Box::new(Zoned::now)
}

/// Why a log cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The name of a job or of a component that no node can have given out.
    #[error("no logs of {what} {name:?}")]
    Name {
        /// What it names.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The operating system refused.
    #[error("{what}: {source}")]
    Io {
        /// What was done, and to which file.
        what: String,
        /// Its answer.
        source: io::Error,
    },
}

impl LogError {
    /// An error of the operating system, with what was done when it came.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> LogError {
        let what = what.into();
        move |source| LogError::Io { what, source }
    }
}

/// The folder of all logs. Cheap to clone. Writing never fails: a line that cannot be written is counted (`lost`).
#[derive(Clone)]
pub struct LogDir {
    pub(crate) inner: Arc<Inner>,
}

/// What all logs of a folder share.
pub(crate) struct Inner {
    pub(crate) root: PathBuf,
    pub(crate) dir: Dir,
    pub(crate) clock: Clock,
    pub(crate) handles: Handles,
    pub(crate) indexes: Indexes,
    pub(crate) server: ServerFiles,
    lost: AtomicU64,
}

impl LogDir {
    /// Opens the folder `root`, which is created if need be. Fails when the operating system refuses.
    pub fn open(root: &Path, clock: Clock) -> Result<LogDir, LogError> {
        let failed = || LogError::io(format!("opening the folder of logs {}", root.display()));
        fs::create_dir_all(root).map_err(failed())?;
        let absolute = root.canonicalize().map_err(failed())?;
        let dir = Dir::from_std_file(fs::File::open(root).map_err(failed())?);
        dir.entries().map_err(failed())?;
        let inner = Inner {
            root: absolute,
            dir,
            clock,
            handles: Handles::new(),
            indexes: Indexes::default(),
            server: ServerFiles::new(),
            lost: AtomicU64::new(0),
        };
        Ok(LogDir { inner: Arc::new(inner) })
    }

    /// The logs of a job. `Name` when no node can have given out its id.
    pub fn job(&self, job: &JobId) -> Result<Arc<JobLog>, LogError> {
        check_job(job)?;
        Ok(Arc::new(JobLog::new(Arc::clone(&self.inner), job.clone())))
    }

    /// The logs of an attempt, which end after `limit_bytes` of whole lines, as fast as they come. `Name` as for `job`,
    /// and for a component's name that no DSL may have.
    pub fn attempt(&self, attempt: &AttemptId, limit_bytes: u64) -> Result<AttemptLog, LogError> {
        self.attempt_within(attempt, LogLimits::bytes(limit_bytes))
    }

    /// The same, and what comes too fast is dropped.
    pub fn attempt_within(&self, attempt: &AttemptId, limits: LogLimits) -> Result<AttemptLog, LogError> {
        check_job(&attempt.task.job)?;
        let component = &attempt.task.component;
        if !is_component_name(component) {
            return Err(LogError::Name { what: "component", name: component.chars().take(80).collect() });
        }
        Ok(AttemptLog::new(Arc::clone(&self.inner), attempt, limits))
    }

    /// The logs of the node itself.
    pub fn server(&self) -> ServerLog {
        ServerLog::new(Arc::clone(&self.inner))
    }

    /// Writes the node's own `tracing` events to the logs of the node.
    pub fn layer(&self) -> ServerLayer {
        ServerLayer::new(self.server())
    }

    /// Number of writes that failed since the folder was opened.
    pub fn lost(&self) -> u64 {
        self.inner.lost.load(Ordering::Relaxed)
    }
}

impl Inner {
    /// Appends one whole line to the file `path`.
    pub(crate) fn append(&self, path: &str, line: &str) {
        self.count(self.handles.append(&self.dir, path, line));
    }

    /// Counts a write that failed.
    pub(crate) fn count(&self, result: io::Result<()>) {
        if result.is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Refuses ids that cannot be a job's, before they come near a path.
pub(crate) fn check_job(job: &JobId) -> Result<(), LogError> {
    if job.is_valid() {
        return Ok(());
    }
    Err(LogError::Name { what: "job", name: job.as_str().chars().take(80).collect() })
}
