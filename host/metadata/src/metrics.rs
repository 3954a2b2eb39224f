//! Metrics and summaries of attempts. Readers see those of the latest version. Not for: what they mean.

use std::collections::BTreeMap;

use parcae_domain::{
    id::{AttemptId, JobId, TaskId},
    party::Party,
    port::Scalar,
};
use rusqlite::{
    Row, ToSql, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde_json::Value;

use crate::error::StoreError;
use crate::sql::{Db, json, to_json};
use crate::store::{Store, Tx};

/// A series of points.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricSeries {
    /// `train`, `validate`.
    pub namespace: String,
    /// `loss`.
    pub name: String,
    /// `LOSS`; empty when the component did not say.
    pub metric_type: String,
    /// More of its meta, a JSON object.
    pub extra: Value,
    /// Key and value, sorted by key: numbers before text; equal keys as they were added.
    pub points: Vec<(Scalar, Scalar)>,
}

/// Key or value of a point as a column. SQLite has no NaN and stores null for it.
struct Cell<T>(T);

impl ToSql for Cell<&Scalar> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self.0 {
            Scalar::Number(n) => n.to_sql(),
            Scalar::Text(text) => text.to_sql(),
        }
    }
}

impl FromSql for Cell<Scalar> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Null => Ok(Cell(Scalar::Number(f64::NAN))),
            ValueRef::Real(n) => Ok(Cell(Scalar::Number(n))),
            ValueRef::Text(_) => Ok(Cell(Scalar::Text(value.as_str()?.to_owned()))),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

const SERIES: &str = "SELECT m.id AS id, m.namespace AS namespace, m.name AS name, m.metric_type AS metric_type, \
    m.extra AS extra FROM metric_series AS m \
    JOIN task AS t ON t.job = m.job AND t.component = m.component AND t.version = m.version \
    WHERE m.job = ?1 AND m.component = ?2 AND m.role = ?3 AND m.party_id = ?4 AND t.latest = 1";
const POINTS: &str = "SELECT key, value FROM metric_point WHERE series = ?1 ORDER BY key, seq";

impl Store {
    /// Namespaces of a component's metrics at a party, with their names.
    pub fn metric_names(&self, task: &TaskId, at: Party) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (_, series) in self.read(|db| all_series(db, task, at))? {
            names.entry(series.namespace).or_default().push(series.name);
        }
        Ok(names)
    }

    /// All metrics of a component at a party, in the order in which they began.
    pub fn metrics(&self, task: &TaskId, at: Party) -> Result<Vec<MetricSeries>, StoreError> {
        self.read(|db| {
            let series = all_series(db, task, at)?;
            series.into_iter().map(|(id, series)| with_points(db, &task.job, id, series)).collect()
        })
    }

    /// One metric of a component at a party.
    pub fn metric(
        &self,
        task: &TaskId,
        at: Party,
        namespace: &str,
        name: &str,
    ) -> Result<Option<MetricSeries>, StoreError> {
        let sql = format!("{SERIES} AND m.namespace = ?5 AND m.name = ?6");
        let (job, role, id) = (task.job.as_str(), at.role.as_str(), at.id.to_string());
        self.read(|db| {
            let values = params![job, task.component, role, id, namespace, name];
            match db.row(Some(&task.job), &sql, values, read_series)? {
                Some((id, series)) => with_points(db, &task.job, id, series).map(Some),
                None => Ok(None),
            }
        })
    }

    /// Summary of a component at a party.
    pub fn summary(&self, task: &TaskId, at: Party) -> Result<Option<Value>, StoreError> {
        let sql = "SELECT s.summary AS summary FROM summary AS s \
            JOIN task AS t ON t.job = s.job AND t.component = s.component AND t.version = s.version \
            WHERE s.job = ?1 AND s.component = ?2 AND s.role = ?3 AND s.party_id = ?4 AND t.latest = 1";
        let (job, role, id) = (task.job.as_str(), at.role.as_str(), at.id.to_string());
        let values = params![job, task.component, role, id];
        self.read(|db| db.row(Some(&task.job), sql, values, |row| json(row, "summary")))
    }
}

