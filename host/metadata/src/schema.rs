//! The relations, as an ordered list of migrations. A released one is never changed; a new one is added behind it.
//! Times are ms since the epoch. Rows that belong to a job have its tenant. Not for: reading or writing rows.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::StoreError;

mod additions;

use additions::{JOB_LISTS, PUSHED_IMAGES, TAGS_AND_CHECKPOINTS, TENANTS};

/// The version of the schema is the number of these that were applied; SQLite keeps it as `user_version`.
const MIGRATIONS: &[&str] =
    &[JOBS_AND_TASKS, TABLES_AND_MODELS, METRICS_AND_IMAGES, TAGS_AND_CHECKPOINTS, PUSHED_IMAGES, TENANTS, JOB_LISTS];

const JOBS_AND_TASKS: &str = "
CREATE TABLE job (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    status TEXT NOT NULL,
    progress INTEGER NOT NULL DEFAULT 0,
    tag TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    notes TEXT NOT NULL,
    initiator_role TEXT NOT NULL,
    initiator_party_id TEXT NOT NULL,
    roles TEXT NOT NULL,
    dsl TEXT NOT NULL,
    conf TEXT NOT NULL,
    train_conf TEXT NOT NULL,
    plan TEXT NOT NULL,
    stop_status TEXT,
    created_ms INTEGER NOT NULL,
    queued_ms INTEGER NOT NULL,
    start_ms INTEGER,
    end_ms INTEGER,
    elapsed_ms INTEGER,
    updated_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX job_by_status ON job (status);
CREATE INDEX job_by_creation ON job (created_ms);

CREATE TABLE job_party (
    job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    party_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    conf TEXT NOT NULL,
    PRIMARY KEY (job, role, party_id)
) STRICT;

CREATE TABLE task (
    job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    component TEXT NOT NULL,
    version INTEGER NOT NULL,
    latest INTEGER NOT NULL,
    position INTEGER NOT NULL,
    module TEXT NOT NULL,
    image TEXT NOT NULL,
    status TEXT NOT NULL,
    retries_left INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (job, component, version)
) STRICT;

CREATE TABLE party_task (
    job TEXT NOT NULL,
    component TEXT NOT NULL,
    version INTEGER NOT NULL,
    role TEXT NOT NULL,
    party_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    status TEXT NOT NULL,
    message TEXT NOT NULL,
    outcome TEXT,
    parameters TEXT NOT NULL,
    progress_done INTEGER,
    progress_of INTEGER,
    progress_what TEXT,
    start_ms INTEGER,
    end_ms INTEGER,
    elapsed_ms INTEGER,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (job, component, version, role, party_id),
    FOREIGN KEY (job, component, version) REFERENCES task (job, component, version) ON DELETE CASCADE
) STRICT;
";

const TABLES_AND_MODELS: &str = "
CREATE TABLE data_table (
    tenant TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    file TEXT NOT NULL,
    rows INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    partitions INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    schema TEXT NOT NULL,
    origin TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    job TEXT,
    extra TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, namespace, name)
) STRICT;
CREATE INDEX data_table_by_file ON data_table (file);
CREATE INDEX data_table_by_job ON data_table (job);

CREATE TABLE output_data (
    job TEXT NOT NULL,
    component TEXT NOT NULL,
    version INTEGER NOT NULL,
    role TEXT NOT NULL,
    party_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    data_name TEXT NOT NULL,
    position INTEGER NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (job, component, version, role, party_id, kind, data_name),
    FOREIGN KEY (job, component, version, role, party_id)
        REFERENCES party_task (job, component, version, role, party_id) ON DELETE CASCADE
) STRICT;

CREATE TABLE model (
    tenant TEXT NOT NULL,
    role TEXT NOT NULL,
    party_id TEXT NOT NULL,
    model_id TEXT NOT NULL,
    model_version TEXT NOT NULL,
    job TEXT,
    info TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, model_version, model_id, role, party_id)
) STRICT;

