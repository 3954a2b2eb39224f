//! Jobs that take tables out of the node and that copy them. Not for: loading tables (`submit`, `bind`), what the jobs do
//! (the component).

use parcae_domain::{id::JobId, port::PortError};
use parcae_dsl::Faults;
use serde_json::Value;

use crate::export;
use crate::tenant::Tenant;
use crate::view::{NodeError, Submitted};

/// Why a file may not be put out under a path.
#[derive(Debug, thiserror::Error)]
pub enum ExportRefused {
    /// Nothing may be put there.
    #[error("{0}")]
    Forbidden(String),
    /// Something is there.
    #[error("{0}")]
    Taken(String),
}

impl Tenant<'_> {
    /// Takes a job on that writes a table to a file: `config` is FATE's download configuration. The id is given out even
    /// when the job is refused.
    pub fn download(&self, config: &Value) -> (JobId, Result<Submitted, NodeError>) {
        self.submit_made(parcae_dsl::download_job(config))
    }

    /// Takes a job on that copies a table: `config` is FATE's writer configuration. The id is given out even when the job is
    /// refused.
    pub fn copy_table(&self, config: &Value) -> (JobId, Result<Submitted, NodeError>) {
        self.submit_made(parcae_dsl::writer_job(config))
    }

    /// Whether a job could put a file out under a path of this site, as far as that can be told before it runs.
    pub fn check_export(&self, path: &str) -> Result<(), ExportRefused> {
        export::check(&export::Folders::of(&self.site.options, self.id()), path).map_err(|error| match error {
            PortError::Exists(text) => ExportRefused::Taken(text),
            other => ExportRefused::Forbidden(other.to_string()),
        })
    }

    fn submit_made(&self, made: Result<(Value, Value), Faults>) -> (JobId, Result<Submitted, NodeError>) {
        match made {
            Ok((dsl, conf)) => self.submit(&dsl, &conf),
            Err(faults) => (self.next_job_id(), Err(NodeError::Invalid(faults.to_string()))),
        }
    }
}
