//! The file: opening it, one transaction after another for writing, connections of their own for reading. A commit that
//! returned survives a power cut. Not for: what is written (`jobs`, `tasks`, `tables` and so on).

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, TransactionBehavior};

use crate::error::StoreError;
use crate::schema::migrate;
use crate::sql::{Db, StatementHook};

/// How long to wait for a lock that another process holds, such as a backup.
const BUSY: Duration = Duration::from_secs(10);
/// Connections for reading that are kept open.
const READERS: usize = 4;
/// Prepared statements kept for each connection.
const STATEMENTS: usize = 64;

/// Everything that a node knows, in one file. Shared between threads as it is.
pub struct Store {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    hook: RwLock<Option<StatementHook>>,
}

/// A transaction that writes. Its operations stand with their nouns.
pub struct Tx<'c> {
    pub(crate) db: Db<'c>,
    /// Time of the transaction, ms since the epoch, for `created_ms` and `updated_ms`.
    pub(crate) now_ms: i64,
}

impl Store {
    /// Opens the file, makes it when it is not there, and brings it to the current schema.
    pub fn open(path: impl AsRef<Path>) -> Result<Store, StoreError> {
        let path = path.as_ref().to_path_buf();
        let open = || -> rusqlite::Result<Connection> {
            let writer = connect(&path)?;
            // Readers go on beside the writer, and a commit is one append to the log.
            writer.pragma_update(None, "journal_mode", "WAL")?;
            Ok(writer)
        };
        let mut writer = open().map_err(|source| StoreError::Open { path: path.clone(), source })?;
        migrate(&mut writer)?;
        Ok(Store { path, writer: Mutex::new(writer), readers: Mutex::new(Vec::new()), hook: RwLock::new(None) })
    }

    /// Has every statement from now on reported, for the SQL logs of jobs.
    pub fn on_statement(&self, hook: StatementHook) {
        *self.hook.write().unwrap_or_else(PoisonError::into_inner) = Some(hook);
    }

    /// Runs `write` in one transaction: all of it is stored when this returns `Ok`, and nothing otherwise. Waits for
    /// the transactions of other threads; `write` must not call `commit` itself.
    pub fn commit<T>(&self, write: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = write(&Tx { db: self.db(&transaction), now_ms: now_ms() })?;
        transaction.commit()?;
        Ok(result)
    }

    /// Runs `read` on one consistent state of the file. Does not wait for writers.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Db<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut reader = self.take_reader()?;
        let transaction = reader.transaction()?;
        let result = read(&Db { connection: &transaction, hook: None });
        drop(transaction);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(reader);
        }
        result
    }

    fn take_reader(&self) -> Result<Connection, StoreError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(reader) = idle {
            return Ok(reader);
        }
        let open = || -> rusqlite::Result<Connection> {
            let reader = connect(&self.path)?;
            reader.pragma_update(None, "query_only", true)?;
            Ok(reader)
        };
        open().map_err(|source| StoreError::Open { path: self.path.clone(), source })
    }

    fn db<'c>(&self, connection: &'c Connection) -> Db<'c> {
        Db { connection, hook: self.hook.read().unwrap_or_else(PoisonError::into_inner).clone() }
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // What was committed is on the disk before the commit returns.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
