//! The handle of a node that is open: what HTTP, command line and tests hold. Not for: the loop behind it (`mailbox`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};
use std::thread::JoinHandle;
use std::time::Duration;

use parcae_domain::id::JobId;
use parcae_domain::port::{Catalog, Executor, Transport};
use parcae_domain::tenant::TenantId;
use parcae_logs::{AuditTrail, LogDir};
use parcae_metadata::Store;
use parcae_scheduler::{Event, JobChange};
use parcae_tables::TableDir;

use crate::bell::{Bell, News};
use crate::files::make_data_folder;
use crate::mailbox::{self, Mail};
use crate::options::Options;
use crate::site::Site;
use crate::view::NodeError;

/// What a node is wired from; `cli` has the real ones, tests have fakes.
pub struct Parts {
    /// Runs attempts.
    pub executor: Arc<dyn Executor>,
    /// Knows what images offer.
    pub catalog: Arc<dyn Catalog>,
    /// Carries messages.
    pub transport: Arc<dyn Transport>,
    /// Where all logs go.
    pub logs: Arc<LogDir>,
}

/// An open node. Dropping it stops what runs; opened again, it goes on with what it owes.
pub struct Node {
    pub(crate) site: Arc<Site>,
    pub(crate) mailbox: Mutex<Sender<Mail>>,
    ids: Mutex<crate::submit::JobIds>,
    /// Held by who changes a job from outside, from looking at it until the change is stored.
    changing: Mutex<()>,
    /// Held by who changes images of components, or relies on them.
    pub(crate) components: crate::registry::Locks,
    main_loop: Option<JoinHandle<()>>,
    /// Who did what.
    pub(crate) trail: AuditTrail,
    /// Held until the node is closed or its process has ended, however that was.
    lock: std::fs::File,
}

/// How long the loop may take to answer.
const ANSWERED: Duration = Duration::from_secs(10);

/// A data folder has one node: another would remove what this one has not committed yet, and run its jobs again.
fn lock_folder(data: &Path) -> Result<std::fs::File, NodeError> {
    let failed = |e: String| NodeError::Internal(format!("data folder {}: {e}", data.display()));
    let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(data.join("lock"));
    let file = file.map_err(|e| failed(e.to_string()))?;
    let other = |e| failed(format!("another node has it open ({e}); stop that one, or name another folder"));
    file.try_lock().map_err(other)?;
    Ok(file)
}

impl Node {
    /// Opens a node: makes what is missing in its data folder, removes what a crash left, and takes up again every job that
    /// had not ended.
    pub fn open(options: Options, parts: Parts) -> Result<Node, NodeError> {
        let data = options.data.clone();
        let broken = |what: &str, e: String| NodeError::Internal(format!("{what} in {}: {e}", data.display()));
        make_data_folder(&data).map_err(|e| broken("folder", e.to_string()))?;
        let lock = lock_folder(&data)?;
        std::fs::create_dir_all(data.join("uploads")).map_err(|e| broken("folder", e.to_string()))?;
        let store = Arc::new(Store::open(data.join("parcae.sqlite")).map_err(|e| broken("database", e.to_string()))?);
        let trail = crate::trail::open(&data, &store)?;
        let tables = TableDir::open(&data.join("tables")).map_err(|e| broken("tables", e.to_string()))?;
        let logs = parts.logs.clone();
        store.on_statement(Arc::new(move |job, sql, took| sql_log(&logs, job, sql, took)));
        let site = Arc::new(Site {
            options,
            store,
            tables,
            logs: parts.logs,
            transport: parts.transport,
            catalog: parts.catalog,
            executor: parts.executor,
            bell: Bell::default(),
            plans: Mutex::new(HashMap::new()),
            progress: Mutex::new(HashMap::new()),
            running: crate::usage::Running::default(),
            left_out: crate::images::LeftOut::default(),
            book: crate::quotas::QuotaBook::default(),
            claims: crate::claims::Claims::default(),
            held: Mutex::new(HashMap::new()),
            naming: Mutex::default(),
            meters: crate::meters::Meters::default(),
            opened_ms: crate::site::now_ms(),
            closing: AtomicBool::new(false),
        });
        site.load_quotas().map_err(crate::queries::store)?;
        crate::images::load(&site)?;
        let owed = crate::restore::owed(&site)?;
        let (to_loop, mailbox) = channel();
        for event in owed {
            let _ = to_loop.send(Mail::Event(event));
        }
        let (shared, to_self) = (site.clone(), to_loop.clone());
        let main_loop = std::thread::Builder::new()
            .name("main-loop".into())
            .spawn(move || {
                let run = std::panic::AssertUnwindSafe(|| mailbox::run(&shared, &mailbox, to_self));
                if std::panic::catch_unwind(run).is_err() {
                    // Nobody would run what is still taken on; the next start goes on with all of it.
                    std::process::abort();
                }
            })
            .map_err(|e| NodeError::Internal(format!("thread of the main loop: {e}")))?;
        let node = Node {
            site,
            mailbox: Mutex::new(to_loop),
            ids: Mutex::default(),
            changing: Mutex::default(),
            components: crate::registry::Locks::default(),
            main_loop: Some(main_loop),
            trail,
            lock,
        };
        node.note("node start");
        Ok(node)
    }

