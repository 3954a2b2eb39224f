//! Finding tasks and party tasks. Not for: their outputs, models and metrics.

use parcae_domain::{
    id::{AttemptId, JobId, TaskId},
    outcome::Outcome,
    party::{Party, PartyId, Role},
    status::Status,
};
use rusqlite::{Row, params};
use serde_json::Value;

use crate::error::StoreError;
use crate::sql::{Conditions, Json, count, job_id, json, paging, party, word};
use crate::store::Store;

/// A version of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskRow {
    /// Its name in the DSL.
    pub component: String,
    /// Counts its runs, from 0.
    pub version: u32,
    /// Its place in the job's order.
    pub position: u32,
    /// The module that it runs.
    pub module: String,
    /// Digest of the image.
    pub image: String,
    /// Its federated status.
    pub status: Status,
    /// How often it may still be tried again.
    pub retries_left: u32,
}

/// A version of a task at one party.
#[derive(Clone, Debug, PartialEq)]
pub struct PartyTaskRow {
    /// Job, component, version and party.
    pub attempt: AttemptId,
    /// Its task.
    pub task: TaskRow,
    /// Who leads the job.
    pub initiator: Party,
    /// Its own status.
    pub status: Status,
    /// What to show; empty for success.
    pub message: String,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Its parameters, in the node's own form.
    pub parameters: Value,
    /// How far it is.
    pub progress: Option<Progress>,
    /// When it started, ms since the epoch.
    pub start_ms: Option<i64>,
    /// When it ended.
    pub end_ms: Option<i64>,
    /// From start to end.
    pub elapsed_ms: Option<i64>,
    /// When this version was made.
    pub created_ms: i64,
    /// When it was last changed.
    pub updated_ms: i64,
}

/// How far an attempt is, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// So many are done.
    pub done: u64,
    /// Of so many.
    pub of: u64,
    /// Of what.
    pub what: String,
}

/// Which party tasks; what is empty or `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    /// Of jobs of this tenant.
    pub tenant: Option<String>,
    /// Of one of these jobs.
    pub jobs: Vec<JobId>,
    /// One of these components.
    pub components: Vec<String>,
    /// One of these roles.
    pub roles: Vec<Role>,
    /// One of these parties.
    pub party_ids: Vec<PartyId>,
    /// One of these federated statuses.
    pub statuses: Vec<Status>,
    /// One of these statuses of their own.
    pub party_statuses: Vec<Status>,
    /// Of this version; else only the latest, unless `all_versions` is set.
    pub version: Option<u32>,
    /// Not only the latest version.
    pub all_versions: bool,
    /// At most so many; only for `party_tasks`.
    pub limit: Option<u32>,
}

pub(crate) const PARTY_TASKS: &str = "SELECT p.job AS job, p.component AS component, p.version AS version, \
    p.role AS role, p.party_id AS party_id, t.position AS position, t.module AS module, t.image AS image, \
    t.status AS status, t.retries_left AS retries_left, j.initiator_role AS initiator_role, \
    j.initiator_party_id AS initiator_party_id, \
    p.status AS party_status, p.message AS message, p.outcome AS outcome, p.parameters AS parameters, \
    p.progress_done AS progress_done, p.progress_of AS progress_of, p.progress_what AS progress_what, \
    p.start_ms AS start_ms, p.end_ms AS end_ms, p.elapsed_ms AS elapsed_ms, p.created_ms AS created_ms, \
    p.updated_ms AS updated_ms FROM party_task AS p \
    JOIN task AS t ON t.job = p.job AND t.component = p.component AND t.version = p.version \
    JOIN job AS j ON j.id = p.job";

impl Store {
    /// The latest version of each task of a job, in the job's order.
    pub fn tasks(&self, job: &JobId) -> Result<Vec<TaskRow>, StoreError> {
        let sql = "SELECT component, version, position, module, image, status, retries_left FROM task \
            WHERE job = ?1 AND latest = 1 ORDER BY position";
        self.read(|db| db.rows(Some(job), sql, params![job.as_str()], read_task))
    }

