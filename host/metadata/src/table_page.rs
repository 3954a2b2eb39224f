//! Pages of tables for people who browse: found, sorted and cut by the database, without the columns of each. Not for:
//! what a table is (`tables`).

use parcae_domain::id::JobId;
use rusqlite::Row;

use crate::error::StoreError;
use crate::sql::{Conditions, count, paging, word};
use crate::store::Store;
use crate::tables::TableOrigin;

/// What a list says of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableLine {
    /// First half of its name.
    pub namespace: String,
    /// Second half of its name.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// Columns, the key included; of stored lines those of the file, as far as its first line named them.
    pub columns: u64,
    /// Partitions.
    pub partitions: u32,
    /// Bytes on disk.
    pub bytes: u64,
    /// Where it comes from.
    pub origin: TableOrigin,
    /// True: it is not to be read.
    pub disabled: bool,
    /// The job that made it.
    pub job: Option<JobId>,
    /// When it was stored, ms since the epoch.
    pub created_ms: i64,
}

/// Order of tables; equal ones by their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableOrder {
    /// By the time at which they were stored.
    #[default]
    Created,
    /// By namespace and name.
    Name,
    /// By rows.
    Rows,
    /// By bytes.
    Bytes,
}

/// Which tables of a tenant, and which page of them.
#[derive(Clone, Debug, Default)]
pub struct TableSearch {
    /// Their owner.
    pub tenant: String,
    /// Namespace, name or job has this in it; capitals do not matter.
    pub part: Option<String>,
    /// From there; all otherwise.
    pub origin: Option<TableOrigin>,
    /// Order of the rows.
    pub order: TableOrder,
    /// Highest first.
    pub descending: bool,
    /// At most so many.
    pub limit: u32,
    /// Without the first so many.
    pub offset: u32,
}

const COLUMNS: &str = "SELECT t.namespace AS namespace, t.name AS name, t.rows AS rows, t.partitions AS partitions, \
    t.bytes AS bytes, t.origin AS origin, t.disabled AS disabled, t.job AS job, t.created_ms AS created_ms, \
    CASE WHEN t.schema ->> '$.columns[1].meaning' IS NOT 'raw' \
        THEN coalesce(json_array_length(t.schema, '$.columns'), 0) \
    WHEN coalesce(t.schema ->> '$.extra.id_delimiter', '') = '' THEN 2 \
    WHEN json_type(t.schema, '$.extra.header') = 'text' THEN 2 + (length(t.schema ->> '$.extra.header') \
        - length(replace(t.schema ->> '$.extra.header', t.schema ->> '$.extra.id_delimiter', ''))) \
        / length(t.schema ->> '$.extra.id_delimiter') \
    ELSE 1 + max(1, coalesce(json_array_length(t.schema, '$.extra.header'), 0) \
        + coalesce(json_type(t.schema, '$.extra.label_name') = 'text', 0) \
        + coalesce(json_array_length(t.schema, '$.extra.match_id_name'), 0)) \
    END AS width FROM data_table AS t";

impl TableSearch {
    fn conditions(&self) -> Conditions {
        let mut c = Conditions::default();
        c.equal("tenant", self.tenant.clone());
        c.one_of("origin", self.origin.map(|origin| origin.to_string()));
        let part = self.part.as_ref().map(|part| part.to_ascii_lowercase());
        c.contains("lower(namespace || ' ' || name || ' ' || coalesce(job, ''))", part.as_deref());
        c
    }

    fn order(&self) -> String {
        let direction = if self.descending { "DESC" } else { "ASC" };
        match self.order {
            TableOrder::Created => format!("created_ms {direction}, namespace, name"),
            TableOrder::Name => format!("namespace {direction}, name {direction}"),
            TableOrder::Rows => format!("rows {direction}, namespace, name"),
            TableOrder::Bytes => format!("bytes {direction}, namespace, name"),
        }
    }
}

impl Store {
    /// A page of tables, and how many there are altogether.
    pub fn table_page(&self, search: &TableSearch) -> Result<(u64, Vec<TableLine>), StoreError> {
        let (c, order) = (search.conditions(), search.order());
        // Columns are counted of those tables alone that are shown.
        let chosen = format!(
            "SELECT rowid FROM data_table{} ORDER BY {order}{}",
            c.sql(),
            paging(Some(search.limit), search.offset)
        );
        let sql = format!("{COLUMNS} WHERE t.rowid IN ({chosen}) ORDER BY {order}");
        self.read(|db| {
            let lines = db.rows(None, &sql, c.values(), read_line)?;
            let sql = format!("SELECT count(*) AS count FROM data_table{}", c.sql());
            let all = db.row(None, &sql, c.values(), |row| count(row, "count"))?.unwrap_or(0);
            Ok((all, lines))
        })
    }
}

fn read_line(row: &Row<'_>) -> rusqlite::Result<TableLine> {
    Ok(TableLine {
        namespace: row.get("namespace")?,
        name: row.get("name")?,
        rows: count(row, "rows")?,
        columns: count(row, "width")?,
        partitions: row.get("partitions")?,
        bytes: count(row, "bytes")?,
        origin: word(row, "origin")?,
        disabled: row.get("disabled")?,
        job: row.get::<_, Option<String>>("job")?.map(JobId),
        created_ms: row.get("created_ms")?,
    })
}
