//! Data tables: what namespace and name mean, and which file holds them. Several names may share a file.
//! Not for: the files themselves (crate `tables`), which task made a table (`outputs`).

use std::collections::BTreeSet;
use std::{fmt, str::FromStr};

use parcae_domain::{id::JobId, port::TableFile};
use rusqlite::{Row, params};
use serde_json::Value;

use crate::error::StoreError;
use crate::sql::{Conditions, count, json, paging, to_int, to_json, word};
use crate::store::{Store, Tx};

/// A named table.
#[derive(Clone, Debug, PartialEq)]
pub struct DataTable {
    /// Who owns it.
    pub tenant: String,
    /// First half of its name.
    pub namespace: String,
    /// Second half of its name, unique in the namespace.
    pub name: String,
    /// The file, its size and its columns.
    pub file: TableFile,
    /// Where it comes from.
    pub origin: TableOrigin,
    /// True: it is not to be read.
    pub disabled: bool,
    /// The job that made it.
    pub job: Option<JobId>,
    /// More, as the node needs it: a bound table's engine and address, a delimiter.
    pub extra: Value,
    /// When it was stored, ms since the epoch. Ignored by `put_table`.
    pub created_ms: i64,
    /// When it was last changed. Ignored by `put_table`.
    pub updated_ms: i64,
}

/// Where a table comes from, in FATE's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableOrigin {
    /// A file that a user uploaded.
    Upload,
    /// A reader component.
    Reader,
    /// Another component.
    Output,
    /// Data of the node's machine that a user gave a name to.
    TableBind,
    /// A writer.
    Writer,
}

impl TableOrigin {
    /// All of them.
    pub const ALL: [TableOrigin; 5] =
        [TableOrigin::Upload, TableOrigin::Reader, TableOrigin::Output, TableOrigin::TableBind, TableOrigin::Writer];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            TableOrigin::Upload => "upload",
            TableOrigin::Reader => "reader",
            TableOrigin::Output => "output",
            TableOrigin::TableBind => "table_bind",
            TableOrigin::Writer => "writer",
        }
    }
}

impl fmt::Display for TableOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An origin that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("unknown origin of a table {0:?}")]
pub struct UnknownOrigin(String);

impl FromStr for TableOrigin {
    type Err = UnknownOrigin;

    fn from_str(text: &str) -> Result<TableOrigin, UnknownOrigin> {
        TableOrigin::ALL.into_iter().find(|o| o.as_str() == text).ok_or_else(|| UnknownOrigin(text.to_owned()))
    }
}

/// A table that was removed or replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedTable {
    /// Name of its file.
    pub file: String,
    /// True when another table has the same file, which then has to stay.
    pub still_used: bool,
}

/// Which tables; what is empty or `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct TableFilter {
    /// Their owner.
    pub tenant: Option<String>,
    /// In this namespace.
    pub namespace: Option<String>,
    /// Of this name.
    pub name: Option<String>,
    /// From one of these.
    pub origins: Vec<TableOrigin>,
    /// Made by this job.
    pub job: Option<JobId>,
    /// At most so many.
    pub limit: Option<u32>,
    /// Without the first so many.
    pub offset: u32,
}

pub(crate) const SELECT: &str = "SELECT tenant, namespace, name, file, rows, pages, partitions, bytes, schema, origin, \
    disabled, job, extra, created_ms, updated_ms FROM data_table";

impl Store {
    /// The table of this name.
    pub fn table(&self, tenant: &str, namespace: &str, name: &str) -> Result<Option<DataTable>, StoreError> {
        let sql = format!("{SELECT} WHERE tenant = ?1 AND namespace = ?2 AND name = ?3");
        self.read(|db| db.row(None, &sql, params![tenant, namespace, name], read_table))
    }

    /// The tables that a filter lets through, the newest first.
    pub fn tables(&self, filter: &TableFilter) -> Result<Vec<DataTable>, StoreError> {
        let mut c = Conditions::default();
        c.one_of("tenant", filter.tenant.clone());
        c.one_of("namespace", filter.namespace.clone());
        c.one_of("name", filter.name.clone());
        c.one_of("origin", filter.origins.iter().map(TableOrigin::to_string));
        c.one_of("job", filter.job.as_ref().map(JobId::to_string));
        let order = " ORDER BY created_ms DESC, namespace, name";
        let sql = format!("{SELECT}{}{order}{}", c.sql(), paging(filter.limit, filter.offset));
        self.read(|db| db.rows(filter.job.as_ref(), &sql, c.values(), read_table))
    }

