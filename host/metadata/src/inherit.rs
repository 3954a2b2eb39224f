//! Copying what an attempt measured to an attempt of another job, which takes its result over. Not for: tables and
//! models (`tables`, `outputs`, `models`).

use parcae_domain::id::AttemptId;
use rusqlite::params;

use crate::error::StoreError;
use crate::store::Tx;

const SERIES: &str = "SELECT id FROM metric_series \
    WHERE job = ?1 AND component = ?2 AND version = ?3 AND role = ?4 AND party_id = ?5 ORDER BY id";
const COPY_SERIES: &str = "INSERT INTO metric_series \
    (job, component, version, role, party_id, namespace, name, metric_type, extra) \
    SELECT ?1, ?2, ?3, ?4, ?5, namespace, name, metric_type, extra FROM metric_series WHERE id = ?6 RETURNING id";
const COPY_POINTS: &str = "INSERT INTO metric_point (series, seq, key, value) \
    SELECT ?1, seq, key, value FROM metric_point WHERE series = ?2";
const COPY_SUMMARY: &str = "INSERT INTO summary (job, component, version, role, party_id, summary) \
    SELECT ?1, ?2, ?3, ?4, ?5, summary FROM summary \
    WHERE job = ?6 AND component = ?7 AND version = ?8 AND role = ?9 AND party_id = ?10";

impl Tx<'_> {
    /// True when some table has its rows in this file.
    pub fn file_is_used(&self, file: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM data_table WHERE file = ?1 LIMIT 1";
        Ok(self.db.row(None, sql, params![file], |_| Ok(()))?.is_some())
    }

    /// Copies the metrics and the summary of an attempt to another, which has none.
    pub fn copy_metrics(&self, from: &AttemptId, to: &AttemptId) -> Result<(), StoreError> {
        let (old, new) = (&from.task, &to.task);
        let (old_role, old_id) = (from.party.role.as_str(), from.party.id.to_string());
        let (role, id) = (to.party.role.as_str(), to.party.id.to_string());
        let job = Some(&new.job);
        let of_old = params![old.job.as_str(), old.component, from.version, old_role, old_id];
        for series in self.db.rows(job, SERIES, of_old, |row| row.get::<_, i64>("id"))? {
            let values = params![new.job.as_str(), new.component, to.version, role, id, series];
            let made = self.db.row(job, COPY_SERIES, values, |row| row.get::<_, i64>("id"))?;
            self.db.execute(job, COPY_POINTS, params![made, series])?;
        }
        let values = params![
            new.job.as_str(),
            new.component,
            to.version,
            role,
            id,
            old.job.as_str(),
            old.component,
            from.version,
            old_role,
            old_id,
        ];
        self.db.execute(job, COPY_SUMMARY, values).map(|_| ())
    }
}
