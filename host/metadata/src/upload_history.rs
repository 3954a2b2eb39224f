//! Uploads that succeeded and whose table is still there. One query along an index, however many jobs there are. Not for: the
//! tables themselves (`tables`).

use parcae_domain::{id::JobId, schema::Schema};
use rusqlite::{Row, types::Value as SqlValue};

use crate::error::StoreError;
use crate::sql::{count, job_id, json, paging};
use crate::store::Store;

/// An upload.
#[derive(Clone, Debug, PartialEq)]
pub struct UploadRow {
    /// Its job.
    pub job: JobId,
    /// Description of the job.
    pub description: String,
    /// Namespace of the table.
    pub namespace: String,
    /// Name of the table.
    pub name: String,
    /// Rows of the table.
    pub rows: u64,
    /// Partitions of the table.
    pub partitions: u32,
    /// Columns of the table.
    pub schema: Schema,
}

// `CROSS JOIN` keeps the order of the tables: along the index by component and time, until there are enough.
const UPLOADS: &str = "SELECT p.job AS job, j.description AS description, d.namespace AS namespace, d.name AS name, \
    d.rows AS rows, d.partitions AS partitions, d.schema AS schema FROM party_task AS p \
    CROSS JOIN task AS t ON t.job = p.job AND t.component = p.component AND t.version = p.version \
    CROSS JOIN job AS j ON j.id = p.job \
    CROSS JOIN data_table AS d ON d.tenant = j.tenant AND d.namespace = json_extract(p.parameters, '$.namespace') \
    AND d.name = coalesce(nullif(json_extract(p.parameters, '$.name'), ''), \
    json_extract(p.parameters, '$.table_name')) \
    WHERE t.latest = 1 AND t.status = 'success' AND j.tenant = ?";
const OF_ALL: &str = " AND p.component = 'upload_0'";
// The sign keeps the index by component out of it: the job's own rows are few.
const OF_JOB: &str = " AND +p.component = 'upload_0' AND p.job = ?";
const NEWEST_FIRST: &str = " ORDER BY p.created_ms DESC, p.job DESC";

impl Store {
    /// Uploads of a tenant, of all jobs or of one, the newest first; at most so many.
    pub fn uploads(&self, tenant: &str, job: Option<&JobId>, limit: Option<u32>) -> Result<Vec<UploadRow>, StoreError> {
        let mut values: Vec<SqlValue> = vec![tenant.to_owned().into()];
        let of = if job.is_some() { OF_JOB } else { OF_ALL };
        values.extend(job.map(|job| SqlValue::from(job.0.clone())));
        let sql = format!("{UPLOADS}{of}{NEWEST_FIRST}{}", paging(limit, 0));
        self.read(|db| db.rows(job, &sql, rusqlite::params_from_iter(values), read_upload))
    }
}

fn read_upload(row: &Row<'_>) -> rusqlite::Result<UploadRow> {
    Ok(UploadRow {
        job: job_id(row, "job")?,
        description: row.get("description")?,
        namespace: row.get("namespace")?,
        name: row.get("name")?,
        rows: count(row, "rows")?,
        partitions: row.get("partitions")?,
        schema: json(row, "schema")?,
    })
}
