//! What all parts of a node share: store, tables, logs, transport, catalog, executor, and what is remembered of jobs that
//! run. Not for: doing anything with it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool};
use std::time::{SystemTime, UNIX_EPOCH};

use parcae_domain::{
    descriptor::PortKind,
    id::{AttemptId, JobId, TaskId},
    party::Party,
    port::{Catalog, Executor, Level, ModelPart, PortError, Table, Transport},
    tenant::TenantId,
};
use parcae_dsl::JobPlan;
use parcae_logs::{JobLog, LogDir};
use parcae_metadata::{ModelFilter, Store, StoreError};
use parcae_tables::TableDir;

use crate::bell::Bell;
use crate::claims::Claims;
use crate::files::JobFiles;
use crate::images::LeftOut;
use crate::meters::Meters;
use crate::options::Options;
use crate::plan::SharedPlan;
use crate::predict;
use crate::quotas::QuotaBook;
use crate::usage::Running;

/// How far an attempt says it is: done, of, what.
pub(crate) type Progress = (u64, u64, String);

/// What all parts of a node share.
pub(crate) struct Site {
    pub(crate) options: Options,
    pub(crate) store: Arc<Store>,
    pub(crate) tables: TableDir,
    pub(crate) logs: Arc<LogDir>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) executor: Arc<dyn Executor>,
    pub(crate) bell: Bell,
    pub(crate) plans: Mutex<HashMap<JobId, SharedPlan>>,
    pub(crate) progress: Mutex<HashMap<AttemptId, Progress>>,
    pub(crate) running: Running,
    /// Pushed images that serve nothing.
    pub(crate) left_out: LeftOut,
    /// Quotas of tenants.
    pub(crate) book: QuotaBook,
    /// What attempts are about to store.
    pub(crate) claims: Claims,
    /// Table files that attempts have open: they stay until the attempt has ended, whoever deletes the table.
    pub(crate) held: Mutex<HashMap<AttemptId, Vec<String>>>,
    /// Held by who makes a table that must not replace another, from looking for one of its name until it is stored.
    pub(crate) naming: Mutex<()>,
    /// Figures of what happens here.
    pub(crate) meters: Meters,
    /// When the node was opened, ms since the epoch.
    pub(crate) opened_ms: i64,
    /// The node is being closed.
    pub(crate) closing: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Now, ms since the epoch.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Site {
    /// One new name of a table after the other.
    pub(crate) fn naming(&self) -> MutexGuard<'_, ()> {
        lock(&self.naming)
    }

    /// Whose a job is.
    pub(crate) fn tenant(&self, job: &JobId) -> Result<TenantId, StoreError> {
        let missing = || StoreError::NotFound(format!("job {job}"));
        let name = self.store.job_tenant(job)?.ok_or_else(missing)?;
        name.parse().map_err(|_| missing())
    }

    /// Files of a job.
    pub(crate) fn files(&self, job: &JobId) -> JobFiles {
        JobFiles::new(&self.options.data, job)
    }

    /// The one uploaded file of a job.
    pub(crate) fn upload_of(&self, job: &JobId) -> PathBuf {
        self.files(job).upload()
    }

    /// The plan of a job, from memory or from the store.
    pub(crate) fn plan(&self, job: &JobId) -> Result<SharedPlan, String> {
        if let Some(plan) = lock(&self.plans).get(job) {
            return Ok(plan.clone());
        }
        let stored = self.store.stored_job(job).map_err(|e| e.to_string())?;
        let stored = stored.ok_or_else(|| format!("there is no job {job}"))?;
        let plan: JobPlan = serde_json::from_value(stored.plan).map_err(|e| format!("plan of job {job}: {e}"))?;
        let plan = Arc::new(plan);
        if stored.status.is_end() {
            return Ok(plan);
        }
        // One that was put there meanwhile is the newer one.
        Ok(lock(&self.plans).entry(job.clone()).or_insert(plan).clone())
    }

    /// Has the tasks that start from now on follow another plan.
    pub(crate) fn set_plan(&self, job: &JobId, plan: SharedPlan) {
        lock(&self.plans).insert(job.clone(), plan);
    }

    /// Forgets the plan of a job that has ended.
    pub(crate) fn forget_plan(&self, job: &JobId) {
        lock(&self.plans).remove(job);
    }

    /// Digest of the image that a task runs.
    pub(crate) fn image(&self, task: &TaskId) -> Result<String, String> {
        let row = self.store.task(task).map_err(|e| e.to_string())?;
        row.map(|row| row.image).ok_or_else(|| format!("task {task} is not in the store"))
    }

    pub(crate) fn set_progress(&self, attempt: &AttemptId, done: u64, of: u64, what: &str) {
        lock(&self.progress).insert(attempt.clone(), (done, of, what.to_owned()));
        self.bell.ring_for([&attempt.task.job]);
    }

    pub(crate) fn forget_progress(&self, attempt: &AttemptId) {
        lock(&self.progress).remove(attempt);
    }

    /// How far the attempts of a job at a party are: done, of.
    pub(crate) fn progress_at(&self, job: &JobId, party: Party) -> impl Iterator<Item = (u64, u64)> {
        let all = lock(&self.progress);
        let of_job = all.iter().filter(|(id, (_, of, _))| id.task.job == *job && id.party == party && *of > 0);
        of_job.map(|(_, (done, of, _))| (*done, *of)).collect::<Vec<_>>().into_iter()
    }

    pub(crate) fn progress_of(&self, attempt: &AttemptId) -> Option<Progress> {
        lock(&self.progress).get(attempt).cloned()
    }

    /// Writes to a job's log, when it can be opened: a full disk must not stop the loop.
    pub(crate) fn job_log(&self, job: &JobId, write: impl FnOnce(&JobLog)) {
        match self.logs.job(job) {
            Ok(log) => write(&log),
            Err(error) => tracing::error!(%job, "the job's log cannot be written: {error}"),
        }
    }

    /// Writes to a job's schedule log, with the caller's place.
    #[track_caller]
    pub(crate) fn schedule(&self, job: &JobId, level: Level, text: &str) {
        let place = place(std::panic::Location::caller());
        self.job_log(job, |log| log.schedule(level, &place, text));
    }

    /// Writes to a job's audit log, with the caller's place.
    #[track_caller]
    pub(crate) fn audit(&self, job: &JobId, text: &str) {
        let place = place(std::panic::Location::caller());
        self.job_log(job, |log| log.audit(Level::Info, &place, text));
    }

    /// Opens the table file that `find` names for an attempt. Finding and holding are one step for `remove_file`.
    pub(crate) fn hold(
        &self,
        at: &AttemptId,
        find: impl FnOnce() -> Result<Option<String>, PortError>,
    ) -> Result<Option<Arc<dyn Table>>, PortError> {
        let mut held = lock(&self.held);
        let Some(file) = find()? else { return Ok(None) };
        let table = self.tables.open_table(&file)?;
        let of_attempt = held.entry(at.clone()).or_default();
        // One that opens its input again and again leaves nothing here.
        if !of_attempt.contains(&file) {
            of_attempt.push(file);
        }
        Ok(Some(table))
    }

    /// Removes a file that no row names any more, unless an attempt has it open. One that a row has come to name again
    /// meanwhile stays, and so does any when the store cannot tell.
    pub(crate) fn remove_file(&self, file: &str) -> Result<(), PortError> {
        let held = lock(&self.held);
        if held.values().flatten().any(|other| other == file) {
            return Ok(());
        }
        if !matches!(self.store.file_is_used(file), Ok(false)) {
            return Ok(());
        }
        self.tables.remove(file)
    }

    /// Gives up what an attempt had open; files that have become nobody's go. Only after its end was committed.
    pub(crate) fn release(&self, at: &AttemptId) {
        let files = lock(&self.held).remove(at).unwrap_or_default();
        for file in files {
            let _ = self.remove_file(&file);
        }
    }

    /// File of an output table of a component at a party.
    pub(crate) fn output_file(
        &self,
        job: &JobId,
        at: Party,
        component: &str,
        name: &str,
    ) -> Result<Option<String>, PortError> {
        let found = self.store.outputs(job, Some(component), Some(at)).map_err(port)?;
        let Some(output) = found.into_iter().find(|o| o.kind == PortKind::Data && o.data_name == name) else {
            return Ok(None);
        };
        let gone = || PortError::NotFound(format!("the table that {component} put out as {name} was deleted"));
        let table = self
            .store
            .table(self.tenant(job).map_err(port)?.as_str(), &output.namespace, &output.name)
            .map_err(port)?;
        Ok(Some(table.ok_or_else(gone)?.file.file))
    }

    /// Parts of a model of an upstream component, or of the deployed model, at the attempt's party.
    pub(crate) fn model_parts(
        &self,
        at: &AttemptId,
        component: &str,
        alias: &str,
    ) -> Result<Vec<ModelPart>, PortError> {
        let plan = self.plan(&at.task.job).map_err(PortError::Node)?;
        let tenant = self.tenant(&at.task.job).map_err(port)?;
        let key = predict::source(&tenant, &plan, at, component);
        let (component, alias) = predict::named(component, alias);
        let (component, alias) = (Some(component.to_owned()), Some(alias.to_owned()));
        let filter = ModelFilter { component, alias, ..ModelFilter::of(&key) };
        let found = self.store.component_models(&filter).map_err(port)?;
        Ok(found.into_iter().flat_map(|model| model.parts).collect())
    }
}

/// `submit:120`: a file of this crate and a line in it.
fn place(at: &std::panic::Location<'_>) -> String {
    let file = at.file().rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
    format!("{file}:{}", at.line())
}

fn port(error: StoreError) -> PortError {
    PortError::Node(format!("store: {error}"))
}
