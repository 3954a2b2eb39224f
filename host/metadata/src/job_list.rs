//! Lists of jobs for people who browse. Which rows are on a page is found out in indexes alone, and only those rows are
//! read, without what no list shows; so that a hundred thousand jobs cost no more than a hundred. Not for: whole rows
//! (`job_query`).

use parcae_domain::{id::JobId, party::Party, status::Status};
use rusqlite::{Row, params};
use serde_json::Value;

use crate::error::StoreError;
use crate::job_query::JobFilter;
use crate::sql::{Word, count, job_id, json, paging, party, word};
use crate::store::Store;

/// What a list shows of a job at one of its parties.
#[derive(Clone, Debug, PartialEq)]
pub struct JobLineRow {
    /// Its id.
    pub id: JobId,
    /// The party of this row.
    pub party: Party,
    /// Who leads it.
    pub initiator: Party,
    /// Role to list of party ids.
    pub roles: Value,
    /// Its status.
    pub status: Status,
    /// Percent.
    pub progress: u8,
    /// What its owner says of it.
    pub description: String,
    /// What it is to become, when a stop was asked for.
    pub stop_status: Option<Status>,
    /// When it was submitted, ms since the epoch.
    pub created_ms: i64,
    /// When it started.
    pub start_ms: Option<i64>,
    /// When it ended.
    pub end_ms: Option<i64>,
    /// From start to end.
    pub elapsed_ms: Option<i64>,
}

/// Some rows, and how many there are without limit and offset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobLines {
    /// The rows.
    pub rows: Vec<JobLineRow>,
    /// All that the filter lets through, as far as they were counted.
    pub count: u64,
    /// There are more than were counted.
    pub is_more: bool,
}

const LINE: &str = "SELECT job.id AS id, job.status AS status, job.progress AS progress, \
    job.initiator_role AS initiator_role, job.initiator_party_id AS initiator_party_id, job.roles AS roles, \
    job.description AS description, job.stop_status AS stop_status, job.created_ms AS created_ms, \
    job.start_ms AS start_ms, job.end_ms AS end_ms, job.elapsed_ms AS elapsed_ms";
/// A job with its parties, both in indexes.
const LISTED: &str = "job INDEXED BY job_by_tenant CROSS JOIN job_party INDEXED BY job_party_in_order \
    ON job_party.job = job.id";
const AT_INITIATOR: &str = "job.initiator_role AS role, job.initiator_party_id AS party_id FROM job";

impl Store {
    /// A page of the jobs that a filter lets through, one row for each of their parties. They are counted up to `most`.
    /// The filter must name a tenant, and should have a limit.
    pub fn job_lines(&self, filter: &JobFilter, most: u32) -> Result<JobLines, StoreError> {
        let all = filter.of_jobs().and(filter.of_parties());
        let sql = filter.page_sql();
        self.read(|db| {
            let rows = db.rows(None, &sql, all.values(), read_line)?;
            let is_last = filter.limit.is_none_or(|limit| rows.len() < limit as usize);
            if is_last && (filter.offset == 0 || !rows.is_empty()) {
                let count = u64::from(filter.offset) + rows.len() as u64;
                return Ok(JobLines { rows, count, is_more: false });
            }
            let limit = most.saturating_add(1);
            let sql = format!("SELECT count(*) AS count FROM (SELECT 1 FROM {LISTED}{} LIMIT {limit})", all.sql());
            let counted = db.row(None, &sql, all.values(), |row| count(row, "count"))?.unwrap_or(0);
            Ok(JobLines { rows, count: counted.min(u64::from(most)), is_more: counted > u64::from(most) })
        })
    }

    /// Jobs of a tenant that run or wait, each at its initiator: those that run first, each kind in the order of its
    /// submission.
    pub fn active_jobs(&self, tenant: &str, most: u32) -> Result<Vec<JobLineRow>, StoreError> {
        let sql = format!(
            "{LINE}, {AT_INITIATOR} INDEXED BY job_by_owner WHERE tenant = ?1 AND status IN ('running', 'waiting') \
             ORDER BY status, created_ms, id LIMIT ?2"
        );
        self.read(|db| db.rows(None, &sql, params![tenant, most], read_line))
    }

    /// The jobs of a tenant that ended last, each at its initiator, the latest first.
    pub fn ended_jobs(&self, tenant: &str, most: u32) -> Result<Vec<JobLineRow>, StoreError> {
        let sql = format!(
            "{LINE}, {AT_INITIATOR} INDEXED BY job_by_end WHERE tenant = ?1 AND end_ms > 0 AND tag <> 'submit_failed' \
             ORDER BY end_ms DESC, id DESC LIMIT ?2"
        );
        self.read(|db| db.rows(None, &sql, params![tenant, most], read_line))
    }

