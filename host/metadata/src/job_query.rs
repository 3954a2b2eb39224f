//! Finding jobs. A row is a job at one of its parties, as FATE shows it. Not for: taking jobs up again (`restore`).

use parcae_domain::{
    id::JobId,
    party::{Party, PartyId, Role},
    status::Status,
};
use rusqlite::{Row, params};
use serde_json::Value;

use crate::error::StoreError;
use crate::sql::{Conditions, Word, count, job_id, json, paging, party, word};
use crate::store::Store;

/// A job at one of its parties.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRow {
    /// Its id.
    pub id: JobId,
    /// Who owns it.
    pub tenant: String,
    /// Its status.
    pub status: Status,
    /// Percent.
    pub progress: u8,
    /// `job_end`, `submit_failed`, or empty.
    pub tag: String,
    /// Name, mostly empty.
    pub name: String,
    /// What its owner says of it.
    pub description: String,
    /// Notes of an upload.
    pub notes: String,
    /// Who leads it.
    pub initiator: Party,
    /// Role to list of party ids.
    pub roles: Value,
    /// The DSL.
    pub dsl: Value,
    /// The runtime configuration.
    pub conf: Value,
    /// Of the training, for a predict job.
    pub train_conf: Value,
    /// What it is to become, when a stop was asked for.
    pub stop_status: Option<Status>,
    /// When it was submitted, ms since the epoch.
    pub created_ms: i64,
    /// When it entered the queue.
    pub queued_ms: i64,
    /// When it started.
    pub start_ms: Option<i64>,
    /// When it ended.
    pub end_ms: Option<i64>,
    /// From start to end.
    pub elapsed_ms: Option<i64>,
    /// When the job was last changed.
    pub updated_ms: i64,
    /// The party of this row.
    pub party: Party,
    /// The configuration as it is at this party.
    pub conf_on_party: Value,
}

impl JobRow {
    /// True at the party that leads the job.
    pub fn is_initiator(&self) -> bool {
        self.party == self.initiator
    }

    /// True when a user asked for a stop; `cancel_signal` on the wire.
    pub fn cancel_signal(&self) -> bool {
        self.stop_status.is_some()
    }
}

/// Which jobs; what is empty or `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Their owner.
    pub tenant: Option<String>,
    /// One of these.
    pub ids: Vec<JobId>,
    /// One of these roles.
    pub roles: Vec<Role>,
    /// One of these parties.
    pub party_ids: Vec<PartyId>,
    /// One of these statuses.
    pub statuses: Vec<Status>,
    /// One of these tags; an empty one counts.
    pub tags: Vec<String>,
    /// Led by this role.
    pub initiator_role: Option<Role>,
    /// Led by this party.
    pub initiator_party_id: Option<PartyId>,
    /// The id contains this.
    pub id_part: Option<String>,
    /// The party id contains this.
    pub party_id_part: Option<String>,
    /// The description contains this.
    pub description_part: Option<String>,
    /// The id of another party of the job contains this.
    pub partner_part: Option<String>,
    /// The job's id or its description contains this, in small or capital letters.
    pub text: Option<String>,
    /// Submitted not before and not after, ms since the epoch.
    pub created_ms: (Option<i64>, Option<i64>),
    /// Without jobs whose submission failed.
    pub without_failed_submits: bool,
    /// Order of the rows.
    pub order: JobOrder,
    /// Highest first.
    pub descending: bool,
    /// At most so many rows.
    pub limit: Option<u32>,
    /// Without the first so many.
    pub offset: u32,
}

/// Order of job rows; equal ones by id, and those of one job in the order of its parties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JobOrder {
    /// By submission.
    #[default]
    Created,
    /// By id.
    Id,
    /// By start.
    Start,
    /// By end.
    End,
    /// By duration.
    Elapsed,
    /// By the last change.
    Updated,
}

/// Some rows, and how many there are without limit and offset.
#[derive(Clone, Debug, PartialEq)]
pub struct JobPage {
    /// The rows.
    pub rows: Vec<JobRow>,
    /// All that the filter lets through.
    pub count: u64,
}

impl JobOrder {
    pub(crate) fn column(self) -> &'static str {
        match self {
            JobOrder::Created => "job.created_ms",
            JobOrder::Id => "job.id",
            JobOrder::Start => "job.start_ms",
            JobOrder::End => "job.end_ms",
            JobOrder::Elapsed => "job.elapsed_ms",
            JobOrder::Updated => "job.updated_ms",
        }
    }
}

const FROM: &str = " FROM job JOIN job_party ON job_party.job = job.id";
const COLUMNS: &str = "SELECT job.id AS id, tenant, status, progress, tag, name, description, notes, initiator_role, \
    initiator_party_id, roles, dsl, job.conf AS conf, train_conf, stop_status, created_ms, queued_ms, start_ms, \
    end_ms, elapsed_ms, updated_ms, role, party_id, job_party.conf AS conf_on_party";

