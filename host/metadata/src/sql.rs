//! Statements that can be observed, and the way from Rust values to columns and back. Not for: what the statements say.

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parcae_domain::{id::JobId, party::Party};
use rusqlite::{
    Connection, Params, ParamsFromIter, Row, params_from_iter,
    types::{FromSql, FromSqlError, FromSqlResult, Value as SqlValue, ValueRef},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::StoreError;

/// Told of every statement: the job that it is about, its text without values, and how long it took. It is called while
/// the store is busy, and must not use it.
pub type StatementHook = Arc<dyn Fn(Option<&JobId>, &str, Duration) + Send + Sync>;

/// A connection inside a transaction.
pub struct Db<'c> {
    pub connection: &'c Connection,
    pub hook: Option<StatementHook>,
}

impl Db<'_> {
    /// Runs a statement; the number of rows that it changed.
    pub fn execute(&self, job: Option<&JobId>, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        self.observe(job, sql, || self.connection.prepare_cached(sql)?.execute(params))
    }

    /// Runs a statement that has to change a row.
    pub fn change(&self, job: &JobId, sql: &str, params: impl Params, what: impl ToString) -> Result<(), StoreError> {
        match self.execute(Some(job), sql, params)? {
            0 => Err(StoreError::NotFound(what.to_string())),
            _ => Ok(()),
        }
    }

    /// All rows of a query.
    pub fn rows<T>(
        &self,
        job: Option<&JobId>,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.observe(job, sql, || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map(params, read)?;
            rows.collect()
        })
    }

    /// The first row of a query, if there is one.
    pub fn row<T>(
        &self,
        job: Option<&JobId>,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.rows(job, sql, params, read)?.into_iter().next())
    }

    fn observe<T>(
        &self,
        job: Option<&JobId>,
        sql: &str,
        run: impl FnOnce() -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let began = Instant::now();
        let result = run();
        if let Some(hook) = &self.hook {
            hook(job, sql, began.elapsed());
        }
        Ok(result?)
    }
}

/// The condition of a query, put together from what the caller asks for. Column names come from this crate alone.
#[derive(Default)]
pub struct Conditions {
    clauses: Vec<String>,
    values: Vec<SqlValue>,
}

impl Conditions {
    /// A condition without a value.
    pub fn is(&mut self, clause: &str) {
        self.clauses.push(clause.to_owned());
    }

    /// The column has this value.
    pub fn equal(&mut self, column: &str, value: impl Into<SqlValue>) {
        self.clauses.push(format!("{column} = ?"));
        self.values.push(value.into());
    }

    /// The column has one of these values; any, when there are none.
    pub fn one_of(&mut self, column: &str, values: impl IntoIterator<Item = String>) {
        let values: Vec<String> = values.into_iter().collect();
        match values.as_slice() {
            [] => {}
            [one] => self.equal(column, one.clone()),
            // One variable however many values: SQLite has a limit on those.
            _ => {
                self.clauses.push(format!("{column} IN (SELECT value FROM json_each(?))"));
                self.values.push(to_json(&values).into());
            }
        }
    }

    /// The column contains this text.
    pub fn contains(&mut self, column: &str, part: Option<&str>) {
        if let Some(part) = part {
            self.clauses.push(format!("instr({column}, ?) > 0"));
            self.values.push(part.to_owned().into());
        }
    }

    /// A condition with values, one for each of its question marks.
    pub fn holds(&mut self, clause: &str, values: impl IntoIterator<Item = String>) {
        self.clauses.push(clause.to_owned());
        self.values.extend(values.into_iter().map(SqlValue::from));
    }

    /// The column is not less than the first and not more than the second.
    pub fn between(&mut self, column: &str, (least, most): (Option<i64>, Option<i64>)) {
        for (operator, bound) in [(">=", least), ("<=", most)] {
            if let Some(bound) = bound {
                self.clauses.push(format!("{column} {operator} ?"));
                self.values.push(bound.into());
            }
        }
    }

    /// Those of another one, too, behind these.
    pub fn and(mut self, other: Conditions) -> Conditions {
        self.clauses.extend(other.clauses);
        self.values.extend(other.values);
        self
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// ` WHERE ...`, or nothing.
    pub fn sql(&self) -> String {
        if self.clauses.is_empty() { String::new() } else { format!(" WHERE {}", self.clauses.join(" AND ")) }
    }

    /// The values, in the order of their places.
    pub fn values(&self) -> ParamsFromIter<&[SqlValue]> {
        params_from_iter(self.values.as_slice())
    }
}

/// ` LIMIT ... OFFSET ...`; no limit for none.
pub fn paging(limit: Option<u32>, offset: u32) -> String {
    format!(" LIMIT {} OFFSET {offset}", limit.map_or(-1, i64::from))
}

/// A column that holds JSON.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Json).map_err(FromSqlError::other)
    }
}

/// A column that holds a word: a status, a role, a number of an organisation.
pub struct Word<T>(pub T);

impl<T> FromSql for Word<T>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Word).map_err(FromSqlError::other)
    }
}

/// Reads a column that holds JSON.
pub fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    row.get::<_, Json<T>>(column).map(|json| json.0)
}

/// Reads a column that holds a word.
pub fn word<T>(row: &Row<'_>, column: &str) -> rusqlite::Result<T>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    row.get::<_, Word<T>>(column).map(|word| word.0)
}

/// Reads a column that holds a number that is not negative.
pub fn count(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|n| u64::try_from(n).unwrap_or(0))
}

/// Reads the columns `role` and `party_id`.
pub fn party(row: &Row<'_>) -> rusqlite::Result<Party> {
    Ok(Party { role: word(row, "role")?, id: word(row, "party_id")? })
}

/// Reads a column that holds the id of a job.
pub fn job_id(row: &Row<'_>, column: &str) -> rusqlite::Result<JobId> {
    row.get(column).map(JobId)
}

/// JSON text of plain data.
pub fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data with text keys always becomes JSON")
}

/// A number for a column; SQLite has no unsigned ones.
pub fn to_int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
