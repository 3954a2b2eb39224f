//! Lists of jobs as pages for people show them: lines that cost little, however many jobs there are. Not for: jobs with
//! all that is known of them (`queries`).

use parcae_domain::{
    id::JobId,
    party::{Party, PartyId, Role},
    status::Status,
};
use parcae_metadata::JobLineRow;

use crate::listing::{JobSearch, Page};
use crate::queries::{roles, store};
use crate::tenant::Tenant;
use crate::view::NodeError;

/// What a list shows of a job at one of its parties; times in ms since the epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct JobLine {
    /// Its id.
    pub job: JobId,
    /// The party.
    pub party: Party,
    /// Who leads it.
    pub initiator: Party,
    /// All roles and their parties, in the order of the conf.
    pub roles: Vec<(Role, Vec<PartyId>)>,
    /// Where it stands.
    pub status: Status,
    /// 0 to 100.
    pub progress: u8,
    /// Free text.
    pub description: String,
    /// True once somebody asked to stop it.
    pub cancel_signal: bool,
    /// Submitted.
    pub created_ms: i64,
    /// Started.
    pub start_ms: Option<i64>,
    /// Ended.
    pub end_ms: Option<i64>,
    /// From start to end.
    pub elapsed_ms: Option<i64>,
}

/// A page of lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobLines {
    /// The lines.
    pub rows: Vec<JobLine>,
    /// How many there are altogether, as far as they were counted.
    pub count: u64,
    /// There are more than were counted.
    pub is_more: bool,
}

/// Jobs of a tenant that have not ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Active {
    /// Those that run, then those that wait, each at its initiator.
    pub jobs: Vec<JobLine>,
    /// How many run.
    pub running: u64,
    /// How many wait.
    pub waiting: u64,
}

impl Tenant<'_> {
    /// A page of jobs, one line for each of their parties, without those whose submission failed. They are counted up
    /// to `most`.
    pub fn job_lines(&self, search: &JobSearch, page: &Page, most: u32) -> Result<JobLines, NodeError> {
        let Some(filter) = self.job_filter(search, page) else { return Ok(JobLines::default()) };
        let found = self.site.store.job_lines(&filter, most).map_err(store)?;
        Ok(JobLines { rows: self.lines(found.rows), count: found.count, is_more: found.is_more })
    }

    /// Jobs that run or wait, at most so many.
    pub fn active_jobs(&self, most: u32) -> Result<Active, NodeError> {
        let rows = self.site.store.active_jobs(self.name(), most).map_err(store)?;
        let (running, waiting) = self.site.store.active_counts(self.name()).map_err(store)?;
        Ok(Active { jobs: self.lines(rows), running, waiting })
    }

    /// The jobs that ended last, each at its initiator, the latest first.
    pub fn ended_jobs(&self, most: u32) -> Result<Vec<JobLine>, NodeError> {
        Ok(self.lines(self.site.store.ended_jobs(self.name(), most).map_err(store)?))
    }

    fn lines(&self, rows: Vec<JobLineRow>) -> Vec<JobLine> {
        rows.into_iter().map(|row| self.line(row)).collect()
    }

    fn line(&self, row: JobLineRow) -> JobLine {
        JobLine {
            party: row.party,
            initiator: row.initiator,
            roles: roles(&row.roles),
            status: row.status,
            progress: self.progress(&row.id, row.initiator, row.status, row.progress),
            description: row.description,
            cancel_signal: row.stop_status.is_some(),
            created_ms: row.created_ms,
            start_ms: row.start_ms,
            end_ms: row.end_ms,
            elapsed_ms: row.elapsed_ms,
            job: row.id,
        }
    }
}