impl Store {
    /// The jobs that a filter lets through, one row for each of their parties.
    pub fn jobs(&self, filter: &JobFilter) -> Result<JobPage, StoreError> {
        let conditions = filter.conditions();
        let direction = if filter.descending { "DESC" } else { "ASC" };
        let sql = format!(
            "{COLUMNS}{FROM}{} ORDER BY {} {direction}, job.id {direction}, job_party.position{}",
            conditions.sql(),
            filter.order.column(),
            paging(filter.limit, filter.offset)
        );
        let job = if let [job] = filter.ids.as_slice() { Some(job) } else { None };
        self.read(|db| {
            let rows = db.rows(job, &sql, conditions.values(), read_job)?;
            let is_all = filter.offset == 0 && filter.limit.is_none_or(|most| rows.len() < most as usize);
            if is_all {
                return Ok(JobPage { count: rows.len() as u64, rows });
            }
            let sql = format!("SELECT count(*) AS count{FROM}{}", conditions.sql());
            let count = db.row(job, &sql, conditions.values(), |row| count(row, "count"))?.unwrap_or(0);
            Ok(JobPage { rows, count })
        })
    }

    /// A job at its initiator.
    pub fn job(&self, job: &JobId) -> Result<Option<JobRow>, StoreError> {
        let at_initiator = "role = initiator_role AND party_id = initiator_party_id";
        let sql = format!("{COLUMNS}{FROM} WHERE job.id = ?1 AND {at_initiator}");
        self.read(|db| db.row(Some(job), &sql, params![job.as_str()], read_job))
    }

    /// A job at one of its parties.
    pub fn job_at(&self, job: &JobId, at: Party) -> Result<Option<JobRow>, StoreError> {
        let sql = format!("{COLUMNS}{FROM} WHERE job.id = ?1 AND role = ?2 AND party_id = ?3");
        self.read(|db| db.row(Some(job), &sql, params![job.as_str(), at.role.as_str(), at.id.to_string()], read_job))
    }
}

impl JobFilter {
    fn conditions(&self) -> Conditions {
        self.of_jobs().and(self.of_parties())
    }

    /// What must hold of a job itself.
    pub(crate) fn of_jobs(&self) -> Conditions {
        let mut c = Conditions::default();
        c.one_of("tenant", self.tenant.clone());
        c.one_of("job.id", self.ids.iter().map(|id| id.0.clone()));
        c.one_of("status", self.statuses.iter().map(Status::to_string));
        c.one_of("tag", self.tags.iter().cloned());
        c.one_of("initiator_role", self.initiator_role.map(|role| role.to_string()));
        c.one_of("initiator_party_id", self.initiator_party_id.map(|id| id.to_string()));
        c.contains("job.id", self.id_part.as_deref());
        c.contains("description", self.description_part.as_deref());
        if let Some(text) = &self.text {
            let text = text.to_ascii_lowercase();
            c.holds("(instr(job.id, ?) > 0 OR instr(lower(description), ?) > 0)", [text.clone(), text]);
        }
        c.between("created_ms", self.created_ms);
        if self.without_failed_submits {
            c.is("tag <> 'submit_failed'");
        }
        c
    }

    /// What must hold of the party of a row.
    pub(crate) fn of_parties(&self) -> Conditions {
        let mut c = Conditions::default();
        c.one_of("job_party.role", self.roles.iter().map(Role::to_string));
        c.one_of("job_party.party_id", self.party_ids.iter().map(PartyId::to_string));
        c.contains("job_party.party_id", self.party_id_part.as_deref());
        if let Some(partner) = &self.partner_part {
            let other = "EXISTS (SELECT 1 FROM job_party AS other WHERE other.job = job_party.job \
                AND other.party_id <> job_party.party_id AND instr(other.party_id, ?) > 0)";
            c.holds(other, [partner.clone()]);
        }
        c
    }
}

fn read_job(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    Ok(JobRow {
        id: job_id(row, "id")?,
        tenant: row.get("tenant")?,
        status: word(row, "status")?,
        progress: row.get("progress")?,
        tag: row.get("tag")?,
        name: row.get("name")?,
        description: row.get("description")?,
        notes: row.get("notes")?,
        initiator: Party { role: word(row, "initiator_role")?, id: word(row, "initiator_party_id")? },
        roles: json(row, "roles")?,
        dsl: json(row, "dsl")?,
        conf: json(row, "conf")?,
        train_conf: json(row, "train_conf")?,
        stop_status: row.get::<_, Option<Word<Status>>>("stop_status")?.map(|word| word.0),
        created_ms: row.get("created_ms")?,
        queued_ms: row.get("queued_ms")?,
        start_ms: row.get("start_ms")?,
        end_ms: row.get("end_ms")?,
        elapsed_ms: row.get("elapsed_ms")?,
        updated_ms: row.get("updated_ms")?,
        party: party(row)?,
        conf_on_party: json(row, "conf_on_party")?,
    })
}
