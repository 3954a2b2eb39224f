//! Taking jobs up again: after a start of the node, or when one that ended is to run again. Not for: showing jobs
//! (`job_query`).

use parcae_domain::{id::JobId, party::Party, status::Status};
use rusqlite::{Row, params};
use serde_json::Value;

use crate::error::StoreError;
use crate::sql::{Db, Word, job_id, json, party, word};
use crate::store::Store;

/// A job as far as scheduling needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredJob {
    /// Its id.
    pub id: JobId,
    /// Who owns it.
    pub tenant: String,
    /// What the node needs to run it, in the node's own form.
    pub plan: Value,
    /// Its status.
    pub status: Status,
    /// Percent.
    pub progress: u8,
    /// When it was submitted, ms since the epoch.
    pub created_ms: i64,
    /// When it entered the queue.
    pub queued_ms: i64,
    /// When it started.
    pub start_ms: Option<i64>,
    /// What it is to become, when a stop was asked for.
    pub stop_status: Option<Status>,
    /// The latest version of each task, in the job's order.
    pub tasks: Vec<StoredTask>,
}

/// The latest version of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTask {
    /// Its name in the DSL.
    pub component: String,
    /// Counts its runs, from 0.
    pub version: u32,
    /// Its federated status.
    pub status: Status,
    /// How often it may still be tried again.
    pub retries_left: u32,
    /// How many of its versions were started since the job entered the queue.
    pub runs: u32,
    /// This version at each party, in the task's order.
    pub parties: Vec<StoredParty>,
}

/// The latest version of a task at one party.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoredParty {
    /// Where.
    pub party: Party,
    /// Its own status.
    pub status: Status,
    /// When it started.
    pub start_ms: Option<i64>,
}

const JOB: &str = "SELECT id, tenant, plan, status, progress, created_ms, queued_ms, start_ms, stop_status FROM job";
const TASKS: &str = "SELECT component, version, status, retries_left FROM task WHERE job = ?1 AND latest = 1 \
    ORDER BY position";
const RUNS: &str = "SELECT count(DISTINCT version) AS runs FROM party_task \
    WHERE job = ?1 AND component = ?2 AND start_ms >= ?3";
const PARTIES: &str = "SELECT role, party_id, status, start_ms FROM party_task \
    WHERE job = ?1 AND component = ?2 AND version = ?3 ORDER BY position";

impl Store {
    /// The jobs that have not ended: those that run first, then by the time at which they entered the queue.
    pub fn jobs_to_restore(&self) -> Result<Vec<StoredJob>, StoreError> {
        let sql = format!("{JOB} WHERE status IN ('waiting', 'running') ORDER BY status = 'waiting', queued_ms, id");
        self.read(|db| {
            let mut jobs = db.rows(None, &sql, [], read_job)?;
            for job in &mut jobs {
                job.tasks = tasks(db, job)?;
            }
            Ok(jobs)
        })
    }

    /// One job, whatever its status.
    pub fn stored_job(&self, job: &JobId) -> Result<Option<StoredJob>, StoreError> {
        let sql = format!("{JOB} WHERE id = ?1");
        self.read(|db| {
            let Some(mut stored) = db.row(Some(job), &sql, params![job.as_str()], read_job)? else {
                return Ok(None);
            };
            stored.tasks = tasks(db, &stored)?;
            Ok(Some(stored))
        })
    }

    /// Jobs that have ended, but whose tag does not say yet that everything their end asks for was done.
    pub fn jobs_to_finish(&self) -> Result<Vec<(JobId, Status)>, StoreError> {
        let sql = "SELECT id, status FROM job WHERE status NOT IN ('waiting', 'running') AND tag = '' \
            ORDER BY end_ms, id";
        self.read(|db| db.rows(None, sql, [], |row| Ok((job_id(row, "id")?, word(row, "status")?))))
    }
}

fn tasks(db: &Db<'_>, stored: &StoredJob) -> Result<Vec<StoredTask>, StoreError> {
    let job = &stored.id;
    let mut tasks = db.rows(Some(job), TASKS, params![job.as_str()], |row| {
        Ok(StoredTask {
            component: row.get("component")?,
            version: row.get("version")?,
            status: word(row, "status")?,
            retries_left: row.get("retries_left")?,
            runs: 0,
            parties: Vec::new(),
        })
    })?;
    for task in &mut tasks {
        let since_queued = params![job.as_str(), task.component, stored.queued_ms];
        task.runs = db.row(Some(job), RUNS, since_queued, |row| row.get("runs"))?.unwrap_or(0);
        let of_task = params![job.as_str(), task.component, task.version];
        task.parties = db.rows(Some(job), PARTIES, of_task, |row| {
            Ok(StoredParty { party: party(row)?, status: word(row, "status")?, start_ms: row.get("start_ms")? })
        })?;
    }
    Ok(tasks)
}

fn read_job(row: &Row<'_>) -> rusqlite::Result<StoredJob> {
    Ok(StoredJob {
        id: job_id(row, "id")?,
        tenant: row.get("tenant")?,
        plan: json(row, "plan")?,
        status: word(row, "status")?,
        progress: row.get("progress")?,
        created_ms: row.get("created_ms")?,
        queued_ms: row.get("queued_ms")?,
        start_ms: row.get("start_ms")?,
        stop_status: row.get::<_, Option<Word<Status>>>("stop_status")?.map(|word| word.0),
        tasks: Vec::new(),
    })
}
