//! Why the store could not do what was asked. Not for: what a user is told (`api`).

use std::path::PathBuf;

/// Why the store could not do what was asked. Nothing of a transaction that ends so is stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or made.
    #[error("open the metadata {path}: {source}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The file was written by a later version of the program.
    #[error("open the metadata: its schema is version {found}, newer than {known}; use the program that wrote it")]
    Newer {
        /// Version in the file.
        found: i64,
        /// Version that this program writes.
        known: i64,
    },
    /// What was to be changed is not there.
    #[error("change {0}: no such row")]
    NotFound(String),
    /// What was to be created is there already.
    #[error("create {0}: it exists already")]
    Exists(String),
    /// SQLite could not: disk full, file damaged, a constraint broken, a stored value that does not make sense.
    #[error("use the metadata: {0}")]
    Sqlite(#[from] rusqlite::Error),
}
