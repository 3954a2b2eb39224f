//! Writing tasks and party tasks. Not for: finding them (`task_query`).

use parcae_domain::{
    id::{AttemptId, JobId, TaskId},
    outcome::Outcome,
    party::Party,
    status::Status,
};
use rusqlite::params;
use serde_json::Value;

use crate::error::StoreError;
use crate::sql::{to_int, to_json};
use crate::store::Tx;

/// A task to be stored with its job.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// Its name in the DSL.
    pub component: String,
    /// The module that it runs.
    pub module: String,
    /// Digest of the image, SHA-256 in hex.
    pub image: String,
    /// How often it may be tried again.
    pub retries_left: u32,
    /// Where it runs.
    pub parties: Vec<NewPartyTask>,
}

/// A task at one party to be stored with its job.
#[derive(Clone, Debug)]
pub struct NewPartyTask {
    /// Where it runs.
    pub party: Party,
    /// Its parameters, in the node's own form.
    pub parameters: Value,
}

/// What happens to a party task while it is scheduled; all of it is stored as it is here.
#[derive(Clone, Debug, PartialEq)]
pub struct PartyTaskUpdate {
    /// Its status.
    pub status: Status,
    /// What to show; empty for success.
    pub message: String,
    /// When it started.
    pub start_ms: Option<i64>,
    /// When it ended.
    pub end_ms: Option<i64>,
    /// From start to end.
    pub elapsed_ms: Option<i64>,
}

const INSERT_TASK: &str = "INSERT INTO task (job, component, version, latest, position, module, image, status, \
    retries_left, created_ms, updated_ms) VALUES (?1, ?2, 0, 1, ?3, ?4, ?5, 'waiting', ?6, ?7, ?7)";
const INSERT_PARTY_TASK: &str = "INSERT INTO party_task (job, component, version, role, party_id, position, status, \
    message, parameters, created_ms, updated_ms) VALUES (?1, ?2, 0, ?3, ?4, ?5, 'waiting', '', ?6, ?7, ?7)";
const NEXT_TASK: &str = "INSERT INTO task (job, component, version, latest, position, module, image, status, \
    retries_left, created_ms, updated_ms) SELECT job, component, ?3, 1, position, module, image, 'waiting', ?4, ?5, ?5 \
    FROM task WHERE job = ?1 AND component = ?2 AND latest = 1";
const NEXT_PARTY_TASKS: &str = "INSERT INTO party_task (job, component, version, role, party_id, position, status, \
    message, parameters, created_ms, updated_ms) SELECT p.job, p.component, ?3, p.role, p.party_id, p.position, \
    'waiting', '', p.parameters, ?4, ?4 FROM party_task AS p JOIN task AS t ON t.job = p.job AND t.component = p.component \
    AND t.version = p.version WHERE p.job = ?1 AND p.component = ?2 AND t.latest = 1 AND t.version <> ?3";

