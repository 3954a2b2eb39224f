//! Answers about jobs and tasks. Not for: what they made (`products`).

use parcae_domain::{
    id::{AttemptId, JobId},
    party::{Party, PartyId, Role},
    status::Status,
};
use parcae_metadata::{JobFilter, JobRow, PartyTaskRow, TaskFilter};
use parcae_scheduler::Event;
use serde_json::Value;

use crate::tenant::Tenant;
use crate::view::{Filter, JobView, NodeError, TaskView};

pub(crate) fn store(error: impl std::fmt::Display) -> NodeError {
    NodeError::Internal(format!("store: {error}"))
}

/// A job id that a node could have given out; anything else names no job.
pub(crate) fn job_id(text: &str) -> Result<JobId, NodeError> {
    let job = JobId(text.to_owned());
    if job.is_valid() { Ok(job) } else { Err(NodeError::NotFound(format!("there is no job {text:?}"))) }
}

/// What a list in a filter means to the store: words that mean nothing select nothing.
pub(crate) fn read<T>(list: Option<&Vec<String>>, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let Some(list) = list else { return Some(Vec::new()) };
    let known: Vec<T> = list.iter().filter_map(|word| parse(word)).collect();
    (!known.is_empty()).then_some(known)
}

/// A filter as the store understands it.
pub(crate) struct Selection {
    pub(crate) jobs: Vec<JobId>,
    pub(crate) roles: Vec<Role>,
    pub(crate) parties: Vec<PartyId>,
    pub(crate) statuses: Vec<Status>,
}

/// What a filter selects; none when a word of it means nothing.
pub(crate) fn selection(tenant: &Tenant<'_>, filter: &Filter) -> Option<Selection> {
    Some(Selection {
        jobs: read(filter.jobs.as_ref(), |text| tenant.own_job(text).ok())?,
        roles: read(filter.roles.as_ref(), |text| text.parse().ok())?,
        parties: read(filter.parties.as_ref(), |text| text.parse().ok())?,
        statuses: read(filter.statuses.as_ref(), |text| text.parse().ok())?,
    })
}

