//! What a tenant has of what quotas count, as far as it is stored. Not for: what runs, quotas themselves (`node`).

use rusqlite::{Row, params};

use crate::error::StoreError;
use crate::sql::count;
use crate::store::Store;

/// What a tenant has stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredUse {
    /// Jobs that wait for their start.
    pub waiting_jobs: u64,
    /// Bytes of its tables.
    pub table_bytes: u64,
    /// Bytes of logs of its attempts that have ended.
    pub log_bytes: u64,
    /// Components that it pushed.
    pub images: u64,
    /// Bytes of their images.
    pub image_bytes: u64,
    /// Processor time of its attempts that ended on the day, ms.
    pub cpu_ms: u64,
    /// Bytes of messages of the same.
    pub message_bytes: u64,
}

const WAITING: &str = "SELECT count(*) AS n FROM job WHERE tenant = ?1 AND status = 'waiting'";
const TABLES: &str = "SELECT coalesce(sum(bytes), 0) AS n FROM data_table WHERE tenant = ?1";
const LOGS: &str = "SELECT coalesce(sum(log_bytes), 0) AS n FROM attempt_usage WHERE tenant = ?1";
const IMAGES: &str = "SELECT count(*) AS n, coalesce(sum(bytes), 0) AS bytes FROM image WHERE tenant = ?1";
const DAY: &str = "SELECT cpu_ms AS n, message_bytes AS bytes FROM tenant_day WHERE tenant = ?1 AND day = ?2";

impl Store {
    /// Jobs of a tenant that wait for their start.
    pub fn waiting_jobs(&self, tenant: &str) -> Result<u64, StoreError> {
        self.number(WAITING, tenant)
    }

    /// Bytes of a tenant's tables.
    pub fn table_bytes(&self, tenant: &str) -> Result<u64, StoreError> {
        self.number(TABLES, tenant)
    }

    /// Bytes of logs of a tenant's attempts that have ended.
    pub fn log_bytes(&self, tenant: &str) -> Result<u64, StoreError> {
        self.number(LOGS, tenant)
    }

    /// How many images a tenant has, and their bytes.
    pub fn image_use(&self, tenant: &str) -> Result<(u64, u64), StoreError> {
        Ok(self.read(|db| db.row(None, IMAGES, params![tenant], pair))?.unwrap_or_default())
    }

    /// Processor time of a tenant's attempts that ended on a day, ms, and bytes of their messages. Days are counted
    /// from the epoch in UTC.
    pub fn day_use(&self, tenant: &str, day: i64) -> Result<(u64, u64), StoreError> {
        Ok(self.read(|db| db.row(None, DAY, params![tenant, day], pair))?.unwrap_or_default())
    }

    /// All of that together.
    pub fn stored_use(&self, tenant: &str, day: i64) -> Result<StoredUse, StoreError> {
        let ((images, image_bytes), (cpu_ms, message_bytes)) = (self.image_use(tenant)?, self.day_use(tenant, day)?);
        Ok(StoredUse {
            waiting_jobs: self.waiting_jobs(tenant)?,
            table_bytes: self.table_bytes(tenant)?,
            log_bytes: self.log_bytes(tenant)?,
            images,
            image_bytes,
            cpu_ms,
            message_bytes,
        })
    }

    fn number(&self, sql: &str, tenant: &str) -> Result<u64, StoreError> {
        Ok(self.read(|db| db.row(None, sql, params![tenant], |row| count(row, "n")))?.unwrap_or(0))
    }
}

fn pair(row: &Row<'_>) -> rusqlite::Result<(u64, u64)> {
    Ok((count(row, "n")?, count(row, "bytes")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tenants_own_counts_and_indexes_answer() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("x.sqlite")).unwrap();
        let day = |tenant: &str, cpu: i64| {
            let sql = "INSERT INTO tenant_day (tenant, day, cpu_ms, message_bytes) VALUES (?1, 3, ?2, 9)";
            store.commit(|tx| tx.db.execute(None, sql, params![tenant, cpu])).unwrap();
        };
        day("bank", 70);
        day("lab", 7);
        assert_eq!(store.day_use("bank", 3).unwrap(), (70, 9));
        assert_eq!(store.day_use("bank", 4).unwrap(), (0, 0));
        assert_eq!(store.stored_use("nobody", 3).unwrap(), StoredUse::default());
        let plan = |sql: &str| {
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            let steps = store.read(|db| db.rows(None, &explain, params!["bank"], |row| row.get::<_, String>("detail")));
            steps.unwrap().join("; ")
        };
        for sql in [WAITING, TABLES, LOGS] {
            let steps = plan(sql);
            assert!(steps.contains("COVERING INDEX"), "{sql}: {steps}");
        }
    }
}