    /// The latest version of a task.
    pub fn task(&self, task: &TaskId) -> Result<Option<TaskRow>, StoreError> {
        let sql = "SELECT component, version, position, module, image, status, retries_left FROM task \
            WHERE job = ?1 AND component = ?2 AND latest = 1";
        self.read(|db| db.row(Some(&task.job), sql, params![task.job.as_str(), task.component], read_task))
    }

    /// The party tasks that a filter lets through, by job, in the job's order, by version and party.
    pub fn party_tasks(&self, filter: &TaskFilter) -> Result<Vec<PartyTaskRow>, StoreError> {
        let conditions = filter.conditions();
        let order = " ORDER BY j.created_ms, p.job, t.position, p.version, p.position";
        let sql = format!("{PARTY_TASKS}{}{order}{}", conditions.sql(), paging(filter.limit, 0));
        let job = if let [job] = filter.jobs.as_slice() { Some(job) } else { None };
        self.read(|db| db.rows(job, &sql, conditions.values(), read_party_task))
    }

    /// The latest version of a task at one party.
    pub fn party_task(&self, task: &TaskId, at: Party) -> Result<Option<PartyTaskRow>, StoreError> {
        let filter = TaskFilter {
            jobs: vec![task.job.clone()],
            components: vec![task.component.clone()],
            roles: vec![at.role],
            party_ids: vec![at.id],
            ..TaskFilter::default()
        };
        Ok(self.party_tasks(&filter)?.pop())
    }
}

impl TaskFilter {
    pub(crate) fn conditions(&self) -> Conditions {
        let mut c = Conditions::default();
        c.one_of("j.tenant", self.tenant.clone());
        c.one_of("p.job", self.jobs.iter().map(|id| id.0.clone()));
        c.one_of("p.component", self.components.iter().cloned());
        c.one_of("p.role", self.roles.iter().map(Role::to_string));
        c.one_of("p.party_id", self.party_ids.iter().map(PartyId::to_string));
        c.one_of("t.status", self.statuses.iter().map(Status::to_string));
        c.one_of("p.status", self.party_statuses.iter().map(Status::to_string));
        match self.version {
            Some(version) => c.equal("p.version", i64::from(version)),
            None if self.all_versions => {}
            None => c.is("t.latest = 1"),
        }
        c
    }
}

fn read_task(row: &Row<'_>) -> rusqlite::Result<TaskRow> {
    Ok(TaskRow {
        component: row.get("component")?,
        version: row.get("version")?,
        position: row.get("position")?,
        module: row.get("module")?,
        image: row.get("image")?,
        status: word(row, "status")?,
        retries_left: row.get("retries_left")?,
    })
}

pub(crate) fn read_party_task(row: &Row<'_>) -> rusqlite::Result<PartyTaskRow> {
    let task = read_task(row)?;
    let id = TaskId { job: job_id(row, "job")?, component: task.component.clone() };
    let what: Option<String> = row.get("progress_what")?;
    let progress = match what {
        Some(what) => Some(Progress { done: count(row, "progress_done")?, of: count(row, "progress_of")?, what }),
        None => None,
    };
    Ok(PartyTaskRow {
        attempt: AttemptId { task: id, version: task.version, party: party(row)? },
        task,
        initiator: Party { role: word(row, "initiator_role")?, id: word(row, "initiator_party_id")? },
        status: word(row, "party_status")?,
        message: row.get("message")?,
        outcome: row.get::<_, Option<Json<Outcome>>>("outcome")?.map(|json| json.0),
        parameters: json(row, "parameters")?,
        progress,
        start_ms: row.get("start_ms")?,
        end_ms: row.get("end_ms")?,
        elapsed_ms: row.get("elapsed_ms")?,
        created_ms: row.get("created_ms")?,
        updated_ms: row.get("updated_ms")?,
    })
}
