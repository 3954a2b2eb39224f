//! Why a table file cannot be used. Not for: what a component asked in vain of a good table (that is a `PortError`).

use std::io;

use parcae_domain::port::PortError;

/// Why a table file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// No file of that name, or a name that this crate does not give out.
    #[error("no table file {0:?}")]
    NotFound(String),
    /// The file is not what was written: cut off, or changed.
    #[error("table file {file} is damaged: {fault}")]
    Damaged {
        /// Its name.
        file: String,
        /// What does not fit.
        fault: String,
    },
    /// The operating system refused.
    #[error("{what}: {source}")]
    Io {
        /// What was done, and to which file.
        what: String,
        /// Its answer.
        source: io::Error,
    },
}

impl TableError {
    /// An error of the operating system, with what was done when it came.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> TableError {
        let what = what.into();
        move |source| TableError::Io { what, source }
    }

    /// A file that is not what was written.
    pub(crate) fn damaged(file: &str, fault: impl Into<String>) -> TableError {
        TableError::Damaged { file: file.to_owned(), fault: fault.into() }
    }
}

impl From<TableError> for PortError {
    fn from(error: TableError) -> PortError {
        match error {
            TableError::NotFound(_) => PortError::NotFound(error.to_string()),
            TableError::Damaged { .. } | TableError::Io { .. } => PortError::Node(error.to_string()),
        }
    }
}
