//! Running ended jobs again. Not for: which of their tasks (`scheduler`), with which parameters (`update`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use parcae_domain::{grant::Grant, id::JobId, status::Status};
use parcae_dsl::JobPlan;
use parcae_metadata::StoredJob;
use parcae_scheduler::{Event, JobSpec, rerun_choice};

use crate::acceptance;
use crate::attempts::JOB_END;
use crate::plan::{bounded, job_spec};
use crate::queries::store;
use crate::restore::{job_state, renew_images};
use crate::tenant::Tenant;
use crate::view::NodeError;

/// How long to wait until a job that has ended is cleaned up.
const CLEANED_UP: Duration = Duration::from_secs(10);

/// What a rerun comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rerun {
    /// The job is in the queue again; these components run.
    Queued(Vec<String>),
    /// Everything ended well, and nothing was named.
    Nothing,
}

impl Tenant<'_> {
    /// Has an ended job run again. Without components: what did not end well, with `force` all of it. With components:
    /// these, however they ended. To either comes what reads from them, and what did not end well of all that they
    /// read. What is not chosen keeps its outputs. When this returns, the store shows the job as waiting or further.
    pub fn rerun(&self, job: &str, components: Option<&[String]>, force: bool) -> Result<Rerun, NodeError> {
        let job = self.own_job(job)?;
        self.await_end(&job)?;
        let _images = self.components.used();
        let _changing = self.changing();
        let stored = self.ended_job(&job)?;
        let plan: JobPlan = serde_json::from_value(stored.plan.clone()).map_err(store)?;
        let spec = bounded(&self.site, job_spec(&job, self.id(), stored.created_ms, &plan), &plan);
        check_names(&spec, components.unwrap_or_default())?;
        let state = job_state(&stored);
        let choice = rerun_choice(&spec, &state, components, force);
        let names = spec.tasks.iter().zip(&choice).filter(|(_, chosen)| **chosen);
        let names: Vec<String> = names.map(|(task, _)| task.component.clone()).collect();
        if names.is_empty() {
            return Ok(Rerun::Nothing);
        }
        self.check_upload(&job, &plan, &names)?;
        let mut tasks = self.site.store.tasks(&job).map_err(store)?;
        tasks.retain(|task| names.contains(&task.component));
        acceptance::of_tasks(&self.site, self.id(), &plan, &tasks)?;
        self.check_quotas(&plan)?;
        self.check_queue()?;
        renew_images(&self.site, &stored)?;
        // New versions show the parameters of the plan, and the store would be asked for it once for each of them.
        self.site.set_plan(&job, Arc::new(plan));
        let components = components.map(<[String]>::to_vec);
        let changes = self.tell_and_wait(Event::Rerun { spec, state, components, force })?;
        if changes.iter().any(|change| change.job == job && change.status == Status::Waiting) {
            return Ok(Rerun::Queued(names));
        }
        self.site.forget_plan(&job);
        Err(NodeError::Invalid(format!("job {job} could not be put into the queue: its schedule log says why")))
    }

    /// Waits until a job that has ended is cleaned up. To be called before `changing` is taken: others need not wait.
    pub(crate) fn await_end(&self, job: &JobId) -> Result<(), NodeError> {
        let deadline = Instant::now() + CLEANED_UP;
        let mut seen = 0;
        while !self.is_cleaned_up(job)? {
            if Instant::now() >= deadline {
                return Err(cleaning_up(job));
            }
            seen = self.site.bell.wait(seen, Duration::from_millis(100));
        }
        Ok(())
    }

    /// A job that has ended and is cleaned up. To be called by who holds `changing`: it stays so meanwhile.
    pub(crate) fn ended_job(&self, job: &JobId) -> Result<StoredJob, NodeError> {
        if !self.is_cleaned_up(job)? {
            return Err(cleaning_up(job));
        }
        self.site.store.stored_job(job).map_err(store)?.ok_or_else(|| missing(job))
    }

    /// Whether a job that has ended is cleaned up, too.
    fn is_cleaned_up(&self, job: &JobId) -> Result<bool, NodeError> {
        let row = self.site.store.job(job).map_err(store)?.ok_or_else(|| missing(job))?;
        if !row.status.is_end() {
            return Err(NodeError::Invalid(format!("job {job} is {}: stop it first", row.status)));
        }
        Ok(row.tag == JOB_END)
    }

    /// An uploaded file goes when its job has ended.
    fn check_upload(&self, job: &JobId, plan: &JobPlan, names: &[String]) -> Result<(), NodeError> {
        let reads = |name: &&String| {
            plan.component(name).is_some_and(|component| component.module.grants.contains(&Grant::UploadedFile))
        };
        match names.iter().find(reads) {
            Some(name) if !self.site.upload_of(job).exists() => Err(NodeError::Invalid(format!(
                "{name} of job {job} cannot run again, as the uploaded file is not kept after the end of its job: \
                 upload it again"
            ))),
            _ => Ok(()),
        }
    }
}

fn missing(job: &JobId) -> NodeError {
    NodeError::NotFound(format!("there is no job {job}"))
}

fn cleaning_up(job: &JobId) -> NodeError {
    NodeError::Invalid(format!("job {job} has ended and is still being cleaned up: try again in a moment"))
}

fn check_names(spec: &JobSpec, names: &[String]) -> Result<(), NodeError> {
    let known = || spec.tasks.iter().map(|task| task.component.as_str());
    let unknown = names.iter().filter(|name| !known().any(|other| other == name.as_str()));
    let unknown: Vec<String> = unknown
        .map(|name| match parcae_dsl::suggest(name, known()) {
            Some(hint) => format!("{name:?} ({hint})"),
            None => format!("{name:?}"),
        })
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(NodeError::Invalid(format!("job {} has no component {}", spec.id, unknown.join(", "))))
}
