//! Where tables come from: which table a reader or a writer made another one of, and in which job. Stays when tables go. Not
//! for: which task put a table out (`outputs`).

use std::collections::HashSet;

use parcae_domain::id::JobId;
use rusqlite::{Row, params};

use crate::error::StoreError;
use crate::sql::{Db, job_id};
use crate::store::{Store, Tx};

/// Namespace and name of a table.
pub type TableId = (String, String);

/// A table that another one was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSource {
    /// The table itself.
    pub parent: TableId,
    /// What that was made of in the end; the table itself when it was made of no other.
    pub root: TableId,
}

const JOBS: &str = "WITH RECURSIVE made (namespace, name) AS ( \
    SELECT ?2, ?3 UNION \
    SELECT s.namespace, s.name FROM made JOIN table_source AS s INDEXED BY table_source_by_parent \
    ON s.parent_namespace = made.namespace AND s.parent_name = made.name WHERE s.tenant = ?1) \
    SELECT DISTINCT s.job AS job FROM made JOIN table_source AS s ON s.parent_namespace = made.namespace \
    AND s.parent_name = made.name WHERE s.tenant = ?1 ORDER BY s.job";
const PARENTS: &str = "SELECT parent_namespace, parent_name FROM table_source \
    WHERE tenant = ?1 AND namespace = ?2 AND name = ?3 ORDER BY created_ms, parent_namespace, parent_name";

impl Store {
    /// The tables that a table was made of; none for one that came from outside.
    pub fn table_sources(&self, tenant: &str, namespace: &str, name: &str) -> Result<Vec<TableSource>, StoreError> {
        self.read(|db| {
            let parents = db.rows(None, PARENTS, params![tenant, namespace, name], read_parent)?;
            let sources = parents.into_iter().map(|parent| {
                let root = root(db, tenant, &parent)?;
                Ok(TableSource { parent, root })
            });
            sources.collect()
        })
    }

    /// The jobs that made another table of a table, or of what was made of it.
    pub fn jobs_of_table(&self, tenant: &str, namespace: &str, name: &str) -> Result<Vec<JobId>, StoreError> {
        self.read(|db| db.rows(None, JOBS, params![tenant, namespace, name], |row| job_id(row, "job")))
    }
}

impl Tx<'_> {
    /// Stores what a table was made of, in place of what was known of a table of that name before.
    pub fn set_table_sources(
        &self,
        tenant: &str,
        namespace: &str,
        name: &str,
        parents: &[TableId],
        job: &JobId,
    ) -> Result<(), StoreError> {
        self.forget_table_sources(tenant, namespace, name)?;
        for (parent_namespace, parent_name) in parents {
            self.db.execute(
                Some(job),
                "INSERT OR REPLACE INTO table_source (tenant, namespace, name, parent_namespace, parent_name, job, \
                 created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![tenant, namespace, name, parent_namespace, parent_name, job.as_str(), self.now_ms],
            )?;
        }
        Ok(())
    }

    /// Forgets what a table was made of: another one, from outside, has its name.
    pub fn forget_table_sources(&self, tenant: &str, namespace: &str, name: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM table_source WHERE tenant = ?1 AND namespace = ?2 AND name = ?3";
        self.db.execute(None, sql, params![tenant, namespace, name])?;
        Ok(())
    }
}

fn root(db: &Db<'_>, tenant: &str, table: &TableId) -> Result<TableId, StoreError> {
    let (mut at, mut seen) = (table.clone(), HashSet::new());
    // A table that was copied onto itself is its own parent.
    while seen.insert(at.clone()) {
        let Some(parent) = db.row(None, PARENTS, params![tenant, at.0, at.1], read_parent)? else { break };
        at = parent;
    }
    Ok(at)
}

fn read_parent(row: &Row<'_>) -> rusqlite::Result<TableId> {
    Ok((row.get("parent_namespace")?, row.get("parent_name")?))
}
