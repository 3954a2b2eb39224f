//! What attempts used: a row for each that has ended, and sums by tenant and day. Not for: what they use while they run
//! (`node`), quotas (`quotas`).

use parcae_domain::{
    id::{AttemptId, JobId, TaskId},
    usage::Usage,
};
use rusqlite::{Row, params};
use serde_json::Value;

use crate::error::StoreError;
use crate::sql::{Conditions, count, job_id, json, party, to_int, to_json};
use crate::store::{Store, Tx};

/// What an attempt used, with the limits that were in force.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptUsage {
    /// Which one.
    pub attempt: AttemptId,
    /// Whose.
    pub tenant: String,
    /// Where it ran: `thread`, `process`.
    pub isolation: String,
    /// What it used.
    pub usage: Usage,
    /// The limits in force by name, each with who decided: a JSON object.
    pub limits: Value,
    /// When it ended, ms since the epoch.
    pub ended_ms: i64,
}

/// What the attempts of a tenant used that ended on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayUsage {
    /// The day, counted from the epoch in UTC.
    pub day: i64,
    /// Jobs that they belonged to.
    pub jobs: u64,
    /// How many ended.
    pub attempts: u64,
    /// Processor time, ms.
    pub cpu_ms: u64,
    /// Processor time of cryptography, ms.
    pub crypto_ms: u64,
    /// Wall-clock time, ms.
    pub wall_ms: u64,
    /// Most linear memory that one of them had.
    pub peak_memory_bytes: u64,
    /// Bytes of messages that they received.
    pub bytes_in: u64,
    /// Bytes of messages that they sent.
    pub bytes_out: u64,
    /// Messages that they sent.
    pub messages: u64,
    /// Bytes of their logs.
    pub log_bytes: u64,
    /// Bytes of the tables that they wrote.
    pub table_bytes: u64,
}

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

const SELECT: &str = "SELECT job, component, version, role, party_id, tenant, isolation, usage, limits, ended_ms \
    FROM attempt_usage";
const SUMS: &str = "count(DISTINCT job) AS jobs, count(*) AS attempts, total(cpu_ms) AS cpu_ms, \
    total(crypto_ms) AS crypto_ms, total(wall_ms) AS wall_ms, max(peak_memory_bytes) AS peak_memory_bytes, \
    total(bytes_in) AS bytes_in, total(bytes_out) AS bytes_out, total(messages) AS messages, \
    total(log_bytes) AS log_bytes, total(table_bytes) AS table_bytes FROM attempt_usage";

impl Store {
    /// What the attempts of a job used that have ended: by component, version and party.
    pub fn job_usage(&self, job: &JobId) -> Result<Vec<AttemptUsage>, StoreError> {
        let sql = format!("{SELECT} WHERE job = ?1 ORDER BY ended_ms, component, version, role, party_id");
        self.read(|db| db.rows(Some(job), &sql, params![job.as_str()], read))
    }

    /// What an attempt used; none before its end.
    pub fn attempt_usage(&self, attempt: &AttemptId) -> Result<Option<AttemptUsage>, StoreError> {
        let mut c = Conditions::default();
        c.equal("job", attempt.task.job.as_str().to_owned());
        c.equal("component", attempt.task.component.clone());
        c.equal("version", i64::from(attempt.version));
        c.equal("role", attempt.party.role.to_string());
        c.equal("party_id", attempt.party.id.to_string());
        self.read(|db| db.row(Some(&attempt.task.job), &format!("{SELECT}{}", c.sql()), c.values(), read))
    }

    /// What a tenant used on each day from one time to another, ms since the epoch, both included; days without an
    /// attempt are left out.
    pub fn usage_by_day(&self, tenant: &str, from_to: (Option<i64>, Option<i64>)) -> Result<Vec<DayUsage>, StoreError> {
        let c = of_tenant(tenant, from_to);
        let sql = format!("SELECT ended_ms / {DAY_MS} AS day, {SUMS}{} GROUP BY day ORDER BY day", c.sql());
        self.read(|db| db.rows(None, &sql, c.values(), |row| Ok(DayUsage { day: row.get("day")?, ..sums(row)? })))
    }