    /// Tells the loop that something happened.
    pub(crate) fn tell(&self, event: Event) {
        // The loop ends only when this handle is dropped.
        let _ = self.mailbox.lock().unwrap_or_else(PoisonError::into_inner).send(Mail::Event(event));
    }

    /// Tells the loop that something happened, and waits until what follows is stored: what changed of jobs.
    pub(crate) fn tell_and_wait(&self, event: Event) -> Result<Vec<JobChange>, NodeError> {
        let (stored, waits) = channel();
        let mail = Mail::Awaited(event, stored);
        let _ = self.mailbox.lock().unwrap_or_else(PoisonError::into_inner).send(mail);
        waits.recv().map_err(|_| NodeError::Internal("the node is being closed".into()))
    }

    /// Asks the loop why a job does not go on.
    pub(crate) fn ask_why(&self, job: &JobId) -> Result<Option<String>, NodeError> {
        let (answer, answered) = channel();
        let _ = self.mailbox.lock().unwrap_or_else(PoisonError::into_inner).send(Mail::Why(job.clone(), answer));
        let late = |_| NodeError::Internal("the node is being closed, or its disk is full".into());
        answered.recv_timeout(ANSWERED).map_err(late)
    }

    /// One change from outside after the other.
    pub(crate) fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn next_job_id(&self) -> parcae_domain::id::JobId {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).next()
    }

    /// When the node was opened, ms since the epoch.
    pub fn opened_ms(&self) -> i64 {
        self.site.opened_ms
    }

    /// Folder of everything that the node keeps.
    pub fn data_folder(&self) -> &Path {
        &self.site.options.data
    }

    /// Where uploads are to be received.
    pub fn upload_folder(&self) -> PathBuf {
        self.site.options.data.join("uploads")
    }

    /// All logs.
    pub fn logs(&self) -> &LogDir {
        &self.site.logs
    }

    /// Waits for news since `seen`, at most so long, and says of which jobs of any tenant they are.
    pub fn news(&self, seen: u64, at_most: Duration) -> News {
        self.site.bell.news(seen, at_most)
    }

    /// Wakes who waits for news, though there are none.
    pub fn wake(&self) {
        self.site.bell.ring();
    }

    /// Whose a job is.
    pub fn owner_of(&self, job: &JobId) -> Option<TenantId> {
        self.site.store.job_tenant(job).ok().flatten()?.parse().ok()
    }

    /// Waits until something of any job has changed since `seen`, at most so long; returns the new count.
    pub fn changed(&self, seen: u64, at_most: Duration) -> u64 {
        self.site.bell.wait(seen, at_most)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.site.closing.store(true, Ordering::Release);
        let _ = self.mailbox.lock().unwrap_or_else(PoisonError::into_inner).send(Mail::Close);
        if let Some(main_loop) = self.main_loop.take() {
            let _ = main_loop.join();
        }
        self.note("node stop");
        // Said, not left to the closing of the file: a process that is just being started has the file open, too.
        let _ = self.lock.unlock();
    }
}

/// Every statement about a job goes to its SQL log, with its time.
fn sql_log(logs: &LogDir, job: Option<&parcae_domain::id::JobId>, sql: &str, took: Duration) {
    let line =
        || format!("{} [{:.3} ms]", sql.split_whitespace().collect::<Vec<_>>().join(" "), took.as_secs_f64() * 1e3);
    if let Some(job) = job
        && let Ok(log) = logs.job(job)
    {
        log.sql(parcae_domain::port::Level::Debug, "store", &line());
    }
}
