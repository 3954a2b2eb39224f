//! Which tables an attempt made, by the names of its output ports. Not for: the tables (`tables`), models (`models`).

use parcae_domain::{
    descriptor::PortKind,
    id::{AttemptId, JobId, TaskId},
    party::Party,
};
use rusqlite::{
    Row, params,
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};

use crate::error::StoreError;
use crate::sql::{Conditions, job_id, party};
use crate::store::{Store, Tx};

/// A table that an attempt made.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputData {
    /// The attempt.
    pub attempt: AttemptId,
    /// Data or cache.
    pub kind: PortKind,
    /// Name of the output in the DSL: `train_data`.
    pub data_name: String,
    /// Its place among the outputs of the attempt.
    pub position: u32,
    /// Namespace of the table.
    pub namespace: String,
    /// Name of the table.
    pub name: String,
}

/// A column that holds the kind of a port.
struct Kind(PortKind);

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        [PortKind::Data, PortKind::Model, PortKind::IsometricModel, PortKind::Cache]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .map(Kind)
            .ok_or(FromSqlError::InvalidType)
    }
}

impl Store {
    /// What the latest version of a job's tasks made: of all of them or of one, at all parties or at one. In the order
    /// of the tasks, of their parties and of the outputs.
    pub fn outputs(
        &self,
        job: &JobId,
        component: Option<&str>,
        at: Option<Party>,
    ) -> Result<Vec<OutputData>, StoreError> {
        let mut c = Conditions::default();
        c.equal("o.job", job.0.clone());
        c.one_of("o.component", component.map(str::to_owned));
        c.one_of("o.role", at.map(|party| party.role.to_string()));
        c.one_of("o.party_id", at.map(|party| party.id.to_string()));
        c.is("t.latest = 1");
        let sql = format!(
            "SELECT o.job AS job, o.component AS component, o.version AS version, o.role AS role, \
             o.party_id AS party_id, o.kind AS kind, o.data_name AS data_name, o.position AS position, \
             o.namespace AS namespace, o.name AS name FROM output_data AS o \
             JOIN task AS t ON t.job = o.job AND t.component = o.component AND t.version = o.version \
             JOIN party_task AS p ON p.job = o.job AND p.component = o.component AND p.version = o.version \
             AND p.role = o.role AND p.party_id = o.party_id{} ORDER BY t.position, p.position, o.position",
            c.sql()
        );
        self.read(|db| db.rows(Some(job), &sql, c.values(), read_output))
    }
}

impl Tx<'_> {
    /// Stores that an attempt made a table; the table itself is stored by `put_table`.
    pub fn put_output(&self, output: &OutputData) -> Result<(), StoreError> {
        let OutputData { attempt, kind, data_name, position, namespace, name } = output;
        self.db.execute(
            Some(&attempt.task.job),
            "INSERT OR REPLACE INTO output_data (job, component, version, role, party_id, kind, data_name, position, \
             namespace, name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                attempt.task.job.as_str(),
                attempt.task.component,
                attempt.version,
                attempt.party.role.as_str(),
                attempt.party.id.to_string(),
                kind.as_str(),
                data_name,
                position,
                namespace,
                name,
            ],
        )?;
        Ok(())
    }
}

pub(crate) fn read_output(row: &Row<'_>) -> rusqlite::Result<OutputData> {
    let task = TaskId { job: job_id(row, "job")?, component: row.get("component")? };
    Ok(OutputData {
        attempt: AttemptId { task, version: row.get("version")?, party: party(row)? },
        kind: row.get::<_, Kind>("kind")?.0,
        data_name: row.get("data_name")?,
        position: row.get("position")?,
        namespace: row.get("namespace")?,
        name: row.get("name")?,
    })
}
