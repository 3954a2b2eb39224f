//! Pages of party tasks for people who browse: sorted and cut by the database, however many there are. Not for: the
//! tasks of one job (`task_query`).

use crate::error::StoreError;
use crate::sql::{count, paging};
use crate::store::Store;
use crate::task_query::{PARTY_TASKS, PartyTaskRow, TaskFilter, read_party_task};

/// Order of party tasks; equal ones by job, in the job's order, by version and party.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskOrder {
    /// By the time at which their version was made.
    #[default]
    Created,
    /// By the id of their job.
    Job,
    /// By version.
    Version,
    /// By start.
    Start,
    /// By end.
    End,
    /// By duration.
    Elapsed,
}

/// Which page, and in which order.
#[derive(Clone, Copy, Debug, Default)]
pub struct TaskPaging {
    /// Order of the rows.
    pub order: TaskOrder,
    /// Highest first.
    pub descending: bool,
    /// At most so many rows.
    pub limit: Option<u32>,
    /// Without the first so many.
    pub offset: u32,
}

/// Some rows, and how many there are without limit and offset.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskPage {
    /// The rows.
    pub rows: Vec<PartyTaskRow>,
    /// All that the filter lets through.
    pub count: u64,
}

impl TaskOrder {
    fn column(self) -> &'static str {
        match self {
            TaskOrder::Created => "p.created_ms",
            TaskOrder::Job => "p.job",
            TaskOrder::Version => "p.version",
            TaskOrder::Start => "p.start_ms",
            TaskOrder::End => "p.end_ms",
            TaskOrder::Elapsed => "(p.end_ms - p.start_ms)",
        }
    }
}

impl Store {
    /// A page of the party tasks that a filter lets through.
    pub fn party_task_page(&self, filter: &TaskFilter, page: &TaskPaging) -> Result<TaskPage, StoreError> {
        let conditions = filter.conditions();
        let direction = if page.descending { "DESC" } else { "ASC" };
        let columns = [page.order.column(), "j.created_ms", "p.job", "t.position", "p.version", "p.position"];
        let order = columns.map(|column| format!("{column} {direction}")).join(", ");
        let mut select = PARTY_TASKS.replace(" JOIN ", " CROSS JOIN ");
        if page.order == TaskOrder::Created && filter.jobs.is_empty() && filter.components.is_empty() {
            // The index has the order, so that the page is full after a few rows of very many.
            select = select.replace("party_task AS p", "party_task AS p INDEXED BY party_task_by_creation");
        }
        let sql = format!("{select}{} ORDER BY {order}{}", conditions.sql(), paging(page.limit, page.offset));
        let job = if let [job] = filter.jobs.as_slice() { Some(job) } else { None };
        self.read(|db| {
            let rows = db.rows(job, &sql, conditions.values(), read_party_task)?;
            if page.offset == 0 && page.limit.is_none_or(|most| rows.len() < most as usize) {
                return Ok(TaskPage { count: rows.len() as u64, rows });
            }
            let of_tasks = !filter.statuses.is_empty() || !(filter.all_versions || filter.version.is_some());
            let join = " JOIN task AS t ON t.job = p.job AND t.component = p.component AND t.version = p.version";
            let join = if of_tasks { join } else { "" };
            let owner = if filter.tenant.is_some() { " JOIN job AS j ON j.id = p.job" } else { "" };
            let sql = format!("SELECT count(*) AS count FROM party_task AS p{join}{owner}{}", conditions.sql());
            let count = db.row(job, &sql, conditions.values(), |row| count(row, "count"))?.unwrap_or(0);
            Ok(TaskPage { rows, count })
        })
    }
}
