//! Changing the parameters of tasks that have not started. Not for: the configuration of their job (`jobs`).

use parcae_domain::{
    id::{JobId, TaskId},
    party::Party,
};
use rusqlite::params;
use serde_json::Value;

use crate::error::StoreError;
use crate::sql::to_json;
use crate::store::Tx;

impl Tx<'_> {
    /// Replaces the parameters of a task at a party while its latest version waits; true when it does.
    pub fn set_waiting_parameters(&self, task: &TaskId, at: Party, parameters: &Value) -> Result<bool, StoreError> {
        let sql = "UPDATE party_task SET parameters = ?5, updated_ms = ?6 \
            WHERE job = ?1 AND component = ?2 AND role = ?3 AND party_id = ?4 AND status = 'waiting' \
            AND version = (SELECT version FROM task WHERE job = ?1 AND component = ?2 AND latest = 1)";
        let (job, role, id) = (task.job.as_str(), at.role.as_str(), at.id.to_string());
        let values = params![job, task.component, role, id, to_json(parameters), self.now_ms];
        Ok(self.db.execute(Some(&task.job), sql, values)? > 0)
    }

    /// Says how often the tasks of a job may be tried again that wait.
    pub fn set_waiting_retries(&self, job: &JobId, retries_left: u32) -> Result<(), StoreError> {
        let sql = "UPDATE task SET retries_left = ?2, updated_ms = ?3 \
            WHERE job = ?1 AND latest = 1 AND status = 'waiting'";
        self.db.execute(Some(job), sql, params![job.as_str(), retries_left, self.now_ms]).map(|_| ())
    }
}