CREATE TABLE component_model (
    id INTEGER NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    role TEXT NOT NULL,
    party_id TEXT NOT NULL,
    model_id TEXT NOT NULL,
    model_version TEXT NOT NULL,
    component TEXT NOT NULL,
    alias TEXT NOT NULL,
    module TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    UNIQUE (tenant, model_version, model_id, role, party_id, component, alias)
) STRICT;

CREATE TABLE model_part (
    model INTEGER NOT NULL REFERENCES component_model (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    json TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (model, position)
) STRICT;
";

const METRICS_AND_IMAGES: &str = "
CREATE TABLE metric_series (
    id INTEGER NOT NULL PRIMARY KEY,
    job TEXT NOT NULL,
    component TEXT NOT NULL,
    version INTEGER NOT NULL,
    role TEXT NOT NULL,
    party_id TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    metric_type TEXT NOT NULL,
    extra TEXT NOT NULL,
    UNIQUE (job, component, version, role, party_id, namespace, name),
    FOREIGN KEY (job, component, version, role, party_id)
        REFERENCES party_task (job, component, version, role, party_id) ON DELETE CASCADE
) STRICT;

CREATE TABLE metric_point (
    series INTEGER NOT NULL REFERENCES metric_series (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    key ANY,
    value ANY,
    PRIMARY KEY (series, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE summary (
    job TEXT NOT NULL,
    component TEXT NOT NULL,
    version INTEGER NOT NULL,
    role TEXT NOT NULL,
    party_id TEXT NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (job, component, version, role, party_id),
    FOREIGN KEY (job, component, version, role, party_id)
        REFERENCES party_task (job, component, version, role, party_id) ON DELETE CASCADE
) STRICT;

CREATE TABLE image (
    tenant TEXT NOT NULL,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    descriptor TEXT NOT NULL,
    origin TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, digest)
) STRICT;
";

/// Applies the migrations that are missing, all or none.
pub fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = i64::try_from(MIGRATIONS.len()).expect("a short list");
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    let applied = usize::try_from(found).unwrap_or(0);
    for migration in &MIGRATIONS[applied..] {
        tx.execute_batch(migration)?;
    }
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{MIGRATIONS, migrate};
    use crate::error::StoreError;

    fn version(connection: &Connection) -> usize {
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0)).unwrap() as usize
    }

    #[test]
    fn from_empty_and_from_every_earlier_version() {
        for earlier in 0..=MIGRATIONS.len() {
            let mut connection = Connection::open_in_memory().unwrap();
            for migration in &MIGRATIONS[..earlier] {
                connection.execute_batch(migration).unwrap();
            }
            connection.pragma_update(None, "user_version", u32::try_from(earlier).unwrap()).unwrap();
            migrate(&mut connection).unwrap();
            migrate(&mut connection).unwrap();
            assert_eq!(version(&connection), MIGRATIONS.len());
            connection.execute_batch("SELECT count(*) FROM job; SELECT count(*) FROM image").unwrap();
        }
    }

    #[test]
    fn jobs_are_counted_without_reading_their_rows() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let from = "FROM job JOIN job_party ON job_party.job = job.id \
            WHERE tenant = 'default' AND tag <> 'submit_failed'";
        let plan = |query: String| {
            let mut steps = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
            let steps = steps.query_map([], |row| row.get::<_, String>("detail")).unwrap();
            steps.map(|step| step.unwrap()).collect::<Vec<_>>().join("; ")
        };
        let count = plan(format!("SELECT count(*) {from}"));
        assert!(count.contains("COVERING INDEX job_by_tenant"), "{count}");
        // A page of them is read in its order, and no further.
        let order = "ORDER BY job.created_ms DESC, job.id DESC, job_party.position DESC LIMIT 10";
        let page = plan(format!("SELECT dsl {from} {order}"));
        assert!(page.contains("SEARCH job USING INDEX job_by_tenant"), "{page}");
    }

    #[test]
    fn a_newer_file_is_refused_and_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(migrate(&mut connection), Err(StoreError::Newer { found: 99, .. })));
        assert_eq!(version(&connection), 99);
    }
}