impl Tx<'_> {
    pub(crate) fn create_task(&self, job: &JobId, position: u32, task: &NewTask) -> Result<(), StoreError> {
        let NewTask { component, module, image, retries_left, parties } = task;
        let values = params![job.as_str(), component, position, module, image, retries_left, self.now_ms];
        self.db.execute(Some(job), INSERT_TASK, values)?;
        for (position, NewPartyTask { party, parameters }) in (0u32..).zip(parties) {
            let (role, id, parameters) = (party.role.as_str(), party.id.to_string(), to_json(parameters));
            let values = params![job.as_str(), component, role, id, position, parameters, self.now_ms];
            self.db.execute(Some(job), INSERT_PARTY_TASK, values)?;
        }
        Ok(())
    }

    /// Has the latest version of a task run another image.
    pub fn set_task_image(&self, task: &TaskId, image: &str) -> Result<(), StoreError> {
        self.db.change(
            &task.job,
            "UPDATE task SET image = ?3 WHERE job = ?1 AND component = ?2 AND latest = 1",
            params![task.job.as_str(), task.component, image],
            task,
        )
    }

    /// Stores the federated status of a task.
    pub fn update_task(&self, task: &TaskId, version: u32, status: Status) -> Result<(), StoreError> {
        self.db.change(
            &task.job,
            "UPDATE task SET status = ?4, updated_ms = ?5 WHERE job = ?1 AND component = ?2 AND version = ?3",
            params![task.job.as_str(), task.component, version, status.as_str(), self.now_ms],
            format!("task {task} version {version}"),
        )
    }

    /// Gives a task and all its party tasks a new version, waiting, with the parameters of the latest one.
    pub fn new_task_version(&self, task: &TaskId, version: u32, retries_left: u32) -> Result<(), StoreError> {
        let (job, name, now_ms) = (task.job.as_str(), &task.component, self.now_ms);
        let what = || format!("task {task}");
        self.db.change(&task.job, NEXT_TASK, params![job, name, version, retries_left, now_ms], what())?;
        self.db.execute(Some(&task.job), NEXT_PARTY_TASKS, params![job, name, version, now_ms])?;
        let sql = "UPDATE task SET latest = 0 WHERE job = ?1 AND component = ?2 AND version <> ?3";
        self.db.change(&task.job, sql, params![job, name, version], what())
    }

    /// Stores what scheduling made of a party task.
    pub fn update_party_task(&self, attempt: &AttemptId, update: &PartyTaskUpdate) -> Result<(), StoreError> {
        let PartyTaskUpdate { status, message, start_ms, end_ms, elapsed_ms } = update;
        self.change_attempt(
            attempt,
            "UPDATE party_task SET status = ?6, message = ?7, start_ms = ?8, end_ms = ?9, elapsed_ms = ?10, \
             updated_ms = ?11 WHERE job = ?1 AND component = ?2 AND version = ?3 AND role = ?4 AND party_id = ?5",
            params![status.as_str(), message, start_ms, end_ms, elapsed_ms, self.now_ms],
        )
    }

    /// Stores how an attempt ended.
    pub fn set_outcome(&self, attempt: &AttemptId, outcome: &Outcome) -> Result<(), StoreError> {
        self.change_attempt(
            attempt,
            "UPDATE party_task SET outcome = ?6, updated_ms = ?7 \
             WHERE job = ?1 AND component = ?2 AND version = ?3 AND role = ?4 AND party_id = ?5",
            params![to_json(outcome), self.now_ms],
        )
    }

    /// Replaces the parameters of a party task.
    pub fn set_parameters(&self, attempt: &AttemptId, parameters: &Value) -> Result<(), StoreError> {
        self.change_attempt(
            attempt,
            "UPDATE party_task SET parameters = ?6, updated_ms = ?7 \
             WHERE job = ?1 AND component = ?2 AND version = ?3 AND role = ?4 AND party_id = ?5",
            params![to_json(parameters), self.now_ms],
        )
    }

    /// Stores how far an attempt is, in its own words.
    pub fn set_progress(&self, attempt: &AttemptId, done: u64, of: u64, what: &str) -> Result<(), StoreError> {
        self.change_attempt(
            attempt,
            "UPDATE party_task SET progress_done = ?6, progress_of = ?7, progress_what = ?8, updated_ms = ?9 \
             WHERE job = ?1 AND component = ?2 AND version = ?3 AND role = ?4 AND party_id = ?5",
            params![to_int(done), to_int(of), what, self.now_ms],
        )
    }

    /// Runs a statement whose first five values name an attempt, and which has to change a row.
    fn change_attempt(
        &self,
        attempt: &AttemptId,
        sql: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<(), StoreError> {
        let (job, role) = (attempt.task.job.as_str(), attempt.party.role.as_str());
        let (component, party_id) = (&attempt.task.component, attempt.party.id.to_string());
        let mut all = params![job, component, attempt.version, role, party_id].to_vec();
        all.extend_from_slice(values);
        self.db.change(&attempt.task.job, sql, all.as_slice(), format!("attempt {attempt}"))
    }
}