    /// The same of all days together; its `day` is 0.
    pub fn usage_of(&self, tenant: &str, from_to: (Option<i64>, Option<i64>)) -> Result<DayUsage, StoreError> {
        let c = of_tenant(tenant, from_to);
        let found = self.read(|db| db.row(None, &format!("SELECT {SUMS}{}", c.sql()), c.values(), sums))?;
        Ok(found.unwrap_or_default())
    }
}

impl Tx<'_> {
    /// Stores what an attempt used, unless its task is gone, and adds it to its tenant's day.
    pub fn put_usage(&self, row: &AttemptUsage) -> Result<(), StoreError> {
        let AttemptUsage { attempt, tenant, isolation, usage, limits, ended_ms } = row;
        let job = &attempt.task.job;
        let (cpu_ms, out) = (ms(usage.cpu), to_int(usage.bytes_out));
        let sql = "INSERT OR REPLACE INTO attempt_usage (job, component, version, role, party_id, tenant, isolation, \
            cpu_ms, crypto_ms, wall_ms, peak_memory_bytes, bytes_in, bytes_out, log_bytes, table_bytes, messages, \
            usage, limits, ended_ms) \
            SELECT job, component, version, role, party_id, \
            ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19 \
            FROM party_task WHERE job = ?1 AND component = ?2 AND version = ?3 AND role = ?4 AND party_id = ?5";
        let values = params![
            job.as_str(),
            attempt.task.component,
            attempt.version,
            attempt.party.role.as_str(),
            attempt.party.id.to_string(),
            tenant,
            isolation,
            cpu_ms,
            ms(usage.crypto),
            ms(usage.wall),
            to_int(usage.peak_memory_bytes),
            to_int(usage.bytes_in),
            out,
            to_int(usage.log_bytes),
            to_int(usage.table_bytes),
            to_int(usage.messages),
            to_json(usage),
            to_json(limits),
            ended_ms,
        ];
        self.db.execute(Some(job), sql, values)?;
        let sql = "INSERT INTO tenant_day (tenant, day, cpu_ms, message_bytes) VALUES (?1, ?2, ?3, ?4) \
            ON CONFLICT (tenant, day) DO UPDATE SET cpu_ms = cpu_ms + excluded.cpu_ms, \
            message_bytes = message_bytes + excluded.message_bytes";
        self.db.execute(Some(job), sql, params![tenant, ended_ms.div_euclid(DAY_MS), cpu_ms, out])?;
        Ok(())
    }
}

fn of_tenant(tenant: &str, from_to: (Option<i64>, Option<i64>)) -> Conditions {
    let mut c = Conditions::default();
    c.equal("tenant", tenant.to_owned());
    c.between("ended_ms", from_to);
    c
}

fn ms(time: std::time::Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> rusqlite::Result<AttemptUsage> {
    let task = TaskId { job: job_id(row, "job")?, component: row.get("component")? };
    Ok(AttemptUsage {
        attempt: AttemptId { task, version: row.get("version")?, party: party(row)? },
        tenant: row.get("tenant")?,
        isolation: row.get("isolation")?,
        usage: json(row, "usage")?,
        limits: json(row, "limits")?,
        ended_ms: row.get("ended_ms")?,
    })
}

fn sums(row: &Row<'_>) -> rusqlite::Result<DayUsage> {
    // A sum that does not fit into 64 bits would be an error of SQLite's; `total` makes a float of it.
    let sum = |column: &str| row.get::<_, f64>(column).map(|sum| sum as u64);
    Ok(DayUsage {
        day: 0,
        jobs: count(row, "jobs")?,
        attempts: count(row, "attempts")?,
        cpu_ms: sum("cpu_ms")?,
        crypto_ms: sum("crypto_ms")?,
        wall_ms: sum("wall_ms")?,
        peak_memory_bytes: row.get::<_, Option<i64>>("peak_memory_bytes")?.map_or(0, i64::unsigned_abs),
        bytes_in: sum("bytes_in")?,
        bytes_out: sum("bytes_out")?,
        messages: sum("messages")?,
        log_bytes: sum("log_bytes")?,
        table_bytes: sum("table_bytes")?,
    })
}
