//! Writing jobs. Not for: finding them (`job_query`), their tasks (`tasks`).

use parcae_domain::{id::JobId, party::Party, status::Status};
use rusqlite::params;
use serde_json::Value;

use crate::error::StoreError;
use crate::sql::to_json;
use crate::store::{Store, Tx};
use crate::tasks::NewTask;

/// A job to be stored, with everything that belongs to it from its beginning.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// Who owns it.
    pub tenant: String,
    /// Waiting; failed for one whose submission failed.
    pub status: Status,
    /// `submit_failed`, or empty.
    pub tag: String,
    /// Name, mostly empty.
    pub name: String,
    /// What its owner says of it.
    pub description: String,
    /// Notes of an upload.
    pub notes: String,
    /// Who leads it.
    pub initiator: Party,
    /// Role to list of party ids, as submitted.
    pub roles: Value,
    /// The DSL, as submitted.
    pub dsl: Value,
    /// The runtime configuration with defaults.
    pub conf: Value,
    /// For a predict job the configuration of the training; else an empty object.
    pub train_conf: Value,
    /// What the node needs to run it, in the node's own form.
    pub plan: Value,
    /// When it was submitted, ms since the epoch.
    pub created_ms: i64,
    /// Its parties in their order.
    pub parties: Vec<NewJobParty>,
    /// Its tasks in their order.
    pub tasks: Vec<NewTask>,
}

/// A party of a job.
#[derive(Clone, Debug)]
pub struct NewJobParty {
    /// Which one.
    pub party: Party,
    /// The configuration as it is at this party.
    pub conf: Value,
}

/// What happens to a job while it is scheduled; all of it is stored as it is here.
#[derive(Clone, Debug, PartialEq)]
pub struct JobUpdate {
    /// Its status.
    pub status: Status,
    /// Percent.
    pub progress: u8,
    /// When it entered the queue.
    pub queued_ms: i64,
    /// When it started.
    pub start_ms: Option<i64>,
    /// When it ended.
    pub end_ms: Option<i64>,
    /// From start to end.
    pub elapsed_ms: Option<i64>,
    /// What it is to become, when a stop was asked for.
    pub stop_status: Option<Status>,
}

impl Store {
    /// Whose a job is.
    pub fn job_tenant(&self, job: &JobId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT tenant FROM job WHERE id = ?1";
        self.read(|db| db.row(None, sql, params![job.as_str()], |row| row.get("tenant")))
    }

    /// Stores a job with its parties, tasks and party tasks in one transaction.
    pub fn create_job(&self, job: &NewJob) -> Result<(), StoreError> {
        self.commit(|tx| tx.create_job(job))
    }
}

impl Tx<'_> {
    /// Stores a job with its parties, tasks and party tasks.
    pub fn create_job(&self, job: &NewJob) -> Result<(), StoreError> {
        let created = self.db.execute(
            Some(&job.id),
            "INSERT INTO job (id, tenant, status, tag, name, description, notes, initiator_role, initiator_party_id, \
             roles, dsl, conf, train_conf, plan, created_ms, queued_ms, updated_ms) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?15, ?16) \
             ON CONFLICT DO NOTHING",
            params![
                job.id.as_str(),
                job.tenant,
                job.status.as_str(),
                job.tag,
                job.name,
                job.description,
                job.notes,
                job.initiator.role.as_str(),
                job.initiator.id.to_string(),
                to_json(&job.roles),
                to_json(&job.dsl),
                to_json(&job.conf),
                to_json(&job.train_conf),
                to_json(&job.plan),
                job.created_ms,
                self.now_ms,
            ],
        )?;
        if created == 0 {
            return Err(StoreError::Exists(format!("job {}", job.id)));
        }
        for (position, party) in (0u32..).zip(&job.parties) {
            self.db.execute(
                Some(&job.id),
                "INSERT INTO job_party (job, role, party_id, position, conf) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    job.id.as_str(),
                    party.party.role.as_str(),
                    party.party.id.to_string(),
                    position,
                    to_json(&party.conf),
                ],
            )?;
        }
        for (position, task) in (0u32..).zip(&job.tasks) {
            self.create_task(&job.id, position, task)?;
        }
        Ok(())
    }

    /// Notes that a job is to stop, the first such wish: who is told so can rely on it, whatever happens to the node.
    pub fn ask_stop(&self, job: &JobId, status: Status) -> Result<(), StoreError> {
        let sql = "UPDATE job SET stop_status = coalesce(stop_status, ?2), updated_ms = ?3 \
            WHERE id = ?1 AND status IN ('waiting', 'running')";
        self.db.execute(Some(job), sql, params![job.as_str(), status.as_str(), self.now_ms]).map(|_| ())
    }

    /// Stores what scheduling made of a job. One that waits (again) has no tag: its end is still to come.
    pub fn update_job(&self, job: &JobId, update: &JobUpdate) -> Result<(), StoreError> {
        self.db.change(
            job,
            "UPDATE job SET status = ?2, progress = ?3, queued_ms = ?4, start_ms = ?5, end_ms = ?6, elapsed_ms = ?7, \
             stop_status = CASE WHEN ?2 = 'waiting' THEN ?8 ELSE coalesce(?8, stop_status) END, \
             tag = CASE WHEN ?2 = 'waiting' THEN '' ELSE tag END, updated_ms = ?9 WHERE id = ?1",
            params![
                job.as_str(),
                update.status.as_str(),
                update.progress,
                update.queued_ms,
                update.start_ms,
                update.end_ms,
                update.elapsed_ms,
                update.stop_status.map(Status::as_str),
                self.now_ms,
            ],
            job,
        )
    }

    /// Raises the progress of a job, percent; never lowers it.
    pub fn raise_job_progress(&self, job: &JobId, progress: u8) -> Result<(), StoreError> {
        let sql = "UPDATE job SET progress = max(progress, ?2), updated_ms = ?3 WHERE id = ?1";
        self.db.change(job, sql, params![job.as_str(), progress, self.now_ms], job)
    }

    /// Sets the tag of a job: `job_end` once everything that its end asks for is done.
    pub fn set_job_tag(&self, job: &JobId, tag: &str) -> Result<(), StoreError> {
        let sql = "UPDATE job SET tag = ?2, updated_ms = ?3 WHERE id = ?1";
        self.db.change(job, sql, params![job.as_str(), tag, self.now_ms], job)
    }

    /// Sets what its owner says of a job.
    pub fn set_job_description(&self, job: &JobId, description: &str) -> Result<(), StoreError> {
        let sql = "UPDATE job SET description = ?2, updated_ms = ?3 WHERE id = ?1";
        self.db.change(job, sql, params![job.as_str(), description, self.now_ms], job)
    }

    /// Replaces the configuration of a job and the node's plan for it.
    pub fn set_job_conf(&self, job: &JobId, conf: &Value, plan: &Value) -> Result<(), StoreError> {
        let sql = "UPDATE job SET conf = ?2, plan = ?3, updated_ms = ?4 WHERE id = ?1";
        self.db.change(job, sql, params![job.as_str(), to_json(conf), to_json(plan), self.now_ms], job)
    }

    /// Replaces the configuration of a job at one party.
    pub fn set_job_party_conf(&self, job: &JobId, party: Party, conf: &Value) -> Result<(), StoreError> {
        self.db.change(
            job,
            "UPDATE job_party SET conf = ?4 WHERE job = ?1 AND role = ?2 AND party_id = ?3",
            params![job.as_str(), party.role.as_str(), party.id.to_string(), to_json(conf)],
            format!("{job} at {party}"),
        )
    }
}