    /// True when some table has its rows in this file.
    pub fn file_is_used(&self, file: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM data_table WHERE file = ?1 LIMIT 1";
        Ok(self.read(|db| db.row(None, sql, params![file], |_| Ok(())))?.is_some())
    }

    /// Names of all files that some table needs; every other file may go.
    pub fn files_in_use(&self) -> Result<BTreeSet<String>, StoreError> {
        let sql = "SELECT DISTINCT file FROM data_table";
        Ok(self.read(|db| db.rows(None, sql, [], |row| row.get("file")))?.into_iter().collect())
    }
}

impl Tx<'_> {
    /// Stores a table under its name; what had the name before is returned.
    pub fn put_table(&self, table: &DataTable) -> Result<Option<DeletedTable>, StoreError> {
        let replaced = self.delete_table(&table.tenant, &table.namespace, &table.name)?;
        let TableFile { file, rows, pages, partitions, bytes, schema } = &table.file;
        self.db.execute(
            table.job.as_ref(),
            "INSERT INTO data_table (tenant, namespace, name, file, rows, pages, partitions, bytes, schema, origin, \
             disabled, job, extra, created_ms, updated_ms) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)",
            params![
                table.tenant,
                table.namespace,
                table.name,
                file,
                to_int(*rows),
                pages,
                partitions,
                to_int(*bytes),
                to_json(schema),
                table.origin.as_str(),
                table.disabled,
                table.job.as_ref().map(JobId::as_str),
                to_json(&table.extra),
                self.now_ms,
            ],
        )?;
        Ok(replaced.map(|old| DeletedTable { still_used: old.still_used || old.file == *file, ..old }))
    }

    /// Removes a table; `None` when there is none of this name.
    pub fn delete_table(&self, tenant: &str, namespace: &str, name: &str) -> Result<Option<DeletedTable>, StoreError> {
        let of_name = params![tenant, namespace, name];
        let sql = "SELECT file FROM data_table WHERE tenant = ?1 AND namespace = ?2 AND name = ?3";
        let Some(file) = self.db.row(None, sql, of_name, |row| row.get::<_, String>("file"))? else {
            return Ok(None);
        };
        let sql = "DELETE FROM data_table WHERE tenant = ?1 AND namespace = ?2 AND name = ?3";
        self.db.execute(None, sql, of_name)?;
        let sql = "SELECT 1 FROM data_table WHERE file = ?1 LIMIT 1";
        let still_used = self.db.row(None, sql, params![file], |_| Ok(()))?.is_some();
        Ok(Some(DeletedTable { file, still_used }))
    }

    /// Allows or forbids to read a table.
    pub fn set_table_disabled(
        &self,
        tenant: &str,
        namespace: &str,
        name: &str,
        disabled: bool,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE data_table SET disabled = ?4, updated_ms = ?5 \
            WHERE tenant = ?1 AND namespace = ?2 AND name = ?3";
        match self.db.execute(None, sql, params![tenant, namespace, name, disabled, self.now_ms])? {
            0 => Err(StoreError::NotFound(format!("table {namespace}/{name}"))),
            _ => Ok(()),
        }
    }
}

pub(crate) fn read_table(row: &Row<'_>) -> rusqlite::Result<DataTable> {
    let file = TableFile {
        file: row.get("file")?,
        rows: count(row, "rows")?,
        pages: row.get("pages")?,
        partitions: row.get("partitions")?,
        bytes: count(row, "bytes")?,
        schema: json(row, "schema")?,
    };
    Ok(DataTable {
        tenant: row.get("tenant")?,
        namespace: row.get("namespace")?,
        name: row.get("name")?,
        file,
        origin: word(row, "origin")?,
        disabled: row.get("disabled")?,
        job: row.get::<_, Option<String>>("job")?.map(JobId),
        extra: json(row, "extra")?,
        created_ms: row.get("created_ms")?,
        updated_ms: row.get("updated_ms")?,
    })
}