impl Tx<'_> {
    /// Adds points to a series, which begins with its first.
    pub fn add_metric_points(
        &self,
        attempt: &AttemptId,
        namespace: &str,
        name: &str,
        points: &[(Scalar, Scalar)],
    ) -> Result<(), StoreError> {
        let job = Some(&attempt.task.job);
        let series = self.series(attempt, namespace, name)?;
        let sql = "SELECT coalesce(max(seq) + 1, 0) AS next FROM metric_point WHERE series = ?1";
        let next = self.db.row(job, sql, params![series], |row| row.get::<_, i64>("next"))?.unwrap_or(0);
        // Not through `db.execute`: a line of the SQL log for each point would let a component fill the disk.
        let sql = "INSERT INTO metric_point (series, seq, key, value) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = self.db.connection.prepare_cached(sql)?;
        for (seq, (key, value)) in (next..).zip(points) {
            insert.execute(params![series, seq, Cell(key), Cell(value)])?;
        }
        Ok(())
    }

    /// Says what a series is.
    pub fn set_metric_meta(
        &self,
        attempt: &AttemptId,
        namespace: &str,
        name: &str,
        metric_type: &str,
        extra: &Value,
    ) -> Result<(), StoreError> {
        let series = self.series(attempt, namespace, name)?;
        let sql = "UPDATE metric_series SET metric_type = ?2, extra = ?3 WHERE id = ?1";
        self.db.execute(Some(&attempt.task.job), sql, params![series, metric_type, to_json(extra)])?;
        Ok(())
    }

    /// Replaces the summary of an attempt.
    pub fn set_summary(&self, attempt: &AttemptId, summary: &Value) -> Result<(), StoreError> {
        let AttemptId { task, version, party } = attempt;
        let sql = "INSERT OR REPLACE INTO summary (job, component, version, role, party_id, summary) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (role, id, summary) = (party.role.as_str(), party.id.to_string(), to_json(summary));
        self.db.execute(
            Some(&task.job),
            sql,
            params![task.job.as_str(), task.component, version, role, id, summary],
        )?;
        Ok(())
    }

    /// Removes the metrics and the summary of an attempt.
    pub fn delete_metrics(&self, attempt: &AttemptId) -> Result<(), StoreError> {
        let AttemptId { task, version, party } = attempt;
        let id = party.id.to_string();
        for relation in ["metric_series", "summary"] {
            let sql = format!(
                "DELETE FROM {relation} \
                 WHERE job = ?1 AND component = ?2 AND version = ?3 AND role = ?4 AND party_id = ?5"
            );
            let values = params![task.job.as_str(), task.component, version, party.role.as_str(), id];
            self.db.execute(Some(&task.job), &sql, values)?;
        }
        Ok(())
    }

    /// Removes all metrics of a job; true when there were any.
    pub fn delete_job_metrics(&self, job: &JobId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM metric_series WHERE job = ?1";
        Ok(self.db.execute(Some(job), sql, params![job.as_str()])? > 0)
    }

    /// Key of a series, which is made when it is not there.
    fn series(&self, attempt: &AttemptId, namespace: &str, name: &str) -> Result<i64, StoreError> {
        let AttemptId { task, version, party } = attempt;
        let id = party.id.to_string();
        let sql = "INSERT INTO metric_series \
            (job, component, version, role, party_id, namespace, name, metric_type, extra) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', '{}') ON CONFLICT DO NOTHING";
        let values = params![task.job.as_str(), task.component, version, party.role.as_str(), id, namespace, name];
        self.db.execute(Some(&task.job), sql, values)?;
        let sql = "SELECT id FROM metric_series WHERE job = ?1 AND component = ?2 AND version = ?3 AND role = ?4 \
            AND party_id = ?5 AND namespace = ?6 AND name = ?7";
        let series = self.db.row(Some(&task.job), sql, values, |row| row.get("id"))?;
        series.ok_or_else(|| StoreError::NotFound(format!("metric {namespace}/{name} of {attempt}")))
    }
}

fn all_series(db: &Db<'_>, task: &TaskId, at: Party) -> Result<Vec<(i64, MetricSeries)>, StoreError> {
    let (job, role, id) = (task.job.as_str(), at.role.as_str(), at.id.to_string());
    let sql = format!("{SERIES} ORDER BY m.id");
    db.rows(Some(&task.job), &sql, params![job, task.component, role, id], read_series)
}

fn with_points(db: &Db<'_>, job: &JobId, id: i64, series: MetricSeries) -> Result<MetricSeries, StoreError> {
    let points = db.rows(Some(job), POINTS, params![id], |row| {
        Ok((row.get::<_, Cell<Scalar>>("key")?.0, row.get::<_, Cell<Scalar>>("value")?.0))
    })?;
    Ok(MetricSeries { points, ..series })
}

fn read_series(row: &Row<'_>) -> rusqlite::Result<(i64, MetricSeries)> {
    let series = MetricSeries {
        namespace: row.get("namespace")?,
        name: row.get("name")?,
        metric_type: row.get("metric_type")?,
        extra: json(row, "extra")?,
        points: Vec::new(),
    };
    Ok((row.get("id")?, series))
}
