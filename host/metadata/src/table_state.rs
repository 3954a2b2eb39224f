//! Tables that are switched off and on, and looked at within a transaction. Not for: what a table is (`tables`).

use rusqlite::params;

use crate::error::StoreError;
use crate::lineage::TableId;
use crate::sql::Conditions;
use crate::store::Tx;
use crate::tables::{DataTable, DeletedTable, SELECT, TableFilter, TableOrigin, read_table};

impl Tx<'_> {
    /// The table of this name, as it is in this transaction.
    pub fn table(&self, tenant: &str, namespace: &str, name: &str) -> Result<Option<DataTable>, StoreError> {
        let sql = format!("{SELECT} WHERE tenant = ?1 AND namespace = ?2 AND name = ?3");
        self.db.row(None, &sql, params![tenant, namespace, name], read_table)
    }

    /// Allows or forbids to read all tables of a tenant that a filter lets through (limit and offset do not matter); which
    /// they are, by namespace and name.
    pub fn set_tables_disabled(
        &self,
        tenant: &str,
        filter: &TableFilter,
        disabled: bool,
    ) -> Result<Vec<TableId>, StoreError> {
        let mut c = Conditions::default();
        c.equal("tenant", tenant.to_owned());
        c.one_of("namespace", filter.namespace.clone());
        c.one_of("name", filter.name.clone());
        c.one_of("origin", filter.origins.iter().map(TableOrigin::to_string));
        c.one_of("job", filter.job.as_ref().map(|job| job.0.clone()));
        let sql = format!("SELECT namespace, name FROM data_table{} ORDER BY namespace, name", c.sql());
        let found = self.db.rows(None, &sql, c.values(), |row| Ok((row.get("namespace")?, row.get("name")?)))?;
        found
            .iter()
            .try_for_each(|(namespace, name): &TableId| self.set_table_disabled(tenant, namespace, name, disabled))?;
        Ok(found)
    }

    /// Removes all tables of a tenant that are not to be read.
    pub fn delete_disabled_tables(&self, tenant: &str) -> Result<Vec<(TableId, DeletedTable)>, StoreError> {
        let sql = "SELECT namespace, name FROM data_table WHERE tenant = ?1 AND disabled = 1 ORDER BY namespace, name";
        let found: Vec<TableId> =
            self.db.rows(None, sql, params![tenant], |row| Ok((row.get("namespace")?, row.get("name")?)))?;
        let mut deleted = Vec::with_capacity(found.len());
        for (namespace, name) in found {
            if let Some(table) = self.delete_table(tenant, &namespace, &name)? {
                deleted.push(((namespace, name), table));
            }
        }
        Ok(deleted)
    }
}
