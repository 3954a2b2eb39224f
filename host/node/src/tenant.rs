//! What one tenant has of a node: everything that users ask goes through it, so that nobody comes upon what belongs to
//! another. Another tenant's ids answer as those do that do not exist. Not for: who the tenant is (`server`).

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::LazyLock;

use parcae_domain::{id::JobId, tenant::TenantId};
use parcae_logs::LogDir;

use crate::node::Node;
use crate::queries::{job_id, store};
use crate::view::NodeError;

/// A node as one tenant sees it.
#[derive(Clone, Copy)]
pub struct Tenant<'n> {
    node: &'n Node,
    id: &'n TenantId,
}

impl Node {
    /// The node as a tenant sees it.
    pub fn tenant<'n>(&'n self, id: &'n TenantId) -> Tenant<'n> {
        Tenant { node: self, id }
    }

    /// The node as the one tenant sees it that is always there.
    pub fn default_tenant(&self) -> Tenant<'_> {
        static DEFAULT: LazyLock<TenantId> = LazyLock::new(TenantId::default_tenant);
        self.tenant(&DEFAULT)
    }
}

impl Deref for Tenant<'_> {
    type Target = Node;

    fn deref(&self) -> &Node {
        self.node
    }
}

impl Tenant<'_> {
    /// Whose view it is.
    pub fn id(&self) -> &TenantId {
        self.id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.id.as_str()
    }

    /// Folder of the site's disk whose files the tenant may name by their path.
    pub fn local_folder(&self) -> PathBuf {
        self.site.options.local_folder(self.id)
    }

    /// All logs, to read those of a job; none unless it is this tenant's.
    pub fn logs_of(&self, job: &str) -> Option<&LogDir> {
        self.own_job(job).is_ok().then(|| &*self.node.site.logs)
    }

    /// A job of this tenant's that somebody names; for a rerun, a query and so on. One of another tenant's is not there.
    pub fn own_job(&self, text: &str) -> Result<JobId, NodeError> {
        let job = job_id(text)?;
        match self.site.store.job_tenant(&job).map_err(store)? {
            Some(owner) if owner == self.name() => Ok(job),
            _ => Err(NodeError::NotFound(format!("there is no job {job}"))),
        }
    }
}
