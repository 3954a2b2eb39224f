//! Figures of the whole node, over all tenants: what its metrics are made of. Not for: what users ask (`job_query`).

use crate::error::StoreError;
use crate::sql::count;
use crate::store::Store;

impl Store {
    /// Number of jobs of each status, by its word.
    pub fn jobs_by_status(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = "SELECT status, count(*) AS jobs FROM job GROUP BY status";
        self.read(|db| db.rows(None, sql, [], |row| Ok((row.get("status")?, count(row, "jobs")?))))
    }

    /// Number of jobs of each tenant that wait.
    pub fn jobs_waiting(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = "SELECT tenant, count(*) AS jobs FROM job WHERE status = 'waiting' \
            GROUP BY tenant ORDER BY jobs DESC";
        self.read(|db| db.rows(None, sql, [], |row| Ok((row.get("tenant")?, count(row, "jobs")?))))
    }

    /// Number of images that tenants have pushed.
    pub fn pushed_images(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) AS images FROM image";
        let found = self.read(|db| db.row(None, sql, [], |row| count(row, "images")))?;
        Ok(found.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_store_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("a.sqlite")).unwrap();
        assert!(store.jobs_by_status().unwrap().is_empty() && store.jobs_waiting().unwrap().is_empty());
        assert_eq!(store.pushed_images().unwrap(), 0);
    }
}
