//! Tables and times of a job at a glance: which tables its tasks put out, and how long each task took. Not for: the
//! rows of jobs and tasks (`queries`), what is in the tables (`products`).

use parcae_domain::{descriptor::PortKind, id::JobId, party::Party, status::Status};

use crate::queries::store;
use crate::tenant::Tenant;
use crate::view::{Filter, NodeError};

/// A table that a task put out; times in ms since the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataView {
    /// The job.
    pub job: JobId,
    /// The component.
    pub component: String,
    /// Which run of it.
    pub version: u32,
    /// At which party.
    pub party: Party,
    /// Name in the DSL: `data`.
    pub data_name: String,
    /// Namespace of the table.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The table was made.
    pub created_ms: i64,
    /// The table was last changed.
    pub updated_ms: i64,
}

/// A task of a job at a party; times in ms since the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskReport {
    /// The component.
    pub component: String,
    /// Longest way from a component without inputs.
    pub depth: usize,
    /// Where it stands at this party.
    pub status: Status,
    /// It started.
    pub start_ms: Option<i64>,
    /// It ended.
    pub end_ms: Option<i64>,
}

impl Tenant<'_> {
    /// Tables that the latest versions of a job's tasks put out, in the order of the tasks, parties and outputs.
    pub fn data_views(&self, filter: &Filter) -> Result<Vec<DataView>, NodeError> {
        let wanted =
            |list: &Option<Vec<String>>, text: &str| list.as_ref().is_none_or(|all| all.iter().any(|one| one == text));
        let mut views = Vec::new();
        for job in filter.jobs.iter().flatten() {
            let job = self.own_job(job)?;
            for output in self.site.store.outputs(&job, None, None).map_err(store)? {
                let at = output.attempt.party;
                let fits = wanted(&filter.components, &output.attempt.task.component)
                    && wanted(&filter.roles, at.role.as_str())
                    && wanted(&filter.parties, &at.id.to_string());
                if !fits || output.kind != PortKind::Data {
                    continue;
                }
                let table = self.site.store.table(self.name(), &output.namespace, &output.name).map_err(store)?;
                // Deleted since.
                let Some(table) = table else { continue };
                views.push(DataView {
                    job: job.clone(),
                    component: output.attempt.task.component,
                    version: output.attempt.version,
                    party: at,
                    data_name: output.data_name,
                    namespace: output.namespace,
                    name: output.name,
                    created_ms: table.created_ms,
                    updated_ms: table.updated_ms,
                });
            }
        }
        Ok(views)
    }

    /// The tasks of a job at a party, in the order in which they could run.
    pub fn report(&self, job: &str, at: Party) -> Result<Vec<TaskReport>, NodeError> {
        let job = self.own_job(job)?;
        let plan = self.site.plan(&job).map_err(|_| NodeError::NotFound(format!("there is no job {job}")))?;
        let filter = Filter {
            jobs: Some(vec![job.to_string()]),
            roles: Some(vec![at.role.to_string()]),
            parties: Some(vec![at.id.to_string()]),
            ..Filter::default()
        };
        let tasks = self.tasks(&filter)?.into_iter();
        let mut report: Vec<TaskReport> = tasks
            .map(|task| TaskReport {
                depth: plan.component(&task.component).map_or(0, |component| component.depth),
                component: task.component,
                status: task.party_status,
                start_ms: task.start_ms,
                end_ms: task.end_ms,
            })
            .collect();
        report.sort_by_key(|task| task.depth);
        Ok(report)
    }
}