    /// How many jobs of a tenant run, and how many wait.
    pub fn active_counts(&self, tenant: &str) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT count(*) FILTER (WHERE status = 'running') AS running, \
            count(*) FILTER (WHERE status = 'waiting') AS waiting \
            FROM job INDEXED BY job_by_owner WHERE tenant = ?1 AND status IN ('running', 'waiting')";
        let counted = self
            .read(|db| db.row(None, sql, params![tenant], |row| Ok((count(row, "running")?, count(row, "waiting")?))));
        Ok(counted?.unwrap_or_default())
    }
}

impl JobFilter {
    /// The statement of a page. Its values are those of the conditions of jobs, then those of parties.
    fn page_sql(&self) -> String {
        let (of_jobs, of_parties) = (self.of_jobs(), self.of_parties());
        let (column, direction) = (self.order.column(), if self.descending { "DESC" } else { "ASC" });
        let order = format!("ORDER BY {column} {direction}, job.id {direction}");
        let source = match self.limit {
            // As each job has a party, the jobs before the end of the page are at most as many as its rows.
            Some(limit) if of_parties.is_empty() => {
                let jobs = limit.saturating_add(self.offset);
                let more = if column == "job.id" { String::new() } else { format!(", {column}") };
                let picked = format!("SELECT job.id{more} FROM job INDEXED BY job_by_tenant{}", of_jobs.sql());
                format!(
                    "({picked} {order} LIMIT {jobs}) AS job CROSS JOIN job_party INDEXED BY job_party_in_order \
                     ON job_party.job = job.id"
                )
            }
            _ => format!("{LISTED}{}", of_jobs.and(of_parties).sql()),
        };
        let paging = paging(self.limit, self.offset);
        let keys = format!("SELECT job.id AS id, role, party_id, position FROM {source} {order}, position{paging}");
        format!(
            "{LINE}, page.role AS role, page.party_id AS party_id FROM ({keys}) AS page \
             CROSS JOIN job ON job.id = page.id {order}, page.position"
        )
    }
}

fn read_line(row: &Row<'_>) -> rusqlite::Result<JobLineRow> {
    Ok(JobLineRow {
        id: job_id(row, "id")?,
        party: party(row)?,
        initiator: Party { role: word(row, "initiator_role")?, id: word(row, "initiator_party_id")? },
        roles: json(row, "roles")?,
        status: word(row, "status")?,
        progress: row.get("progress")?,
        description: row.get("description")?,
        stop_status: row.get::<_, Option<Word<Status>>>("stop_status")?.map(|word| word.0),
        created_ms: row.get("created_ms")?,
        start_ms: row.get("start_ms")?,
        end_ms: row.get("end_ms")?,
        elapsed_ms: row.get("elapsed_ms")?,
    })
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::Role;

    use super::*;
    use crate::job_query::JobOrder;

    #[test]
    fn pages_are_found_in_indexes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("x.sqlite")).unwrap();
        let plan = |filter: &JobFilter| {
            let sql = format!("EXPLAIN QUERY PLAN {}", filter.page_sql());
            let all = filter.of_jobs().and(filter.of_parties());
            let steps = store.read(|db| db.rows(None, &sql, all.values(), |row| row.get::<_, String>("detail")));
            steps.unwrap().join("; ")
        };
        let bank = JobFilter { tenant: Some("bank".into()), limit: Some(20), ..JobFilter::default() };
        let text = JobFilter {
            text: Some("x".into()),
            statuses: vec![Status::Failed, Status::Timeout],
            without_failed_submits: true,
            ..bank.clone()
        };
        let orders = [JobOrder::Created, JobOrder::Id, JobOrder::Start, JobOrder::End, JobOrder::Elapsed];
        let sorted = orders.map(|order| JobFilter { order, descending: true, ..text.clone() });
        let hosts = JobFilter { roles: vec![Role::Host], partner_part: Some("9".into()), ..bank };
        for filter in sorted.iter().chain([&hosts]) {
            let plan = plan(filter);
            assert!(plan.contains("COVERING INDEX job_by_tenant (tenant=?)"), "{filter:?}: {plan}");
            assert!(plan.contains("COVERING INDEX job_party_in_order (job=?)"), "{filter:?}: {plan}");
        }
    }
}
