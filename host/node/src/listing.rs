//! Pages of jobs and tasks for people who browse: cut by the store, so that many of them cost no more than few. Not
//! for: clients that wait for a job (`queries`).

use parcae_metadata::{JobFilter, JobOrder, TaskFilter, TaskOrder, TaskPaging};

use crate::queries::{selection, store};
use crate::tenant::Tenant;
use crate::view::{Filter, JobView, NodeError, TaskView};

/// Which page, and in which order.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// `job_id`, `task_version` (of tasks), `start_time`, `end_time`, `elapsed`; by creation otherwise.
    pub order_by: Option<String>,
    /// Highest first.
    pub descending: bool,
    /// Most rows; none = all.
    pub limit: Option<u32>,
    /// Rows that are left out before the first.
    pub offset: u32,
}

/// Which jobs; `None` = all.
#[derive(Clone, Debug, Default)]
pub struct JobSearch {
    /// The id has this in it.
    pub id_part: Option<String>,
    /// The party's id has this in it.
    pub party_part: Option<String>,
    /// The description has this in it.
    pub description_part: Option<String>,
    /// The id of another party of the job has this in it.
    pub partner_part: Option<String>,
    /// The id or the description has this in it, in small or capital letters.
    pub text: Option<String>,
    /// Submitted not before and not after, ms since the epoch.
    pub created_ms: (Option<i64>, Option<i64>),
    /// Roles and statuses.
    pub filter: Filter,
}

impl Tenant<'_> {
    /// A page of jobs, one row for each of their parties, without those whose submission failed; and how many there are
    /// altogether.
    pub fn job_page(&self, search: &JobSearch, page: &Page) -> Result<(u64, Vec<JobView>), NodeError> {
        let Some(filter) = self.job_filter(search, page) else { return Ok((0, Vec::new())) };
        let found = self.site.store.jobs(&filter).map_err(store)?;
        Ok((found.count, found.rows.into_iter().map(|row| self.job_view(row)).collect()))
    }

    /// What a search means to the store; none when a word of it means nothing.
    pub(crate) fn job_filter(&self, search: &JobSearch, page: &Page) -> Option<JobFilter> {
        let wanted = selection(self, &search.filter)?;
        let order = match page.order_by.as_deref() {
            Some("job_id") => JobOrder::Id,
            Some("start_time") => JobOrder::Start,
            Some("end_time") => JobOrder::End,
            Some("elapsed") => JobOrder::Elapsed,
            _ => JobOrder::Created,
        };
        Some(JobFilter {
            tenant: Some(self.name().to_owned()),
            ids: wanted.jobs,
            roles: wanted.roles,
            party_ids: wanted.parties,
            statuses: wanted.statuses,
            id_part: search.id_part.clone(),
            party_id_part: search.party_part.clone(),
            description_part: search.description_part.clone(),
            partner_part: search.partner_part.clone(),
            text: search.text.clone(),
            created_ms: search.created_ms,
            without_failed_submits: true,
            order,
            descending: page.descending,
            limit: page.limit,
            offset: page.offset,
            ..JobFilter::default()
        })
    }

    /// A page of party tasks, and how many there are altogether.
    pub fn task_page(&self, filter: &Filter, page: &Page) -> Result<(u64, Vec<TaskView>), NodeError> {
        let Some(wanted) = selection(self, filter) else { return Ok((0, Vec::new())) };
        let filter = TaskFilter {
            tenant: Some(self.name().to_owned()),
            jobs: wanted.jobs,
            components: filter.components.clone().unwrap_or_default(),
            roles: wanted.roles,
            party_ids: wanted.parties,
            statuses: wanted.statuses,
            all_versions: filter.all_versions,
            ..TaskFilter::default()
        };
        let order = match page.order_by.as_deref() {
            Some("job_id") => TaskOrder::Job,
            Some("task_version") => TaskOrder::Version,
            Some("start_time") => TaskOrder::Start,
            Some("end_time") => TaskOrder::End,
            Some("elapsed") => TaskOrder::Elapsed,
            _ => TaskOrder::Created,
        };
        let paging = TaskPaging { order, descending: page.descending, limit: page.limit, offset: page.offset };
        let found = self.site.store.party_task_page(&filter, &paging).map_err(store)?;
        Ok((found.count, found.rows.into_iter().map(|row| self.task_view(row)).collect()))
    }
}