impl Tenant<'_> {
    /// Jobs, one row for each of their parties.
    pub fn jobs(&self, filter: &Filter) -> Result<Vec<JobView>, NodeError> {
        let Some(wanted) = selection(self, filter) else { return Ok(Vec::new()) };
        let filter = JobFilter {
            tenant: Some(self.name().to_owned()),
            ids: wanted.jobs,
            roles: wanted.roles,
            party_ids: wanted.parties,
            statuses: wanted.statuses,
            limit: filter.limit,
            ..JobFilter::default()
        };
        let page = self.site.store.jobs(&filter).map_err(store)?;
        Ok(page.rows.into_iter().map(|row| self.job_view(row)).collect())
    }

    /// Party tasks: the latest version of each unless the filter wants all.
    pub fn tasks(&self, filter: &Filter) -> Result<Vec<TaskView>, NodeError> {
        let Some(wanted) = selection(self, filter) else { return Ok(Vec::new()) };
        let filter = TaskFilter {
            tenant: Some(self.name().to_owned()),
            jobs: wanted.jobs,
            components: filter.components.clone().unwrap_or_default(),
            roles: wanted.roles,
            party_ids: wanted.parties,
            statuses: wanted.statuses,
            all_versions: filter.all_versions,
            limit: filter.limit,
            ..TaskFilter::default()
        };
        let rows = self.site.store.party_tasks(&filter).map_err(store)?;
        Ok(rows.into_iter().map(|row| self.task_view(row)).collect())
    }

    /// Components of a job, in the order of its DSL.
    pub fn components(&self, job: &str) -> Result<Vec<String>, NodeError> {
        let job = self.own_job(job)?;
        let plan = self.site.plan(&job).map_err(|_| NodeError::NotFound(format!("there is no job {job}")))?;
        Ok(plan.components.iter().map(|c| c.name.clone()).collect())
    }

    /// Stops a job. One that has ended already stays as it is.
    pub fn stop(&self, job: &str, status: Status) -> Result<(), NodeError> {
        let job = self.own_job(job)?;
        let row = self.site.store.job(&job).map_err(store)?;
        let row = row.ok_or_else(|| NodeError::NotFound(format!("there is no job {job}")))?;
        if !row.status.is_end() {
            let status = if matches!(status, Status::Failed | Status::Timeout) { status } else { Status::Canceled };
            self.site.store.commit(|tx| tx.ask_stop(&job, status)).map_err(store)?;
            self.tell(Event::StopRequested { job, status });
        }
        Ok(())
    }

    pub(crate) fn job_view(&self, row: JobRow) -> JobView {
        let common = |key: &str| row.conf.pointer(&format!("/job_parameters/common/{key}")).and_then(Value::as_u64);
        let wanted = common("adaptation_parameters/request_task_cores").unwrap_or(1);
        let wanted = wanted.saturating_mul(common("task_parallelism").unwrap_or(1));
        let cores = u32::try_from(wanted).unwrap_or(u32::MAX).clamp(1, self.site.options.cores.max(1));
        let cancel_signal = row.cancel_signal();
        JobView {
            party: row.party,
            initiator: row.initiator,
            roles: roles(&row.roles),
            status: row.status,
            progress: self.progress(&row.id, row.initiator, row.status, row.progress),
            tag: row.tag,
            description: row.description,
            cancel_signal,
            dsl: row.dsl,
            runtime_conf: row.conf,
            runtime_conf_on_party: row.conf_on_party,
            train_runtime_conf: row.train_conf,
            cores,
            created_ms: row.created_ms,
            updated_ms: row.updated_ms,
            start_ms: row.start_ms,
            end_ms: row.end_ms,
            job: row.id,
        }
    }

    /// Percent of a job: what its tasks have ended, and how far those say they are that run at the initiator.
    pub(crate) fn progress(&self, job: &JobId, initiator: Party, status: Status, stored: u8) -> u8 {
        if status != Status::Running {
            return stored;
        }
        let tasks = self.site.plan(job).map_or(1, |plan| {
            plan.components.iter().filter(|component| component.parties.contains(&initiator)).count().max(1)
        });
        let under_way: u64 = self.site.progress_at(job, initiator).map(|(done, of)| 100 * done.min(of) / of).sum();
        let more = u8::try_from(under_way / tasks as u64).unwrap_or(100);
        stored.saturating_add(more).min(99)
    }

    pub(crate) fn task_view(&self, row: PartyTaskRow) -> TaskView {
        let AttemptId { task, version, party } = row.attempt.clone();
        let catalog = &self.site.catalog;
        let offer = catalog.module(self.id(), &row.task.module, Some(&row.task.image));
        // Rows of images that are gone look as those of today.
        let offer = offer.or_else(|| self.site.substitute(&row.task.module));
        let grants =
            offer.as_ref().map(|offer| self.site.in_force(self.id(), &offer.image, &offer.module)).unwrap_or_default();
        let (provider, module) = match offer {
            Some(offer) => ((offer.component, offer.version), offer.module.name),
            None => (("unknown".into(), String::new()), row.task.module.clone()),
        };
        let stored = row.progress.map(|p| (p.done, p.of, p.what));
        TaskView {
            job: task.job,
            component: task.component,
            version,
            party,
            module,
            provider,
            grants,
            image: row.task.image,
            initiator: row.initiator,
            status: row.task.status,
            party_status: row.status,
            parameters: row.parameters,
            error_report: row.message,
            progress: self.site.progress_of(&row.attempt).or(stored),
            auto_retries: row.task.retries_left,
            created_ms: row.created_ms,
            updated_ms: row.updated_ms,
            start_ms: row.start_ms,
            end_ms: row.end_ms,
        }
    }
}

pub(crate) fn roles(stored: &Value) -> Vec<(Role, Vec<PartyId>)> {
    let ids = |list: &Value| list.as_array().map(|a| a.iter().filter_map(Value::as_u64).collect()).unwrap_or_default();
    let pairs = stored.as_object().into_iter().flatten();
    pairs.filter_map(|(role, list)| Some((role.parse().ok()?, ids(list)))).collect()
}
